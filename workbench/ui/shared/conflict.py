"""Two people, one thing: what somebody else changed beside what is typed here, and the two ways on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from workbench.bench.bench import Bench
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.text import error

SHOWN = 300


def conflict(
    bench: Bench,
    subject: str,
    called: str,
    now: Mapping[str, Any],
    typed: Mapping[str, Any],
    *,
    keep: Callable[[], None],
    take: Callable[[], None],
) -> None:
    """Somebody was faster. `now` is each field that differs as it stands, `typed` those that were typed over here.

    `subject` is the events' (`ticket:FIX-0001`), `called` what people call it. `keep` makes the next save go on top of
    theirs, `take` drops what is typed.
    """
    last = bench.history.of(subject, 1)[0]
    with st.container(border=True, key="conflict"):
        error(
            f"{last.actor} changed {called} while you edited it ({formatting.minute(last.at)} UTC). "
            "Nothing of yours is lost: it still stands in the form below. Compare, then decide."
        )
        st.dataframe(
            [
                {
                    "Field": name.replace("_", " ").capitalize(),
                    "As it is now": visible(_value_in_words(value)),
                    "Typed here": visible(_value_in_words(typed[name])) if name in typed else "(not touched)",
                }
                for name, value in now.items()
            ],
            hide_index=True,
            alt="What differs",
        )
        with st.container(horizontal=True):
            st.button(
                "Keep what I typed",
                key="overwrite",
                on_click=keep,
                help="Then save again: the fields that you changed replace theirs, the others stay.",
            )
            st.button("Take theirs, drop mine", key="take_theirs", on_click=take)


def _value_in_words(value: Any) -> str:
    text = ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value if value is not None else "")
    return formatting.shortened(" ".join(text.split()), SHOWN) or "nothing"

"""One key a cause: the short list on the keys 1 to 9, any other by its first letters."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from workbench.judgement.taxonomy import DISPOSITION_TITLES, DISPOSITIONS, disposition_choice
from workbench.text.escaping import plain
from workbench.ui.shared.focus import cursor_key
from workbench.ui.shared.session import taxonomy

Say = Callable[[str], None]


def title(code: str) -> str:
    """What a root cause or a disposition is called on screen."""
    return DISPOSITION_TITLES.get(code) or taxonomy().title(code)


def cause_keys(
    name: str, codes: Sequence[str], chosen: str | None, say: Say, *, disabled: bool = False, in_a_row: bool = False
) -> None:
    """Buttons for `codes`, and a field that finds every other; `say` is called with the code, before the page is drawn again.

    `name` is of the thing that is labelled: what is typed for one must not stay for the next.
    """
    causes = taxonomy()
    with st.container(horizontal=in_a_row, gap="small", key="cause_keys"):
        for key, code in enumerate(codes, 1):
            cause = causes.causes.get(code)
            st.button(
                plain(title(code)),
                key=f"cause_key_{key}",
                shortcut=str(key),
                type="primary" if code == chosen else "secondary",
                help=plain(cause.meaning if cause else DISPOSITIONS.get(code, "")),
                width="content" if in_a_row else "stretch",
                disabled=disabled,
                on_click=say,
                args=(code,),
            )
    others = [code for code in (*causes.offered(), *DISPOSITIONS) if code not in codes]
    field = f"other_{name}"
    st.selectbox(
        "Another cause",
        others,
        index=others.index(chosen) if chosen in others else None,
        key=field,
        format_func=_choice,
        placeholder="Type what it is",
        label_visibility="collapsed",
        disabled=disabled,
        on_change=_chosen,
        args=(field, say),
    )
    if not disabled:
        cursor_key(field, "Another cause", "A")


def _chosen(field: str, say: Say) -> None:
    if code := st.session_state[field]:
        say(code)


def _choice(code: str) -> str:
    return disposition_choice(code) if code in DISPOSITIONS else taxonomy().choice(code)

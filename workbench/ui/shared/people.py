"""Who is asked for: the box for a name, the names to choose from."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.bench.bench import Bench
from workbench.text.escaping import visible
from workbench.ui.shared.session import person

_NOBODY = "Nobody yet; type a new name"
NAMELESS = "Say your name at the top first."


def names(bench: Bench, *also: str | None) -> list[str]:
    """Everybody who is known here: who works here, and who owns something."""
    here = {person(), *(person.name for person in bench.pod.people())}
    bots = bench.pod.bots().values()
    owners = {name for bot in bots for name in (bot.owner, bot.deputy)} | set(bench.pod.owners().values())
    return sorted({name for name in (*here, *owners, *also) if name})


def name_box(label: str, people: Sequence[str], now: str | None, field: str, key: str) -> str | None:
    """One of the known people, or a new name; None for nobody.

    Nobody is a choice of its own: a box that may be empty is emptied by Esc, the key that only means to close its list.
    """
    choices = [_NOBODY, *people]
    chosen = st.selectbox(
        label,
        choices,
        index=choices.index(now) if now and now in people else 0,
        format_func=visible,
        accept_new_options=True,
        key=f"{key}_{field}",
    )
    return None if chosen in (None, _NOBODY) else chosen

"""The way back right after something was done to many at once: one bar, until another page is opened."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from workbench.bench.bench import Bench
from workbench.ui.shared.actions import attempt, refusal
from workbench.ui.shared.session import VISIT


def keep(name: str, events: Sequence[int], what: str) -> None:
    """Remember what was just done (the sequences of its events) and to what, in words."""
    st.session_state[name] = (st.session_state.get(VISIT), list(events), what)


def bar(bench: Bench, name: str, key: str, wording: str = "Done for {what}.") -> None:
    """What was done last and the button that takes all of it back; nothing where nothing was done on this visit."""
    visit, events, what = st.session_state.get(name, (None, [], ""))
    if events and visit == st.session_state.get(VISIT):
        with st.container(key=f"{key}_done", horizontal=True, vertical_alignment="center"):
            st.text(wording.format(what=what), width="content")
            st.button("Undo all", key=f"{key}_undo", type="tertiary", on_click=_undo, args=(bench, name, events))
        refusal()


def _undo(bench: Bench, name: str, events: Sequence[int]) -> None:
    """Take each back; what somebody changed since stays, and is said."""
    st.session_state.pop(name)
    for sequence in reversed(events):
        attempt(partial(bench.history.undo, sequence))

"""Who reads: business (question, answer, verdict, no data) or engineer (calls, arguments, documents, times); one key turns it."""

from __future__ import annotations

import streamlit as st

from workbench.ui.shared.preferences import remember, remembered

BUSINESS, ENGINEER = "business", "engineer"
KEY = "V"
_HELP = {
    BUSINESS: "Question, answer and verdict, without data",
    ENGINEER: "Calls, arguments, documents and times as well",
}


def for_business(screen: str, first: str = ENGINEER) -> bool:
    """Whether a screen is read by business: as this person left it, else `first`."""
    state = f"view_of_{screen}"
    if state not in st.session_state:
        st.session_state[state] = next(iter(remembered(state).get("view", [])), first)
    return bool(st.session_state[state] == BUSINESS)


def view_key(screen: str, first: str = ENGINEER, off: bool = False) -> None:
    """The button that turns a screen to the other reader, and says to which."""
    other = ENGINEER if for_business(screen, first) else BUSINESS
    st.button(
        f"{other.capitalize()} view", key=f"view_{screen}", shortcut=KEY, disabled=off, help=_HELP[other],
        on_click=_turn, args=(screen, other),
    )  # fmt: skip


def _turn(screen: str, view: str) -> None:
    st.session_state[f"view_of_{screen}"] = view
    remember(f"view_of_{screen}", {"view": [view]})

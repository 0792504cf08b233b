"""Doing what a button asks for, with the refusal on screen where it is refused."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.text.escaping import plain
from workbench.ui.shared.session import person
from workbench.ui.shared.text import error

T = TypeVar("T")


_PROBLEM = "reading_problem"


def may_read(bench: Bench) -> bool:
    """Whether who works here may say anything of a conversation."""
    return bool(person()) and bench.pod.role_of(person()) != "viewer"


def why_silent(bench: Bench) -> None:
    """Say why the verdicts are off, where they are."""
    if not person():
        st.caption("Say your name at the top first.")
    elif not may_read(bench):
        st.caption(plain(f"{person()} is a viewer here: they read along and give no verdicts. A lead can change that."))


def attempt(act: Callable[[], T]) -> T | None:
    """Do what a button says; a refusal is kept for where the button is, and gives None."""
    try:
        return act()
    except WorkbenchError as e:
        st.session_state[_PROBLEM] = str(e)
        return None


def refusal() -> None:
    """Why the last button did nothing, said once."""
    if problem := st.session_state.pop(_PROBLEM, None):
        error(problem)

"""What a reader says of one conversation: the verdict, the first thing that went wrong, and where."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.rows import ConversationDetail
from workbench.errors import WorkbenchError
from workbench.judgement.records import Verdict
from workbench.review import reading_lists
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.colours import Colour
from workbench.ui.session import person
from workbench.ui.text import badge, error

T = TypeVar("T")
SAID = {"fine": "Fine", "failed": "Failed", "unsure": "Can't tell"}
KEYS = {"fine": "F", "failed": "X", "unsure": "T"}
COLOURS: dict[str, Colour] = {"fine": "green", "failed": "red", "unsure": "gray"}
LONGEST_NOTE = 300
_PROBLEM = "reading_problem"


def may_read(bench: Bench) -> bool:
    """Whether who works here may say anything of a conversation."""
    return bool(person()) and bench.judgement.role_of(person()) != "viewer"


def why_silent(bench: Bench) -> None:
    """Say why the verdicts are off, where they are."""
    if not person():
        st.caption("Say your name at the top first.")
    elif not may_read(bench):
        st.caption(plain(f"{person()} is a viewer here: reading along, no verdicts. A lead can change that."))


def said_by(verdict: Verdict) -> None:
    """A chip with what a reader found, and the reader's own words."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(f"read by {verdict.reader}: {SAID[verdict.verdict].lower()}", COLOURS[verdict.verdict])
        where = f"turn {verdict.failing_turn}" if verdict.failing_turn is not None else ""
        st.caption(plain(" · ".join(part for part in (verdict.note, where, formatting.minute(verdict.at)) if part)))


def verdicts_here(bench: Bench, detail: ConversationDetail) -> None:
    """On a conversation's own page: what readers found, and the keys to say so too."""
    key = detail.conversation.key
    mine = next((one for one in detail.verdicts if one.reader == person()), None)
    with st.container(border=True, key="readers"):
        for verdict in detail.verdicts:
            said_by(verdict)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Did it fail?", width="content")
            for said, label in SAID.items():
                st.button(
                    label,
                    key=f"here_{said}",
                    shortcut=KEYS[said],
                    type="primary" if mine and mine.verdict == said else "secondary",
                    disabled=not may_read(bench),
                    on_click=_say_here,
                    args=(bench, key, said),
                )
            if mine:
                st.button("Take it back", key="here_unread", type="tertiary", on_click=_take_back, args=(bench, key))
        if mine and mine.verdict == "failed":
            _note_here(bench, mine)
        why_silent(bench)
        refusal()


def _note_here(bench: Bench, mine: Verdict) -> None:
    name = f"here_note_{mine.version}"
    with st.form(f"form_{name}", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input("The first thing that went wrong", value=mine.note, max_chars=LONGEST_NOTE, key=name)
        st.form_submit_button("Keep", on_click=_keep_note, args=(bench, mine.conversation, name))


def _say_here(bench: Bench, key: str, verdict: str) -> None:
    attempt(lambda: reading_lists.say(bench, key, verdict=verdict))


def _take_back(bench: Bench, key: str) -> None:
    attempt(lambda: bench.judgement.unread(key, actor=bench.actor))


def _keep_note(bench: Bench, key: str, name: str) -> None:
    attempt(lambda: reading_lists.say(bench, key, note=st.session_state[name]))


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

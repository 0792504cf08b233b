"""What a reader says of one conversation: the verdict, the first thing that went wrong, and where."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.conversation_detail import ConversationDetail
from workbench.judgement.records.reading import Verdict
from workbench.review import reading_lists
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.text.masking import mask
from workbench.ui.shared.actions import attempt, may_read, refusal, why_silent
from workbench.ui.shared.session import person
from workbench.ui.shared.text import Colour, badge

SAID = {"fine": "Fine", "failed": "Failed", "unsure": "Can't tell"}
KEYS = {"fine": "F", "failed": "X", "unsure": "T"}
COLOURS: dict[str, Colour] = {"fine": "green", "failed": "red", "unsure": "gray"}
LONGEST_NOTE = 300


def said_by(verdict: Verdict) -> None:
    """A chip with what a reader found, and the reader's own words."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        badge(f"read by {verdict.reader}: {SAID[verdict.verdict].lower()}", COLOURS[verdict.verdict])
        where = f"turn {verdict.failing_turn}" if verdict.failing_turn is not None else ""
        st.caption(
            plain(" · ".join(part for part in (mask(verdict.note), where, formatting.minute(verdict.at)) if part))
        )


def verdicts_here(bench: Bench, detail: ConversationDetail) -> None:
    """On a conversation's own page: what readers found, and the keys to say so too."""
    key = detail.conversation.key
    mine = next((verdict for verdict in detail.verdicts if verdict.reader == person()), None)
    with st.container(border=True, key="readers"):
        for verdict in detail.verdicts:
            said_by(verdict)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption("Did it fail?", width="content")
            for code, label in SAID.items():
                st.button(
                    label,
                    key=f"here_{code}",
                    shortcut=KEYS[code],
                    type="primary" if mine and mine.verdict == code else "secondary",
                    disabled=not may_read(bench),
                    on_click=_say_here,
                    args=(bench, key, code),
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
    attempt(lambda: bench.unread(key))


def _keep_note(bench: Bench, key: str, name: str) -> None:
    attempt(lambda: reading_lists.say(bench, key, note=st.session_state[name]))

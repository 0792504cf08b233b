"""A lead's look at one conversation unmasked: asked for with a reason, over after a quarter of an hour, also on a page left open."""

from __future__ import annotations

from datetime import timedelta

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.conversation_detail import ConversationDetail
from workbench.dates import utc_now
from workbench.errors import Denied
from workbench.judgement.records.events import Reveal
from workbench.judgement.reveals import LASTS, LONGEST_REASON
from workbench.text.escaping import plain
from workbench.ui.shared.actions import attempt, refusal
from workbench.ui.shared.session import person

_REASON = "reveal_reason"
_MINUTES = int(LASTS.total_seconds() // 60)


def as_revealed(bench: Bench, detail: ConversationDetail) -> ConversationDetail:
    """What is drawn of a conversation: unmasked, and said so, where this person had it revealed; else as it is."""
    revealed = bench.reveals.open(detail.conversation.key)
    if revealed is None:
        return detail
    with st.container(key="revealed", horizontal=True, vertical_alignment="center", border=True):
        st.badge("unmasked", color="red")
        st.caption(
            plain(f"For {revealed.by} alone, until {revealed.until:%H:%M} UTC: {revealed.reason}"), width="stretch"
        )
        key = detail.conversation.key
        st.button("Mask it again", key="mask_again", on_click=attempt, args=(lambda: bench.reveals.end(key),))
    _end_in_time(revealed)
    try:
        return bench.unmasked(detail)
    except Denied:  # the time was over between the two looks
        return detail


def _end_in_time(revealed: Reveal) -> None:
    """Draw the page anew when the time is over, though nobody clicks."""
    left = revealed.until - utc_now() + timedelta(seconds=1)

    @st.fragment(run_every=max(left, timedelta(seconds=1)))
    def watch() -> None:
        if utc_now() >= revealed.until:
            st.rerun()

    watch()


def reveal_form(bench: Bench, detail: ConversationDetail) -> None:
    """Where a lead asks to see it unmasked, with a reason; nobody else sees the form."""
    key = detail.conversation.key
    if not person() or bench.pod.role_of(person()) != "lead" or bench.reveals.open(key):
        return
    with st.expander("Personal data", key="reveal"), st.form("reveal_form", border=False):
        st.caption(
            f"Names, addresses and numbers are masked. A lead can see this conversation unmasked for {_MINUTES} minutes; "
            "who did, when and why stands on the page Activity."
        )
        st.text_input("Why do you need it?", key=_REASON, max_chars=LONGEST_REASON)
        st.form_submit_button(
            "Show it unmasked",
            key="reveal_it",
            on_click=attempt,
            args=(lambda: bench.reveal(key, st.session_state[_REASON]),),
        )
        refusal()

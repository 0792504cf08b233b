"""Did the fix work? The verdict on a ticket, with its numbers, and the button that records it."""

from __future__ import annotations

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import WorkbenchError
from workbench.judgement.records.tickets import Ticket
from workbench.text.escaping import visible
from workbench.tickets.fix_rule import FIXED, NOT_FIXED, TOO_LITTLE
from workbench.tickets.regression_checks import in_words as checked_in_words
from workbench.tickets.regression_checks import run_regression
from workbench.tickets.verification import decided_status, in_words, verify
from workbench.ui.shared.session import person
from workbench.ui.shared.text import Colour, badge, error

_COLOURS: dict[str, Colour] = {FIXED: "green", NOT_FIXED: "red", TOO_LITTLE: "gray"}


def verification(bench: Bench, ticket: Ticket) -> None:
    """The verdict by the logs that came in since the fix; nothing where no fix was recorded."""
    if not ticket.eligible:
        return
    st.subheader("Did it work?", anchor=False)
    try:
        result = verify(bench, ticket.ticket)
    except WorkbenchError as e:
        error(e)
        return
    badge(result.verdict.verdict, _COLOURS[result.verdict.verdict])
    st.text(in_words(result).partition("\n")[2])
    st.text(visible(checked_in_words(run_regression(bench, ticket.ticket))))
    undecided = decided_status(result.status, result.verdict.verdict) != result.status
    if undecided and st.button("Record this verdict", key="record_verdict", disabled=not person()):
        try:
            verify(bench, ticket.ticket, record=True)
        except WorkbenchError as e:
            error(e)
        else:
            st.rerun()

"""The form of a ticket: a draft before it is kept, and a kept ticket that somebody else may be editing too."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import cast

import streamlit as st

from workbench.bench.bench import Bench
from workbench.errors import Conflict, WorkbenchError
from workbench.judgement.records.tickets import Ticket, TicketChange
from workbench.judgement.taxonomy import SEVERITIES
from workbench.text.escaping import plain
from workbench.text.masking import mask
from workbench.tickets.tickets import TicketDraft, create
from workbench.ui.shared.conflict import conflict
from workbench.ui.shared.navigation import go
from workbench.ui.shared.people import name_box
from workbench.ui.shared.session import person, taxonomy
from workbench.ui.shared.text import error
from workbench.ui.tickets.board import DONE, NAMELESS, PAGE, status_badge

_EDITING = "ticket_editing"


@dataclass(frozen=True)
class Fields:
    """What a person fills in of a ticket."""

    title: str
    """One line."""
    cause: str | None
    """A taxonomy's code."""
    severity: str | None
    """S1 to S4; None where nobody said one and the log suggests none."""
    owner: str | None
    """Who fixes it."""
    due: date | None
    """The day that it is promised for."""
    description: str
    """Plain text."""
    remedy: str
    """What was done, plain text; of a ticket whose fix is out."""


def draft_form(bench: Bench, draft: TicketDraft, key: str) -> None:
    """Everything of a draft, to be edited before it is kept."""
    drafted = Ticket("", draft.title, draft.cause, draft.severity, draft.owner, description=draft.description)
    above = st.container()
    with st.form(key, border=True):
        given = _fields(bench, drafted, key, _suggested(draft))
        kept = _submit("Create ticket")
    if not kept:
        return
    values = {name: value for name, value in given.__dict__.items() if name not in ("due", "remedy")}
    try:
        ticket = create(bench, replace(draft, **values), given.due)
    except WorkbenchError as e:
        with above:
            error(e)
    else:
        st.session_state[DONE] = f"{ticket.ticket} is kept"
        go("ticket", t=ticket.ticket)


def edit_form(bench: Bench, ticket: Ticket) -> None:
    """Change a ticket. What was typed stays where somebody else changed it meanwhile, and both are shown."""
    seen = _ticket_seen(ticket)
    key = f"edit_{seen.ticket}_{seen.version}"
    above = st.container()
    with st.form(key, border=True):
        given = _fields(bench, seen, key, "")
        with st.container(horizontal=True):
            saved = _submit("Save changes")
            left = st.form_submit_button("Cancel", key=f"{key}_cancel")
    if left:
        _leave(ticket.ticket)
    base = st.session_state.get(f"{key}_base", seen.version)
    if saved:
        try:
            bench.tickets.edit(ticket.ticket, base, **_changed(seen, given))
        except Conflict:
            st.session_state[f"{key}_conflict"] = True
        except WorkbenchError as e:
            with above:
                error(e)
        else:
            st.session_state[DONE] = f"{ticket.ticket} is saved"
            _leave(ticket.ticket)
    if st.session_state.get(f"{key}_conflict"):
        with above:
            _conflict(bench, ticket, seen, _changed(seen, given), key)


def _fields(bench: Bench, current: Ticket, key: str, hint: str) -> Fields:
    known_causes = taxonomy()
    causes = list(known_causes.offered(current.cause))
    title = st.text_input("Title", current.title, max_chars=300, key=f"{key}_title")
    left, middle, right = st.columns([5, 4, 3])
    with left:
        cause = st.selectbox(
            "Root cause",
            causes,
            index=causes.index(current.cause) if current.cause in causes else None,
            format_func=known_causes.choice,
            placeholder="Not agreed yet",
            key=f"{key}_cause",
        )
    with middle:
        people = sorted({person.name for person in bench.pod.people()} | set(bench.pod.owners().values()) | {current.owner or ""} - {""})  # fmt: skip
        owner = name_box("Owner", people, current.owner, "owner", key)
    with right:
        due = st.date_input("Due", current.due, format="YYYY-MM-DD", key=f"{key}_due")
    severity = st.segmented_control(
        "Severity",
        list(SEVERITIES),
        default=current.severity,
        format_func=lambda code: f"{code} {SEVERITIES[code]}",
        key=f"{key}_severity",
    )
    if hint:
        st.caption(hint)
    description = st.text_area(
        "What happens", current.description, height=190, max_chars=40_000, key=f"{key}_description"
    )
    remedy = current.remedy
    if current.fixed_at:
        remedy = st.text_area("What was done", remedy, height=90, max_chars=4_000, key=f"{key}_remedy") or ""
    return Fields(
        title or "", cause, severity, owner, due if isinstance(due, date) else None, description or "", remedy
    )


def _submit(label: str) -> bool:
    return st.form_submit_button(
        label,
        type="primary",
        shortcut="S",
        disabled=not person(),
        help=None if person() else NAMELESS,
    )


def _suggested(draft: TicketDraft) -> str:
    names = [name for name, source in (("root cause", draft.cause_source), ("severity", draft.severity_source)) if source == "suggested"]  # fmt: skip
    suggested = f"The log suggests the {' and the '.join(names)}; nobody has agreed on it yet." if names else ""
    return plain(" ".join(part for part in (suggested, draft.whose) if part), None)


def _ticket_seen(ticket: Ticket) -> Ticket:
    """The ticket as it was when editing began: the form's defaults must not change under what is typed."""
    seen = st.session_state.get(_EDITING)
    if not isinstance(seen, Ticket) or seen.ticket != ticket.ticket:
        st.session_state[_EDITING] = seen = ticket
    return seen


def _changed(seen: Ticket, given: Fields) -> TicketChange:
    """What was typed over; the other fields may go on changing under somebody else's hands."""
    changed = {
        name: value for name, value in given.__dict__.items() if (value or None) != (getattr(seen, name) or None)
    }
    return cast(TicketChange, changed)


def _conflict(bench: Bench, now: Ticket, seen: Ticket, typed: TicketChange, key: str) -> None:
    names = [field.name for field in fields(Fields)]
    differing = [name for name in names if name in typed or getattr(now, name) != getattr(seen, name)]
    conflict(
        bench,
        f"ticket:{now.ticket}",
        now.ticket,
        {name: getattr(now, name) for name in differing},
        typed,
        keep=lambda: _rebase(key, now.version),
        take=lambda: st.session_state.pop(_EDITING, None),
    )


def _rebase(key: str, version: int) -> None:
    st.session_state[f"{key}_base"] = version
    st.session_state.pop(f"{key}_conflict", None)
    st.session_state[DONE] = "Save again: what you changed replaces theirs"


def _leave(ticket: str) -> None:
    st.session_state.pop(_EDITING, None)
    go("ticket", t=ticket)


def already_there(bench: Bench, clusters: Sequence[str]) -> None:
    """A word where somebody works on one of these clusters already, so that nothing is fixed twice."""
    for ticket in bench.tickets.all():
        shared = [cluster for cluster in ticket.clusters if cluster in clusters]
        if shared and ticket.status != "wont-fix":
            with st.container(key=f"known_{ticket.ticket}", horizontal=True, vertical_alignment="center", border=True):
                status_badge(ticket.status)
                st.text(f"{', '.join(shared)} has a ticket already:", width="content")
                label = plain(mask(f"{ticket.ticket} {ticket.title}"))
                st.page_link(PAGE, label=label, query_params={"t": ticket.ticket})

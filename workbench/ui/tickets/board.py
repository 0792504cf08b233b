"""Tickets on screen: the board, the list, where a ticket stands, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

import streamlit as st

from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.errors import WorkbenchError
from workbench.judgement.journal import differences
from workbench.judgement.records.events import Event
from workbench.judgement.records.tickets import Ticket
from workbench.reports.sla import MET, MISSED, RUNNING, SlaClock
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.text.masking import mask
from workbench.tickets.tickets import TicketRow, fix
from workbench.tickets.wording import STATUSES
from workbench.ui.shared.chips import severity_chip
from workbench.ui.shared.navigation import ROOT, go
from workbench.ui.shared.session import person, taxonomy
from workbench.ui.shared.tables import downloads, pick
from workbench.ui.shared.text import STATUS_COLOURS, Colour, badge, error

_COLOURS: dict[str, Colour] = {
    "open": "orange",
    "fixed": "yellow",
    "verified": "green",
    "not-fixed": "red",
    "regressed": "red",
    "wont-fix": "gray",
}
_CLOCKS: dict[str, Colour] = {RUNNING: "gray", MET: "green", MISSED: "red"}
ALWAYS_SHOWN = ("open", "fixed", "verified")
_FILTERS = {"owner": "All owners", "severity": "All severities", "bot": "All bots", "status": "Any status"}
CARDS = 25
_PROBLEM, DONE = "ticket_problem", "ticket_done"
NAMELESS = "Say your name at the top first: it stands beside what you say."
_HERE = Path(__file__).resolve().parent
PAGE = ROOT / "pages" / "ticket.py"


# ── the board and the list ──


def filter_row(rows: Sequence[TicketRow]) -> list[TicketRow]:
    """Four pickers in a row, kept in the address; an empty one means all. A download holds what passes them."""
    passing = list(rows)
    for column, (name, placeholder) in zip(st.columns(len(_FILTERS), gap="small"), _FILTERS.items(), strict=True):
        with column:
            chosen = st.multiselect(
                name.title(),
                sorted({value for row in rows for value in _values(row, name)}),
                key=name,
                format_func=visible,
                placeholder=placeholder,
                label_visibility="collapsed",
                bind="query-params",
            )
        passing = [row for row in passing if not chosen or set(chosen) & set(_values(row, name))]
    return passing


def status_badge(status: str) -> None:
    """A ticket's status, in words and in its colour."""
    badge(STATUSES[status], _COLOURS[status])


def board(rows: Sequence[TicketRow]) -> None:
    """A column for each status, the worst and the most urgent first."""
    st.html(_HERE / "tickets.css")
    shown = [status for status in _COLOURS if status in ALWAYS_SHOWN or any(row.status == status for row in rows)]
    for column, status in zip(st.columns(len(shown), gap="small"), shown, strict=True):
        here = sorted((row for row in rows if row.status == status), key=_urgency)
        with column, st.container(key=f"column_{status}"):
            with st.container(horizontal=True, vertical_alignment="center"):
                status_badge(status)
                st.caption(str(len(here)), width="content")
            for row in here[:CARDS]:
                _card(row)
            if len(here) > CARDS:
                st.caption(f"{len(here) - CARDS} more stand in the table.")
            if not here:
                st.caption("None")


def ticket_table(rows: Sequence[TicketRow], clocks: Mapping[str, SlaClock], version: str) -> TicketRow | None:
    """The list; the row that was picked."""
    shown = [
        {
            "Id": row.ticket,
            "Title": visible(row.title),
            "Status": STATUSES[row.status],
            "Sev.": row.severity or "",
            "Root cause": taxonomy().title(row.cause),
            "Owner": visible(row.owner or ""),
            "Due": row.due,
            "SLA": clocks[row.ticket].wording if row.ticket in clocks else "",
            "Failed this way": "" if row.failures is None else f"{row.failures:,}" + _of(row),
            "Rate": None if row.failure_rate is None else 100 * row.failure_rate,
            "Clusters": row.clusters,
            "Tracked as": visible(row.ticket_key or ""),
            "There": visible(row.tracker_state or ""),
            "Fixed": " ".join(visible(str(part)) for part in (row.fixed_release, row.fixed_date) if part),
            "Made": row.created_at,
        }
        for row in rows
    ]
    config = {
        "Id": st.column_config.TextColumn(width=85),
        "Title": st.column_config.TextColumn(width=430),
        "Status": st.column_config.TextColumn(width=115),
        "Sev.": st.column_config.TextColumn(width=50),
        "Root cause": st.column_config.TextColumn(width=130),
        "Due": st.column_config.DateColumn(width=95, format="D MMM YYYY"),
        "SLA": st.column_config.TextColumn(
            width=190, help="Hours by the severity, as the inventory of its bot gives them."
        ),
        "Failed this way": st.column_config.TextColumn(width=105),
        "Rate": st.column_config.ProgressColumn(format="%.0f %%", min_value=0, max_value=100, width=100),
        "Made": st.column_config.DateColumn(width=95, format="D MMM YYYY"),
    }
    picked = pick("tickets", shown, config, version, tallest=16)
    return None if picked is None else rows[picked]


def _values(row: TicketRow, name: str) -> list[str]:
    """What a ticket is filtered by; one without an owner or a severity can be found too."""
    return row.bots if name == "bot" else [getattr(row, name) or "none"]


def _card(row: TicketRow) -> None:
    with st.container(border=True, key=f"ticket_{row.ticket}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.caption(row.ticket, width="content")
            severity_chip(row.severity, "person")
            if _overdue(row):
                st.badge("overdue", color="red")
        st.page_link(PAGE, label=plain(row.title), query_params={"t": row.ticket})
        facts = [
            visible(formatting.shortened(row.owner or "no owner", 24)),
            f"due {formatting.day(row.due)}" if row.due else "",
            "" if row.failures is None else f"{row.failures:,}{_of(row)} failed",
        ]
        st.caption(plain(" · ".join(part for part in facts if part)))


def _urgency(row: TicketRow) -> tuple[str, date, str]:
    return row.severity or "S9", row.due or date.max, row.ticket


def _overdue(row: TicketRow) -> bool:
    return row.due is not None and row.due < date.today() and row.status in ("open", "not-fixed", "regressed")


def _of(row: TicketRow) -> str:
    return "" if row.eligible is None else f" of {row.eligible:,}"


# ── one ticket ──


def head(row: TicketRow, clock: SlaClock | None = None) -> None:
    """All that is said of a ticket in a word or two each."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        badge(row.ticket)
        status_badge(row.status)
        severity_chip(row.severity, "person")
        if row.cause:
            whose = f"usually the work of {visible(row.discipline)}" if row.discipline else None
            badge(taxonomy().title(row.cause), "violet", whose)
        badge(f"owner {formatting.shortened(row.owner)}" if row.owner else "no owner")
        if row.due:
            badge(f"due {formatting.day(row.due)}", "red" if _overdue(row) else "gray")
        if clock:
            badge(clock.wording, _CLOCKS[clock.state], f"By the inventory of {visible(clock.bot)}")
        if row.fixed_release or row.fixed_date:
            fixed = " · ".join(str(part) for part in (row.fixed_release, row.fixed_date) if part)
            badge("fixed " + formatting.shortened(fixed, 60), "yellow")
        if row.ticket_key:
            state = f", {formatting.shortened(row.tracker_state)}" if row.tracker_state else ""
            badge(f"tracked as {formatting.shortened(row.ticket_key)}{state}", "blue")


def actions(bench: Bench, ticket: Ticket, row: TicketRow) -> None:
    """What may be done with a ticket as it stands; each acts on the version that was on screen."""
    if done := st.session_state.pop(DONE, None):
        st.toast(done)
    if problem := st.session_state.pop(_PROBLEM, None):
        error(problem)
    nobody = not person()
    with st.container(horizontal=True, key="actions"):
        if st.button("Edit", shortcut="E", key="edit", disabled=nobody):
            go("ticket", t=ticket.ticket, edit="1")
        if ticket.status in ("open", "fixed", "not-fixed", "regressed"):
            _fixed(bench, ticket, nobody)
        if ticket.status in ("open", "not-fixed", "regressed"):
            st.button("Won't fix", key="wont_fix", disabled=nobody, on_click=_move, args=(bench, ticket, "wont-fix"))
        if ticket.status != "open":
            st.button("Open again", key="reopen", disabled=nobody, on_click=_move, args=(bench, ticket, "open"))
        downloads("tickets", lambda: [row], ticket.ticket)
    if nobody:
        st.caption(NAMELESS)


def _fixed(bench: Bench, ticket: Ticket, nobody: bool) -> None:
    label = "Fix is out" if ticket.status != "fixed" else "Change the fix"
    with (
        st.popover(
            label,
            type="primary" if ticket.status == "open" else "secondary",
            disabled=nobody,
            key=f"fixed_{ticket.version}",
        ),
        st.form("fixed_form", border=False),
    ):
        st.selectbox(
            "With release",
            _releases(bench, ticket),
            index=None,
            format_func=visible,
            accept_new_options=True,
            placeholder="Pick one, or type a new one",
            key="fixed_release",
        )
        st.date_input("Or from this day on", None, format="YYYY-MM-DD", key="fixed_date")
        st.text_area(
            "What was done",
            ticket.remedy,
            max_chars=4_000,
            height=90,
            key=f"fixed_remedy_{ticket.version}",
            placeholder="In a sentence or two: bots with the same cause are shown it once the fix is verified",
        )
        st.caption("Only conversations of that release, or from that day on, will count when the fix is judged.")
        st.form_submit_button("Record the fix", type="primary", on_click=_record_fix, args=(bench, ticket))


def _releases(bench: Bench, ticket: Ticket) -> list[str]:
    """The releases that the ticket's own bots had, by name; another bot's can't carry its fix."""
    present = {row.cluster for row in bench.evidence.clusters()}
    facts = [fact for name in ticket.clusters if name in present for fact in bench.evidence.release_counts(name)]
    return sorted({fact.text for fact in facts} - {"not logged"})


def _record_fix(bench: Bench, ticket: Ticket) -> None:
    release, day = st.session_state.get("fixed_release"), st.session_state.get("fixed_date")
    remedy = st.session_state.get(f"fixed_remedy_{ticket.version}") or ""
    act(
        lambda: fix(bench, ticket.ticket, release=release, day=day, remedy=remedy, version=ticket.version),
        f"{ticket.ticket}: the fix is recorded",
    )


def _move(bench: Bench, ticket: Ticket, status: str) -> None:
    act(
        lambda: bench.tickets.set_status(ticket.ticket, status, version=ticket.version),
        f"{ticket.ticket}: {STATUSES[status].lower()}",
    )


def act(change: Callable[[], object], done: str) -> None:
    """Do it from a callback, where an error would not reach the frame around the page."""
    try:
        change()
    except WorkbenchError as e:
        st.session_state[_PROBLEM] = str(e)
    else:
        st.session_state[DONE] = done


def cluster_links(row: TicketRow, now: Mapping[str, ClusterRow]) -> None:
    """The clusters that the ticket is for, as they stand now; `now` has those that are still there."""
    names = {cluster.cluster: cluster.name for cluster in row.evidence.clusters}
    for cluster in row.clusters:
        there = now.get(cluster)
        name = there.name if there else names.get(cluster, "")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if there:
                label = plain(f"{cluster} {formatting.shortened(name, 90)}")
                st.page_link(ROOT / "pages" / "cluster.py", label=label, query_params={"c": cluster})
                badge(there.status, STATUS_COLOURS.get(there.status, "gray"))
            else:
                st.text(visible(f"{cluster} {name}"), width="content")
                badge("not in this snapshot", "gray")
        if there:
            st.caption(plain(f"Now: {wording.how_often(there)}"))


def of_cluster(rows: Sequence[TicketRow], cluster: str) -> None:
    """The tickets that a cluster is on, newest first; nothing where there is none."""
    for row in reversed([ticket for ticket in rows if cluster in ticket.clusters]):
        with st.container(key=f"of_cluster_{row.ticket}", horizontal=True, vertical_alignment="center", gap="small"):
            status_badge(row.status)
            st.page_link(PAGE, label=plain(f"{row.ticket} {row.title}"), query_params={"t": row.ticket})


def history(events: Sequence[Event]) -> None:
    """Who changed what, the newest first."""
    with st.expander(f"History: {formatting.count(len(events), 'change')}"):
        st.dataframe(
            [
                {"When (UTC)": event.at, "Who": visible(event.actor), "What": event.what, "Change": visible(_change(event))}
                for event in events
            ],
            hide_index=True,
            column_config={"When (UTC)": st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", width="small"),
                           "Change": st.column_config.TextColumn(width="large")},
            alt="History",
        )  # fmt: skip


def _change(event: Event) -> str:
    if event.forgotten:
        return "(forgotten)"
    if event.damaged:
        return "(not as it was written)"
    if event.before is None or event.after is None:
        return ""
    hidden = ("evidence", "eligible", "fixed_at")
    before, after = ({k: v for k, v in side.items() if k not in hidden} for side in (event.before, event.after))
    return mask(differences(before, after))

"""Tickets: a fix to be made for one or more clusters, from its opening to the proof that it worked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Unpack

from workbench.errors import UserError
from workbench.judgement.causes import pod_taxonomy
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import LABEL, TICKET
from workbench.judgement.records.tickets import TICKET_STATUSES, FixFigures, Ticket, TicketChange
from workbench.judgement.taxonomy import severity_code


class Tickets(JournalPart):
    """The tickets of a judgement store.

    A `version` that is given is the one the person saw: `Conflict` says who changed the ticket since, and when.
    """

    def create(
        self,
        title: str,
        clusters: Sequence[str],
        *,
        actor: str,
        cause: str | None = None,
        severity: str | None = None,
        owner: str | None = None,
        due: date | None = None,
        description: str = "",
        evidence: dict[str, Any] | None = None,
        tracker_key: str | None = None,
    ) -> Ticket:
        """Open a ticket under the next number, which no other ticket ever gets."""
        with self._journal.changing(actor) as change:
            ticket = Ticket(
                f"FIX-{change.next_number('ticket'):04}",
                title,
                cause,
                severity,
                owner,
                due=due,
                description=description,
                evidence=evidence or {},
                clusters=list(clusters),
                tracker_key=tracker_key,
                created_by=change.actor,
                created_at=change.at,
            )
            return _put(change, ticket, "opened")

    def edit(self, ticket: str, version: int, *, actor: str, **changes: Unpack[TicketChange]) -> Ticket:
        """Change a ticket's fields; its evidence stays as it was."""
        with self._journal.changing(actor) as change:
            return _put(change, replace(_seen(change, ticket, version), **changes), "edited")

    def set_clusters(
        self,
        ticket: str,
        clusters: Sequence[str],
        *,
        actor: str,
        evidence: dict[str, Any],
        title: str | None = None,
        description: str | None = None,
        version: int | None = None,
    ) -> Ticket:
        """Make a ticket one for these clusters, with the evidence that goes with them; no words leave it as it was worded."""
        with self._journal.changing(actor) as change:
            current = _seen(change, ticket, version)
            changed = replace(
                current,
                clusters=list(clusters),
                evidence=evidence,
                title=current.title if title is None else title,
                description=current.description if description is None else description,
            )
            return _put(change, changed, "clusters changed")

    def set_tracker(self, issues: Mapping[str, tuple[str, str | None]], *, actor: str) -> list[str]:
        """Record key and state in the tracker by ticket, all or none; gives the tickets that this changed."""
        with self._journal.changing(actor) as change:
            changed = []
            for ticket, (key, state) in issues.items():
                current = _existing(ticket, change.get(TICKET, ticket))
                if (current.tracker_key, current.tracker_state) != (key, state):
                    _put(change, replace(current, tracker_key=key, tracker_state=state), "tracked")
                    changed.append(ticket)
            return changed

    def mark_fixed(
        self,
        ticket: str,
        *,
        actor: str,
        release: str | None = None,
        day: date | None = None,
        eligible: dict[str, Any] | None = None,
        remedy: str = "",
        version: int | None = None,
    ) -> Ticket:
        """Record that the fix is out, with a release or from a day on (or both), what was done, and by what it will be judged."""
        if not (release or day):
            raise UserError(f"Say with which release or on which date {ticket} was fixed.")
        with self._journal.changing(actor) as change:
            fixed = replace(
                _moved(_seen(change, ticket, version), "fixed"),
                fixed_release=release or None,
                fixed_date=day,
                fixed_at=change.at,
                eligible=eligible,
                remedy=remedy,
                verdict=None,
            )
            return _put(change, fixed, "fixed")

    def set_status(
        self, ticket: str, status: str, *, actor: str, version: int | None = None, figures: FixFigures | None = None
    ) -> Ticket:
        """Move a ticket on: verified, not-fixed, regressed, wont-fix; or open again, which takes its fix back.

        `figures` are kept as what the verdict rests on that moves it."""
        if status == "fixed":
            raise UserError(f"Say with which release or on which date {ticket} was fixed.")
        with self._journal.changing(actor) as change:
            moved = replace(_moved(_seen(change, ticket, version), status), verdict=figures)
            if status == "open":
                moved = replace(moved, fixed_release=None, fixed_date=None, fixed_at=None, eligible=None, remedy="")
            return _put(change, moved, status)

    def get(self, ticket: str) -> Ticket:
        """One ticket; `UserError` where there is none."""
        return _existing(ticket, self._journal.get(TICKET, ticket))

    def all(self) -> list[Ticket]:
        """Every ticket, in the order of its number."""
        return sorted(self._journal.all(TICKET), key=number)


def number(ticket: Ticket) -> int:
    """The number in a ticket's id."""
    return int(ticket.ticket.removeprefix("FIX-"))


def follow(change: Change, ticket: str, changes: TicketChange) -> None:
    """Bring a ticket to what was decided of its cluster; one whose opening was undone is not there to follow."""
    current = change.get(TICKET, ticket)
    if current is not None:
        _put(change, replace(current, **changes), "edited")


def _put(change: Change, ticket: Ticket, what: str) -> Ticket:
    if not ticket.title.strip():
        raise UserError("A ticket needs a title.")
    if not ticket.clusters:
        raise UserError("A ticket is for at least one cluster.")
    before = change.get(TICKET, ticket.ticket)
    # What people said of its clusters may be retired by now; it is still what the ticket is for.
    labels = [change.get(LABEL, "cluster", cluster) for cluster in ticket.clusters]
    standing = [record.cause for record in (before, *labels) if record]
    cause = pod_taxonomy(change.connection).code(ticket.cause, *standing) if ticket.cause else None
    ticket = replace(
        ticket,
        title=ticket.title.strip(),
        remedy=ticket.remedy.strip(),
        cause=cause,
        severity=severity_code(ticket.severity) if ticket.severity else None,
        owner=(ticket.owner or "").strip() or None,
        clusters=list(dict.fromkeys(ticket.clusters)),
        tracker_key=(ticket.tracker_key or "").strip() or None,
    )
    return _existing(ticket.ticket, change.put(TICKET, (ticket.ticket,), ticket, what))


def _seen(change: Change, ticket: str, version: int | None) -> Ticket:
    """The ticket as it is now, which must be the one that the person saw."""
    return _existing(ticket, change.check_version(TICKET, (ticket,), version))


def _moved(ticket: Ticket, status: str) -> Ticket:
    allowed = TICKET_STATUSES[ticket.status]
    if status not in allowed:
        raise UserError(
            f"{ticket.ticket} is {ticket.status}; from there it can go to {', '.join(allowed)}, not {status}."
        )
    return replace(ticket, status=status)


def _existing(name: str, ticket: Ticket | None) -> Ticket:
    if ticket is None:
        raise UserError(f"There is no ticket {name}.")
    return ticket

"""Tickets: fixes to be made."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

TICKET_STATUSES: dict[str, tuple[str, ...]] = {
    "open": ("fixed", "wont-fix"),
    "fixed": ("open", "fixed", "verified", "not-fixed"),
    "verified": ("open", "regressed"),
    "not-fixed": ("open", "fixed", "verified", "wont-fix"),
    "regressed": ("open", "fixed", "wont-fix"),
    "wont-fix": ("open",),
}
"""From each status of a ticket, those that it can go to."""


@dataclass(frozen=True)
class FixFigures:
    """What a recorded verdict on a fix rested on."""

    verdict: str
    """fixed or not fixed."""
    failures_before: int
    """Failures in the cluster's way before the fix."""
    eligible_before: int
    """Similar requests before the fix."""
    failures_after: int
    """Failures in the cluster's way after the fix."""
    eligible_after: int
    """Similar requests after the fix."""
    through: str
    """The last conversation that was counted, naive UTC, in ISO 8601."""

    @property
    def counted_to(self) -> datetime:
        """`through` as a time, naive UTC."""
        return datetime.fromisoformat(self.through)


@dataclass(frozen=True)
class Ticket:
    """A fix to be made for one or more clusters."""

    ticket: str
    """Its id, FIX-0001."""
    title: str = ""
    """What is to be fixed, on one line."""
    cause: str | None = None
    """The code of the root cause."""
    severity: str | None = None
    """S1 to S4."""
    owner: str | None = None
    """Who answers for the fix."""
    status: str = "open"
    """One of `TICKET_STATUSES`."""
    due: date | None = None
    """The day by which it is promised."""
    description: str = ""
    """What is wrong and what to do, in the words of who wrote it."""
    evidence: dict[str, Any] = field(default_factory=dict)
    """What the clusters showed, frozen when the ticket was made, as JSON."""
    clusters: list[str] = field(default_factory=list)
    """The FC-ids that it mends."""
    tracker_key: str | None = None
    """What the issue tracker calls it."""
    tracker_state: str | None = None
    """Where it stands in the issue tracker, in the tracker's word."""
    fixed_release: str | None = None
    """The release that carries the fix, where one was named."""
    fixed_date: date | None = None
    """The day from which the fix holds, where one was named."""
    fixed_at: datetime | None = None
    """When the fix was recorded, UTC."""
    eligible: dict[str, Any] | None = None
    """The conversations that the fix is judged by, defined when it is recorded, as JSON."""
    verdict: FixFigures | None = None
    """What the verdict rested on that was last recorded; None before one, or where its figures were not kept."""
    remedy: str = ""
    """What was done, in the words of who mended it; empty where nobody said."""
    created_by: str = ""
    """Who made it."""
    created_at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


class TicketChange(TypedDict, total=False):
    """The fields of a ticket that a person edits."""

    title: str
    cause: str | None
    severity: str | None
    owner: str | None
    due: date | None
    description: str
    remedy: str
    clusters: list[str]
    tracker_key: str | None
    tracker_state: str | None

"""Triage sessions: their agendas, and what they decided."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypedDict


@dataclass(frozen=True)
class AgendaItem:
    """A cluster on a session's agenda."""

    cluster: str
    """Its FC-id."""
    reason: str = ""
    """Why it is there, in words."""


@dataclass(frozen=True)
class Session:
    """A triage session."""

    session: str
    """Its id, TS-0001."""
    title: str = ""
    """What the pod calls it."""
    agenda: list[AgendaItem] = field(default_factory=list)
    """What it goes through, in this order."""
    status: str = "open"
    """open or closed."""
    created_by: str = ""
    """Who opened it."""
    created_at: datetime = datetime.min
    """When, UTC."""
    closed_at: datetime | None = None
    """When it was closed, UTC; None while it is open."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Decision:
    """What a session decided of a cluster."""

    session: str
    """The session's id."""
    cluster: str
    """The FC-id."""
    state: str = "decided"
    """decided or skipped."""
    cause: str | None = None
    """The code of the root cause that was agreed."""
    severity: str | None = None
    """S1 to S4."""
    disposition: str | None = None
    """The code of what it is where it is no fault of the bot."""
    owner: str | None = None
    """Who answers for the cluster."""
    ticket: str | None = None
    """The FIX-id of the ticket that was made or chosen."""
    due: date | None = None
    """The day by which the fix is promised."""
    note: str = ""
    """What else was agreed, in words."""
    by: str = ""
    """Who wrote the decision down."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


class DecisionChange(TypedDict, total=False):
    """The parts of a decision, each by its own key."""

    cause: str | None
    severity: str | None
    disposition: str | None
    owner: str | None
    ticket: str | None
    due: date | None
    note: str


@dataclass(frozen=True)
class Progress:
    """Where a session's shared screen is."""

    position: int = 0
    """The 0-based place on its agenda."""
    elapsed: float = 0.0
    """The seconds on its clock."""

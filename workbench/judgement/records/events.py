"""Events, whether their chain holds, what was forgotten of them, and what those keep that are of no state."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict


@dataclass(frozen=True)
class Event:
    """One change: who did what to which subject."""

    sequence: int
    """Its number, from 1 on without a gap."""
    at: datetime
    """When, UTC."""
    actor: str
    """Who did it."""
    what: str
    """What was done, in a word or two."""
    subject: str
    """The kind of state and its key, joined by colons: `label:cluster:FC-0001`."""
    before: Any
    """The state before, as JSON; None where there was none, or it can't be read any more."""
    after: Any
    """The state after, as JSON; None where there is none, or it can't be read any more."""
    forgotten: bool = False
    """Whether the payload was blanked."""
    damaged: bool = False
    """Whether the payload is not as it was written."""


@dataclass(frozen=True)
class ChainCheck:
    """Whether the chain of events holds."""

    events: int
    """How many events there are."""
    broken: int | None = None
    """The first sequence that is wrong; None where no event is, or it can't be told which."""
    problem: str | None = None
    """What is wrong; None where nothing is."""

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return self.problem is None


@dataclass(frozen=True)
class Forgotten:
    """What `forget` did, or would do, and where the text still stands."""

    events: list[int]
    """The sequences whose payloads are blanked."""
    still_in: list[str]
    """Subjects whose present state names it, also clusters of the register (`registered:FC-0007`)."""
    named_in: list[int] = field(default_factory=list)
    """The sequences of events that have it as their actor or in their subject, which the chain is made of."""
    copies: list[str] = field(default_factory=list)
    """File names of earlier states of the store, into which nobody looked."""
    in_log: bool = False
    """Whether it may stand in SQLite's write-ahead log."""
    changed: list[str] = field(default_factory=list)
    """Subjects whose present state it is taken out of, clusters of the register among them."""
    trackers: list[str] = field(default_factory=list)
    """Tickets that told of it and that a tracker has as well: `FIX-0001 (PAY-7)`."""


@dataclass(frozen=True)
class Reveal:
    """A conversation that one lead sees unmasked for a while."""

    conversation: str
    """Its key."""
    by: str
    """Who asked, and alone sees it."""
    reason: str
    """Why, as they said."""
    at: datetime
    """Since when, UTC."""
    until: datetime
    """Until when, UTC."""


class SnapshotState(TypedDict, total=False):
    """What an event keeps of a snapshot: its counts where it was recorded, its imports where it serves again."""

    clusters: int
    members: int
    imports: list[str]


class ImportState(TypedDict, total=False):
    """What an event keeps of an import; `snapshot` is the one that was built without it."""

    files: list[str]
    conversations: int
    rejected: int
    snapshot: str


class BackupState(TypedDict, total=False):
    """What an event keeps of a backup: its events where it was downloaded, the rest where it was restored."""

    events: int
    made_at: str
    made_by: str
    kept: str | None


class ForgottenState(TypedDict, total=False):
    """Which events were blanked, by their sequence, and how many conversations were erased."""

    events: list[int]
    conversations: int

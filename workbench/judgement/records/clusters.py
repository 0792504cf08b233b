"""The identity register: clusters, what became of them, and how people changed them by hand."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True)
class Registered:
    """One cluster of the identity register. It stays for ever, so that it can come back as itself."""

    cluster: str
    """Its FC-id."""
    bot: str
    """The bot whose failures it groups."""
    kind: str
    """mechanical or topical."""
    mechanical_key: str | None
    """The mechanical signature that its members share; None for a topical one."""
    name: str
    """What it was called when it was last recorded."""
    members: list[str]
    """Conversation keys."""
    centroid: bytes
    """float32, little endian; empty for one made by hand that no build has filled in."""
    model: str
    """The name of the model that the centroid is of."""
    active: bool = True
    """Whether the latest snapshot has it."""
    last_snapshot: str = ""
    """The last snapshot that had it."""


@dataclass(frozen=True)
class Lineage:
    """What became of a cluster in a snapshot."""

    snapshot: str
    """The snapshot's id."""
    cluster: str
    """The FC-id."""
    relation: str
    """continued, split, merged, new or vanished."""
    other: str | None = None
    """The cluster that it was split from, or that was merged into it."""
    shared: int = 0
    """How many members it shares with `other`."""


@dataclass(frozen=True)
class Act:
    """A cluster changed by hand, applied again after every clustering, in order, until it is undone."""

    act: str
    """Its id, HA-0001."""
    kind: str = ""
    """split, merge, move or aside."""
    cluster: str = ""
    """Where the members were."""
    into: str | None = None
    """Where they go; None where they are set aside."""
    members: list[str] = field(default_factory=list)
    """The conversation keys that go; empty for a merge, which takes all."""
    stays: list[str] = field(default_factory=list)
    """Those that a split left behind: what comes later goes where the nearest of either went."""
    name: str = ""
    """What a person called the part that was split off."""
    by: str = ""
    """Who did it."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""

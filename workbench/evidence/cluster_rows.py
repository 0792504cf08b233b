"""What evidence answers about a cluster beside the rows of its own tables: a dataclass a kind of row."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SignalCount:
    """In how many of a cluster's members a signal fired."""

    code: str
    """The signal."""
    count: int
    """Members in which it fired."""
    total: int
    """The cluster's members."""
    base_rate: float | None
    """Its share among the bot's other conversations, 0 to 1."""


@dataclass(frozen=True)
class ReleaseCount:
    """How many of a release's eligible conversations failed as a cluster did."""

    text: str
    """The release."""
    count: int
    """Failures."""
    total: int
    """Eligible conversations."""
    base_rate: float | None
    """The rate in the other releases, 0 to 1."""


@dataclass(frozen=True)
class PatternMatch:
    """A cluster of another bot with the same problem."""

    cluster: str
    """The cluster."""
    bot: str
    """Its bot."""
    name: str
    """What it is called."""
    shared: str
    """What both show."""
    similarity: float
    """The cosine of their centroids."""


@dataclass(frozen=True)
class ClusterWeekRecord:
    """A week in which a cluster failed."""

    cluster: str
    """The cluster."""
    week: str
    """The week."""
    failures: int
    """Failures that began in it."""
    last: datetime
    """When the last of them began."""

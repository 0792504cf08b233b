"""What evidence counts of a bot over time: how its conversations went, by week, by release, and in all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class HealthCounts:
    """Conversations counted by how they went."""

    conversations: int
    """All of them."""
    judged: int
    """Those that were analysed."""
    failures: int
    """Judged ones that count as failing."""
    suspected: int
    """Judged ones that are suspected, and count as neither failing nor fine."""
    logged: int
    """Those of which the log itself says whether they failed."""
    known: int
    """Those whose outcome is known."""
    derived: int
    """Known outcomes that are derived rather than logged."""
    contained: int
    """Known outcomes that ended without a human."""
    rated: int
    """Those that were rated."""
    rated_badly: int
    """Rated ones with a bad rating."""


@dataclass(frozen=True)
class BotHealthRecord(HealthCounts):
    """The counts of one bot."""

    bot: str
    """The bot."""
    last_seen: datetime | None
    """When its last conversation began."""


@dataclass(frozen=True)
class WeekHealthRecord(HealthCounts):
    """The counts of a bot in one ISO week (UTC)."""

    week: str | None
    """The week; None: conversations without a time."""
    last_seen: datetime | None
    """When the last of them began."""


@dataclass(frozen=True)
class ReleaseHealthRecord(HealthCounts):
    """The counts of a bot in one release."""

    release: str | None
    """The release; None: not logged."""
    first_seen: datetime | None
    """When the first of them began."""
    last_seen: datetime | None
    """When the last of them began."""


@dataclass(frozen=True)
class BotWeekRecord:
    """A bot in one ISO week (UTC)."""

    bot: str
    """The bot."""
    week: str | None
    """The week; None: conversations without a time."""
    conversations: int
    """All of them."""
    analysed: int
    """Those that were looked at for failures."""
    failures: int
    """Those that count as failing."""
    suspected: int
    """Those that are suspected."""
    contained: int
    """Known outcomes that ended without a human."""
    known: int
    """Those whose outcome is known."""
    first: datetime | None
    """When the first of them began."""
    last: datetime | None
    """When the last of them began."""

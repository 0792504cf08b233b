"""What evidence answers about a whole snapshot, its bots and their signals: a dataclass a kind of row.

Times are naive UTC; None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.conversation_rows import ConversationName


@dataclass(frozen=True)
class Totals:
    """How much a snapshot holds."""

    conversations: int
    """Conversations of all bots."""
    turns: int
    """Their turns."""
    failures: int
    """Conversations that count as failing."""
    suspected: int
    """Conversations that are suspected, and count as nothing."""
    clusters: int
    """Clusters with a failing conversation."""
    bots: int
    """Bots."""
    rejects: int
    """Entries in the list of rows that could not be taken; one may stand for several rows."""
    data_from: datetime | None
    """When the first conversation began; None where no log has times."""
    data_through: datetime | None
    """When the last one ended."""


@dataclass(frozen=True)
class BotRecord:
    """A bot and how much there is of it."""

    bot: str
    """Its name."""
    conversations: int
    """Its conversations."""
    failures: int
    """Those that count as failing."""
    suspected: int
    """Those that are suspected."""
    releases: list[str]
    """Its releases by first sight."""
    first_seen: datetime | None
    """When its first conversation began."""
    last_seen: datetime | None
    """When its last one began."""


@dataclass(frozen=True)
class VersionRecord:
    """A version of a bot's model or prompt, as the log names it."""

    bot: str
    """The bot."""
    kind: str
    """model or prompt."""
    name: str
    """The version; of a model without one its name."""
    conversations: int
    """How many it held."""
    first_seen: datetime | None
    """When the first of them began."""
    last_seen: datetime | None
    """When the last of them began."""


@dataclass(frozen=True)
class ToolRecord:
    """A tool that a bot's own turns called."""

    tool: str
    """Its name."""
    calls: int
    """How often it was called."""
    conversations: int
    """In how many conversations."""


@dataclass(frozen=True)
class FiringRecord:
    """How often a signal fires on a bot, and how many of those conversations failed."""

    bot: str
    """The bot."""
    code: str
    """The signal; empty: all conversations of the bot."""
    off: bool
    """Whether it is switched off, so that it is counted without counting."""
    fired: int
    """Conversations in which it fired."""
    logged: int
    """Those of which the log itself says how they went."""
    logged_failed: int
    """Those that failed by the log."""
    read: int
    """Those that people settled."""
    read_failed: int
    """Those that failed by people."""
    examples: tuple[ConversationName, ...]
    """The latest three, failing ones first."""


@dataclass(frozen=True)
class TierOutcomes:
    """What became of the conversations that a bot's signals alone would put into a tier, where log or people say it."""

    bot: str
    """The bot."""
    tier: str
    """failing or suspected."""
    standing: int
    """Those that are counted in the tier now; what the log or people settled of the suspected has left it."""
    known: int
    """Those of which people settled how they went, else the log says it."""
    failed: int
    """Those of them that failed."""

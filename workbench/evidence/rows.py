"""What evidence answers beside the rows of its own tables: a dataclass a kind of row, texts raw, times naive UTC.

Weeks are ISO weeks (UTC) like 2025-W31; None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.embedding.vectors import Vectors
from workbench.evidence.tables import AnalysisRecord, FeatureWeight

# ── the whole snapshot ──


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
    """Clusters of failures."""
    bots: int
    """Bots."""
    rejects: int
    """Entries of rows that could not be taken."""
    data_from: datetime | None
    """When the first conversation began."""
    data_through: datetime | None
    """When the last one ended."""


@dataclass(frozen=True)
class FailureChoices:
    """The values there are to filter failing and suspected conversations by, each sorted."""

    bot: list[str]
    """Bots with any."""
    release: list[str]
    """Releases with any."""
    week: list[str]
    """Weeks with any."""
    signal: list[str]
    """Codes of the signals that fired in them."""


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
class ToolRecord:
    """A tool that a bot's own turns called."""

    tool: str
    """Its name."""
    calls: int
    """How often it was called."""
    conversations: int
    """In how many conversations."""


# ── conversations ──


@dataclass(frozen=True)
class ConversationName:
    """A conversation by its key and by the id that the log gives it."""

    key: str
    """Its key, unique in a store."""
    conversation_id: str
    """The logged id, unique for its bot."""


@dataclass(frozen=True)
class ConversationContext(ConversationName):
    """What stands beside what a person says of a conversation."""

    bot: str
    """Its bot."""
    week: str | None
    """The week in which it began."""
    release: str | None
    """The bot's release."""
    flagged: bool
    """Whether it counts as failing."""
    suspected: bool
    """Whether it is suspected."""
    cluster: str | None
    """Its cluster."""
    cluster_name: str | None
    """What the cluster is called."""


@dataclass(frozen=True)
class ConversationMatch:
    """A conversation that has a logged id."""

    key: str
    """Its key."""
    bot: str
    """Its bot."""


@dataclass(frozen=True)
class AnalysedConversation(AnalysisRecord):
    """What was found in one conversation, with its cluster."""

    cluster: str | None = None
    """Its cluster."""
    similarity: float | None = None
    """The cosine to the cluster's centroid."""
    cluster_name: str | None = None
    """What the cluster is called."""


@dataclass(frozen=True)
class RequestRecord(ConversationName):
    """What was asked in a conversation."""

    request: str
    """The request."""
    started_at: datetime | None
    """When it began."""
    failed: bool
    """Whether it counts as failing."""


@dataclass(frozen=True)
class LikelyRecord(ConversationName):
    """A conversation that counts as fine though nobody said so."""

    started_at: datetime | None
    """When it began."""
    request: str
    """What was asked."""
    learned: float
    """Its learned score, 0 to 1."""
    spoke: tuple[FeatureWeight, ...]
    """What spoke for that score and against, strongest first."""


@dataclass(frozen=True)
class UnsettledRecord:
    """A conversation of which the log does not say how it went, or that somebody read."""

    key: str
    """The conversation."""
    learned: float | None
    """Its learned score, 0 to 1; None where that is off."""
    suspected: bool
    """Whether signals speak against it and prove nothing."""
    read: bool
    """Whether somebody read it."""


@dataclass(frozen=True)
class DatedConversation:
    """A conversation as it is counted over time."""

    key: str
    """The conversation."""
    import_id: str
    """The import that brought it; later ones sort later."""
    started_at: datetime | None
    """When it began."""
    release: str | None
    """The bot's release."""
    failed: bool
    """Whether it counts as failing."""
    cluster: str | None
    """Its cluster."""
    vector: Vectors | None
    """What its request was embedded as, (d,)."""


@dataclass(frozen=True)
class WeeklyRequest:
    """A request of a week."""

    key: str
    """The conversation."""
    week: str
    """The week."""
    requests: int
    """How many requests there are in that week."""


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


# ── failures ──


@dataclass(frozen=True)
class FailureRecord(ConversationName):
    """One failing or suspected conversation with its cluster."""

    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The week in which it began."""
    release: str | None
    """The bot's release."""
    outcome: str
    """How it ended."""
    score: float
    """How much speaks for its failing."""
    codes: tuple[str, ...]
    """The signals that fired, sorted."""
    signature: str
    """How it failed, in a line."""
    failing_turn: int | None
    """The turn where it most likely went wrong."""
    request: str
    """What was asked."""
    reply: str
    """What the bot answered where it failed."""
    severity: str | None
    """The severity that is suggested."""
    cluster: str | None
    """Its cluster."""
    strand: str | None
    """Its part of the cluster."""
    similarity: float | None
    """The cosine to the cluster's centroid."""
    x: float | None
    """Its place on the map, from left to right."""
    y: float | None
    """Its place on the map, from bottom to top."""
    cluster_name: str | None
    """What the cluster is called."""
    theme: str | None
    """The cluster's theme."""
    suspected: bool
    """Whether it is only suspected."""


@dataclass(frozen=True)
class JudgedRecord(FailureRecord):
    """One analysed conversation, failing or not."""

    failed: bool
    """Whether it counts as failing."""
    trace_id: str | None
    """The trace that it is, where the log knows no session of it."""


@dataclass(frozen=True)
class RankedFailure:
    """A failure among those that are compared by what was asked."""

    key: str
    """The conversation."""
    cluster: str | None
    """Its cluster."""
    rank: int | None
    """The cluster's place in the ranked list."""
    similarity: float
    """The cosine to the cluster's centroid; 0 without one."""
    facts: tuple[str, ...]
    """What was observed."""


@dataclass(frozen=True)
class ComparedFailure:
    """A failure among those that causes are suggested for."""

    key: str
    """The conversation."""
    bot: str
    """Its bot."""
    cluster: str | None
    """Its cluster."""
    similarity: float
    """The cosine to the cluster's centroid; 0 without one."""


@dataclass(frozen=True)
class NearestSuccess:
    """The success to compare a failure with first."""

    key: str
    """The failure."""
    cluster: str | None
    """Its cluster."""
    other: str
    """The key of the success."""
    same_task: bool
    """Whether the log gives both the same task."""


# ── clusters ──


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


# ── search ──


@dataclass(frozen=True)
class SearchChoices:
    """The values there are to narrow a search by, over all conversations."""

    bot: list[str]
    """Bots, sorted."""
    release: list[str]
    """Releases, sorted."""
    week: list[str]
    """Weeks, sorted."""
    outcome: list[str]
    """Outcomes, sorted."""
    failing: list[str]
    """The words failing, suspected and not failing."""
    signal: list[str]
    """Codes of the signals that fired, sorted."""
    cluster: list[str]
    """Clusters in their rank."""
    role: list[str]
    """Who speaks, sorted."""


@dataclass(frozen=True)
class SearchHit(ConversationName):
    """A conversation that a search came upon."""

    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The week in which it began."""
    release: str | None
    """The bot's release."""
    outcome: str | None
    """How it ended."""
    failed: bool
    """Whether it counts as failing."""
    suspected: bool
    """Whether it is suspected."""
    request: str | None
    """What was asked."""
    cluster: str | None
    """Its cluster."""
    cluster_name: str | None
    """What the cluster is called."""


@dataclass(frozen=True)
class WordHit(SearchHit):
    """A conversation that holds the words of a search."""

    position: int
    """The first of the turns that hold most of them."""
    role: str | None
    """Who speaks there."""
    texts: str
    """The turn's texts, raw, joined by `FIELD`."""
    total: int
    """How many conversations hold the words in all."""


@dataclass(frozen=True)
class ListedHit(SearchHit):
    """A conversation that passes what a search is narrowed to, where nothing is looked for."""

    total: int
    """How many pass in all."""


@dataclass(frozen=True)
class NearHit(SearchHit):
    """A conversation whose request is near to a vector."""

    similarity: float
    """The cosine to it."""

"""What evidence answers about conversations, failing or not: a dataclass a kind of row, texts raw, times naive UTC.

Weeks are ISO weeks (UTC) like 2025-W31; None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.embedding.vectors import Vectors
from workbench.evidence.analysis_tables import AnalysisRecord, FeatureWeight


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

"""What evidence answers about failing and suspected conversations: a dataclass a kind of row, texts raw, times naive UTC.

Weeks are ISO weeks (UTC) like 2025-W31; None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.conversation_rows import ConversationName


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
class ConversationRecord(FailureRecord):
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

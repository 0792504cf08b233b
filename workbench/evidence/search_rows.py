"""What evidence answers to a search: a dataclass a kind of row, texts raw, times naive UTC, weeks ISO weeks (UTC) like 2025-W31."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.conversation_rows import ConversationName


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

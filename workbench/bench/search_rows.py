"""What a search is narrowed to and what it answers, masked. Times are naive UTC; None where the log doesn't say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SearchFilter:
    """What a search is narrowed to; an empty tuple means all, of several values any may hold."""

    bot: tuple[str, ...] = ()
    """Bots."""
    release: tuple[str, ...] = ()
    """Releases."""
    week: tuple[str, ...] = ()
    """ISO weeks in which it began."""
    outcome: tuple[str, ...] = ()
    """How it ended."""
    failing: tuple[str, ...] = ()
    """Any of the words failing, suspected and not failing."""
    cluster: tuple[str, ...] = ()
    """Ids of clusters."""
    role: tuple[str, ...] = ()
    """Who speaks in the turns that are looked through; heeded only where words are looked for."""
    signal: tuple[str, ...] = ()
    """Codes of signals, of which one must have fired."""


@dataclass(frozen=True)
class SearchRow:
    """One conversation that a search came upon."""

    key: str
    """The conversation in the store."""
    conversation_id: str
    """Its id as logged."""
    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The ISO week in which it began."""
    release: str | None
    """The bot's release."""
    outcome: str | None
    """How it ended; None before it was analysed."""
    failed: bool
    """Whether it counts as failing."""
    suspected: bool
    """Whether it is suspected; never where it failed."""
    cluster: str | None
    """Its cluster; None where it is in none."""
    cluster_name: str | None
    """What that is called; masked."""
    turn: int | None
    """The first turn that holds most of the words; None where it was not found by words."""
    role: str | None
    """Who speaks there; masked."""
    excerpt: str
    """The words with what stands around them; where none were looked for, how the request begins. Masked."""
    similarity: float | None
    """The cosine of its request to what was looked for; None where it was not found by meaning."""


@dataclass(frozen=True)
class SearchResult:
    """One page of what a search came upon."""

    rows: list[SearchRow]
    """Its conversations."""
    total: int
    """How many there are on all pages."""
    page: int
    """Which page it is, from 1."""
    pages: int
    """How many pages there are, at least 1."""

"""What a search is narrowed to and what it answers, masked. Times are naive UTC; None where the log doesn't say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class SearchFilter:
    """What a search is narrowed to; an empty tuple means all. `failing` holds "failing", "suspected" or "not failing"; `role` is who
    said it; `signal` holds codes, of which one must have fired."""

    bot: tuple[str, ...] = ()
    release: tuple[str, ...] = ()
    week: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    failing: tuple[str, ...] = ()
    cluster: tuple[str, ...] = ()
    role: tuple[str, ...] = ()
    signal: tuple[str, ...] = ()


@dataclass(frozen=True)
class SearchRow:
    """One conversation that a search found. By words, `turn` is where, `role` who said it, `excerpt` the words around it;
    by meaning, `excerpt` is the request and `similarity` its cosine to what was looked for. It `failed`, or is `suspected`, or neither."""

    key: str
    conversation_id: str
    bot: str
    started_at: datetime | None
    week: str | None
    release: str | None
    outcome: str | None
    failed: bool
    suspected: bool
    cluster: str | None
    cluster_name: str | None
    turn: int | None
    role: str | None
    excerpt: str
    similarity: float | None


@dataclass(frozen=True)
class SearchResult:
    """One page, counted from 1, of the `total` conversations that a search found."""

    rows: list[SearchRow]
    total: int
    page: int
    pages: int

"""Failing and suspected conversations as pages, commands and exports see them, masked, joined from evidence and judgement by `Bench`.

Times are naive UTC, weeks ISO like 2025-W31 in the pod's time zone; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.failures.tiers import Tier


@dataclass(frozen=True)
class MemberRow:
    """One failing or suspected conversation. `root_cause_source` is person (said of this conversation), cluster (inherited) or None.
    `x`, `y` are its place on the map; `similarity` is the cosine to the cluster's centroid. `said` is what its readers
    settled on, "fine" or "failed", where they did."""

    key: str
    conversation_id: str
    bot: str
    cluster: str
    cluster_name: str
    started_at: datetime | None
    week: str | None
    release: str | None
    outcome: str | None
    score: float
    signals: list[str]
    signature: str
    failing_turn: int | None
    request_excerpt: str
    reply_excerpt: str
    similarity: float | None
    x: float | None
    y: float | None
    root_cause: str | None
    root_cause_source: str | None
    severity: str | None
    said: str | None = None
    read_by: list[str] = field(default_factory=list)
    strand: str | None = None
    tier: Tier = "failing"
    """Whether it fails or is only suspected."""


@dataclass(frozen=True)
class FailureRow:
    """One line of `export failures`; field names and order are the contract of DESIGN.md. `key`, the conversation's in the store, is for pages."""

    conversation_id: str
    bot: str
    started_at: datetime | None
    week: str | None
    release: str | None
    outcome: str | None
    failing_turn: int | None
    signals: list[str]
    signature: str
    score: float
    theme: str | None
    cluster: str | None
    cluster_name: str | None
    strand: str | None
    root_cause: str | None
    root_cause_source: str | None
    severity: str | None
    status: str | None
    owner: str | None
    ticket: str | None
    ticket_key: str | None
    request_excerpt: str
    reply_excerpt: str
    link: str | None
    key: str = ""


@dataclass(frozen=True)
class LabelRow(FailureRow):
    """One line of `export labels`: the failure and who said what of it; `said_of`, conversation, cluster or outdated, is for pages."""

    labelled_by: str | None = None
    labelled_at: datetime | None = None
    contributing: list[str] = field(default_factory=list)
    disposition: str | None = None
    note: str | None = None
    read_by: list[str] = field(default_factory=list)
    said_of: str | None = None


@dataclass(frozen=True)
class TierRow:
    """How often the conversations of a tier had failed, of one bot, where it became known; 95 % Wilson bounds.

    What the signals alone would put there is measured by what the log and people say of it: both outrank them.
    """

    bot: str
    """The bot."""
    tier: Tier
    """failing or suspected."""
    standing: int
    """Conversations that are counted there now."""
    failed: int
    """Of the known those that had failed."""
    known: int
    """Those of which people settled it, else the log says it."""
    low: float | None
    """The lower bound of their share; None where nothing is known."""
    high: float | None
    """The upper bound."""

    @property
    def precision(self) -> float | None:
        """The share of the known that had failed; None where nothing is known."""
        return self.failed / self.known if self.known else None

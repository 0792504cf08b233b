"""Failing and suspected conversations as pages, commands and exports see them, masked, joined from evidence and judgement by `Bench`.

Times are naive UTC, weeks ISO like 2025-W31 in the pod's time zone; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.failures.tiers import Tier


@dataclass(frozen=True)
class MemberRow:
    """One failing or suspected conversation."""

    key: str
    """The conversation in the store."""
    conversation_id: str
    """Its id as logged."""
    bot: str
    """Its bot."""
    cluster: str
    """Its cluster; empty where it is in none."""
    cluster_name: str
    """What that is called; masked, empty without a cluster."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The ISO week in which it began."""
    release: str | None
    """The bot's release; masked."""
    outcome: str | None
    """How it ended: one of `OUTCOMES`."""
    score: float
    """The weights of its signals added up; no probability."""
    signals: list[str]
    """Codes of the signals that fired, sorted."""
    signature: str
    """How it failed, without the topic, in a line; masked."""
    failing_turn: int | None
    """Where to look first, from 0; None where no turn tells."""
    request_excerpt: str
    """How the request begins; masked."""
    reply_excerpt: str
    """How what came back where it failed begins; masked."""
    similarity: float | None
    """The cosine to its cluster's centroid; None without a cluster."""
    x: float | None
    """Its place on the map from left to right; None where it has none."""
    y: float | None
    """Its place on the map from bottom to top."""
    root_cause: str | None
    """A code of the taxonomy, said or suggested."""
    root_cause_source: str | None
    """person (said of it), cluster (said of its cluster), suggested, or outdated (said of words that were replaced since); None without a cause."""
    severity: str | None
    """S1 to S4, as a person said, else as suggested."""
    agreed: str | None = None
    """What its readers settled on, fine or failed; None where they did not."""
    read_by: list[str] = field(default_factory=list)
    """Who read it."""
    strand: str | None = None
    """The part of its cluster; masked, None where that has no parts."""
    tier: Tier = "failing"
    """Whether it fails or is only suspected."""


@dataclass(frozen=True)
class FailureRow:
    """One line of `export failures`; other programs rely on its names and their order (docs/data-dictionary.md)."""

    conversation_id: str
    """Its id as logged."""
    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The ISO week in which it began."""
    release: str | None
    """The bot's release; masked."""
    outcome: str | None
    """How it ended: one of `OUTCOMES`."""
    failing_turn: int | None
    """Where to look first, from 0; None where no turn tells."""
    signals: list[str]
    """Codes of the signals that fired, sorted."""
    signature: str
    """How it failed, without the topic, in a line; masked."""
    score: float
    """The weights of its signals added up; no probability."""
    theme: str | None
    """The group of clusters that its cluster is in."""
    cluster: str | None
    """Its cluster; None where it is in none."""
    cluster_name: str | None
    """What that is called; masked."""
    strand: str | None
    """The part of its cluster; masked, None where that has no parts."""
    root_cause: str | None
    """A code of the taxonomy, said or suggested."""
    root_cause_source: str | None
    """person (said of it), cluster (said of its cluster), suggested, or outdated (said of words that were replaced since); None without a cause."""
    severity: str | None
    """S1 to S4, as a person said, else as suggested."""
    status: str | None
    """Where its cluster is in its life: one of `overlay.STATUSES`; None without a cluster."""
    owner: str | None
    """Who answers for the cluster."""
    ticket: str | None
    """The newest live ticket of the cluster."""
    ticket_key: str | None
    """That ticket's key in the tracker."""
    request_excerpt: str
    """How the request begins; masked."""
    reply_excerpt: str
    """How what came back where it failed begins; masked."""
    link: str | None
    """Its address in the workbench; None where `WORKBENCH_BASE_URL` is not set."""
    key: str = ""
    """The conversation in the store: for pages, no column of a file."""


@dataclass(frozen=True)
class LabelRow(FailureRow):
    """One line of `export labels`: a conversation and what a person said of it, or of its cluster."""

    labelled_by: str | None = None
    """Who said the root cause or the disposition; where there is neither, who said the rest."""
    labelled_at: datetime | None = None
    """When that was said, naive UTC."""
    contributing: list[str] = field(default_factory=list)
    """Codes of further causes."""
    disposition: str | None = None
    """The code of why there is nothing to fix; None where there is."""
    note: str | None = None
    """A line for whoever reads it, in the person's words; masked."""
    read_by: list[str] = field(default_factory=list)
    """Who read this conversation."""
    said_of: str | None = None
    """conversation, cluster, or outdated where the words were replaced since: for pages, no column of a file."""


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

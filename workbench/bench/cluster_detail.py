"""All that a cluster's own page shows of it, masked, joined from evidence and judgement by `Bench`.

Rates are shares of 1, times naive UTC; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.bench.cluster_rows import ClusterRow, WeekRate
from workbench.bench.failure_rows import MemberRow
from workbench.clusters.matched_successes import Contrast
from workbench.clusters.suspects import Onset
from workbench.judgement.disabled_signals import DisabledSignal
from workbench.judgement.records.labels import Label


@dataclass(frozen=True)
class Fact:
    """Something observed in a cluster's members, beside how common it is in the bot's other conversations."""

    text: str
    """What was observed, in words; masked."""
    count: int
    """Members that show it."""
    total: int
    """Members that were looked at: the failing ones, or the suspected ones of a cluster without any."""
    base_rate: float | None
    """Its share among the bot's other conversations, 0 to 1; None where there are none to compare with."""


@dataclass(frozen=True)
class SuspectRow:
    """A circumstance under which a cluster's failures are more frequent: correlation, not cause."""

    kind: str
    """What sort of circumstance it is: one of `circumstances.KINDS`, e.g. release or tool."""
    value: str
    """Which one; masked."""
    also: list[str]
    """Circumstances that cover the same conversations, in words; masked."""
    hits: int
    """Eligible conversations under it that failed this way."""
    total: int
    """Eligible conversations under it."""
    rate: float
    """`hits` of `total`, 0 to 1."""
    low: float
    """The rate's lower 95 % bound (Wilson)."""
    high: float
    """The rate's upper 95 % bound."""
    elsewhere: float
    """The rate among the eligible conversations without it, 0 to 1."""
    lift: float | None
    """How many times `elsewhere` the rate is; None where no failure is without it."""
    p: float
    """How likely so many hits are by chance (Fisher's exact test, one-sided), uncorrected, 0 to 1."""
    stands: bool
    """Whether it is more than chance would make among all that was tried."""
    first_seen: datetime | None
    """When it was first met."""
    begins: bool
    """Whether no failure is older than it, and it came into use after the bot did."""


@dataclass(frozen=True)
class BehaviourRow:
    """Something that the bot did more, or less, often in a cluster's failures than in the same requests that worked."""

    text: str
    """What it did, in words; masked."""
    failing: int
    """Failures in which it did so."""
    failures: int
    """Failures that were compared."""
    working: int
    """Successes in which it did so."""
    worked: int
    """Successes that were compared."""


@dataclass(frozen=True)
class SuccessRow:
    """The same request that worked, to lay beside a failure."""

    key: str
    """The successful conversation."""
    conversation_id: str
    """Its id as logged."""
    started_at: datetime | None
    """When it began."""
    release: str | None
    """The bot's release."""
    similarity: float
    """The cosine of the two requests."""
    same_task: bool
    """Whether the log gives both the same task."""
    contrast: Contrast
    """Where the two part ways, step by step; masked."""


@dataclass(frozen=True)
class StrandRow:
    """A part of a cluster."""

    strand: str
    """What it is called; masked."""
    members: list[str]
    """The keys of its conversations."""
    example: MemberRow
    """The one most typical of it."""


@dataclass(frozen=True)
class StrandsOf:
    """The strands of a cluster."""

    rows: list[StrandRow] = field(default_factory=list)
    """They themselves, largest first; empty where the cluster has no parts."""
    likeness: float | None = None
    """How alike the calls of the two least alike are, 0 to 1 (the same). None where that says nothing of causes: below two strands of some size, and in a mechanical cluster."""
    mixed: bool = False
    """Whether they are so unlike that the cluster may have several causes."""


@dataclass(frozen=True)
class PatternRow:
    """A cluster of another bot with the same problem."""

    cluster: str
    """Its id."""
    bot: str
    """That other bot."""
    name: str
    """What it is called; masked."""
    shared: str
    """What both clusters show, in words; masked."""
    similarity: float
    """The cosine of their centroids."""


@dataclass(frozen=True)
class ClusterDetail:
    """One cluster with all that its page shows."""

    row: ClusterRow
    """Its row of the ranked list, without a filter."""
    facts: list[Fact]
    """What was observed in its members more often than in the bot's other conversations."""
    weeks: list[WeekRate]
    """How often it was met in each week, oldest first; only weeks with eligible conversations."""
    signals: list[Fact]
    """The signals that fired in its members more often than in the bot's other conversations."""
    releases: list[Fact]
    """Of each release how many of its eligible conversations failed this way; `base_rate` is that of the other releases."""
    examples: list[MemberRow]
    """The most typical member first, then others far from it and from each other."""
    members: list[MemberRow]
    """Its failing conversations, the most typical first."""
    label: Label | None
    """What a person said of the cluster; None where nobody did."""
    suspects: list[SuspectRow] = field(default_factory=list)
    """Circumstances under which it is more frequent; those that stand come first."""
    parted: list[BehaviourRow] = field(default_factory=list)
    """What the bot did otherwise in the same requests that worked, the clearest first."""
    onset: Onset | None = None
    """The week from which it runs above the weeks before; None where there is none."""
    strands: StrandsOf = field(default_factory=StrandsOf)
    """Its parts."""
    patterns: list[PatternRow] = field(default_factory=list)
    """Clusters of other bots with the same problem, the most similar first."""
    disabled_signals: list[DisabledSignal] = field(default_factory=list)
    """Signals of its bot that are switched off, now or when the snapshot was built."""
    suspected: list[MemberRow] = field(default_factory=list)
    """Its suspected conversations, the most typical first; `members` has none of them."""

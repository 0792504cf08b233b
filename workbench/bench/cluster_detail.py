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
    """Something observed in `count` of the cluster's `total` members, beside its share among the bot's others."""

    text: str
    count: int
    total: int
    base_rate: float | None


@dataclass(frozen=True)
class SuspectRow:
    """A circumstance under which a cluster's failures are more frequent: correlation, not cause.

    `hits` of `total` eligible conversations under it failed this way, which is `rate` within `low` and `high` (Wilson 95 %);
    `elsewhere` is the rate without it, `lift` how many times that (None: never without it). Only where it `stands` is it
    more than chance would make among all that was tried. `begins`: no failure is older than it, and it came into use later.
    """

    kind: str
    value: str
    also: list[str]
    hits: int
    total: int
    rate: float
    low: float
    high: float
    elsewhere: float
    lift: float | None
    p: float
    stands: bool
    first_seen: datetime | None
    begins: bool


@dataclass(frozen=True)
class PartedRow:
    """What a bot did in `failing` of `failures` members, and in `working` of the `worked` conversations beside them."""

    text: str
    failing: int
    failures: int
    working: int
    worked: int


@dataclass(frozen=True)
class WorkedRow:
    """The same request that worked: how alike it is (cosine of requests, the log's task), and where the two part ways."""

    key: str
    conversation_id: str
    started_at: datetime | None
    release: str | None
    similarity: float
    same_task: bool
    contrast: Contrast


@dataclass(frozen=True)
class StrandRow:
    """A part of a cluster: what it is called, the keys of its failures, and the one most typical of it."""

    strand: str
    members: list[str]
    example: MemberRow


@dataclass(frozen=True)
class StrandsOf:
    """The strands of a cluster, largest first; what was called in the two least alike is `likeness` alike (1: the same).

    None where that says nothing of causes: below two strands of some size, and in a mechanical cluster.
    """

    rows: list[StrandRow] = field(default_factory=list)
    likeness: float | None = None
    mixed: bool = False


@dataclass(frozen=True)
class PatternRow:
    """A cluster of another bot with the same problem: what both `shared`, and the cosine of their centroids."""

    cluster: str
    bot: str
    name: str
    shared: str
    similarity: float


@dataclass(frozen=True)
class ClusterDetail:
    """One cluster with all that its page shows. `examples` holds the medoid first, then two others far apart."""

    row: ClusterRow
    facts: list[Fact]
    weeks: list[WeekRate]
    signals: list[Fact]
    releases: list[Fact]
    examples: list[MemberRow]
    members: list[MemberRow]
    label: Label | None
    suspects: list[SuspectRow] = field(default_factory=list)
    parted: list[PartedRow] = field(default_factory=list)
    onset: Onset | None = None
    strands: StrandsOf = field(default_factory=StrandsOf)
    patterns: list[PatternRow] = field(default_factory=list)
    disabled_signals: list[DisabledSignal] = field(default_factory=list)
    suspected: list[MemberRow] = field(default_factory=list)
    """Its suspected conversations, the most typical first; `members` has none of them."""

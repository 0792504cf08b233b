"""The tables of a snapshot that hold clusters and what was found out about them: a dataclass a table, its Arrow schema derived from it.

Texts are raw: whoever shows them masks them. Times are naive UTC, None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.embedding.vectors import Vectors
from workbench.evidence.schema import Table


@dataclass(frozen=True)
class SharedFact:
    """Something observed in several of a cluster's failures."""

    text: str
    """What was observed."""
    count: int
    """In how many of the cluster's failures."""
    base_rate: float | None
    """Its share among the bot's other failures, 0 to 1."""


@dataclass(frozen=True)
class WeekCount:
    """One ISO week of a cluster."""

    week: str
    """Like 2025-W31."""
    eligible: int
    """Conversations in it that could have failed this way."""
    failures: int
    """Those of them that did."""


@dataclass(frozen=True)
class ClusterRecord(Table):
    """One cluster, without its members and its centroid."""

    cluster: str
    """Its id, like FC-0001."""
    rank: int
    """Its place in the ranked list, from 0."""
    bot: str
    """Whose failures they are."""
    kind: str
    """mechanical or topical."""
    mechanical_key: str | None
    """The fault that its members share, where it is mechanical."""
    name: str
    """What it is called."""
    keywords: tuple[str, ...]
    """Words that part its requests from the bot's others."""
    sentence: str
    """The request of its most typical member."""
    theme: str | None
    """The theme it belongs to."""
    size: int
    """Its failing members; 0 where all are only suspected."""
    failures: int
    """Those of them among `eligible`."""
    eligible: int
    """Conversations that could have failed this way."""
    rate: float | None
    """`failures` of `eligible`, 0 to 1."""
    low: float | None
    """The rate's lower 95 % bound (Wilson)."""
    high: float | None
    """The rate's upper 95 % bound."""
    excess: float | None
    """Its rate less the failure rate of the bot's other conversations that went the same way, -1 to 1; None without either."""
    trend: str | None
    """rising, falling, flat or new."""
    escalating: bool
    """Whether it rises by more than chance."""
    severity: str | None
    """The severity that is suggested."""
    signature: str
    """How its members failed, in a line."""
    first_seen: datetime | None
    """When its first failure began."""
    last_seen: datetime | None
    """When its latest failure began."""
    examples: tuple[str, ...]
    """Keys of its most typical member and of others far from it."""
    facts: tuple[SharedFact, ...]
    """What its members have in common."""
    weeks: tuple[WeekCount, ...]
    """How often it was met, week by week."""
    likeness: float | None
    """How alike its two least alike strands are, 0 to 1."""
    suspected: int
    """Its suspected members, which no other figure counts."""


@dataclass(frozen=True)
class StoredCluster(ClusterRecord):
    """One cluster as a snapshot keeps it."""

    centroid: Vectors
    """The mean of its members' vectors, of unit length, (d,)."""


@dataclass(frozen=True)
class StrandRecord(Table):
    """A part of a cluster."""

    cluster: str
    """The cluster."""
    rank: int
    """The strand's place, from 0; the largest comes first."""
    strand: str
    """What it is called."""
    example: str
    """The key of its most typical conversation."""


@dataclass(frozen=True)
class PatternRecord(Table):
    """Two clusters of different bots that hold the same problem."""

    cluster: str
    """The one."""
    other: str
    """The other."""
    shared: str
    """What both show."""
    similarity: float
    """The cosine of their centroids."""


@dataclass(frozen=True)
class MemberRecord(Table):
    """A failing or a suspected conversation and the cluster that holds it."""

    key: str
    """The conversation."""
    cluster: str
    """The cluster."""
    strand: str | None
    """Its part of the cluster."""
    similarity: float
    """The cosine to the cluster's centroid."""


@dataclass(frozen=True)
class EligibleRecord(Table):
    """A conversation that could have failed as a topical cluster did; a mechanical fault can show in any of its bot's."""

    cluster: str
    """The cluster."""
    key: str
    """The conversation."""


@dataclass(frozen=True)
class ProposedRecord(Table):
    """A cluster as the identity register shall know it."""

    cluster: str
    """Its id."""
    bot: str
    """Whose failures they are."""
    kind: str
    """mechanical or topical."""
    mechanical_key: str | None
    """The fault that its members share, where it is mechanical."""
    name: str
    """What it is called."""
    members: tuple[str, ...]
    """Keys of its conversations."""
    centroid: bytes
    """The mean of its members' vectors, float32, little endian."""
    by_hand: bool
    """Whether only a person's split made it."""


@dataclass(frozen=True)
class LineageRecord(Table):
    """What became of a cluster in this build."""

    cluster: str
    """The cluster."""
    relation: str
    """continued, split, merged, new or vanished."""
    other: str | None
    """The cluster that it came from or went to."""
    shared: int
    """Members that both have."""


@dataclass(frozen=True)
class SuspectRecord(Table):
    """A circumstance under which a cluster is more frequent than elsewhere."""

    cluster: str
    """The cluster."""
    rank: int
    """The suspect's place among all; those that stand come first."""
    kind: str
    """What it is a value of, e.g. release."""
    value: str
    """The value."""
    also: tuple[str, ...]
    """Circumstances that cover the same conversations."""
    hits: int
    """Eligible conversations under it that failed this way."""
    total: int
    """Eligible conversations under it."""
    elsewhere_hits: int
    """Eligible conversations without it that failed this way."""
    elsewhere: int
    """Eligible conversations without it."""
    p: float
    """How likely so much is by chance, uncorrected."""
    stands: bool
    """Whether it is more than chance would make among all that was tried."""
    first_seen: datetime | None
    """When it was first met."""
    begins: bool
    """Whether no failure is older than it, and it came into use later."""


@dataclass(frozen=True)
class SuccessRecord(Table):
    """A success to compare a failure with."""

    key: str
    """The failure."""
    rank: int
    """The success's place, from 1; the nearest comes first."""
    other: str
    """The key of the success."""
    similarity: float
    """The cosine of the two requests."""
    same_task: bool
    """Whether the log gives both the same task."""


@dataclass(frozen=True)
class BehaviourRecord(Table):
    """Something a bot did that parts a cluster's failures from the same requests that worked."""

    cluster: str
    """The cluster."""
    rank: int
    """Its place, from 0; the clearest comes first."""
    kind: str
    """What was done, as `contrast_sets` names it."""
    name: str
    """The tool or document."""
    argument: str
    """The argument, where it is one that parts them."""
    value: str
    """The argument's value."""
    failing: int
    """Failures in which it was done."""
    failures: int
    """Failures that were compared."""
    working: int
    """Successes in which it was done."""
    worked: int
    """Successes that were compared."""

"""The tables of a snapshot that a build hands over: a dataclass a table, of which the Arrow schema is derived.

A column is added here and nowhere else in evidence. Texts are raw: whoever shows them masks them. Times are naive UTC,
positions of turns count from 0, None is what the log or the analysis doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.embedding.vectors import Vectors


@dataclass(frozen=True)
class Table:
    """What all rows of tables have in common: nothing but that a snapshot may hold them."""


# ── parts of a row ──


@dataclass(frozen=True)
class CandidateTurn:
    """A turn where to look first."""

    position: int
    """The turn."""
    why: str
    """What it rests on."""


@dataclass(frozen=True)
class FeatureWeight:
    """What a feature changes in a learned score."""

    feature: str
    """The feature's name, as `failures.facets` names it."""
    weight: float
    """The change in log odds."""


@dataclass(frozen=True)
class CalibrationBin:
    """Held-out conversations of about the same probability."""

    said: float
    """The mean of the probabilities."""
    total: int
    """How many conversations."""
    failed: int
    """How many of them failed."""


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


# ── conversations ──


@dataclass(frozen=True)
class AnalysisRecord(Table):
    """What was found in one conversation."""

    key: str
    """The conversation."""
    failed: bool
    """Whether it counts as failing."""
    score: float
    """How much speaks for that."""
    verdict: str
    """Why it counts so, in a sentence."""
    outcome: str
    """How it ended, "unknown" where neither log nor conversation tell."""
    outcome_source: str
    """Where that is from."""
    failing_turn: int | None
    """The turn where it most likely went wrong."""
    candidates: tuple[CandidateTurn, ...]
    """Turns to look at, the likeliest first."""
    signature: str
    """How it failed, in a line."""
    mechanical_key: str | None
    """The fault that groups it by itself, e.g. a tool's error."""
    facts: tuple[str, ...]
    """What was observed, by which failures are compared."""
    severity: str | None
    """The severity that is suggested."""
    writes: tuple[int, ...]
    """Turns whose calls changed something."""
    request: str
    """What was asked."""
    passage: str
    """What was said where it failed."""
    reply: str
    """What the bot answered there."""
    codes: tuple[str, ...]
    """The signals that fired, sorted."""
    logged: bool | None
    """Whether the log itself says that it failed."""
    learned: float | None = None
    """The learned score, 0 to 1; None where it is off."""
    spoke: tuple[FeatureWeight, ...] = ()
    """What spoke for that score and against, strongest first."""
    last_good: str | None = None
    """The last good state before it failed; None where it is fine."""
    first_failing: str | None = None
    """The first state that failed."""
    suspected: bool = False
    """Whether medium evidence speaks for a failure that nobody settled."""
    signs: str | None = None
    """What its signals alone make of it: failing, suspected, or nothing."""


@dataclass(frozen=True)
class SilencedRecord(Table):
    """A signal that would have fired in a conversation, but is switched off."""

    key: str
    """The conversation."""
    code: str
    """The signal."""


@dataclass(frozen=True)
class LearnedRecord(Table):
    """What one bot's learned score is worth, held out; empty beyond `groups` where it is off."""

    bot: str
    """The bot."""
    failing: int
    """Labels that say failing."""
    fine: int
    """Labels that say fine."""
    groups: int
    """Groups of conversations that stand on one side of a test together."""
    auc: float | None
    """Area under the ROC curve."""
    auc_low: float | None
    """Its lower 95 % bound, by resampling groups."""
    auc_high: float | None
    """Its upper 95 % bound."""
    length_auc: float | None
    """The area of the number of turns alone."""
    brier: float | None
    """Mean squared error of the probability."""
    base_brier: float | None
    """That of always saying the bot's rate."""
    bins: tuple[CalibrationBin, ...]
    """How well the probabilities are calibrated."""
    weights: tuple[FeatureWeight, ...]
    """What each feature is worth."""
    lead: float | None = None
    """By how much the area is above that of the number of turns."""
    lead_low: float | None = None
    """The lower 95 % bound of that."""
    lead_high: float | None = None
    """The upper one."""
    by_length: bool = False
    """Whether the length orders, as what was learned is no better."""
    few: bool = False
    """Whether it was learned from few labels, with what carries over from other bots."""


@dataclass(frozen=True)
class SignalRecord(Table):
    """A signal that fired in a conversation."""

    key: str
    """The conversation."""
    code: str
    """The signal."""
    family: str
    """What it belongs to."""
    strength: str
    """weak, medium or strong."""
    weight: float
    """What it adds to the score."""
    position: int | None
    """The turn; None: the whole conversation."""
    evidence: str
    """The words or values that it rests on."""


@dataclass(frozen=True)
class PlaceRecord(Table):
    """Where a failure stands on the map."""

    key: str
    """The conversation."""
    x: float
    """From left to right."""
    y: float
    """From bottom to top."""


@dataclass(frozen=True)
class VectorRecord(Table):
    """A conversation's vector: of what was asked, or, compressed, of how it failed."""

    key: str
    """The conversation."""
    vector: Vectors
    """Of unit length, (d,)."""


# ── clusters ──


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
    """Failures beyond what the bot's other requests would make one expect."""
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
class WorkedRecord(Table):
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
class PartedRecord(Table):
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


# ── imports ──


@dataclass(frozen=True)
class RejectRecord(Table):
    """A row of a log that could not be taken."""

    import_id: str
    """The import."""
    file: str
    """The file."""
    row: int
    """The row in it, from 1."""
    column: str | None
    """The column that is at fault."""
    reason: str
    """What is wrong."""
    value: str
    """An excerpt of what was logged."""
    rows: int
    """How many rows this stands for."""


@dataclass(frozen=True)
class ImportRecord(Table):
    """One import that the snapshot was built from."""

    import_id: str
    """The import."""
    position: int
    """Its place, from 0; the oldest comes first."""
    manifest: str
    """What it read, as JSON."""


@dataclass(frozen=True)
class RewordedRecord(Table):
    """A conversation whose words an import replaced: what was said of it before was said of other words."""

    key: str
    """The conversation."""
    at: datetime
    """When the last such import came to serve."""


TABLES: dict[str, type[Table]] = {
    "analyses": AnalysisRecord,
    "silenced": SilencedRecord,
    "learned": LearnedRecord,
    "signals": SignalRecord,
    "clusters": StoredCluster,
    "strands": StrandRecord,
    "patterns": PatternRecord,
    "members": MemberRecord,
    "suspected_members": MemberRecord,
    "places": PlaceRecord,
    "proposed": ProposedRecord,
    "eligible_requests": EligibleRecord,
    "request_vectors": VectorRecord,
    "failure_vectors": VectorRecord,
    "lineage": LineageRecord,
    "suspects": SuspectRecord,
    "worked": WorkedRecord,
    "parted": PartedRecord,
    "rejects": RejectRecord,
    "imports": ImportRecord,
    "reworded": RewordedRecord,
}
"""The tables that a build hands over, beside the conversations and turns that come straight from the parts."""

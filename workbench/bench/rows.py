"""What pages, commands and exports see: plain rows, already masked, joined from evidence and judgement by `Bench`.

Rates are shares of 1, times naive UTC datetimes, weeks ISO like 2025-W31 in the pod's time zone; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from workbench.clusters.matched_successes import Contrast
from workbench.clusters.suspects import Onset
from workbench.conversation import Conversation
from workbench.conversation.transcript import Folds, folds
from workbench.evidence.filter import FailureFilter
from workbench.failures.tiers import Tier
from workbench.judgement.disabled_signals import DisabledSignal
from workbench.judgement.effective_label import is_outdated
from workbench.judgement.records.labels import Label
from workbench.judgement.records.reading import Verdict


@dataclass(frozen=True)
class Filter(FailureFilter):
    """What a person narrowed the view to; an empty tuple means all. Hashable, so that it can key a cache."""

    status: tuple[str, ...] = ()
    """Where their clusters are in their life; failures in no cluster have none."""


@dataclass(frozen=True)
class FilterChoices:
    """The values there are to filter by, each list sorted."""

    bot: list[str]
    release: list[str]
    week: list[str]
    signal: list[str]
    status: list[str]
    theme: list[str]


@dataclass(frozen=True)
class WeekRate:
    """One ISO week of a cluster: failures in it among the eligible conversations; Wilson 95 %."""

    week: str
    eligible: int
    failures: int
    rate: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Extra:
    """What failures took beyond the successes matched with each, on average."""

    mean: float
    """The mean difference."""
    low: float
    """Its lower 95 % bound."""
    high: float
    """Its upper 95 % bound."""
    pairs: int
    """How many failures were compared."""


@dataclass(frozen=True)
class ClusterRow:
    """One cluster in the ranked list. `failures` of `eligible` similar conversations failed this way (leave one out);
    `low` and `high` bound the rate at 95 % (Wilson). `sentence` is the medoid's own request. Under a filter all of these count
    what passes it; `excess`, `trend`, `escalating` and `stopped` are of the whole data."""

    cluster: str
    kind: str
    name: str
    keywords: list[str]
    sentence: str
    theme: str | None
    bot: str
    size: int
    failures: int
    eligible: int
    failure_rate: float | None
    rate_low: float | None
    rate_high: float | None
    excess: float | None
    trend: str | None
    escalating: bool
    status: str
    severity: str | None
    severity_source: str | None
    signature: str
    root_cause: str | None
    root_cause_source: str | None
    owner: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    examples: list[str]
    weeks: list[WeekRate] = field(default_factory=list)
    """How often it was met in each week, oldest first."""
    last_week: int | None = None
    """Failures in the last complete week of the pod's zone; None without times."""
    users: int | None = None
    """Different users that it hit; None where the log names none."""
    recent: float = 0.0
    """Its failures, weighed down by their age."""
    priority: float = 0.0
    """What it is ranked by; the rule stands in `ranking.priority`."""
    stopped: bool = False
    """Whether it was not seen for longer than its own rhythm makes likely."""
    silence: float = 1.0
    """How likely a silence of this length is."""
    extra_turns: Extra | None = None
    """Turns more than the matched successes, a failure."""
    extra_minutes: Extra | None = None
    """Minutes more than those."""
    extra_handovers: Extra | None = None
    """Hand-overs more than those, as a share of 1."""
    suspected: int = 0
    """Its suspected conversations that pass, which no other figure counts; all that there are where `size` is 0."""


@dataclass(frozen=True)
class Fact:
    """Something observed in `count` of the cluster's `total` members, beside its share among the bot's others."""

    text: str
    count: int
    total: int
    base_rate: float | None


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


@dataclass(frozen=True)
class SignalHit:
    """A signal that fired: `position` is the turn (None: the whole conversation), `evidence` the words or values."""

    code: str
    title: str
    family: str
    strength: str
    weight: float
    position: int | None
    evidence: str


@dataclass(frozen=True)
class FailingTurn:
    """A candidate for where to look first; `why` says what it rests on."""

    position: int
    why: str


@dataclass(frozen=True)
class ConversationDetail:
    """One conversation with what was found in it. `verdict` says in a sentence why it counts as failing, or not.

    `reworded` is when an import replaced its words, naive UTC; None where none did.
    `learned` is the learned score, None where it is off; `contributions` is what spoke for it and against, in words with the
    change in log odds.
    """

    conversation: Conversation
    failed: bool
    score: float
    verdict: str
    outcome: str
    outcome_source: str
    signals: list[SignalHit]
    candidates: list[FailingTurn]
    signature: str
    cluster: str | None
    cluster_name: str | None
    label: Label | None
    cluster_label: Label | None
    writes: list[int] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    learned: float | None = None
    contributions: list[tuple[str, float]] = field(default_factory=list)
    reworded: datetime | None = None
    tier: Tier | None = None
    """Whether it fails or is suspected; None: it counts as fine."""
    folded: Folds | None = None
    """Its turns as they are read; None: they are folded when somebody asks."""

    @cached_property
    def folds(self) -> Folds:
        """Its turns as they are read."""
        return folds(self.conversation) if self.folded is None else self.folded

    @property
    def outdated(self) -> list[str]:
        """What people said of the words that stood before: `label` and `verdict of NAME`."""
        label = ["label"] if self.label and is_outdated(self.label.decided_at or self.label.at, self.reworded) else []
        return label + [f"verdict of {each.reader}" for each in self.verdicts if is_outdated(each.at, self.reworded)]


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


@dataclass(frozen=True)
class StoreSummary:
    """What the store holds now, for headers and `doctor`."""

    snapshot: str
    built_at: datetime
    conversations: int
    turns: int
    failures: int
    suspected: int
    clusters: int
    bots: int
    rejects: int
    data_from: datetime | None
    data_through: datetime | None

"""What a week's report holds, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workbench.bench.cluster_rows import ClusterRow
from workbench.dates import DEFAULT_ZONE, monday, sunday, week_of, weeks_before
from workbench.judgement.records.tickets import Ticket
from workbench.reports.share import Share
from workbench.stats import compared_shares

LISTS = ("new", "back", "rising", "fading")


SIGNIFICANT = 0.05


CAME_BACK = ("regressed", "not-fixed")


OLD = 14
"""Days after which an open ticket without a due date is asked about."""


SESSIONS = 3
"""The triage sessions whose decisions are held up as promises."""


JUDGED = 5
"""Shipped fixes that are judged for a report, the oldest first: each reads the history of its bots."""


IMPORTS = 3


@dataclass(frozen=True)
class WeekSpan:
    """One ISO week and the four before it, by name."""

    week: str
    """Like 2025-W31."""
    zone: str = DEFAULT_ZONE
    """The time zone by whose clocks it begins and ends."""

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return monday(self.week)

    @property
    def sunday(self) -> date:
        """The last day of the week."""
        return sunday(self.week)

    @property
    def before(self) -> list[str]:
        """The weeks before, the latest first."""
        return weeks_before(self.week)[::-1]

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in the week."""
        return moment is not None and week_of(moment, self.zone) == self.week


@dataclass(frozen=True)
class Compared:
    """A share in a week against that of the weeks before."""

    now: Share
    """In the week."""
    before: Share
    """In the four before, taken together."""

    @property
    def test(self) -> tuple[float, float]:
        """z and p of the test that a cluster's trend goes by; (0, 1) where a side is empty."""
        return compared_shares(self.now.hits, self.now.total, self.before.hits, self.before.total)

    @property
    def p(self) -> float | None:
        """The p of that test; None where a side has nothing to compare."""
        return self.test[1] if self.now.total and self.before.total else None

    @property
    def change(self) -> str | None:
        """more, less or same by that p; None where a side has nothing to compare."""
        if self.p is None:
            return None
        return "same" if self.p >= SIGNIFICANT else "more" if self.test[0] > 0 else "less"


@dataclass(frozen=True)
class BotWeek:
    """How a bot fared in the week."""

    bot: str
    """The bot, as logged."""
    owner: str | None
    """Who answers for it, by name."""
    conversations: int
    """In the week."""
    conversations_before: int
    """In the four before."""
    weeks_before: int
    """How many of the four hold conversations of it."""
    waiting: int
    """Conversations of the week that are not analysed yet."""
    failing: Compared
    """Failures of those analysed."""
    contained: Compared
    """Those that ended without a transfer, of those whose outcome is known."""
    unknown: Share
    """Those whose outcome is not known, of those analysed."""
    first_week: bool
    """Whether its data begins in this week."""
    suspected: int = 0
    """Suspected ones of the week, which `failing` doesn't count."""

    @property
    def a_week_before(self) -> float | None:
        """Conversations a week in those weeks before that hold any."""
        return self.conversations_before / self.weeks_before if self.weeks_before else None

    @property
    def flat(self) -> BotWeekRow:
        """The same in one line of counts."""
        failing, contained = self.failing, self.contained
        return BotWeekRow(
            bot=self.bot,
            owner=self.owner,
            conversations=self.conversations,
            weeks_before=self.weeks_before,
            conversations_before=self.conversations_before,
            failures=failing.now.hits,
            analysed=failing.now.total,
            failures_before=failing.before.hits,
            analysed_before=failing.before.total,
            failing_change=failing.change,
            contained=contained.now.hits,
            known=contained.now.total,
            contained_before=contained.before.hits,
            known_before=contained.before.total,
            contained_change=contained.change,
        )


@dataclass(frozen=True)
class BotWeekRow:
    """A bot in the week as it is downloaded; `_before` are the four weeks before taken together."""

    bot: str
    """The bot, as logged."""
    owner: str | None
    """Who answers for it, by name."""
    conversations: int
    """In the week."""
    weeks_before: int
    """How many of the four hold conversations of it."""
    conversations_before: int
    """In these."""
    failures: int
    """Of those analysed in the week."""
    analysed: int
    """In the week."""
    failures_before: int
    """Of those analysed before."""
    analysed_before: int
    """In the four weeks before."""
    failing_change: str | None
    """more, less or same; None where a side is empty."""
    contained: int
    """Ended without a transfer, of the known ones."""
    known: int
    """Conversations of the week whose outcome is known."""
    contained_before: int
    """The same before."""
    known_before: int
    """The same before."""
    contained_change: str | None
    """more, less or same; None where a side is empty."""


@dataclass(frozen=True)
class ClusterWeek:
    """A cluster in the week."""

    cluster: str
    """Its FC-id."""
    kind: str
    """mechanical or topical."""
    name: str
    """What was observed, in a line."""
    bot: str
    """The bot, as logged."""
    status: str
    """As in the ranked list."""
    owner: str | None
    """Who answers for it, by name."""
    severity: str | None
    """S1 to S4; None where nobody said one and the log suggests none."""
    root_cause: str | None
    """A taxonomy's code."""
    first_seen: datetime | None
    """Its first failure, naive UTC."""
    failures: int
    """Its failing conversations of the week."""
    failures_before: int
    """Those of the four weeks before."""
    last_before: datetime | None
    """Its last failure before the week."""
    rate: Compared
    """Failures among similar requests."""
    escalating: bool = False
    """Whether its rise stands among the tests of all clusters."""
    list: str | None = None
    """new, back, rising or fading; None where it is none of these."""

    @property
    def now_failures(self) -> int:
        """Failures among similar requests in the week."""
        return self.rate.now.hits

    @property
    def now_eligible(self) -> int:
        """Similar requests in the week."""
        return self.rate.now.total

    @property
    def before_failures(self) -> int:
        """Failures among similar requests in the four weeks before."""
        return self.rate.before.hits

    @property
    def before_eligible(self) -> int:
        """Similar requests in the four weeks before."""
        return self.rate.before.total

    @property
    def p(self) -> float | None:
        """How likely chance alone would make the two rates differ so much; None where one is missing."""
        return self.rate.p


@dataclass(frozen=True)
class WaitingFix:
    """A shipped fix that waits for its verdict."""

    requests: int
    """Similar requests after it."""
    failures: int
    """How many of them failed."""
    needed: int | None
    """How many it takes; None where that is not known."""
    verdict: str
    """By the fix rule."""
    warning: str | None = None
    """What keeps the verdict from counting everything."""

    @property
    def missing(self) -> int | None:
        """How many more similar requests it takes; None where that can't be said."""
        return None if self.needed is None else max(self.needed - self.requests, 0)


@dataclass(frozen=True)
class Promise:
    """What somebody said would be done."""

    kind: str
    """late (past its due date), watching (shipped), decided (in a session), old (open for long, without a due date)."""
    title: str
    """Masked."""
    cluster: str | None = None
    """The FC-id that it is about."""
    ticket: str | None = None
    """Like FIX-0001."""
    owner: str | None = None
    """Who does it."""
    due: date | None = None
    """The day that it is promised for."""
    session: str | None = None
    """The session that decided it."""
    days: int | None = None
    """How long it is late or open."""
    shipped: str | None = None
    """With which release or from which day on."""
    watch: WaitingFix | None = None
    """What its verdict waits for."""


@dataclass(frozen=True)
class Mine:
    """What waits for one person."""

    tickets: list[Ticket]
    """Theirs that are not closed."""
    clusters: list[ClusterRow]
    """Theirs that nobody has said anything of."""


@dataclass(frozen=True)
class ImportGaps:
    """What one import lacks."""

    import_id: str
    """Like I000001."""
    conversations: int
    """How many conversations."""
    lacks: list[tuple[str, float]]
    """(what, share of its conversations without it), first what blinds signals."""
    rejected: int
    """Rows in the reject table."""
    refused: int
    """Files."""


@dataclass(frozen=True)
class Choices:
    """What a report can be about."""

    bots: list[str]
    """By name."""
    weeks: list[str]
    """The newest first."""
    week: str | None
    """The one to begin with; None: no times."""
    complete: str = ""
    """The last week that is covered to its Sunday."""


@dataclass(frozen=True)
class WeekReport:
    """One week of a store, or of one bot."""

    bot: str | None
    """The only one; None for all."""
    span: WeekSpan | None
    """The week; None where the logs have no times."""
    complete: bool
    """Whether data reaches its Sunday."""
    weeks_before: int
    """How many of the four before hold data."""
    data_through: datetime | None
    """The last time in the data, naive UTC."""
    conversations: int
    """Of the week."""
    untimed: int
    """Conversations that are in no week."""
    waiting: int
    """Conversations of the week that are not analysed yet."""
    bots: list[BotWeek]
    """The worst first."""
    clusters: list[ClusterWeek]
    """All that are not muted, and muted ones that escalate."""
    loose: Share
    """The week's failures in no cluster, of all."""
    tested: int
    """Clusters whose rise was tested."""
    muted: int
    """Muted clusters that moved and are left out."""
    promised: list[Promise]
    """The most urgent first."""
    mine: Mine
    """What waits for the person who asks."""
    gaps: list[ImportGaps]
    """Of the latest imports."""
    imports: int
    """How many there are."""

    def listed(self, name: str) -> list[ClusterWeek]:
        """The clusters of one of the lists, the most pressing first."""
        return [cluster for cluster in self.clusters if cluster.list == name]

    @property
    def moved(self) -> list[ClusterWeek]:
        """The clusters of all lists, in the order of the lists."""
        return [cluster for name in LISTS for cluster in self.listed(name)]

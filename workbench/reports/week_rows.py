"""What a week's report holds, and its JSON."""

from __future__ import annotations

from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, timedelta
from typing import Any

from workbench.bench.rows import ClusterRow
from workbench.dates import WEEKS_BEFORE, iso_week
from workbench.judgement.records import Ticket
from workbench.stats import compared_shares, wilson
from workbench.text.values import json_value

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
class Span:
    """One ISO week and the four before it, by name."""

    week: str

    @property
    def monday(self) -> date:
        return date.fromisocalendar(int(self.week[:4]), int(self.week[6:]), 1)

    @property
    def sunday(self) -> date:
        return self.monday + timedelta(days=6)

    @property
    def before(self) -> list[str]:
        """The weeks before, the latest first."""
        return [iso_week(self.monday - timedelta(weeks=n)) for n in range(1, WEEKS_BEFORE + 1)]

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in the week."""
        return moment is not None and self.monday <= moment.date() <= self.sunday


@dataclass(frozen=True)
class Share:
    """`hits` of `total`, with the 95 % Wilson bounds of the rate."""

    hits: int
    total: int

    @property
    def rate(self) -> float | None:
        return self.hits / self.total if self.total else None

    @property
    def bounds(self) -> tuple[float, float]:
        return wilson(self.hits, self.total)


@dataclass(frozen=True)
class Compared:
    """A share in the week, and in the four before taken together."""

    now: Share
    before: Share

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
    """How a bot fared: failing among those analysed, contained among those whose outcome is known.

    `weeks_before` of the four hold conversations of it; `first_week` says that its data begins in this week.
    """

    bot: str
    owner: str | None
    conversations: int
    conversations_before: int
    weeks_before: int
    waiting: int
    failing: Compared
    contained: Compared
    unknown: Share
    first_week: bool

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
    owner: str | None
    conversations: int
    weeks_before: int
    conversations_before: int
    failures: int
    analysed: int
    failures_before: int
    analysed_before: int
    failing_change: str | None
    contained: int
    known: int
    contained_before: int
    known_before: int
    contained_change: str | None


@dataclass(frozen=True)
class ClusterWeek:
    """A cluster in the week. `failures` are its failing conversations, `rate` counts those among similar requests.

    `list` is new, back, rising or fading, None where it is none of these; `last_before` its last failure before the week;
    `escalating` that its rise stands among the tests of all clusters.
    """

    cluster: str
    kind: str
    name: str
    bot: str
    status: str
    owner: str | None
    severity: str | None
    root_cause: str | None
    first_seen: datetime | None
    failures: int
    failures_before: int
    last_before: datetime | None
    rate: Compared
    escalating: bool = False
    list: str | None = None

    @property
    def now_failures(self) -> int:
        return self.rate.now.hits

    @property
    def now_eligible(self) -> int:
        return self.rate.now.total

    @property
    def before_failures(self) -> int:
        return self.rate.before.hits

    @property
    def before_eligible(self) -> int:
        return self.rate.before.total

    @property
    def p(self) -> float | None:
        return self.rate.p


@dataclass(frozen=True)
class Watch:
    """A shipped fix that waits for its verdict: similar requests after it, how many of them failed, how many it takes."""

    requests: int
    failures: int
    needed: int | None
    verdict: str
    warning: str | None = None

    @property
    def missing(self) -> int | None:
        """How many more similar requests it takes; None where that can't be said."""
        return None if self.needed is None else max(self.needed - self.requests, 0)


@dataclass(frozen=True)
class Promise:
    """What somebody said would be done. `kind`: late (past its due date), watching (shipped), decided (in a session),
    old (open for long, without a due date). `days` it is late or open."""

    kind: str
    title: str
    cluster: str | None = None
    ticket: str | None = None
    owner: str | None = None
    due: date | None = None
    session: str | None = None
    days: int | None = None
    shipped: str | None = None
    watch: Watch | None = None


@dataclass(frozen=True)
class Mine:
    """What waits for one person: tickets that are not closed, and owned clusters that nobody has said anything of."""

    tickets: list[Ticket]
    clusters: list[ClusterRow]


@dataclass(frozen=True)
class ImportGaps:
    """What one import lacks: (what, share of its conversations without it), first what blinds signals."""

    import_id: str
    conversations: int
    lacks: list[tuple[str, float]]
    rejected: int
    refused: int


@dataclass(frozen=True)
class Choices:
    """What a report can be about: the bots, the weeks (newest first), and the week to begin with (None: no times).

    Weeks up to `complete` are covered to their Sunday.
    """

    bots: list[str]
    weeks: list[str]
    week: str | None
    complete: str = ""


@dataclass(frozen=True)
class WeekReport:
    """One week of a store, or of one bot. `span` is None where the logs have no times; `complete` says that data reaches
    its Sunday; `weeks_before` of the four before hold data; `untimed` conversations are in no week, `waiting` ones of the
    week are not analysed; `loose` are the week's failures in no cluster. `muted` clusters moved and are left out."""

    bot: str | None
    span: Span | None
    complete: bool
    weeks_before: int
    data_through: datetime | None
    conversations: int
    untimed: int
    waiting: int
    bots: list[BotWeek]
    clusters: list[ClusterWeek]
    loose: Share
    tested: int
    muted: int
    promised: list[Promise]
    mine: Mine
    gaps: list[ImportGaps]
    imports: int

    def listed(self, name: str) -> list[ClusterWeek]:
        """The clusters of one of the lists, the most pressing first."""
        return [cluster for cluster in self.clusters if cluster.list == name]

    @property
    def moved(self) -> list[ClusterWeek]:
        """The clusters of all lists, in the order of the lists."""
        return [cluster for name in LISTS for cluster in self.listed(name)]


def as_json(report: WeekReport) -> dict[str, Any]:
    """The report as one JSON document: what the page shows, every list in full."""
    span = report.span
    document = {
        field.name: _json(getattr(report, field.name)) for field in fields(report) if field.name not in _OWN_WAY
    }
    return {
        "week": span.week if span else None,
        "from": span.monday.isoformat() if span else None,
        "to": span.sunday.isoformat() if span else None,
        **document,
        **{name: [_json(cluster) for cluster in report.listed(name)] for name in LISTS},
        "mine": {
            "tickets": [
                {"ticket": ticket.ticket, "title": ticket.title, "status": ticket.status, "due": json_value(ticket.due)}
                for ticket in report.mine.tickets
            ],
            "clusters": [{"cluster": cluster.cluster, "name": cluster.name} for cluster in report.mine.clusters],
        },
    }


_OWN_WAY = ("span", "clusters", "mine")


def _json(value: Any) -> Any:
    """A value as JSON; a share with its rate and bounds, a comparison with its p and what it says."""
    match value:
        case Share():
            low, high = value.bounds if value.total else (None, None)
            return {"hits": value.hits, "total": value.total, "rate": value.rate, "low": low, "high": high}
        case Compared():
            return {"now": _json(value.now), "before": _json(value.before), "p": value.p, "change": value.change}
        case list() | tuple():
            return [_json(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    return json_value(value)

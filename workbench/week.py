"""The week of a pod: what is new, back, rising and fading, what was promised, and what the logs can't show.

All by event time (ISO weeks, UTC), so logs that arrive late change the weeks they are of. Only deadlines go by today.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from workbench import verification
from workbench.bench.bench import Bench
from workbench.bench.overlay import LIVE, Standing
from workbench.bench.rows import ClusterRow
from workbench.dates import WEEKS_BEFORE, iso_week, last_complete_week
from workbench.errors import UserError
from workbench.judgement.records import Decision, Session, Ticket
from workbench.logs.gaps import GAPS, lacks
from workbench.stats import benjamini_hochberg, compared_shares, wilson
from workbench.text import formatting
from workbench.text.masking import mask
from workbench.text.values import json_value

if TYPE_CHECKING:
    from workbench.logs.parts import Manifest

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
        return [one for one in self.clusters if one.list == name]

    @property
    def moved(self) -> list[ClusterWeek]:
        """The clusters of all lists, in the order of the lists."""
        return [one for name in LISTS for one in self.listed(name)]


def choices(bench: Bench) -> Choices:
    """What there is to report on now."""
    return choices_of(bench.evidence.bot_weeks())


def choices_of(rows: Sequence[Mapping[str, Any]]) -> Choices:
    """The same from rows of bots and weeks: the first choice is the last complete week, else the last that there is."""
    bots = sorted({row["bot"] for row in rows})
    dated = [row for row in rows if row["week"]]
    if not dated:
        return Choices(bots, [], None)
    weeks = {row["week"] for row in dated}
    complete = iso_week(last_complete_week(max(row["last"] for row in dated)))
    if min(weeks) <= complete:
        weeks.add(complete)  # also where nothing was logged in it: that is news
        return Choices(bots, sorted(weeks, reverse=True), complete, complete)
    return Choices(bots, sorted(weeks, reverse=True), max(weeks), complete)


def week_report(
    bench: Bench,
    bot: str | None = None,
    week: str | None = None,
    today: date | None = None,
    judge: Callable[[Bench, str], Watch] | None = None,
) -> WeekReport:
    """The report on a week (like 2026-W45; None: the last complete one) of one bot (None: all).

    `judge` says how far a shipped fix is; `watch` is the slow part of a report, so a page passes one that remembers. Raises `UserError` for a bot or week that is not in the data.
    """
    counted = bench.evidence.bot_weeks()
    known = choices_of(counted)
    _refuse_unknown("bot", bot, known.bots)
    _refuse_unknown("week", week, known.weeks)
    day, standing, rows = today or datetime.now(UTC).date(), bench.standing(), bench.clusters()
    counted = [row for row in counted if bot is None or row["bot"] == bot]
    name = week or known.week
    span = Span(name) if name else None
    here = [row for row in counted if span and row["week"] == span.week]
    bots = bot_weeks(counted, span, {one.bot: one.owner for one in bench.judgement.bots().values()}) if span else []
    clusters = _clusters(bench, rows, bots, span) if span else []
    mine = [row for row in rows if bot is None or row.bot == bot]
    shown = [one for one in clusters if bot is None or one.bot == bot]
    in_clusters, failures = sum(one.failures for one in shown), sum(row["failures"] for row in here)
    imports = bench.imports()
    return WeekReport(
        bot=bot,
        span=span,
        complete=span is not None and span.week <= known.complete,
        weeks_before=sum(any(row["week"] == one for row in counted) for one in span.before) if span else 0,
        data_through=bench.summary().data_through,
        conversations=sum(row["conversations"] for row in here),
        untimed=sum(row["conversations"] for row in counted if not row["week"]),
        waiting=sum(row["conversations"] - row["analysed"] for row in here),
        bots=bots,
        clusters=[one for one in shown if one.status != "muted" or one.escalating],
        loose=Share(failures - in_clusters, failures),
        tested=sum(one.p is not None for one in clusters),
        muted=sum(one.list is not None and one.status == "muted" and not one.escalating for one in shown),
        promised=_promised(bench, rows, standing, bot, day, judge or watch),
        mine=_mine(bench, mine, standing, bot),
        gaps=[_gaps(one) for one in imports[:IMPORTS]],
        imports=len(imports),
    )


def _gaps(one: Manifest) -> ImportGaps:
    """What blinds signals, or this page, comes before what only a transcript can't show."""
    found = sorted(lacks(one.gaps), key=lambda lack: not (lack.silent or lack.gap is GAPS["times"]))
    told = [(lack.gap.title, lack.share) for lack in found]
    return ImportGaps(one.import_id, one.conversations, told, one.rows_rejected, len(one.refused))


# ── bots ──


def bot_weeks(rows: Sequence[Mapping[str, Any]], span: Span, owners: Mapping[str, str | None]) -> list[BotWeek]:
    """How each bot fared, those first that fail more than before, then the busiest."""
    found = [
        _bot_week(bot, [row for row in rows if row["bot"] == bot and row["week"]], span, owners.get(bot))
        for bot in sorted({row["bot"] for row in rows})
    ]
    return sorted(found, key=lambda one: (one.failing.change != "more", -one.conversations, one.bot))


def _bot_week(bot: str, rows: Sequence[Mapping[str, Any]], span: Span, owner: str | None) -> BotWeek:
    now = [row for row in rows if row["week"] == span.week]
    before = [row for row in rows if row["week"] in span.before]
    analysed = _sum(now, "analysed")
    return BotWeek(
        bot=bot,
        owner=owner,
        conversations=_sum(now, "conversations"),
        conversations_before=_sum(before, "conversations"),
        weeks_before=len(before),
        waiting=_sum(now, "conversations") - analysed,
        failing=_compared(now, before, "failures", "analysed"),
        contained=_compared(now, before, "contained", "known"),
        unknown=Share(analysed - _sum(now, "known"), analysed),
        first_week=bool(now) and min(row["week"] for row in rows) == span.week,
    )


def _compared(now: Sequence[Mapping[str, Any]], before: Sequence[Mapping[str, Any]], hits: str, total: str) -> Compared:
    return Compared(Share(_sum(now, hits), _sum(now, total)), Share(_sum(before, hits), _sum(before, total)))


def _sum(rows: Iterable[Mapping[str, Any]], name: str) -> int:
    return sum(row[name] for row in rows)


# ── clusters ──


def _clusters(bench: Bench, rows: Sequence[ClusterRow], bots: Sequence[BotWeek], span: Span) -> list[ClusterWeek]:
    """Every cluster in the week; those of other bots too, since all of them are one family of tests."""
    eligible = {row["cluster"]: row["weeks"] for row in bench.evidence.clusters()}
    seen: dict[str, list[Mapping[str, Any]]] = {}
    for row in bench.evidence.cluster_weeks():
        seen.setdefault(row["cluster"], []).append(row)
    return sorted_into_lists(
        [cluster_week(row, eligible.get(row.cluster, []), seen.get(row.cluster, []), span) for row in rows],
        {one.bot: one for one in bots},
        span,
    )


def cluster_week(
    row: ClusterRow, eligible: Sequence[Mapping[str, Any]], seen: Sequence[Mapping[str, Any]], span: Span
) -> ClusterWeek:
    """One cluster in the week: `eligible` are its weeks with similar requests, `seen` those with failures of it."""
    now = [week for week in eligible if week["week"] == span.week]
    before = [week for week in eligible if week["week"] in span.before]
    return ClusterWeek(
        cluster=row.cluster,
        kind=row.kind,
        name=row.name,
        bot=row.bot,
        status=row.status,
        owner=row.owner,
        severity=row.severity,
        root_cause=row.root_cause if row.root_cause_source == "person" else None,
        first_seen=row.first_seen,
        failures=_sum((week for week in seen if week["week"] == span.week), "failures"),
        failures_before=_sum((week for week in seen if week["week"] in span.before), "failures"),
        last_before=max((week["last"] for week in seen if week["week"] < span.week), default=None),
        rate=_compared(now, before, "failures", "eligible"),
    )


def sorted_into_lists(clusters: Sequence[ClusterWeek], bots: Mapping[str, BotWeek], span: Span) -> list[ClusterWeek]:
    """The clusters with their lists, each in at most one, in the order of a list: escalating first, then by failures."""
    stands = benjamini_hochberg([one.rate.test[1] for one in clusters])
    marked = [
        replace(one, escalating=rises and one.rate.test[0] > 0) for one, rises in zip(clusters, stands, strict=True)
    ]
    listed = [replace(one, list=_list(one, bots.get(one.bot), span)) for one in marked]
    return sorted(listed, key=_pressure)


def _list(one: ClusterWeek, bot: BotWeek | None, span: Span) -> str | None:
    if one.status in CAME_BACK:
        return "back"
    if span.holds(one.first_seen):
        return None if bot and bot.first_week else "new"  # of a bot that was not logged before, all would be new
    silent = one.failures_before == 0 and bot is not None and bot.weeks_before == WEEKS_BEFORE
    if one.failures and one.last_before and silent:
        return "back"
    return {"more": "rising", "less": "fading"}.get(one.rate.change or "")


def _pressure(one: ClusterWeek) -> tuple[bool, bool, int, str]:
    much = one.failures_before if one.list == "fading" else one.failures
    return one.status not in CAME_BACK, not one.escalating, -much, one.cluster


# ── what people said they would do ──


def _promised(
    bench: Bench,
    rows: Sequence[ClusterRow],
    standing: Standing,
    bot: str | None,
    today: date,
    judge: Callable[[Bench, str], Watch],
) -> list[Promise]:
    names, bots = {row.cluster: row.name for row in rows}, {row.cluster: row.bot for row in rows}
    tickets = {one.ticket: one for one in bench.judgement.tickets()}
    about = {name: {bots.get(cluster) for cluster in one.clusters} for name, one in tickets.items()}
    held = bench.judgement.sessions()[:SESSIONS]
    owners = standing.owners
    whose = {name: next((owners[c] for c in one.clusters if c in owners), None) for name, one in tickets.items()}
    told = promises(
        [one for one in tickets.values() if bot is None or bot in about[one.ticket]],
        [(session, bench.judgement.decisions(session.session)) for session in held],
        {cluster: name for cluster, name in names.items() if bot is None or bots[cluster] == bot},
        {cluster: one.ticket for cluster, one in standing.tickets.items()},
        today,
    )
    told = [replace(one, owner=one.owner or whose.get(one.ticket or "")) for one in told]
    watched = [one.ticket for one in told if one.ticket and one.kind == "watching"][:JUDGED]
    return [
        replace(one, watch=judge(bench, one.ticket)) if one.ticket and one.ticket in watched else one for one in told
    ]


def promises(
    tickets: Sequence[Ticket],
    held: Sequence[tuple[Session, Mapping[str, Decision]]],
    names: Mapping[str, str],
    ticket_of: Mapping[str, str],
    today: date,
) -> list[Promise]:
    """Late tickets, the latest first; shipped fixes without a verdict; what sessions decided, by due date; old tickets.

    `names` are those of the clusters that count, `ticket_of` their live tickets. Each ticket comes once.
    """
    found = [made for one in tickets if (made := _of_ticket(one, today))]
    told = {one.ticket for one in found if one.kind != "old"}
    live = {one.ticket: one for one in tickets}
    decided: dict[str, Promise] = {}
    for session, decisions in held:
        for cluster, said in decisions.items():
            ticket = said.ticket or ticket_of.get(cluster)
            at = ticket or cluster
            done = ticket is not None and (ticket not in live or live[ticket].status != "open")
            if cluster in names and not done and ticket not in told and at not in decided and _binds(said, ticket):
                due = live[ticket].due if ticket else said.due
                owner = (live[ticket].owner if ticket else None) or said.owner
                title = mask(live[ticket].title) if ticket else names[cluster]
                decided[at] = Promise("decided", title, cluster, ticket, owner, due, session.session)
    found = [one for one in found if one.ticket not in decided] + list(decided.values())
    order = ("late", "watching", "decided", "old")
    return sorted(found, key=lambda one: (order.index(one.kind), one.due or date.max, -(one.days or 0), one.title))


def _binds(said: Decision, ticket: str | None) -> bool:
    """Whether a decision promises anything: not one that was skipped, or found nothing to fix."""
    return said.state == "decided" and not said.disposition and bool(said.owner or said.due or ticket)


def _of_ticket(one: Ticket, today: date) -> Promise | None:
    """What a ticket promises by itself; None where it is neither late, shipped nor old."""
    made = Promise("", mask(one.title), ticket=one.ticket, owner=one.owner, due=one.due)
    if one.status == "fixed":
        told = (
            one.fixed_release and f"with {mask(one.fixed_release)}",
            one.fixed_date and f"on {formatting.day(one.fixed_date)}",
        )
        out = ", ".join(part for part in told if part)
        return replace(made, kind="watching", due=None, shipped=out or None)
    if one.status != "open":
        return None
    if one.due:
        return replace(made, kind="late", days=(today - one.due).days) if one.due < today else None
    age = (today - one.created_at.date()).days
    return replace(made, kind="old", days=age) if age > OLD else None


def watch(bench: Bench, ticket: str) -> Watch:
    """How far a shipped fix is from its verdict, from the whole history of its bots."""
    try:
        found = verification.verify(bench, ticket)
    except UserError as e:
        return Watch(0, 0, None, "too little traffic", str(e))
    verdict = found.verdict
    return Watch(found.after.eligible, found.after.failures, verdict.needed, verdict.verdict, verdict.warning)


def _mine(bench: Bench, rows: Sequence[ClusterRow], standing: Standing, bot: str | None) -> Mine:
    me = bench.actor.casefold()
    if not me:
        return Mine([], [])
    bots = {row.cluster for row in rows}
    return Mine(
        [
            replace(one, title=mask(one.title))
            for one in bench.judgement.tickets()
            if (one.owner or "").casefold() == me
            and one.status in LIVE
            and one.status != "verified"
            and (bot is None or bots.intersection(one.clusters))
        ],
        [row for row in rows if (row.owner or "").casefold() == me and row.status == "new"],
    )


# ── the report as JSON ──


def as_json(report: WeekReport) -> dict[str, Any]:
    """The report as one JSON document: what the page shows, every list in full."""
    span = report.span
    told = {field.name: _json(getattr(report, field.name)) for field in fields(report) if field.name not in _OWN_WAY}
    return {
        "week": span.week if span else None,
        "from": span.monday.isoformat() if span else None,
        "to": span.sunday.isoformat() if span else None,
        **told,
        **{name: [_json(one) for one in report.listed(name)] for name in LISTS},
        "mine": {
            "tickets": [
                {"ticket": one.ticket, "title": one.title, "status": one.status, "due": json_value(one.due)}
                for one in report.mine.tickets
            ],
            "clusters": [{"cluster": one.cluster, "name": one.name} for one in report.mine.clusters],
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
            return [_json(one) for one in value]
        case _ if is_dataclass(value):
            return {field.name: _json(getattr(value, field.name)) for field in fields(value)}
    return json_value(value)


def _refuse_unknown(what: str, given: str | None, known: Sequence[str]) -> None:
    if given is not None and given not in known:
        shown = ", ".join(known[:12]) + (" …" if len(known) > 12 else "")
        raise UserError(
            f"There is no {what} {given!r} in the data. Known are: {shown or 'none, the logs have no times'}."
        )

"""The week of a pod: what is new, back, rising and fading, what was promised, and what the logs can't show.

All by event time (ISO weeks in the pod's time zone), so logs that arrive late change the weeks they are of. Only deadlines go by today.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.dates import DEFAULT_ZONE, WEEKS_BEFORE, last_complete_week
from workbench.errors import UserError
from workbench.evidence.cluster_rows import ClusterWeekRecord
from workbench.evidence.cluster_tables import WeekCount
from workbench.evidence.health_rows import BotWeekRecord
from workbench.failures.gaps import blind_signals
from workbench.logs.gaps import lacks
from workbench.logs.manifest import Manifest
from workbench.reports.share import Share
from workbench.reports.week_promises import _mine, _promised
from workbench.reports.week_rows import (
    CAME_BACK,
    IMPORTS,
    BotWeek,
    Choices,
    ClusterWeek,
    Compared,
    ImportGaps,
    WeekReport,
    WeekSpan,
)
from workbench.stats import benjamini_hochberg


def choices(bench: Bench) -> Choices:
    """What there is to report on now."""
    return choices_of(bench.evidence.bot_weeks(), bench.evidence.time_zone)


def choices_of(rows: Sequence[BotWeekRecord], zone: str = DEFAULT_ZONE) -> Choices:
    """The same from rows of bots and weeks: the first choice is the last complete week, else the last that there is."""
    bots = sorted({row.bot for row in rows})
    weeks = {row.week for row in rows if row.week}
    if not weeks:
        return Choices(bots, [], None)
    complete = last_complete_week(max(row.last for row in rows if row.week and row.last), zone)
    if min(weeks) <= complete:
        weeks.add(complete)  # also where nothing was logged in it: that is news
        return Choices(bots, sorted(weeks, reverse=True), complete, complete)
    return Choices(bots, sorted(weeks, reverse=True), max(weeks), complete)


def week_report(
    bench: Bench,
    bot: str | None = None,
    week: str | None = None,
    today: date | None = None,
) -> WeekReport:
    """The report on a week (like 2026-W45; None: the last complete one) of one bot (None: all).

    Raises `UserError` for a bot or week that is not in the data.
    """
    day = today or datetime.now(UTC).date()
    return bench.remember(("week", bench.actor, bot, week, day), lambda: _reported(bench, bot, week, day))


def _reported(bench: Bench, bot: str | None, week: str | None, day: date) -> WeekReport:
    counted = bench.evidence.bot_weeks()
    zone = bench.evidence.time_zone
    choices = choices_of(counted, zone)
    _refuse_unknown("bot", bot, choices.bots)
    _refuse_unknown("week", week, choices.weeks)
    overlay, rows = bench.overlay(), bench.clusters()
    counted = [row for row in counted if bot is None or row.bot == bot]
    name = week or choices.week
    span = WeekSpan(name, zone) if name else None
    here = [row for row in counted if span and row.week == span.week]
    bots = bot_weeks(counted, span, {entry.bot: entry.owner for entry in bench.pod.bots().values()}) if span else []
    clusters = _clusters(bench, rows, bots, span) if span else []
    mine = [row for row in rows if bot is None or row.bot == bot]
    shown = [cluster for cluster in clusters if bot is None or cluster.bot == bot]
    in_clusters, failures = sum(cluster.failures for cluster in shown), sum(row.failures for row in here)
    imports = bench.imports()
    return WeekReport(
        bot=bot,
        span=span,
        complete=span is not None and span.week <= choices.complete,
        weeks_before=sum(any(row.week == week_before for row in counted) for week_before in span.before) if span else 0,
        data_through=bench.summary().data_through,
        conversations=sum(row.conversations for row in here),
        untimed=sum(row.conversations for row in counted if not row.week),
        waiting=sum(row.conversations - row.analysed for row in here),
        bots=bots,
        clusters=[cluster for cluster in shown if cluster.status != "muted" or cluster.escalating],
        loose=Share(failures - in_clusters, failures),
        tested=sum(cluster.p is not None for cluster in clusters),
        muted=sum(
            cluster.list is not None and cluster.status == "muted" and not cluster.escalating for cluster in shown
        ),
        promised=_promised(bench, rows, overlay, bot, day),
        mine=_mine(bench, mine, overlay, bot),
        gaps=[_gaps(manifest) for manifest in imports[:IMPORTS]],
        imports=len(imports),
    )


def _gaps(manifest: Manifest) -> ImportGaps:
    """What blinds signals, or this page, comes before what only a transcript can't show."""
    lacking = sorted(lacks(manifest.gaps), key=lambda lack: not (blind_signals(lack) or lack.name == "times"))
    gaps = [(lack.gap.title, lack.share) for lack in lacking]
    return ImportGaps(manifest.import_id, manifest.conversations, gaps, manifest.rows_rejected, len(manifest.refused))


# ── bots ──


def bot_weeks(rows: Sequence[BotWeekRecord], span: WeekSpan, owners: Mapping[str, str | None]) -> list[BotWeek]:
    """How each bot fared, those first that fail more than before, then the busiest."""
    bot_rows = [
        _bot_week(bot, [row for row in rows if row.bot == bot and row.week], span, owners.get(bot))
        for bot in sorted({row.bot for row in rows})
    ]
    return sorted(bot_rows, key=lambda row: (row.failing.change != "more", -row.conversations, row.bot))


def _bot_week(bot: str, rows: Sequence[BotWeekRecord], span: WeekSpan, owner: str | None) -> BotWeek:
    now = [row for row in rows if row.week == span.week]
    before = [row for row in rows if row.week in span.before]
    conversations, analysed = sum(row.conversations for row in now), sum(row.analysed for row in now)
    return BotWeek(
        bot=bot,
        owner=owner,
        conversations=conversations,
        conversations_before=sum(row.conversations for row in before),
        weeks_before=len(before),
        waiting=conversations - analysed,
        failing=Compared(
            *(Share(sum(r.failures for r in rows), sum(r.analysed for r in rows)) for rows in (now, before))
        ),
        contained=Compared(
            *(Share(sum(r.contained for r in rows), sum(r.known for r in rows)) for rows in (now, before))
        ),
        unknown=Share(analysed - sum(row.known for row in now), analysed),
        first_week=bool(now) and min(row.week for row in rows if row.week) == span.week,
        suspected=sum(row.suspected for row in now),
    )


# ── clusters ──


def _clusters(bench: Bench, rows: Sequence[ClusterRow], bots: Sequence[BotWeek], span: WeekSpan) -> list[ClusterWeek]:
    """Every cluster in the week; those of other bots too, since all of them are one family of tests."""
    eligible = {record.cluster: record.weeks for record in bench.evidence.clusters()}
    seen: dict[str, list[ClusterWeekRecord]] = {}
    for week in bench.evidence.cluster_weeks():
        seen.setdefault(week.cluster, []).append(week)
    return sorted_into_lists(
        [cluster_week(row, eligible.get(row.cluster, []), seen.get(row.cluster, []), span) for row in rows],
        {entry.bot: entry for entry in bots},
        span,
    )


def cluster_week(
    row: ClusterRow, eligible: Sequence[WeekCount], seen: Sequence[ClusterWeekRecord], span: WeekSpan
) -> ClusterWeek:
    """One cluster in the week: `eligible` are its weeks with similar requests, `seen` those with failures of it."""
    now = [week for week in eligible if week.week == span.week]
    before = [week for week in eligible if week.week in span.before]
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
        failures=sum(week.failures for week in seen if week.week == span.week),
        failures_before=sum(week.failures for week in seen if week.week in span.before),
        last_before=max((week.last for week in seen if week.week < span.week), default=None),
        rate=Compared(
            *(Share(sum(w.failures for w in weeks), sum(w.eligible for w in weeks)) for weeks in (now, before))
        ),
    )


def sorted_into_lists(
    clusters: Sequence[ClusterWeek], bots: Mapping[str, BotWeek], span: WeekSpan
) -> list[ClusterWeek]:
    """The clusters with their lists, each in at most one, in the order of a list: escalating first, then by failures."""
    stands = benjamini_hochberg([cluster.rate.test[1] for cluster in clusters])
    marked = [
        replace(cluster, escalating=rises and cluster.rate.test[0] > 0)
        for cluster, rises in zip(clusters, stands, strict=True)
    ]
    listed = [replace(cluster, list=_list(cluster, bots.get(cluster.bot), span)) for cluster in marked]
    return sorted(listed, key=_pressure)


def _list(cluster: ClusterWeek, bot: BotWeek | None, span: WeekSpan) -> str | None:
    if cluster.status in CAME_BACK:
        return "back"
    if span.holds(cluster.first_seen):
        return None if bot and bot.first_week else "new"  # of a bot that was not logged before, all would be new
    silent = cluster.failures_before == 0 and bot is not None and bot.weeks_before == WEEKS_BEFORE
    if cluster.failures and cluster.last_before and silent:
        return "back"
    return {"more": "rising", "less": "fading"}.get(cluster.rate.change or "")


def _pressure(cluster: ClusterWeek) -> tuple[bool, bool, int, str]:
    much = cluster.failures_before if cluster.list == "fading" else cluster.failures
    return cluster.status not in CAME_BACK, not cluster.escalating, -much, cluster.cluster


# ── what people said they would do ──


# ── the report as JSON ──


def _refuse_unknown(what: str, given: str | None, present: Sequence[str]) -> None:
    if given is not None and given not in present:
        shown = ", ".join(present[:12]) + (" …" if len(present) > 12 else "")
        raise UserError(
            f"There is no {what} {given!r} in the data. Known are: {shown or 'none, the logs have no times'}."
        )

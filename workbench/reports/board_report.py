"""The week for the board: what a report of one file holds, gathered here and written by `board_html`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.filter import Filter
from workbench.bench.why import why
from workbench.errors import UserError
from workbench.evidence.health_rows import BotWeekRecord
from workbench.judgement.records.tickets import Ticket
from workbench.reports.readiness import all_readiness, readiness
from workbench.reports.readiness_rows import Readiness
from workbench.reports.share import Share
from workbench.reports.week import week_report
from workbench.reports.week_rows import WeekReport
from workbench.text.masking import mask
from workbench.tickets.verification import Verification, verify

WEEKS = 12
"""Weeks of a chart, the report's own the last."""
COSTLIEST = 8
"""Clusters that are told with their reasons."""
VERDICTS = 20
"""Shipped fixes that are judged, the latest first: each reads the history of its bots."""


@dataclass(frozen=True)
class BotChart:
    """The failing share of a bot by week."""

    bot: str
    """The bot, as logged."""
    weeks: list[tuple[str, Share]]
    """(ISO week, failures of those analysed), oldest first."""


@dataclass(frozen=True)
class CostlyCluster:
    """A cluster with what is known of it."""

    row: ClusterRow
    """As in the ranked list."""
    why: str
    """Why it is thought to be one problem, masked."""


@dataclass(frozen=True)
class JudgedFix:
    """A shipped fix with its verdict."""

    ticket: Ticket
    """The ticket."""
    title: str
    """Its title, masked."""
    verification: Verification | None
    """The verdict with its numbers; None where it can't be judged."""
    problem: str
    """Why it can't be judged; empty where it can."""


@dataclass(frozen=True)
class BoardReport:
    """One week of a store, or of one bot, as the board reads it."""

    week: WeekReport
    """The week as its page shows it."""
    charts: list[BotChart]
    """A chart a bot, in the order of the week's bots."""
    costliest: list[CostlyCluster]
    """The clusters with the most failures that nobody has mended or muted."""
    fixes: list[JudgedFix]
    """The latest first."""
    readiness: list[Readiness]
    """Of each bot what should hold of it by now."""
    snapshot: str
    """The snapshot that it was made from."""


def board_report(
    bench: Bench, bot: str | None = None, week: str | None = None, today: date | None = None
) -> BoardReport:
    """The report on a week (None: the last complete one) of one bot (None: all).

    Raises `UserError` for a bot or a week that is not in the data.
    """
    report = week_report(bench, bot, week, today)
    rows = [row for row in bench.clusters(Filter(bot=(bot,) if bot else ())) if row.status not in ("verified", "muted")]
    costliest = []
    for row in rows[:COSTLIEST]:
        detail = bench.cluster(row.cluster)
        costliest.append(CostlyCluster(row, why(detail.onset, detail.suspects, detail.parted, row.first_seen)))
    return BoardReport(
        week=report,
        charts=bot_charts(
            bench.evidence.bot_weeks(), [each.bot for each in report.bots], report.span.week if report.span else None
        ),
        costliest=costliest,
        fixes=_fixes(bench, bot),
        readiness=[readiness(bench, bot)] if bot else all_readiness(bench),
        snapshot=bench.summary().snapshot,
    )


def bot_charts(counted: list[BotWeekRecord], bots: list[str], last: str | None) -> list[BotChart]:
    """The failing share of each bot in the weeks up to `last`; weeks in which nothing was analysed are left out."""
    if last is None:
        return []
    charts = []
    for bot in bots:
        weeks = sorted(
            (row.week, Share(row.failures, row.analysed))
            for row in counted
            if row.bot == bot and row.week and row.week <= last and row.analysed
        )
        charts.append(BotChart(bot, weeks[-WEEKS:]))
    return charts


def _fixes(bench: Bench, bot: str | None) -> list[JudgedFix]:
    clusters = {row.cluster for row in bench.clusters(Filter(bot=(bot,)))} if bot else None
    fixes = []
    for ticket in sorted(bench.tickets.all(), key=lambda each: each.ticket, reverse=True):
        if not ticket.eligible or (clusters is not None and clusters.isdisjoint(ticket.clusters)):
            continue
        verification, problem = None, ""
        try:
            verification = verify(bench, ticket.ticket)
        except UserError as e:
            problem = str(e)
        fixes.append(JudgedFix(ticket, mask(ticket.title), verification, problem))
        if len(fixes) == VERDICTS:
            break
    return fixes

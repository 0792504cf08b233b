"""Readiness of a bot by day 30, 60 and 90: what the data answers of each check, gathered and asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.filter import Filter
from workbench.dates import WEEKS_BEFORE, last_complete_week, local, weeks_before
from workbench.evidence.health_rows import BotWeekRecord
from workbench.evidence.overview_rows import BotRecord
from workbench.judgement.records.pod import Bot
from workbench.judgement.verdicts import agreed_verdict
from workbench.reports import readiness_checks as checks
from workbench.reports import sla
from workbench.reports.readiness_rows import Readiness, ReadinessCheck
from workbench.reports.share import Share
from workbench.review import blind_rounds
from workbench.review.agreement import Agreement


def readiness(bench: Bench, bot: str) -> Readiness:
    """The checks of one bot, of the logs or of the inventory."""
    return bench.remember(("readiness", bot), lambda: _asked(bench, bot))


def all_readiness(bench: Bench) -> list[Readiness]:
    """The checks of every bot of the logs and of the inventory, by name."""
    names = {record.bot for record in bench.evidence.bots()} | set(bench.pod.bots())
    return [readiness(bench, name) for name in sorted(names)]


def _asked(bench: Bench, bot: str) -> Readiness:
    zone = bench.evidence.time_zone
    entry = bench.pod.bots().get(bot) or Bot(bot)
    logged = next((record for record in bench.evidence.bots() if record.bot == bot), None)
    through = bench.summary().data_through
    today = local(through, zone).date() if through else None
    first = local(logged.first_seen, zone).date() if logged and logged.first_seen else None
    weeks = [row for row in bench.evidence.bot_weeks() if row.bot == bot]
    clusters = bench.clusters(Filter(bot=(bot,)))
    return Readiness(
        bot,
        first,
        today,
        [
            checks.owned(entry),
            checks.log_arrives(bot, logged, through),
            checks.endings_known(bot, sum(row.known for row in weeks), sum(row.analysed for row in weeks)),
            checks.versions_pinned(entry, [each for each in bench.evidence.versions() if each.bot == bot]),
            checks.sla_agreed(entry),
            checks.labelled(bot, _labelled(bench, logged, clusters)),
            checks.read_at_random(bot, _read_at_random(bench, bot)),
            checks.agreed(*_newest_round(bench, bot)),
            checks.worst_looked_at(bot, clusters),
            checks.triaged(_meetings(bench, clusters), today),
            *_after_fixes(bench, bot, clusters, weeks),
        ],
    )


def _after_fixes(
    bench: Bench, bot: str, clusters: Sequence[ClusterRow], weeks: Sequence[BotWeekRecord]
) -> list[ReadinessCheck]:
    own = {row.cluster for row in clusters}
    tickets = [ticket for ticket in bench.tickets.all() if not own.isdisjoint(ticket.clusters)]
    return [
        checks.fixes_verified(bot, tickets),
        checks.sla_met(bot, [clock for clock in sla.clocks(bench).values() if clock.bot == bot]),
        checks.fails_less(bot, *_eight_weeks(weeks, bench.evidence.time_zone)),
        checks.no_harm_left(bot, clusters),
    ]


def _labelled(bench: Bench, logged: BotRecord | None, clusters: Sequence[ClusterRow]) -> Share:
    """The failures in clusters that people labelled, of all."""
    labels = bench.overlay().labels
    labelled = sum(
        row.size for row in clusters if (label := labels.get(("cluster", row.cluster))) is not None and label.decides
    )
    return Share(labelled, logged.failures if logged else 0)


def _read_at_random(bench: Bench, bot: str) -> int:
    """Conversations of the bot that a random draw chose, and of which readers settled how they went."""
    return sum(
        agreed_verdict(verdicts) is not None
        for verdicts in bench.judgement.verdicts.all().values()
        if any(verdict.draw for verdict in verdicts) and verdicts[0].about.get("bot") == bot
    )


def _newest_round(bench: Bench, bot: str) -> tuple[str | None, Agreement | None, int]:
    """The newest revealed round with conversations of the bot, what it adds up to, and how many of them are the bot's."""
    for round in blind_rounds.listed(bench):
        if round.status != "revealed":
            continue
        contexts = bench.evidence.contexts(round.conversations)
        own = sum(context.bot == bot for context in contexts.values())
        if own:
            return round.round, blind_rounds.results(bench, round.round).agreement, own
    return None, None, 0


def _meetings(bench: Bench, clusters: Sequence[ClusterRow]) -> list[date]:
    """The days on which sessions were closed that had a cluster of the bot on their agenda."""
    own = {row.cluster for row in clusters}
    return [
        session.closed_at.date()
        for session in bench.sessions.all()
        if session.closed_at and any(item.cluster in own for item in session.agenda)
    ]


def _eight_weeks(weeks: Sequence[BotWeekRecord], zone: str) -> tuple[Share, Share]:
    """The failing share of the last four complete weeks, and of the four before; empty where the log does not reach back so far."""
    last = max((row.last for row in weeks if row.week and row.last), default=None)
    if last is None:
        return Share(0, 0), Share(0, 0)
    end = last_complete_week(last, zone)
    now = [*weeks_before(end, WEEKS_BEFORE - 1), end]
    return _failing(weeks, now), _failing(weeks, weeks_before(now[0], WEEKS_BEFORE))


def _failing(rows: Sequence[BotWeekRecord], weeks: Sequence[str]) -> Share:
    here = [row for row in rows if row.week in weeks]
    if len({row.week for row in here}) < len(weeks):
        return Share(0, 0)
    return Share(sum(row.failures for row in here), sum(row.analysed for row in here))

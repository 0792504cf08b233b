"""The rows of the ranked list: what clusters cost, how lately and whom, as far as a filter lets pass."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from workbench.bench.cluster_rows import ClusterRow, WeekRate
from workbench.bench.filter import Filter
from workbench.bench.overlay import JudgementOverlay
from workbench.bench.ranking import extra, priority, ranked, silence
from workbench.dates import last_complete_week
from workbench.evidence.impact import ClusterExtraRecord, ClusterWeekRateRecord, PairedDifference
from workbench.evidence.queries import Evidence
from workbench.stats import wilson


def cluster_rows(evidence: Evidence, overlay: JudgementOverlay, filter: Filter) -> list[ClusterRow]:
    """The clusters with failures that pass the filter, in the order to look at them; their counts and shares follow it."""
    records = {row.cluster: row for row in evidence.clusters() if overlay.has_status(row.cluster, filter)}
    ids = evidence.conversation_ids([key for row in records.values() for key in row.examples])
    weeks: dict[str, list[ClusterWeekRateRecord]] = defaultdict(list)
    for week in evidence.cluster_week_rates(filter):
        weeks[week.cluster].append(week)
    extras = {row.cluster: row for row in evidence.cluster_extras(filter)}
    lives = {row.cluster: row for row in evidence.cluster_lives()}
    until = evidence.scope_totals(filter).until
    last_week = last_complete_week(until, evidence.time_zone) if until else None
    suspected = {row.cluster: row.suspected for row in evidence.cluster_suspected(filter)}
    rows = []
    for impact in evidence.cluster_impacts(filter):
        if impact.cluster not in records:
            continue
        row = overlay.cluster_row(records[impact.cluster], ids, impact.failures)
        quiet, beyond = silence(lives.get(row.cluster)), extras.get(row.cluster) or _NOTHING_BESIDE
        rows.append(
            replace(
                _rated(row, weeks[row.cluster]),
                first_seen=impact.first_seen,
                last_seen=impact.last_seen,
                last_week=None if last_week is None else _failures_in(weeks[row.cluster], last_week),
                users=impact.users,
                recent=impact.recent,
                priority=priority(impact.recent, row.severity, row.escalating),
                stopped=quiet.stopped,
                silence=quiet.chance,
                extra_turns=extra(beyond.turns, beyond.successes),
                extra_minutes=extra(beyond.minutes, beyond.successes),
                extra_handovers=extra(beyond.handovers, beyond.successes, share=True),
                suspected=suspected.get(row.cluster, 0),
            )
        )
    return ranked(rows)


def suspected_rows(evidence: Evidence, overlay: JudgementOverlay, filter: Filter) -> list[ClusterRow]:
    """The clusters in which no failure but suspected conversations pass the filter, the largest first; nothing in them is a rate."""
    records = {row.cluster: row for row in evidence.clusters() if overlay.has_status(row.cluster, filter)}
    ids = evidence.conversation_ids([key for row in records.values() for key in row.examples])
    failing = {impact.cluster for impact in evidence.cluster_impacts(filter)}
    rows = []
    for passing in evidence.cluster_suspected(filter):
        if passing.cluster in failing or passing.cluster not in records:
            continue
        rows.append(
            replace(
                overlay.cluster_row(records[passing.cluster], ids, 0),
                failures=0,
                failure_rate=None,
                rate_low=None,
                rate_high=None,
                trend=None,
                first_seen=passing.first_seen,
                last_seen=passing.last_seen,
                suspected=passing.suspected,
            )
        )
    return sorted(rows, key=lambda row: (-row.suspected, row.cluster))


_NOTHING_BESIDE = ClusterExtraRecord("", 0, *[PairedDifference(0, None, None)] * 3)


def week_rate(week: str, eligible: int, failures: int) -> WeekRate:
    """A week's rate with its 95 % interval (Wilson)."""
    low, high = wilson(failures, eligible)
    return WeekRate(week, eligible, failures, failures / eligible if eligible else None, low, high)


def _rated(row: ClusterRow, weeks: Sequence[ClusterWeekRateRecord]) -> ClusterRow:
    """The row with the rate of all these weeks together, and of each."""
    eligible, failures = sum(week.eligible for week in weeks), sum(week.failures for week in weeks)
    low, high = wilson(failures, eligible)
    return replace(
        row,
        eligible=eligible,
        failures=failures,
        failure_rate=failures / eligible if eligible else None,
        rate_low=low if eligible else None,
        rate_high=high if eligible else None,
        weeks=[week_rate(week.week, week.eligible, week.failures) for week in weeks if week.week],
    )


def _failures_in(weeks: Sequence[ClusterWeekRateRecord], which: str) -> int:
    return sum(week.failures for week in weeks if week.week == which)

"""What a snapshot says of what clusters cost, and of how lately: by the week, by user, and beside the successes like them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.filter import IN_SCOPE, PASSES, FailureFilter
from workbench.evidence.snapshot import Snapshot

HALF_LIFE = 14
"""Days after which a failure counts half in `ClusterImpactRecord.recent`."""


@dataclass(frozen=True)
class ScopeTotals:
    """How much of the snapshot a filter leaves."""

    conversations: int
    """Conversations in its scope, failing or not."""
    turns: int
    """Their turns."""
    analysed: int
    """Those that were analysed."""
    failures: int
    """Failures that pass, in a cluster or in none."""
    suspected: int
    """Suspected conversations that pass, which no share counts."""
    known: int
    """Conversations whose outcome is known."""
    contained: int
    """Those of them that ended without a human."""
    until: datetime | None
    """When the last of these conversations began."""


@dataclass(frozen=True)
class PairedDifference:
    """How much more of something failures took than the successes matched with each."""

    pairs: int
    """Failures of which both sides are known."""
    mean: float | None
    """The mean difference; None without pairs."""
    deviation: float | None
    """Its standard deviation over the failures; None below two."""


@dataclass(frozen=True)
class ClusterImpactRecord:
    """One cluster's failures that pass a filter."""

    cluster: str
    """The cluster."""
    failures: int
    """How many pass."""
    first_seen: datetime | None
    """When the first of them began."""
    last_seen: datetime | None
    """When the latest of them began."""
    users: int | None
    """Different users among them; None where the log names none."""
    recent: float
    """The failures, each counting half for every `HALF_LIFE` days before the last conversation in scope; whole without times."""


@dataclass(frozen=True)
class ClusterSuspectedRecord:
    """One cluster's suspected members that pass a filter."""

    cluster: str
    """The cluster."""
    suspected: int
    """How many pass."""
    first_seen: datetime | None
    """When the first of them began."""
    last_seen: datetime | None
    """When the latest of them began."""


@dataclass(frozen=True)
class ClusterExtraRecord:
    """What one cluster's failures took beyond the successes matched with each."""

    cluster: str
    """The cluster."""
    successes: int
    """Different successes that they are compared with."""
    turns: PairedDifference
    """Turns."""
    minutes: PairedDifference
    """Minutes from first to last turn."""
    handovers: PairedDifference
    """Hand-overs to a human, as a share of 1, where the outcome is known."""


@dataclass(frozen=True)
class ClusterWeekRateRecord:
    """One cluster in one week, or outside of any."""

    cluster: str
    """The cluster."""
    week: str | None
    """The week, None where the log has no time."""
    eligible: int
    """Conversations in the filter's scope that could have failed this way."""
    failures: int
    """Those of them that did, and pass."""


@dataclass(frozen=True)
class ClusterLifeRecord:
    """How long one cluster was met and how long not since; of the whole snapshot."""

    cluster: str
    """The cluster."""
    failures: int
    """Failures with a time."""
    days: int
    """Different days on which it was met."""
    exposure: int
    """Eligible conversations from its first failure on."""
    exposure_after: int
    """Those of them after its last failure."""
    span: float
    """Days from its first failure to its bot's last conversation."""
    quiet: float
    """Days from its last failure to that."""


@dataclass(frozen=True)
class TransitionRecord:
    """Failures that tipped over between two states."""

    last_good: str
    """The last good state."""
    first_failing: str
    """The first failing one."""
    failures: int
    """How many."""


class ImpactQueries(Snapshot):
    """What clusters cost."""

    def scope_totals(self, filter: FailureFilter) -> ScopeTotals:
        """How much of the snapshot a filter leaves."""
        (totals,) = self._rows(
            ScopeTotals,
            f"""
            select count(*) as conversations, coalesce(sum(n_turns), 0)::bigint as turns,
                   count(failed) as analysed, count(*) filter (where failed and {PASSES}) as failures,
                   count(*) filter (where analyses.suspected and {PASSES}) as suspected,
                   count(*) filter (where analyses.outcome <> 'unknown') as known,
                   count(*) filter (where analyses.outcome = 'contained') as contained, max(started_at) as until
            from conversations left join analyses using (key) left join placed as members using (key)
                 left join clusters on clusters.cluster = members.cluster
            where {IN_SCOPE}
            """,
            filter.bound,
        )
        return totals

    def cluster_impacts(self, filter: FailureFilter) -> list[ClusterImpactRecord]:
        """Clusters with failures that pass the filter."""
        return self._rows(
            ClusterImpactRecord,
            f"""
            with {_PASSING}
            select cluster, count(*) as failures, min(started_at) as first_seen, max(started_at) as last_seen,
                   nullif(count(distinct user_id), 0) as users,
                   sum(coalesce(pow(0.5, epoch($until::timestamp - started_at) / (86400 * {HALF_LIFE})), 1)) as recent
            from passing group by cluster
            """,
            filter.bound | {"until": self.scope_totals(filter).until},
        )

    def cluster_suspected(self, filter: FailureFilter) -> list[ClusterSuspectedRecord]:
        """Clusters with suspected members that pass the filter."""
        return self._rows(
            ClusterSuspectedRecord,
            f"""
            select members.cluster, count(*) as suspected, min(started_at) as first_seen, max(started_at) as last_seen
            from suspected_members as members join clusters on clusters.cluster = members.cluster
                 join analyses using (key) join conversations using (key)
            where {PASSES} group by members.cluster order by members.cluster
            """,
            filter.bound,
        )

    def cluster_week_rates(self, filter: FailureFilter) -> list[ClusterWeekRateRecord]:
        """How often each cluster failed week by week, among the eligible in the filter's scope."""
        return self._rows(
            ClusterWeekRateRecord,
            f"""
            select eligible.cluster, week, count(*) as eligible,
                   count(*) filter (where members.cluster = eligible.cluster and {PASSES}) as failures
            from eligible join conversations using (key) join analyses using (key) left join members using (key)
                 left join clusters on clusters.cluster = members.cluster
            where {IN_SCOPE} group by all order by eligible.cluster, week
            """,
            filter.bound,
        )

    def cluster_extras(self, filter: FailureFilter) -> list[ClusterExtraRecord]:
        """What each cluster's failures that pass took beyond their matched successes; a cluster without any is absent."""
        rows = self._values(
            f"""
            with {_PASSING},
                 beside as (select worked.key, other, n_turns as turns, epoch(ended_at - started_at) / 60 as minutes,
                                   case when analyses.outcome <> 'unknown' then (analyses.outcome = 'escalated')::int end as handovers
                            from worked join conversations on conversations.key = other join analyses on analyses.key = other
                            where worked.key in (select key from passing)),
                 compared as (select cluster, passing.key, any_value(n_turns) - avg(beside.turns) as turns,
                                     any_value(epoch(ended_at - started_at) / 60) - avg(beside.minutes) as minutes,
                                     any_value(case when outcome <> 'unknown' then (outcome = 'escalated')::int end)
                                         - avg(beside.handovers) as handovers
                              from passing join beside using (key) group by cluster, passing.key),
                 used as (select cluster, count(distinct other) as successes from passing join beside using (key) group by cluster)
            select cluster, any_value(successes), count(turns), avg(turns), stddev_samp(turns), count(minutes), avg(minutes), stddev_samp(minutes),
                   count(handovers), avg(handovers), stddev_samp(handovers)
            from compared join used using (cluster) group by cluster order by cluster
            """,
            filter.bound,
        )
        return [
            ClusterExtraRecord(
                cluster,
                successes,
                PairedDifference(*figures[:3]),
                PairedDifference(*figures[3:6]),
                PairedDifference(*figures[6:]),
            )
            for cluster, successes, *figures in rows
        ]

    def cluster_lives(self) -> list[ClusterLifeRecord]:
        """How long each cluster was met and how long not since; those without times are absent."""
        return self._rows(
            ClusterLifeRecord,
            """
            with ends as (select bot, max(started_at) as until from conversations group by bot),
                 met as (select cluster, count(*) as failures, count(distinct started_at::date) as days,
                                min(started_at) as first, max(started_at) as last
                         from members join conversations using (key) where started_at is not null group by cluster)
            select cluster, any_value(met.failures) as failures, any_value(days) as days,
                   count(*) filter (where started_at >= first) as exposure,
                   count(*) filter (where started_at > last) as exposure_after,
                   any_value(epoch(until - first)) / 86400 as span, any_value(epoch(until - last)) / 86400 as quiet
            from met join eligible using (cluster) join conversations using (key) join ends using (bot)
            group by cluster order by cluster
            """,
        )

    def transitions(self, filter: FailureFilter) -> list[TransitionRecord]:
        """Between which states the failures that pass the filter tipped over, the commonest first."""
        return self._rows(
            TransitionRecord,
            f"""
            select last_good, first_failing, count(*) as failures
            from analyses join conversations using (key) left join members using (key)
                 left join clusters on clusters.cluster = members.cluster
            where failed and last_good is not null and {PASSES} group by all order by failures desc, last_good, first_failing
            """,
            filter.bound,
        )

    def tipped_over(self, filter: FailureFilter, last_good: str, first_failing: str) -> list[str]:
        """The keys of the failures that pass the filter and tipped over between these two states, the latest first."""
        rows = self._values(
            f"""
            select key from analyses join conversations using (key) left join members using (key)
                 left join clusters on clusters.cluster = members.cluster
            where failed and last_good = $last_good and first_failing = $first_failing and {PASSES}
            order by started_at desc nulls last, key
            """,
            filter.bound | {"last_good": last_good, "first_failing": first_failing},
        )
        return [key for (key,) in rows]

    def prompts_of(self, bot: str, release: str) -> list[str]:
        """The prompt versions that a bot's release ran with, by first sight."""
        rows = self._values(
            """
            select prompt_version from conversations where bot = $bot and release_name = $release and prompt_version is not null
            group by prompt_version order by min(started_at), prompt_version
            """,
            {"bot": bot, "release": release},
        )
        return [version for (version,) in rows]

    def prompt_of(self, key: str) -> tuple[str, str | None]:
        """The bot of a conversation and the prompt version that it ran with, as logged; ("", None) for a key that isn't there."""
        rows = self._values("select bot, prompt_version from conversations where key = $key", {"key": key})
        return rows[0] if rows else ("", None)

    def release_span(self, bot: str, release: str) -> tuple[datetime, datetime] | None:
        """When the first and the last conversation of a bot's release began; None where the log has no times."""
        ((first, last),) = self._values(
            "select min(started_at), max(started_at) from conversations where bot = $bot and release_name = $release",
            {"bot": bot, "release": release},
        )
        return None if first is None else (first, last)


_PASSING = f"""
    passing as (select members.cluster, key, started_at, ended_at, user_id, n_turns, analyses.outcome
                from members join clusters using (cluster) join analyses using (key) join conversations using (key)
                where {PASSES})
"""

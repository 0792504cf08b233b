"""What a snapshot says of its clusters and of their failures beside others."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from workbench.evidence.cluster_rows import PatternMatch, ReleaseCount, SignalCount
from workbench.evidence.cluster_tables import (
    BehaviourRecord,
    ClusterRecord,
    LineageRecord,
    StrandRecord,
    SuccessRecord,
    SuspectRecord,
)
from workbench.evidence.failure_rows import NearestSuccess
from workbench.evidence.snapshot import Snapshot


class ClusterQueries(Snapshot):
    """The clusters of a snapshot: sizes, signals, releases, suspects, strands, patterns, and successes beside failures."""

    def __init__(self, file: Path, any_layout: bool = False) -> None:
        super().__init__(file, any_layout)
        self._reading_clusters = threading.Lock()
        self._clusters: tuple[ClusterRecord, ...] | None = None

    def clusters(self) -> tuple[ClusterRecord, ...]:
        """All clusters in their rank, as the build found them; a snapshot never changes, so they are read once."""
        with self._reading_clusters:
            if self._clusters is None:
                self._clusters = tuple(
                    self._rows(ClusterRecord, "select * exclude (centroid) from clusters order by rank")
                )
            return self._clusters

    def cluster(self, cluster: str) -> ClusterRecord | None:
        """One cluster; None where this snapshot has none of this name."""
        return next((each for each in self.clusters() if each.cluster == cluster), None)

    def signal_counts(self, cluster: str) -> list[SignalCount]:
        """In how many of a cluster's failing members, without any of its suspected ones, each signal fired, and its share in the bot's others."""
        return self._rows(
            SignalCount,
            """
            with here as (select key from members where cluster = $cluster
                          union all select key from suspected_members
                          where cluster = $cluster and cluster not in (select cluster from members)),
                 scope as (select key, codes, key in (select key from here) as inside
                           from analyses join conversations using (key)
                           where bot = (select bot from clusters where cluster = $cluster))
            select code, count(*) filter (where inside) as count, (select count(*) from here) as total,
                   count(*) filter (where not inside) / nullif((select count(*) from scope where not inside), 0) as base_rate
            from (select unnest(codes) as code, inside from scope) group by code
            having count(*) filter (where inside) > 0 order by count desc, code
            """,
            {"cluster": cluster},
        )

    def release_counts(self, cluster: str) -> list[ReleaseCount]:
        """A cluster's failures among its eligible conversations by release, beside the rate in the others."""
        return self._rows(
            ReleaseCount,
            """
            with scope as (
                select coalesce(release_name, 'not logged') as text, key in (select key from members where cluster = $cluster) as hit
                from eligible join conversations using (key) where eligible.cluster = $cluster)
            select text, count(*) filter (where hit) as count, count(*) as total,
                   ((select count(*) from scope where hit) - count(*) filter (where hit))
                       / nullif((select count(*) from scope) - count(*), 0) as base_rate
            from scope group by text order by count desc, text
            """,
            {"cluster": cluster},
        )

    def users_touched(self, clusters: Sequence[str]) -> int | None:
        """How many different users the failures of these clusters come from; None where the log names no user."""
        ((users,),) = self._values(
            """
            select nullif(count(distinct user_id), 0) from members join conversations using (key)
            where list_contains($clusters::varchar[], cluster)
            """,
            {"clusters": list(clusters)},
        )
        return users if users is None else int(users)

    def suspects(self, cluster: str) -> list[SuspectRecord]:
        """The circumstances under which a cluster is more frequent than elsewhere; those that stand first."""
        return self._rows(
            SuspectRecord, "select * from suspects where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def strands(self, cluster: str) -> list[StrandRecord]:
        """The strands of a cluster, largest first."""
        return self._rows(
            StrandRecord, "select * from strands where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def patterns(self, cluster: str) -> list[PatternMatch]:
        """The clusters of other bots with the same problem, most similar first."""
        return self._rows(
            PatternMatch,
            """
            select other as cluster, bot, name, shared, similarity
            from patterns join clusters on clusters.cluster = other
            where patterns.cluster = $cluster order by similarity desc, other
            """,
            {"cluster": cluster},
        )

    def nearest_worked(self, keys: Sequence[str]) -> list[NearestSuccess]:
        """For failures the success to compare each with; a failure without one is absent."""
        return self._rows(
            NearestSuccess,
            """
            select key, any_value(members.cluster) as cluster, arg_min(other, "rank") as other, arg_min(same_task, "rank") as same_task
            from worked left join members using (key)
            where key in (select unnest($keys::varchar[])) group by key order by key
            """,
            {"keys": list(keys)},
        )

    def worked(self, key: str) -> list[SuccessRecord]:
        """The successes to compare a failure with, nearest first."""
        return self._rows(SuccessRecord, "select * from worked where key = $key order by rank", {"key": key})

    def parted(self, cluster: str) -> list[BehaviourRecord]:
        """What parts a cluster's failures from the same requests that worked, clearest first."""
        return self._rows(
            BehaviourRecord, "select * from parted where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def lineage(self) -> list[LineageRecord]:
        """What this snapshot's build says became of each cluster."""
        return self._rows(LineageRecord, "select * from lineage")

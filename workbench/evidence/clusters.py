"""What a snapshot says of its clusters and of their failures beside others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from workbench.evidence.snapshot import Snapshot


class Clustered(Snapshot):
    """The clusters of a snapshot: sizes, signals, releases, suspects, strands, patterns, and successes beside failures."""

    def clusters(self) -> list[dict[str, Any]]:
        """All clusters in their rank, as the build found them, without centroid."""
        return self._rows("select * exclude (centroid) from clusters order by rank")

    def cluster_sizes(
        self, bot: Sequence[str], release: Sequence[str], week: Sequence[str], signal: Sequence[str]
    ) -> dict[str, int]:
        """Failures of each cluster among the conversations that pass the filter; an empty list means all."""
        rows = self._rows(
            f"""
            select cluster, count(*) as n from members join analyses using (key) join conversations using (key)
            where {PASSES} group by cluster
            """,
            passes(bot, release, week, signal),
        )
        return {row["cluster"]: row["n"] for row in rows}

    def signal_counts(self, cluster: str) -> list[dict[str, Any]]:
        """In how many of a cluster's members each signal fired, and its share among the bot's other conversations."""
        return self._rows(
            """
            with here as (select key from members where cluster = $cluster),
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

    def release_counts(self, cluster: str) -> list[dict[str, Any]]:
        """A cluster's failures among its eligible conversations by release: text, count, total, and the rate elsewhere."""
        return self._rows(
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
        (row,) = self._rows(
            """
            select nullif(count(distinct user_id), 0) as users from members join conversations using (key)
            where list_contains($clusters::varchar[], cluster)
            """,
            {"clusters": list(clusters)},
        )
        found: int | None = row["users"]
        return found

    def suspects(self, cluster: str) -> list[dict[str, Any]]:
        """The circumstances under which a cluster is more frequent than elsewhere; those that stand first."""
        return self._rows(
            "select * exclude (cluster, rank) from suspects where cluster = $cluster order by rank",
            {"cluster": cluster},
        )

    def strands(self, cluster: str) -> list[dict[str, Any]]:
        """The strands of a cluster, largest first: strand, example."""
        return self._rows(
            "select strand, example from strands where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def patterns(self, cluster: str) -> list[dict[str, Any]]:
        """The clusters of other bots with the same problem, most similar first: cluster, bot, name, shared, similarity."""
        return self._rows(
            """
            select other as cluster, bot, name, shared, similarity
            from patterns join clusters on clusters.cluster = other
            where patterns.cluster = $cluster order by similarity desc, other
            """,
            {"cluster": cluster},
        )

    def nearest_worked(self, keys: Sequence[str]) -> list[dict[str, Any]]:
        """For failures the success to compare each with: key, cluster, other, same_task."""
        return self._rows(
            """
            select key, any_value(members.cluster) as cluster, arg_min(other, "rank") as other, arg_min(same_task, "rank") as same_task
            from worked left join members using (key)
            where key in (select unnest($keys::varchar[])) group by key order by key
            """,
            {"keys": list(keys)},
        )

    def worked(self, key: str) -> list[dict[str, Any]]:
        """The successes to compare a failure with, nearest first: other, similarity, same_task."""
        return self._rows("select * exclude (key, rank) from worked where key = $key order by rank", {"key": key})

    def parted(self, cluster: str) -> list[dict[str, Any]]:
        """What parts a cluster's failures from the same requests that worked, clearest first."""
        return self._rows(
            "select * exclude (cluster, rank) from parted where cluster = $cluster order by rank", {"cluster": cluster}
        )

    def lineage(self) -> list[dict[str, Any]]:
        """What this snapshot's build says became of each cluster."""
        return self._rows("select * from lineage")


PASSES = """
    (len($bot::varchar[]) = 0 or conversations.bot in (select unnest($bot::varchar[])))
    and (len($release::varchar[]) = 0 or release_name in (select unnest($release::varchar[])))
    and (len($week::varchar[]) = 0 or week in (select unnest($week::varchar[])))
    and (len($signal::varchar[]) = 0 or list_has_any(codes, $signal::varchar[]))
"""


def passes(bot: Sequence[str], release: Sequence[str], week: Sequence[str], signal: Sequence[str]) -> dict[str, Any]:
    return {"bot": list(bot), "release": list(release), "week": list(week), "signal": list(signal)}

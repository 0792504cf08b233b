"""Evidence: what a snapshot says of conversations and failures. Snapshots are immutable; SQL stands in the method that owns it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from workbench.evidence.analysis_tables import LearnedRecord
from workbench.evidence.cluster_tables import EligibleRecord, ProposedRecord
from workbench.evidence.clusters import ClusterQueries
from workbench.evidence.conversations import ConversationQueries
from workbench.evidence.failures import FailureQueries
from workbench.evidence.harm import ChangeQueries
from workbench.evidence.health import HealthQueries
from workbench.evidence.impact import ImpactQueries
from workbench.evidence.import_tables import RejectRecord
from workbench.evidence.overview_rows import BotRecord, FiringRecord, TierOutcomes, ToolRecord, Totals, VersionRecord
from workbench.evidence.schema import Rows
from workbench.evidence.search import SearchQueries
from workbench.evidence.tables import TABLES
from workbench.evidence.weeks import WeekQueries
from workbench.logs.manifest import Manifest


class Evidence(
    ConversationQueries,
    FailureQueries,
    ClusterQueries,
    ImpactQueries,
    SearchQueries,
    WeekQueries,
    HealthQueries,
    ChangeQueries,
):
    """One snapshot, as pages, commands and the next build ask it."""

    def totals(self) -> Totals:
        """How much the snapshot holds."""
        (totals,) = self._rows(
            Totals,
            """
            select (select count(*) from conversations) as conversations, (select coalesce(sum(n_turns), 0)::bigint from conversations) as turns,
                   (select count(*) from analyses where failed) as failures,
                   (select count(*) from analyses where suspected) as suspected,
                   (select count(*) from clusters where size > 0) as clusters,
                   (select count(distinct bot) from conversations) as bots, (select count(*) from rejects) as rejects,
                   (select min(started_at) from conversations) as data_from,
                   (select max(coalesce(ended_at, started_at)) from conversations) as data_through
            """,
        )
        return totals

    def failures_of(self, import_id: str | None) -> tuple[int, int, int]:
        """Failures among the conversations of one import (None: of all), what is suspected in all, and the clusters that hold such a failure."""
        ((failures, suspected, clusters),) = self._values(
            """
            select count(*) filter (where failed), (select count(*) from analyses where suspected), count(distinct cluster)
            from conversations join analyses using (key) left join members using (key)
            where $import is null or import_id = $import
            """,
            {"import": import_id},
        )
        return failures, suspected, clusters

    def bots(self) -> list[BotRecord]:
        """Every bot, by name."""
        return self._rows(
            BotRecord,
            """
            with seen as (select bot, release_name, min(started_at) as first from conversations
                          where release_name is not null group by all),
                 releases as (select bot, list(release_name order by first, release_name) as releases from seen group by bot)
            select bot, count(*) as conversations, count(*) filter (where failed) as failures,
                   count(*) filter (where suspected) as suspected, coalesce(any_value(releases), []) as releases,
                   min(started_at) as first_seen, max(started_at) as last_seen
            from conversations left join analyses using (key) left join releases using (bot) group by bot order by bot
            """,
        )

    def versions(self) -> list[VersionRecord]:
        """The model and prompt versions that the log names, by bot, kind and first sight."""
        return self._rows(
            VersionRecord,
            """
            with named as (select bot, 'model' as kind, coalesce(model_version, model) as name, started_at from conversations
                           union all select bot, 'prompt', prompt_version, started_at from conversations)
            select bot, kind, name, count(*) as conversations, min(started_at) as first_seen, max(started_at) as last_seen
            from named where name is not null group by all order by bot, kind, first_seen, name
            """,
        )

    def tools(self, bot: str) -> list[ToolRecord]:
        """The tools that a bot's own turns called, the most frequent first."""
        return self._rows(
            ToolRecord,
            """
            select tool, count(*) as calls, count(distinct key) as conversations
            from (select key, unnest(tools) as tool from conversations where bot = $bot) group by tool order by calls desc, tool
            """,
            {"bot": bot},
        )

    def firings(self, failed: Sequence[str], fine: Sequence[str]) -> list[FiringRecord]:
        """How often each signal fires, by bot, also where it is switched off, and how many of those conversations failed.

        `failed` and `fine` are the keys of conversations that people settled.
        """
        return self._rows(
            FiringRecord,
            """
            with fired as (select distinct key, code, false as off from signals
                           union all select key, code, true from silenced
                           union all select key, '', false from analyses),
                 judged as (select key, bot, conversation_id, started_at, failed, logged,
                                 case when list_contains($failed::varchar[], key) then true
                                      when list_contains($fine::varchar[], key) then false end as read
                          from analyses join conversations using (key))
            select bot, code, off, count(*) as fired,
                   count(logged) as logged, count(*) filter (where logged) as logged_failed,
                   count(read) as read, count(*) filter (where read) as read_failed,
                   list({'key': key, 'conversation_id': conversation_id}
                        order by failed desc, started_at desc nulls last, key)[:3] as examples
            from fired join judged using (key) group by all order by bot, code, off
            """,
            {"failed": list(failed), "fine": list(fine)},
        )

    def tier_outcomes(self, failed: Sequence[str], fine: Sequence[str]) -> list[TierOutcomes]:
        """What became of the conversations that signals alone make failing or suspected, by bot; `failed`, `fine` as for `firings`."""
        return self._rows(
            TierOutcomes,
            """
            with judged as (select bot, signs, failed, suspected,
                                   case when list_contains($failed::varchar[], key) then true
                                        when list_contains($fine::varchar[], key) then false else logged end as settled
                            from analyses join conversations using (key) where signs is not null)
            select bot, signs as tier, count(*) filter (where if(signs = 'failing', failed, suspected)) as standing,
                   count(settled) as known, count(*) filter (where settled) as failed
            from judged group by bot, signs order by bot, signs
            """,
            {"failed": list(failed), "fine": list(fine)},
        )

    def learned(self) -> list[LearnedRecord]:
        """What each bot's learned score is worth, by bot."""
        return self._rows(LearnedRecord, "select * from learned order by bot")

    def imports(self) -> list[Manifest]:
        """What each import of this snapshot read, the oldest first."""
        rows = self._values("select manifest from imports order by position")
        return [Manifest.of(json.loads(manifest)) for (manifest,) in rows]

    def rejects(self, import_id: str | None = None) -> list[RejectRecord]:
        """Rows that could not be taken, of one import or of all."""
        return self._rows(
            RejectRecord,
            'select * from rejects where $id is null or import_id = $id order by import_id, file, "row"',
            {"id": import_id},
        )

    def findings(self) -> Rows:
        """All findings of this snapshot by table, to carry into the next; imports and rejects come from the parts."""
        tables = {name for (name,) in self._values("select table_name from information_schema.tables")}
        kept = [name for name in TABLES if name in tables and name not in ("imports", "rejects")]
        rows: Rows = {name: self._rows(TABLES[name], f"select * from {name}") for name in kept}  # name: a key of TABLES
        if "eligible" in tables and "eligible_requests" not in tables:  # an older program wrote down all
            older = "select eligible.* from eligible join clusters using (cluster) where kind <> 'mechanical'"
            rows["eligible_requests"] = self._rows(EligibleRecord, older)
        return rows

    def proposed(self, by_hand: bool = True) -> list[ProposedRecord]:
        """What the build proposes to the identity register, with or without those that only hands made."""
        if not self.has("proposed"):  # an older program's snapshot: no hand had changed its clusters
            rows = self._values(
                """
                select cluster, bot, kind, mechanical_key, name, list(key order by key) as members, centroid
                from clusters join members using (cluster) group by all order by any_value(rank)
                """
            )
            return [
                ProposedRecord(
                    cluster, bot, kind, fault, name, tuple(members), np.asarray(centroid, "<f4").tobytes(), False
                )
                for cluster, bot, kind, fault, name, members, centroid in rows
            ]
        return self._rows(
            ProposedRecord,
            "select * from proposed where $by_hand or not by_hand order by cluster",
            {"by_hand": by_hand},
        )

    def places(self) -> dict[str, tuple[float, float]]:
        """Where each failure stands on the map of this snapshot, by key."""
        return {key: (x, y) for key, x, y in self._values("select key, x, y from places")}


@contextmanager
def reading(file: Path, any_layout: bool = False) -> Iterator[Evidence]:
    """An `Evidence` that is closed at the end."""
    evidence = Evidence(file, any_layout)
    try:
        yield evidence
    finally:
        evidence.close()

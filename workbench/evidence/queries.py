"""Evidence: what a snapshot says of conversations and failures. Snapshots are immutable; SQL stands in the method that owns it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from workbench.conversation import Conversation
from workbench.conversation.model import Evaluation
from workbench.embedding.vectors import Vectors
from workbench.evidence.analysis_tables import LearnedRecord, SignalRecord
from workbench.evidence.cluster_tables import EligibleRecord, ProposedRecord
from workbench.evidence.clusters import Clustered
from workbench.evidence.conversation_rows import (
    AnalysedConversation,
    ConversationContext,
    ConversationMatch,
    DatedConversation,
    LikelyRecord,
    UnsettledRecord,
)
from workbench.evidence.failure_rows import (
    ComparedFailure,
    FailureChoices,
    FailureRecord,
    JudgedRecord,
    RankedFailure,
)
from workbench.evidence.filter import PASSES, FailureFilter
from workbench.evidence.harm import Changed
from workbench.evidence.health import Healthy
from workbench.evidence.impact import Impacted
from workbench.evidence.import_tables import RejectRecord, RewordedRecord
from workbench.evidence.overview_rows import BotRecord, FiringRecord, TierOutcomes, ToolRecord, Totals, VersionRecord
from workbench.evidence.schema import Rows
from workbench.evidence.search import Searched
from workbench.evidence.tables import TABLES
from workbench.evidence.weeks import Weekly
from workbench.logs.manifest import Manifest
from workbench.text.masking import shown_id


class Evidence(Clustered, Impacted, Searched, Weekly, Healthy, Changed):
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

    def choices(self) -> FailureChoices:
        """The values to filter failures by."""
        (choices,) = self._rows(
            FailureChoices,
            """
            with listed as (select bot, release_name, week, codes
                            from conversations join analyses using (key) where failed or suspected)
            select coalesce(list_sort(list(distinct bot)), []) as bot,
                   coalesce(list_sort(list(distinct release_name) filter (where release_name is not null)), []) as release,
                   coalesce(list_sort(list(distinct week) filter (where week is not null)), []) as week,
                   coalesce(list_sort(list_distinct(flatten(list(codes)))), []) as signal
            from listed
            """,
        )
        return choices

    def failures(self, filter: FailureFilter = FailureFilter()) -> list[FailureRecord]:  # noqa: B008 - frozen
        """The failing conversations that pass the filter, by cluster rank, most typical first."""
        return self._rows(
            FailureRecord,
            f"{_columns('members')} where failed and {PASSES} order by rank, similarity desc, key",
            filter.bound,
        )

    def suspected(self, filter: FailureFilter = FailureFilter()) -> list[FailureRecord]:  # noqa: B008 - frozen
        """The suspected conversations that pass the filter, in the order of `failures`; none of them is among those."""
        return self._rows(
            FailureRecord,
            f"{_columns('suspected_members')} where analyses.suspected and {PASSES} order by rank, similarity desc, key",
            filter.bound,
        )

    def labelled(
        self,
        keys: Sequence[str],
        clusters: Sequence[str],
        filter: FailureFilter = FailureFilter(),  # noqa: B008 - frozen
    ) -> list[FailureRecord]:
        """The conversations with these keys, failing or not, and the failing ones of these clusters, that pass the filter.

        In the order of `failures`.
        """
        return self._rows(
            FailureRecord,
            f"""
            {_columns("placed")}
            where (list_contains($keys::varchar[], key) or (failed and list_contains($clusters::varchar[], members.cluster)))
                  and {PASSES}
            order by rank, similarity desc, key
            """,
            filter.bound | {"keys": list(keys), "clusters": list(clusters)},
        )

    def judged(self, filter: FailureFilter = FailureFilter()) -> list[JudgedRecord]:  # noqa: B008 - frozen
        """The analysed conversations that pass the filter, failing or not, by key."""
        return self._rows(
            JudgedRecord,
            f"""
            with judged as ({_columns("members")} where {PASSES})
            select judged.*, failed, case when trace_id = judged.conversation_id then trace_id end as trace_id
            from judged join analyses using (key) join conversations using (key) order by key
            """,
            filter.bound,
        )

    def conversation_ids(self, keys: Sequence[str]) -> dict[str, str]:
        """The logged ids of conversations by key."""
        rows = self._values(
            "select key, conversation_id from conversations where list_contains($keys::varchar[], key)",
            {"keys": list(keys)},
        )
        return dict(rows)

    def conversation(self, key: str) -> Conversation | None:
        """One conversation with its turns; None where the snapshot has none with this key."""
        return next(iter(self.conversations([key])), None)

    def conversations(self, keys: Sequence[str]) -> list[Conversation]:
        """Conversations with their turns, in the order of their keys; what the snapshot has none of is left out.

        Raises `UserError` where the import that holds one is gone.
        """
        return self._parts.conversations(self._places(keys))

    def evaluations(self, bot: str) -> dict[str, list[Evaluation]]:
        """What evaluators said in the log of each conversation (of one bot, or of all where `bot` is empty), by key; read from
        the parts."""
        return self._parts.evaluations(self._places(list(self.flags(bot))))

    def signals_of(self, keys: Sequence[str]) -> list[SignalRecord]:
        """The signals of conversations in the order of their turns."""
        return self._rows(
            SignalRecord,
            """
            select * from signals where key in (select unnest($keys::varchar[]))
            order by key, position nulls first, weight desc, code
            """,
            {"keys": list(keys)},
        )

    def analysis(self, key: str) -> AnalysedConversation | None:
        """What was found in one conversation, with its cluster; None before the first analysis."""
        return self._row(
            AnalysedConversation,
            """
            select analyses.*, placed.cluster, placed.similarity, clusters.name as cluster_name
            from analyses left join placed using (key) left join clusters on clusters.cluster = placed.cluster
            where key = $key
            """,
            {"key": key},
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

    def likely(self, bot: str, without: Sequence[str], limit: int) -> list[LikelyRecord]:
        """A bot's conversations that count as fine though nobody said so, highest learned score first; not those `without`."""
        return self._rows(
            LikelyRecord,
            """
            select key, conversation_id, started_at, request, learned, spoke
            from analyses join conversations using (key)
            where bot = $bot and not failed and logged is null and learned is not null
                  and not list_contains($without::varchar[], key)
            order by learned desc, key limit $limit
            """,
            {"bot": bot, "without": list(without), "limit": limit},
        )

    def unsettled(self, bot: str, read: Sequence[str], limit: int) -> tuple[list[UnsettledRecord], Vectors]:
        """Conversations of which the log does not say how they went, and those that were `read`, at most `limit` of either taken
        evenly; with their request vectors, (n, d), zero rows where there is no text. `bot` empty means all."""
        return self._with_vectors(
            UnsettledRecord,
            """
            with asked as (select key, learned, suspected, logged, list_contains($read::varchar[], key) as read
                           from analyses join conversations using (key) where $bot = '' or bot = $bot)
            select key, learned, suspected, read, vector from asked left join request_vectors using (key)
            where read or logged is null
            qualify row_number() over (partition by read order by hash(key), key) <= $limit order by key
            """,
            {"bot": bot, "read": list(read), "limit": limit},
        )

    def learned(self) -> list[LearnedRecord]:
        """What each bot's learned score is worth, by bot."""
        return self._rows(LearnedRecord, "select * from learned order by bot")

    def history(self, bot: str) -> list[DatedConversation]:
        """All of a bot's conversations for counting over time, by key."""
        return self._rows_of_one_matrix(
            DatedConversation,
            """
            select key, import_id, started_at, release_name as release, failed, cluster, vector
            from conversations join analyses using (key) left join members using (key) left join request_vectors using (key)
            where bot = $bot order by key
            """,
            {"bot": bot},
        )

    def flags(self, bot: str) -> dict[str, bool]:
        """Of each conversation (of one bot, or of all where `bot` is empty) whether it is judged failing."""
        rows = self._values(
            "select key, failed from conversations join analyses using (key) where $bot = '' or bot = $bot",
            {"bot": bot},
        )
        return dict(rows)

    def failing_vectors(self, bot: str, limit: int) -> tuple[list[RankedFailure], Vectors]:
        """Failures by cluster rank, at most `limit` taken evenly, and their request vectors, (n, d), zero rows where there
        is no text. `bot` empty means all."""
        return self._with_vectors(
            RankedFailure,
            """
            select key, members.cluster, rank, coalesce(similarity, 0) as similarity,
                   analyses.facts, vector
            from analyses join conversations using (key) left join members using (key)
                 left join clusters on clusters.cluster = members.cluster left join request_vectors using (key)
            where failed and ($bot = '' or conversations.bot = $bot)
            qualify row_number() over (order by hash(key), key) <= $limit order by rank, similarity desc, key
            """,
            {"bot": bot, "limit": limit},
        )

    def failure_vectors(self) -> tuple[list[ComparedFailure], Vectors]:
        """What failures are compared by where causes are suggested, as unit vectors, (n, d). None in an older snapshot."""
        if not self.has("failure_vectors"):
            return [], np.zeros((0, 1), np.float32)
        return self._with_vectors(
            ComparedFailure,
            """
            select key, conversations.bot, members.cluster, coalesce(similarity, 0) as similarity, vector
            from failure_vectors join conversations using (key) left join members using (key) order by key
            """,
        )

    def reworded(self) -> dict[str, datetime]:
        """When each conversation whose words an import replaced got the last ones, by key, naive UTC."""
        if not self.has("reworded"):
            return {}
        return {row.key: row.at for row in self._rows(RewordedRecord, "select * from reworded")}

    def contexts(self, keys: Sequence[str]) -> dict[str, ConversationContext]:
        """What stands beside a verdict, by key; a key that the snapshot hasn't is absent."""
        rows = self._rows(
            ConversationContext,
            """
            select key, conversation_id, conversations.bot, week, release_name as release, coalesce(failed, false) as flagged,
                   coalesce(analyses.suspected, false) as suspected, placed.cluster, clusters.name as cluster_name
            from conversations left join analyses using (key) left join placed using (key)
                 left join clusters on clusters.cluster = placed.cluster
            where list_contains($keys::varchar[], key)
            """,
            {"keys": list(keys)},
        )
        return {row.key: row for row in rows}

    def find(self, conversation_id: str, bot: str | None = None) -> list[ConversationMatch]:
        """The conversations with this id, by bot."""
        return self._rows(
            ConversationMatch,
            "select key, bot from conversations where conversation_id in ($id, $shown) and ($bot is null or bot = $bot) order by bot",
            {"id": conversation_id, "shown": shown_id(conversation_id), "bot": bot},
        )

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


def _columns(members: Literal["members", "suspected_members", "placed"]) -> str:
    """What is asked of listed conversations, with the cluster that a table gives them; where and order follow."""
    return f"""
        select key, conversation_id, conversations.bot, started_at, week, release_name as release, analyses.outcome, score,
               codes, analyses.signature, failing_turn, request, reply, analyses.severity, members.cluster,
               strand, similarity, x, y, clusters.name as cluster_name, clusters.theme, analyses.suspected
        from analyses join conversations using (key) left join {members} as members using (key) left join places using (key)
             left join clusters on clusters.cluster = members.cluster
    """


@contextmanager
def reading(file: Path, any_layout: bool = False) -> Iterator[Evidence]:
    """An `Evidence` that is closed at the end."""
    evidence = Evidence(file, any_layout)
    try:
        yield evidence
    finally:
        evidence.close()

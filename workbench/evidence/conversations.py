"""What a snapshot says of single conversations, failing or not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from workbench.conversation import Conversation
from workbench.conversation.model import Evaluation
from workbench.embedding.vectors import Vectors
from workbench.evidence.analysis_tables import SignalRecord
from workbench.evidence.conversation_rows import (
    AnalysedConversation,
    ConversationContext,
    ConversationMatch,
    DatedConversation,
    LikelyRecord,
    UnsettledRecord,
)
from workbench.evidence.import_tables import RewordedRecord
from workbench.evidence.snapshot import Snapshot
from workbench.text.masking import shown_id


class ConversationQueries(Snapshot):
    """Conversations, what was found in them, and what became of them."""

    def conversation(self, key: str) -> Conversation | None:
        """One conversation with its turns; None where the snapshot has none with this key."""
        return next(iter(self.conversations([key])), None)

    def conversations(self, keys: Sequence[str]) -> list[Conversation]:
        """Conversations with their turns, in the order of their keys; what the snapshot has none of is left out.

        Raises `UserError` where the import that holds one is gone.
        """
        return self._parts.conversations(self._places(keys))

    def conversation_ids(self, keys: Sequence[str]) -> dict[str, str]:
        """The logged ids of conversations by key."""
        rows = self._values(
            "select key, conversation_id from conversations where list_contains($keys::varchar[], key)",
            {"keys": list(keys)},
        )
        return dict(rows)

    def find(self, conversation_id: str, bot: str | None = None) -> list[ConversationMatch]:
        """The conversations with this id, by bot."""
        return self._rows(
            ConversationMatch,
            "select key, bot from conversations where conversation_id in ($id, $shown) and ($bot is null or bot = $bot) order by bot",
            {"id": conversation_id, "shown": shown_id(conversation_id), "bot": bot},
        )

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

    def evaluations(self, bot: str) -> dict[str, list[Evaluation]]:
        """What evaluators said in the log of each conversation (of one bot, or of all where `bot` is empty), by key; read from
        the parts."""
        return self._parts.evaluations(self._places(list(self.flags(bot))))

    def flags(self, bot: str) -> dict[str, bool]:
        """Of each conversation (of one bot, or of all where `bot` is empty) whether it is judged failing."""
        rows = self._values(
            "select key, failed from conversations join analyses using (key) where $bot = '' or bot = $bot",
            {"bot": bot},
        )
        return dict(rows)

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

    def reworded(self) -> dict[str, datetime]:
        """When each conversation whose words an import replaced got the last ones, by key, naive UTC."""
        if not self.has("reworded"):
            return {}
        return {row.key: row.at for row in self._rows(RewordedRecord, "select * from reworded")}

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

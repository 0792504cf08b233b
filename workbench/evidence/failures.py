"""What a snapshot says of failing and suspected conversations, with their clusters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from workbench.embedding.vectors import Vectors
from workbench.evidence.failure_rows import (
    ComparedFailure,
    ConversationRecord,
    FailureChoices,
    FailureRecord,
    RankedFailure,
)
from workbench.evidence.filter import PASSES, FailureFilter
from workbench.evidence.snapshot import Snapshot


class FailureQueries(Snapshot):
    """Failing and suspected conversations, listed and compared."""

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

    def analysed(self, filter: FailureFilter = FailureFilter()) -> list[ConversationRecord]:  # noqa: B008 - frozen
        """The analysed conversations that pass the filter, failing or not, by key."""
        return self._rows(
            ConversationRecord,
            f"""
            with listed as ({_columns("members")} where {PASSES})
            select listed.*, failed, case when trace_id = listed.conversation_id then trace_id end as trace_id
            from listed join analyses using (key) join conversations using (key) order by key
            """,
            filter.bound,
        )

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


def _columns(members: Literal["members", "suspected_members", "placed"]) -> str:
    """What is asked of listed conversations, with the cluster that a table gives them; where and order follow."""
    return f"""
        select key, conversation_id, conversations.bot, started_at, week, release_name as release, analyses.outcome, score,
               codes, analyses.signature, failing_turn, request, reply, analyses.severity, members.cluster,
               strand, similarity, x, y, clusters.name as cluster_name, clusters.theme, analyses.suspected
        from analyses join conversations using (key) left join {members} as members using (key) left join places using (key)
             left join clusters on clusters.cluster = members.cluster
    """

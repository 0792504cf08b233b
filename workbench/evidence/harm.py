"""Conversations in which a bot changed something and that fail or are suspected: where silent harm is looked for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.analysis_tables import CandidateTurn
from workbench.evidence.filter import IN_SCOPE, FailureFilter
from workbench.evidence.snapshot import Snapshot

NOT_TO_THE_END = ("escalated", "abandoned")
"""Outcomes of which nobody can say that the user left satisfied."""


@dataclass(frozen=True)
class ChangeRecord:
    """A failing or suspected conversation in which the bot changed something."""

    key: str
    """Its key."""
    conversation_id: str
    """The logged id."""
    bot: str
    """Its bot."""
    started_at: datetime | None
    """When it began."""
    week: str | None
    """The week in which it began."""
    release: str | None
    """The bot's release."""
    failed: bool
    """Whether it counts as failing; else it is suspected."""
    logged: bool | None
    """Whether the log itself says that it failed."""
    writes: tuple[int, ...]
    """Turns whose calls changed something."""
    candidates: tuple[CandidateTurn, ...]
    """Turns to look at, the likeliest first."""
    request: str
    """What was asked."""
    cluster: str | None
    """Its cluster."""
    cluster_name: str | None
    """What the cluster is called."""
    total: int
    """How many there are in all."""


class ChangeQueries(Snapshot):
    """The changes of a snapshot's failing and suspected conversations."""

    def changes(self, filter: FailureFilter, limit: int) -> list[ChangeRecord]:
        """The newest such conversations in the scope of a filter that neither a person took over nor the user left."""
        return self._rows(
            ChangeRecord,
            f"""
            select key, conversation_id, conversations.bot, started_at, week, release_name as release, failed, logged, writes,
                   candidates, request, placed.cluster, clusters.name as cluster_name, count(*) over () as total
            from analyses join conversations using (key) left join placed using (key)
                 left join clusters on clusters.cluster = placed.cluster
            where (failed or analyses.suspected) and len(writes) > 0
                  and not list_contains($ended::varchar[], analyses.outcome) and {IN_SCOPE}
            order by started_at desc nulls last, key limit $limit
            """,
            filter.scope | {"ended": list(NOT_TO_THE_END), "limit": limit},
        )

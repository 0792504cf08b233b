"""What a snapshot says week by week, by event time: how bots fare, and when clusters failed."""

from __future__ import annotations

from typing import Any

from workbench.evidence.snapshot import Snapshot


class Weekly(Snapshot):
    """Counts of a snapshot by ISO week (UTC) of a conversation's start; the week is None where the log has no time."""

    def bot_weeks(self) -> list[dict[str, Any]]:
        """A row a bot and week: bot, week, conversations, analysed, failures, contained, known, first, last.

        `analysed` were looked at for failures; `known` have a known outcome, of which `contained` ended without a human.
        `first` and `last` are starts of conversations.
        """
        return self._rows(
            """
            select bot, week, count(*) as conversations, count(failed) as analysed, count(*) filter (where failed) as failures,
                   count(*) filter (where analyses.outcome = 'contained') as contained,
                   count(*) filter (where analyses.outcome <> 'unknown') as known,
                   min(started_at) as first, max(started_at) as last
            from conversations left join analyses using (key) group by all order by bot, week
            """
        )

    def cluster_weeks(self) -> list[dict[str, Any]]:
        """A row a cluster and week with failures: cluster, week, failures, and the last of them."""
        return self._rows(
            """
            select cluster, week, count(*) as failures, max(started_at) as last
            from members join conversations using (key) where week is not null group by all order by cluster, week
            """
        )

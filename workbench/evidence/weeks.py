"""What a snapshot says week by week, by event time: how bots fare, and when clusters failed."""

from __future__ import annotations

from workbench.evidence.cluster_rows import ClusterWeekRecord
from workbench.evidence.health_rows import BotWeekRecord
from workbench.evidence.snapshot import Snapshot


class WeekQueries(Snapshot):
    """Counts of a snapshot by ISO week, in the pod's time zone, of a conversation's start; the week is None where the log has no time."""

    def bot_weeks(self) -> list[BotWeekRecord]:
        """How each bot fared in each week."""
        return self._rows(
            BotWeekRecord,
            """
            select bot, week, count(*) as conversations, count(failed) as analysed, count(*) filter (where failed) as failures,
                   count(*) filter (where suspected) as suspected,
                   count(*) filter (where analyses.outcome = 'contained') as contained,
                   count(*) filter (where analyses.outcome <> 'unknown') as known,
                   min(started_at) as first, max(started_at) as last
            from conversations left join analyses using (key) group by all order by bot, week
            """,
        )

    def cluster_weeks(self) -> list[ClusterWeekRecord]:
        """The weeks in which each cluster failed."""
        return self._rows(
            ClusterWeekRecord,
            """
            select cluster, week, count(*) as failures, max(started_at) as last
            from members join conversations using (key) where week is not null group by all order by cluster, week
            """,
        )

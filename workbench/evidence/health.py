"""What a snapshot says of a bot over time: how its conversations went by week and by release, and what its log lacks."""

from __future__ import annotations

from datetime import datetime

from workbench.conversation.roles import is_bot, is_tool, is_user
from workbench.embedding.vectors import Vectors
from workbench.evidence.conversation_rows import RequestRecord, WeeklyRequest
from workbench.evidence.health_rows import BotHealthRecord, ReleaseHealthRecord, WeekHealthRecord
from workbench.evidence.snapshot import Snapshot


class HealthQueries(Snapshot):
    """Conversations of a bot counted by how they went."""

    def health_of_bots(self) -> list[BotHealthRecord]:
        """The counts of each bot, those with most conversations first."""
        return self._rows(
            BotHealthRecord,
            f"{_JUDGED} select bot, max(started_at) as last_seen, {_COUNTS} from judged group by bot order by conversations desc, bot",
            {"bot": "", "bad_up_to": None},
        )

    def health_by_week(self, bot: str, bad_up_to: float | None) -> list[WeekHealthRecord]:
        """The counts of a bot in each week.

        A score up to `bad_up_to` is bad feedback; None: the scale is not known, so that no score says anything.
        """
        return self._rows(
            WeekHealthRecord,
            f"{_JUDGED} select week, max(started_at) as last_seen, {_COUNTS} from judged group by week order by week nulls last",
            {"bot": bot, "bad_up_to": bad_up_to},
        )

    def health_by_release(self, bot: str, bad_up_to: float | None) -> list[ReleaseHealthRecord]:
        """The counts of a bot in each release by first sight, unnamed ones last; `bad_up_to` is as for `health_by_week`."""
        return self._rows(
            ReleaseHealthRecord,
            f"""
            {_JUDGED} select release, min(started_at) as first_seen, max(started_at) as last_seen, {_COUNTS}
            from judged group by release order by release is null, first_seen nulls last, last_seen, release
            """,
            {"bot": bot, "bad_up_to": bad_up_to},
        )

    def feedback_range(self, bot: str) -> tuple[float, float] | None:
        """The lowest and the highest feedback score that a bot's conversations were given; None without any."""
        ((low, high),) = self._values(
            "select min(feedback_score), max(feedback_score) from conversations where bot = $bot", {"bot": bot}
        )
        return None if low is None else (low, high)

    def first_and_last(self, bot: str) -> tuple[datetime, datetime] | None:
        """When a bot's first and last conversation began; None in a log without times."""
        ((first, last),) = self._values(
            "select min(started_at), max(started_at) from conversations where bot = $bot", {"bot": bot}
        )
        return None if first is None else (first, last)

    def imported(self, bot: str) -> dict[str, int]:
        """How many of a bot's conversations came with each import."""
        rows = self._values(
            "select import_id, count(*) from conversations where bot = $bot group by import_id order by import_id",
            {"bot": bot},
        )
        return dict(rows)

    def without(self, bot: str) -> dict[str, float]:
        """The share of a bot's conversations without each thing that a log may lack, by its name in `gaps.GAPS` but for "session"."""
        roles = self.roles_of(bot)
        (shares,) = self._named(
            """
            select 1 - avg(list_has_any(roles, $users::varchar[])::int) as user_words,
                   1 - avg(list_has_any(roles, $bots::varchar[])::int) as bot_words,
                   1 - avg((started_at is not null)::int) as times, 1 - avg((bot <> 'unknown')::int) as bot,
                   1 - avg((model is not null)::int) as model, 1 - avg((model_version is not null)::int) as model_version,
                   1 - avg((prompt_version is not null)::int) as prompt_version,
                   1 - avg(called::int) as tool_calls, 1 - avg(list_has_any(roles, $tools::varchar[])::int) as tool_results,
                   1 - avg(retrieving::int) as documents, 1 - avg(cited::int) as citations,
                   1 - avg((lowest_vote is not null or feedback_score is not null or commented)::int) as feedback,
                   1 - avg((outcome is not null)::int) as outcome
            from conversations where bot = $bot
            """,
            {
                "bot": bot,
                "users": [role for role in roles if is_user(role)],
                "bots": [role for role in roles if is_bot(role)],
                "tools": [role for role in roles if is_tool(role)],
            },
        )
        return {name: float(share) for name, share in shares.items() if share is not None}

    def roles_of(self, bot: str) -> list[str]:
        """The roles that speak in a bot's conversations, sorted."""
        rows = self._values(
            "select distinct unnest(roles) as role from conversations where bot = $bot order by role",
            {"bot": bot},
        )
        return [role for (role,) in rows]

    def weekly_requests(self, bot: str, weeks: int, per_week: int) -> tuple[list[WeeklyRequest], Vectors]:
        """Requests of a bot's last `weeks` weeks, at most `per_week` of each, always the same ones; and their vectors, (n, d)."""
        return self._with_vectors(
            WeeklyRequest,
            """
            with asked as (select key, week, vector, count(*) over (partition by week) as requests,
                                  row_number() over (partition by week order by hash(key), key) as place,
                                  dense_rank() over (order by week desc) as age
                           from conversations join request_vectors using (key) where bot = $bot and week is not null)
            select key, week, requests, vector from asked where place <= $per_week and age <= $weeks order by week, key
            """,
            {"bot": bot, "weeks": weeks, "per_week": per_week},
        )

    def requests(self, keys: list[str]) -> dict[str, RequestRecord]:
        """What was asked in conversations, by key."""
        rows = self._rows(
            RequestRecord,
            """
            select key, conversation_id, request, started_at, failed from conversations join analyses using (key)
            where list_contains($keys::varchar[], key)
            """,
            {"keys": keys},
        )
        return {row.key: row for row in rows}


_JUDGED = """
    with judged as (select bot, week, release_name as release, started_at, failed, suspected, logged,
                         case when analyses.outcome <> 'unknown' then analyses.outcome end as outcome,
                         starts_with(outcome_source, 'derived') as derived,
                         lowest_vote is not null or (feedback_score is not null and $bad_up_to is not null) as rated,
                         coalesce(lowest_vote < 0, false) or coalesce(feedback_score <= $bad_up_to::double, false) as bad
                  from conversations left join analyses using (key)
                  where $bot = '' or bot = $bot)
"""
_COUNTS = """
    count(*) as conversations, count(failed) as judged, count(*) filter (where failed) as failures,
    count(*) filter (where suspected) as suspected, count(logged) as logged,
    count(outcome) as known, count(*) filter (where derived and outcome is not null) as derived,
    count(*) filter (where outcome = 'contained') as contained,
    count(*) filter (where rated) as rated, count(*) filter (where rated and bad) as rated_badly
"""
"""Conversations; those judged (analysed), those of them failing, those of which the log says whether; outcomes known, of these derived rather than logged, of these
contained; conversations that were rated, of these badly."""

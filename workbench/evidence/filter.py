"""The one filter of failures: what a person narrowed the view to, and the SQL that it stands for."""

from __future__ import annotations

from dataclasses import dataclass, fields

NO_CLUSTER = ""
"""Names, in a filter's `cluster`, the failures that stand in none."""


@dataclass(frozen=True)
class FailureFilter:
    """Which failures are asked for; an empty tuple means all. Hashable, so that it can key a cache."""

    bot: tuple[str, ...] = ()
    """Bots."""
    release: tuple[str, ...] = ()
    """Releases."""
    week: tuple[str, ...] = ()
    """Weeks in which they began."""
    between: tuple[str, ...] = ()
    """The moment from which on and the one before which they began, naive UTC in ISO form; empty: whenever."""
    signal: tuple[str, ...] = ()
    """Codes of signals, of which one must have fired."""
    theme: tuple[str, ...] = ()
    """Themes of their clusters."""
    cluster: tuple[str, ...] = ()
    """Their clusters, `NO_CLUSTER` among them."""
    key: tuple[str, ...] = ()
    """Their own keys."""

    @property
    def bound(self) -> dict[str, list[str]]:
        """The values that `PASSES` is bound to."""
        return {each.name: list(getattr(self, each.name)) for each in fields(FailureFilter)}

    @property
    def scope(self) -> dict[str, list[str]]:
        """The values that `IN_SCOPE` is bound to."""
        return {name: self.bound[name] for name in ("bot", "release", "week", "between")}


IN_SCOPE = """
    (len($bot::varchar[]) = 0 or conversations.bot in (select unnest($bot::varchar[])))
    and (len($release::varchar[]) = 0 or release_name in (select unnest($release::varchar[])))
    and (len($week::varchar[]) = 0 or week in (select unnest($week::varchar[])))
    and (len($between::varchar[]) = 0
         or (started_at >= list_extract($between::varchar[], 1)::timestamp
             and started_at < list_extract($between::varchar[], 2)::timestamp))
"""
"""What of a filter any conversation can pass, failing or not: what shares are of follows it, too. Over conversations."""

PASSES = f"""
    {IN_SCOPE}
    and (len($signal::varchar[]) = 0 or list_has_any(codes, $signal::varchar[]))
    and (len($theme::varchar[]) = 0 or clusters.theme in (select unnest($theme::varchar[])))
    and (len($cluster::varchar[]) = 0 or coalesce(members.cluster, '{NO_CLUSTER}') in (select unnest($cluster::varchar[])))
    and (len($key::varchar[]) = 0 or conversations.key in (select unnest($key::varchar[])))
"""
"""What passes a filter, over conversations joined with analyses, members and clusters; a filter's `bound` values fill it."""

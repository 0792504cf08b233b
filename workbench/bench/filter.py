"""What a person narrows a view of clusters and failures to."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.evidence.filter import FailureFilter


@dataclass(frozen=True)
class Filter(FailureFilter):
    """What a person narrowed the view to; an empty tuple means all. Hashable, so that it can key a cache."""

    status: tuple[str, ...] = ()
    """Where their clusters are in their life; failures in no cluster have none."""


@dataclass(frozen=True)
class FilterChoices:
    """The values there are to filter by, each list in the order in which it is offered."""

    bot: list[str]
    """Bots with a failing or suspected conversation, sorted."""
    release: list[str]
    """Their releases, sorted."""
    week: list[str]
    """The ISO weeks in which they began, sorted."""
    signal: list[str]
    """Codes of the signals that fired in them, sorted."""
    status: list[str]
    """All that a cluster can have, in the order of its life."""
    theme: list[str]
    """Themes of clusters, sorted."""

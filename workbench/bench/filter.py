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
    """The values there are to filter by, each list sorted."""

    bot: list[str]
    release: list[str]
    week: list[str]
    signal: list[str]
    status: list[str]
    theme: list[str]

"""The judged conversations of one bot: as columns what is asked of all of them, as objects those that somebody looks at."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import chain
from typing import Generic, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from workbench.failures.action_trace import ActionTrace
from workbench.failures.case import Case
from workbench.failures.circumstances import Circumstance
from workbench.failures.signals.registry import Severity

H = TypeVar("H", bound=Hashable)


@dataclass(frozen=True, eq=False)
class Marks(Generic[H]):
    """What each of many rows has several of, each once: the distinct values, and which row has which."""

    values: list[H]
    """The distinct values."""
    numbers: NDArray[np.intp]
    """A place among `values` for each mark, those of one row one after another."""
    rows: NDArray[np.intp]
    """The row of each mark, rising."""
    count: int
    """How many rows there are, those without marks among them."""

    @classmethod
    def of(cls, rows: Sequence[Collection[H]]) -> Marks[H]:
        """The marks of rows that are given one by one."""
        distinct = [dict.fromkeys(row) for row in rows]
        places = {value: place for place, value in enumerate(dict.fromkeys(chain.from_iterable(distinct)))}
        numbers = np.array([places[value] for row in distinct for value in row], np.intp)
        lengths = [len(row) for row in distinct]
        return cls(list(places), numbers, np.repeat(np.arange(len(rows)), lengths), len(rows))

    @cached_property
    def totals(self) -> NDArray[np.intp]:
        """How many rows have each of the values."""
        return np.bincount(self.numbers, minlength=len(self.values))

    @cached_property
    def places(self) -> dict[H, int]:
        """The place of each value."""
        return {value: place for place, value in enumerate(self.values)}

    def of_rows(self, rows: Sequence[int]) -> list[list[H]]:
        """The values that each of these rows has."""
        begins, ends = (np.searchsorted(self.rows, rows, side).tolist() for side in ("left", "right"))
        return [
            [self.values[number] for number in self.numbers[begin:end].tolist()]
            for begin, end in zip(begins, ends, strict=True)
        ]

    def having(self, value: H) -> NDArray[np.bool_]:
        """Whether each row has a value."""
        there = np.zeros(self.count, bool)
        there[self.rows[self.numbers == self.places.get(value, -1)]] = True
        return there


@dataclass(frozen=True, slots=True)
class ListedCase:
    """What clusters are made of and described by, of one case that is listed: parts of its `Analysis` and its `Case`."""

    signature_tokens: Sequence[str]
    """How it failed, for TF-IDF; empty for a bot without tools."""
    signature: str
    """How it failed without the topic, for people."""
    mechanical_key: str | None
    """Equal for failures that one fix mends; None where there is no such fault."""
    passage: str
    """The text that tells its topic, as it is embedded."""
    facts: Sequence[str]
    """Observed statements, worded equally in every conversation."""
    severity: Severity | None
    """The suggested severity."""
    people: Sequence[str]
    """The words of people's names in it, which name no topic."""


class Cases(Protocol):
    """The cases of one bot, in the order of their keys."""

    @property
    def keys(self) -> Sequence[str]:
        """Of each case the key of its conversation."""

    @property
    def failed(self) -> NDArray[np.bool_]:
        """Whether it counts as failing."""

    @property
    def listed(self) -> NDArray[np.bool_]:
        """Whether it is clustered and listed: failing or suspected."""

    @property
    def listed_cases(self) -> Sequence[ListedCase]:
        """Those that are listed, in their order."""

    @property
    def logged(self) -> Sequence[bool | None]:
        """Whether the log itself says that it failed."""

    @property
    def requests(self) -> Sequence[str]:
        """What was asked, as it is embedded."""

    @property
    def passages(self) -> Sequence[str]:
        """What tells the topic of what is listed; empty where it is fine."""

    @property
    def started_at(self) -> Sequence[datetime | None]:
        """When it began."""

    @property
    def tasks(self) -> Sequence[str | None]:
        """The task that the log says it had."""

    @property
    def users(self) -> Sequence[str | None]:
        """The pseudonym of the user."""

    @property
    def facts(self) -> Marks[str]:
        """What was observed of it."""

    @property
    def circumstances(self) -> Marks[Circumstance]:
        """Under what it took place."""

    def trait(self, name: str) -> NDArray[np.float64]:
        """A trait of each case (`Analysis.traits`), (n,); 0 where it has none of this name."""

    def traces(self, rows: Sequence[int]) -> list[ActionTrace]:
        """What the bot did in some of them."""

    def __len__(self) -> int: ...

    def __iter__(self) -> Iterator[Case]: ...

"""What a build asks of an engine, and the engine that works in the build's own process."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Work = Callable[[Item], Iterable[Result]]
"""A piece of work: gives results for one item. It must be importable, and giving it again must do no harm."""


class Engine(Protocol):
    """Does pieces of work, wherever that is. Results come in the order of the items, whoever is done first."""

    spreads: bool
    """Whether work in several pieces is done faster than in one."""

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """The result of each item."""

    def flat(self, work: Work[Item, Result], items: Sequence[Item]) -> Iterator[Result]:
        """The results of all items, one after another's."""

    def each_by(self, make: Callable[[], Callable[[Item], Result]], items: Sequence[Item]) -> Iterator[Result]:
        """The result of each item, by workers that `make` makes, which is costly: each does many items."""

    def close(self) -> None:
        """Let go of what the engine holds."""


class LocalEngine:
    """Everything in this process, one after another."""

    spreads = False

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        """`work` of each item."""
        return map(work, items)

    def flat(self, work: Work[Item, Result], items: Sequence[Item]) -> Iterator[Result]:
        """What `work` gives for each item, as it comes."""
        return (result for item in items for result in work(item))

    def each_by(self, make: Callable[[], Callable[[Item], Result]], items: Sequence[Item]) -> Iterator[Result]:
        """What one worker makes of each item."""
        return map(make(), items) if items else iter(())

    def close(self) -> None:
        """Nothing is held."""


LOCAL = LocalEngine()
"""The engine where none is named."""

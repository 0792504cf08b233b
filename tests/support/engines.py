"""An engine that works here and now, but as a cluster's does: whatever goes to a worker and back is pickled."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from workbench.engine.engine import Item, Result, Work


class PicklingEngine:
    """Work in pieces, each of which gets a copy of its item and gives copies of its results."""

    spreads = True

    def __init__(self) -> None:
        self.pieces: list[str] = []
        """The names of the work, a piece each."""

    def each(self, work: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
        for item in items:
            yield copied(self._named(work)(copied(item)))

    def flat(self, work: Work[Item, Result], items: Sequence[Item]) -> Iterator[Result]:
        for item in items:
            yield from map(copied, self._named(work)(copied(item)))

    def each_by(self, make: Callable[[], Callable[[Item], Result]], items: Sequence[Item]) -> Iterator[Result]:
        worker = copied(make)()
        for item in items:
            yield copied(worker(copied(item)))

    def close(self) -> None:
        """Nothing is held."""

    def _named(self, work: Callable[..., Any]) -> Callable[..., Any]:
        work = copied(work)
        self.pieces.append(getattr(work, "__name__", "") or work.func.__name__)  # type: ignore[attr-defined]
        return work


def copied(value: Any) -> Any:
    """What arrives at the other end."""
    return pickle.loads(pickle.dumps(value))

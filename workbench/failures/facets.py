"""What a score is learned from: what was observed of conversations as named values, and what of it spoke for or against a score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from workbench.failures.logistic_regression import Floats
from workbench.failures.signals import REGISTRY

SIGNAL, STEP, TRAIT = "signal:", "step:", "trait:"
"""How the names of facets begin."""
_AT_ONCE = 4096
"""Conversations that are scored at once: their table of features would else outgrow a long log."""
_CONTRIBUTES_UP, _CONTRIBUTES_DOWN, _CONTRIBUTES_FROM = 3, 2, 0.1


@dataclass(frozen=True, eq=False)
class Facets:
    """What was observed of conversations as named values, one conversation's after another's; what isn't there is 0."""

    names: list[str]
    """The distinct names."""
    rows: NDArray[np.intp]
    """The conversation of each value, rising."""
    numbers: NDArray[np.intp]
    """The place of its name."""
    values: Floats
    """The values."""

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, float]]) -> Facets:
        """The facets of conversations that are given one by one."""
        places = {name: place for place, name in enumerate(dict.fromkeys(chain.from_iterable(rows)))}
        return cls(
            list(places),
            np.repeat(np.arange(len(rows)), [len(row) for row in rows]),
            np.array([places[name] for row in rows for name in row], np.intp),
            np.array([value for row in rows for value in row.values()], np.float64),
        )

    def part(self, start: int, end: int) -> Facets:
        """Those of the conversations from `start` to before `end`, counted from 0 again."""
        first, last = np.searchsorted(self.rows, [start, end]).tolist()
        return Facets(self.names, self.rows[first:last] - start, self.numbers[first:last], self.values[first:last])

    def of_rows(self, rows: NDArray[np.intp], count: int) -> Facets:
        """Those of some conversations of `count`, in the order of these rows, which rise."""
        place = np.full(count, -1)
        place[rows] = np.arange(len(rows))
        kept = place[self.rows] >= 0
        return Facets(self.names, place[self.rows[kept]], self.numbers[kept], self.values[kept])

    def parts(self, count: int) -> Iterator[tuple[slice, Facets]]:
        """Those of so many conversations at a time that a table of them is small, with the rows that they are of."""
        for start in range(0, count, _AT_ONCE):
            end = min(start + _AT_ONCE, count)
            yield slice(start, end), self.part(start, end)


@dataclass(frozen=True, eq=False)
class Contributions:
    """What spoke for and against each score, one conversation's after another's, of each the strongest first."""

    rows: NDArray[np.int32]
    """The conversation of each, rising."""
    features: NDArray[np.int32]
    """What spoke, as a place among `Learned.features`."""
    weights: Floats
    """The change in log odds."""

    @classmethod
    def of(cls, parts: Sequence[Contributions]) -> Contributions:
        """Those of parts of the conversations, in their order."""
        return cls(
            np.concatenate([part.rows for part in parts]),
            np.concatenate([part.features for part in parts]),
            np.concatenate([part.weights for part in parts]),
        )


def signal_facet(code: str) -> str | None:
    """A signal that fired, as the name of a facet.

    How a conversation ended and how it was rated stay out: they are the label itself, or say it where no label is needed.
    """
    return None if code not in REGISTRY or REGISTRY[code].family in ("outcome", "feedback") else f"{SIGNAL}{code}"


def step_facet(token: str) -> str | None:
    """A token of a signature, as the name of a facet; signals are facets of their own."""
    return None if token.startswith(SIGNAL) else f"{STEP}{token}"


def trait_facet(name: str) -> str:
    """A trait, as the name of a facet."""
    return f"{TRAIT}{name}"


def in_words(feature: str) -> str:
    """A feature's name for people."""
    kind, _, name = feature.partition(":")
    if kind == "signal":
        return REGISTRY[name].title if name in REGISTRY else name
    if kind == "step":
        if name.endswith("=executed"):
            return f"{name.removesuffix('=executed')} succeeded"
        for sign, words in (("!", " failed: "), (">", ", then ")):
            if sign in name:
                return name.replace(sign, words, 1)
        return f"called {name}"
    return name if kind == "trait" else "what was asked"


def table(facets: Facets, count: int, names: Sequence[str]) -> Floats:
    """The facets of these names, (count, names)."""
    at = {name: column for column, name in enumerate(names)}
    columns = np.array([at.get(name, -1) for name in facets.names], np.intp)[facets.numbers]
    used = columns >= 0
    values = np.zeros((count, len(names)))
    values[facets.rows[used], columns[used]] = facets.values[used]
    return values


def strongest(weights: Floats, first: int = 0) -> Contributions:
    """What contributes most to each row, what speaks for it first and the strongest first; rows are counted from `first`."""
    sides = []
    for sign, most in ((1, _CONTRIBUTES_UP), (-1, _CONTRIBUTES_DOWN)):
        rows, columns = np.nonzero(sign * weights >= _CONTRIBUTES_FROM)
        order = np.lexsort((columns, -sign * weights[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        kept = np.arange(len(rows)) - np.searchsorted(rows, rows) < most
        sides.append((rows[kept], columns[kept]))
    rows, columns = (np.concatenate(each) for each in zip(*sides, strict=True))
    order = np.argsort(rows, kind="stable")  # of one row what speaks for it stays first
    rows, columns = rows[order], columns[order]
    return Contributions((rows + first).astype(np.int32), columns.astype(np.int32), weights[rows, columns])

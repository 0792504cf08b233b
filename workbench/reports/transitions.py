"""The transition matrix of a bot or of a release: between which states its conversations fail, and what changed between releases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workbench.bench.bench import Bench
from workbench.bench.failure_rows import MemberRow
from workbench.bench.filter import Filter
from workbench.reports.share import Share
from workbench.stats import benjamini_hochberg, compared_shares

LEVEL = 0.05
"""The false discovery rate over all cells of a matrix that are compared."""


@dataclass(frozen=True)
class Cell:
    """Conversations that went from one state into failing at another."""

    last_good: str
    """The last good state."""
    first_failing: str
    """The first failing one."""
    here: Share
    """Of the conversations that were analysed."""
    before: Share | None = None
    """Of those of the release that it is compared with."""
    p: float = 1.0
    """How likely such a difference is by chance, uncorrected."""
    change: str = ""
    """more or less where it differs beyond chance among all cells; else empty."""


@dataclass(frozen=True)
class Matrix:
    """All cells of a bot, or of one of its releases."""

    cells: list[Cell]
    """Those that hold something, the commonest first."""
    analysed: int
    """Conversations that were analysed."""

    @property
    def rows(self) -> list[str]:
        """Last good states, those that most fail after first."""
        return _ordered([(cell.last_good, cell.here.hits) for cell in self.cells])

    @property
    def columns(self) -> list[str]:
        """First failing states, those in which most fail first."""
        return _ordered([(cell.first_failing, cell.here.hits) for cell in self.cells])

    def cell(self, last_good: str, first_failing: str) -> Cell | None:
        """One cell; None where nothing failed there."""
        place = (last_good, first_failing)
        return next((cell for cell in self.cells if (cell.last_good, cell.first_failing) == place), None)


def matrix(bench: Bench, filter: Filter, before: Filter | None = None) -> Matrix:
    """The matrix of what passes a filter; with `before` each cell is compared with that of what passes the other.

    A cell has changed where a test of the two shares stands among those of all cells (Benjamini and Hochberg 1995, at `LEVEL`).
    """
    counts, analysed = _counts(bench, filter), bench.scope(filter).analysed
    if before is None:
        cells = [Cell(*place, Share(hits, analysed)) for place, hits in counts.items()]
    else:
        cells = compared(counts, analysed, _counts(bench, before), bench.scope(before).analysed)
    return Matrix(sorted(cells, key=lambda cell: -cell.here.hits), analysed)


def compared(
    counts: Counter[tuple[str, str]], total: int, counts_before: Counter[tuple[str, str]], total_before: int
) -> list[Cell]:
    """The cells of two sets of conversations beside each other, those that changed beyond chance marked."""
    cells = []
    for place in dict.fromkeys([*counts, *counts_before]):
        here, before = Share(counts[place], total), Share(counts_before[place], total_before)
        z, p = compared_shares(here.hits, here.total, before.hits, before.total)
        cells.append(Cell(*place, here, before, p, "more" if z > 0 else "less"))
    stand = benjamini_hochberg([cell.p for cell in cells], LEVEL)
    return [cell if stands else replace(cell, change="") for cell, stands in zip(cells, stand, strict=True)]


def conversations_of(bench: Bench, filter: Filter, cell: Cell) -> list[MemberRow]:
    """The failures in a cell, the latest first."""
    keys = bench.evidence.tipped_over(filter, cell.last_good, cell.first_failing)
    if not keys:
        return []
    place = {key: number for number, key in enumerate(keys)}
    return sorted(bench.points(replace(filter, key=tuple(keys))), key=lambda row: place[row.key])


def _counts(bench: Bench, filter: Filter) -> Counter[tuple[str, str]]:
    return Counter({(row.last_good, row.first_failing): row.failures for row in bench.evidence.transitions(filter)})


def _ordered(states: Sequence[tuple[str, int]]) -> list[str]:
    counts: Counter[str] = Counter()
    for state, hits in states:
        counts[state] += hits
    return sorted(counts, key=lambda state: (-counts[state], state))

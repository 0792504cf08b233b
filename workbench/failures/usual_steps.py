"""What the conversations of a bot that went well share about a change, and which conversations leave it.

Two templates of the process language Declare (Pesic, Schonenberg, van der Aalst 2007, "DECLARE: Full Support for
Loosely-Structured Processes"), mined as Maggi, Mooij, van der Aalst 2011 ("User-Guided Discovery of Declarative Process Models") do: kept is
what a large share of the traces with an activation fulfils. *Precedence*: a look-up comes before each such change.
*Not succession*, read backwards: another change or hand-over does not come before this one. Whether the user agreed before it has a norm of its own
(`unconfirmed-write`). Requests for the same change are similar requests: no likeness of words is needed.

A conversation is judged by the others: whether it went well itself doesn't count.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.failures.courses import Courses
from workbench.failures.deviation import Deviation

_SHARE = 0.9
_FEWEST = 5
"""Conversations that went well with a change from which on they tell what belongs to it."""
_MOST_CHANGES = 100
_EXACT_UP_TO = 100
"""Conversations up to which evidence says how many; beyond, the share in per cent, which the next import rarely moves."""


@dataclass(frozen=True, eq=False)
class _Firsts:
    """Where the bot did each thing first in each conversation, an entry a conversation and tool."""

    rows: NDArray[np.intp]
    tools: NDArray[np.intp]
    places: NDArray[np.intp]
    """A place among the acts."""
    deeds: NDArray[np.bool_]
    """Whether it is a change or a hand-over."""
    lasting: NDArray[np.bool_]
    """Whether it is a change that does not undo itself."""


@dataclass(frozen=True, eq=False)
class _Before:
    """What came before a change, in the conversations that make it."""

    place: NDArray[np.intp]
    """Where each conversation makes the change first, a place among the acts, (count,); -1 where it makes none."""
    rows: NDArray[np.intp]
    """The conversations of what came before, tool by tool."""
    ends: NDArray[np.intp]
    """Where the rows of each tool end."""
    others: NDArray[np.intp]
    """Of each conversation how many others with the change went well, (count,)."""

    def rows_with(self, step: int) -> NDArray[np.intp]:
        """The conversations that did this step before the change."""
        return self.rows[self.ends[step - 1] if step else 0 : self.ends[step]]


def unusual_steps(courses: Courses, worked: NDArray[np.bool_]) -> dict[int, list[Deviation]]:
    """Where conversations leave what those that `worked`, (count,), share about a change, by row."""
    firsts = _firsts(courses)
    names, went_well = courses.names, worked[firsts.rows]
    changing = np.bincount(firsts.tools[went_well & firsts.deeds], minlength=len(names))
    lasting = np.bincount(firsts.tools[firsts.lasting], minlength=len(names)) > 0
    changes = [
        each for each in np.argsort(-changing, kind="stable")[:_MOST_CHANGES].tolist() if changing[each] >= _FEWEST
    ]
    deviations: dict[int, list[Deviation]] = defaultdict(list)
    for change in changes:
        before = _before(courses, firsts, change, int(changing[change]), worked)
        with_step = np.diff(np.append(0, np.cumsum(worked[before.rows]))[before.ends], prepend=0)
        needed = with_step >= _SHARE * (changing[change] - 1) if lasting[change] else np.zeros(len(names), bool)
        for step in np.flatnonzero(needed & (changing == 0)).tolist():
            for row, share in _without(before, step, int(with_step[step])):
                rule = f"{share} that went well call {names[step]} before {names[change]}; this one does not"
                deviations[row].append(Deviation("skipped-step", int(courses.positions[before.place[row]]), rule))
        for step in changes:
            for row, share in _with(before, step, int(with_step[step]), worked) if step != change else ():
                rule = f"{share} that went well call {names[step]} before {names[change]}, as this one does"
                deviations[row].append(Deviation("unusual-order", int(courses.positions[before.place[row]]), rule))
    return dict(deviations)


def _without(before: _Before, step: int, keepers: int) -> Iterator[tuple[int, str]]:
    """The conversations that make the change without a step that nearly all `keepers` of it do, and how many that is."""
    without = before.place >= 0
    without[before.rows_with(step)] = False
    without &= (before.others >= _FEWEST) & (keepers >= _SHARE * before.others)
    for row in np.flatnonzero(without).tolist():
        yield row, _share(keepers, int(before.others[row]))


def _with(before: _Before, step: int, keepers: int, worked: NDArray[np.bool_]) -> Iterator[tuple[int, str]]:
    """The conversations that make the change after a step that nearly none of the others does, and how many do."""
    rows = before.rows_with(step)
    others, others_with = before.others[rows], keepers - worked[rows].astype(np.intp)
    unusual = (others >= _FEWEST) & (others_with <= (1 - _SHARE) * others)
    for row, of, count in zip(
        rows[unusual].tolist(), others[unusual].tolist(), others_with[unusual].tolist(), strict=True
    ):
        yield row, _share(count, of)


def _before(courses: Courses, firsts: _Firsts, change: int, total: int, worked: NDArray[np.bool_]) -> _Before:
    place = np.full(courses.count, -1)
    of_change = (firsts.tools == change) & firsts.deeds
    place[firsts.rows[of_change]] = firsts.places[of_change]
    earlier = np.flatnonzero(firsts.places < place[firsts.rows])
    by_tool = earlier[np.argsort(firsts.tools[earlier], kind="stable")]
    ends = np.searchsorted(firsts.tools[by_tool], np.arange(len(courses.names)), "right")
    return _Before(place, firsts.rows[by_tool], ends, total - worked.astype(np.intp))


def _firsts(courses: Courses) -> _Firsts:
    bots = np.flatnonzero(~courses.by_user)
    cells = courses.rows[bots] * max(1, len(courses.names)) + courses.tools[bots]
    _, first = np.unique(cells, return_index=True)
    places = bots[first]
    return _Firsts(courses.rows[places], courses.tools[places], places, courses.deeds[places], courses.lasting[places])


def _share(keepers: int, others: int) -> str:
    return f"{keepers} of {others}" if others <= _EXACT_UP_TO else f"{100 * keepers // others} %"

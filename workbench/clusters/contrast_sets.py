"""What parts a cluster's failures from the same requests that worked: calls, arguments, documents, counted on both sides."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from typing import Literal, NamedTuple

from workbench.clusters.matched_successes import VALUE_KEPT, argument_name, form, leaves
from workbench.failures.course import Course
from workbench.stats import two_proportions

KEPT, SUPPORT, GAP, LEVEL = 5, 3, 0.2, 0.01


class Way(NamedTuple):
    """Something that a bot did and that conversations can share."""

    kind: Literal["executed", "failed", "called", "found", "argument", "written"]
    name: str
    argument: str = ""
    value: str = ""

    @property
    def text(self) -> str:
        """In words, without the counts."""
        if self.kind == "argument":
            return f"{self.name}: {self.argument} {self.value}"
        if self.kind == "written":
            return f"{self.name}: {self.argument} written like {self.value}"
        return f"{self.name} {self.kind}"


class Parted(NamedTuple):
    """A way that was taken in `failing` of `failures` and in `working` of the `worked` like them."""

    way: Way
    failing: int
    failures: int
    working: int
    worked: int

    @property
    def counts(self) -> dict[str, int]:
        """The four counts by name."""
        return {name: getattr(self, name) for name in self._fields if name != "way"}


def parted(failures: Sequence[Course], worked: Sequence[Course]) -> list[Parted]:
    """The ways that part failures from the successes like them, the clearest first; at most five.

    A way counts from a difference of 20 points that chance alone would hardly make (two proportions, below 1 %). An argument
    must also part those that made the call, and recur in another task: a customer's number only tells who called.
    """
    if len(failures) < SUPPORT or len(worked) < SUPPORT:
        return []
    taken = [[ways(one) for one in side] for side in (failures, worked)]
    failing, working = (Counter(way for each in side for way in each) for side in taken)
    found: list[tuple[float, Parted]] = []
    for way in failing.keys() | working.keys():
        one = Parted(way, failing[way], len(failures), working[way], len(worked))
        z, p = two_proportions(one.failing, one.failures, one.working, one.worked)
        if p >= LEVEL or _gap(one.failing, one.failures, one.working, one.worked) < GAP:
            continue
        if way.argument and not _argument_tells(one, failures, worked):
            continue
        found.append((abs(z), one))
    return [one for _, one in sorted(found, key=_rank)[:KEPT]]


def _rank(entry: tuple[float, Parted]) -> tuple[float, bool, int, Way]:
    """The clearest first; of two that mirror each other, what failures do before what they leave."""
    z, one = entry
    leaves_it = one.failing * one.worked < one.working * one.failures
    return -round(z, 6), leaves_it, _WAY_ORDER.index(one.way.kind), one.way


def _gap(a: int, of_a: int, b: int, of_b: int) -> float:
    """How far two shares are apart; 0 where a side has nothing to share."""
    return abs(a / of_a - b / of_b) if of_a and of_b else 0.0


def _argument_tells(one: Parted, failures: Sequence[Course], worked: Sequence[Course]) -> bool:
    """Whether an argument says more than that its call was made, and more than whose case it was."""
    made = [
        [each for each in side if any(step.tool == one.way.name for step in each.steps)] for side in (failures, worked)
    ]
    tasks = {each.task or str(n) for n, each in enumerate([*made[0], *made[1]]) if one.way in ways(each)}
    return len(tasks) > 1 and _gap(one.failing, len(made[0]), one.working, len(made[1])) >= GAP


_WAY_ORDER = ("argument", "written", "executed", "failed", "called", "found")


def ways(course: Course) -> set[Way]:
    """Everything that a course can share with another."""
    found = {Way("called", name) for name, _ in course.reads} | {Way("found", name) for name in course.documents}
    for step in course.steps:
        found.add(Way(step.outcome, step.tool))
        for path, value in leaves(step.arguments).items():
            argument = argument_name(path)
            text = json.dumps(value, ensure_ascii=False)
            if isinstance(value, str) and (pattern := form(value)) != "text":
                found.add(Way("written", step.tool, argument, pattern))
            elif len(text) <= VALUE_KEPT and not (isinstance(value, str) and re.search(r"\d", value)):
                found.add(Way("argument", step.tool, argument, text))
    return found

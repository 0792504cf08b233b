"""A failure beside the same request that worked: which success to compare with, and where the two part ways.

Successes are chosen by what was asked, never by how it went, so that a difference in how it went says something.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import chain
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.failures.action_trace import ActionTrace, Step

if TYPE_CHECKING:
    from workbench.embedding.vectors import Vectors
    from workbench.failures.cases import Cases

NEAREST = 3
SIMILAR = 0.5
"""Below this cosine of the requests it is not the same request."""
SAME_USER_SIMILAR = 0.7
"""From this cosine on, what the same user asked goes before what others asked."""
LOG_BONUS = 0.02
"""What the log's own word that a conversation went well is worth, in cosine."""
LOOKED_AT = 200
"""Successes of one task, or of one user, that a failure is compared with."""
STEPS_COMPARED = 200
OFTEN = 3
"""A look-up made so many times as often is a difference."""
VALUE_KEPT = 60
"""A longer text is worded anew each time: that it differs says nothing."""


@dataclass(frozen=True)
class MatchedSuccess:
    """A success that is like a failure."""

    key: str
    """The failure's key."""
    other: str
    """The success's key."""
    similarity: float
    """The cosine of their requests."""
    same_task: bool
    """Whether the log says that both had the same task."""


@dataclass(frozen=True)
class ArgumentDifference:
    """One argument that differs."""

    path: str
    """Where it stands among the arguments, like `flights[0].date`."""
    here: str | None
    """Its value in the failure as JSON text; None where it is not given."""
    there: str | None
    """Its value in the success."""
    matters: bool
    """Whether the difference can matter. In another customer's case most values differ; there only a missing argument, another
    type or another way of writing matters, or an argument that parts the cluster's failures from successes."""


@dataclass(frozen=True)
class StepPair:
    """Two aligned steps, or one that has no counterpart."""

    here: Step | None
    """The failure's step."""
    there: Step | None
    """The success's step."""
    differences: list[ArgumentDifference]
    """Their arguments that differ, those that can matter first."""


@dataclass(frozen=True)
class Tally:
    """How often something was used in each of the two."""

    name: str
    """The tool or the document."""
    here: int
    """Times in the failure."""
    there: int
    """Times in the success."""


@dataclass(frozen=True)
class Contrast:
    """Two traces side by side; `here` is the failure, `there` the success."""

    steps: list[StepPair]
    """Changes and hand-overs, aligned."""
    reads: list[Tally]
    """Look-ups."""
    documents: list[Tally]
    """Documents that the bot was given."""
    release_here: str | None
    """The failure's release, where the log has it."""
    release_there: str | None
    """The success's release."""

    @property
    def first(self) -> str:
        """The first difference that can matter, in one sentence: changes, then look-ups, documents, release."""
        for pair in self.steps:
            if sentence := _step_sentence(pair):
                return sentence
        for tallies, verb in ((self.reads, "called"), (self.documents, "found")):
            for tally in tallies:
                if not tally.here:
                    return f"{tally.name} {verb} where it worked, not here"
            for tally in tallies:
                if not tally.there:
                    return f"{tally.name} {verb} here, not where it worked"
            for tally in tallies:
                if tally.here >= OFTEN * tally.there:
                    return f"{tally.name} {verb} {tally.here} times here, {tally.there} where it worked"
        if self.release_here != self.release_there:
            return (
                f"the same steps under another release: {self.release_here or 'not logged'} here, "
                f"{self.release_there or 'not logged'} where it worked"
            )
        return "the same steps: they differ in words and in values of their own case only"


def match_successes(cases: Cases, requests: Vectors) -> list[MatchedSuccess]:
    """For each failure of one bot the three nearest successes; `requests` has a unit row a case, zero without text.

    The same task comes first, there those that took the fewest other steps; then the same user with a similar request; then
    the nearest requests, those that the log says went well a little ahead.
    """
    failures, successes = (np.flatnonzero(side).tolist() for side in (cases.failed, ~cases.listed))
    if not failures or not successes:
        return []
    of_task, of_user = (_places(names, successes) for names in (cases.tasks, cases.users))
    bonus = np.asarray([LOG_BONUS * (cases.logged[i] is False) for i in successes], np.float32)
    steps = _Steps(cases)
    matches: list[MatchedSuccess] = []
    worked = requests[successes]
    rows = max(1, 2**22 // len(successes))
    for start in range(0, len(failures), rows):
        block = failures[start : start + rows]
        cosines = _rounded(requests[block] @ worked.T)
        nearest = _nearest(cosines + bonus, NEAREST)
        one_task = [_most_alike(of_task.get(cases.tasks[i]), cosine) for i, cosine in zip(block, cosines, strict=True)]
        steps.count(
            [i for i, of in zip(block, one_task, strict=True) if of], [successes[j] for of in one_task for j in of]
        )
        for i, cosine, near, of_one_task in zip(block, cosines, nearest.tolist(), one_task, strict=True):
            apart = {j: steps.apart(i, successes[j]) for j in of_one_task}
            same_task = sorted(of_one_task, key=lambda j: (apart[j], -cosine[j], j))
            same_user = [j for j in _most_alike(of_user.get(cases.users[i]), cosine) if cosine[j] >= SAME_USER_SIMILAR]
            alike = [j for j in near if cosine[j] >= SIMILAR]
            chosen = list(dict.fromkeys([*same_task, *sorted(same_user, key=lambda j: (-cosine[j], j)), *alike]))
            matches += [
                MatchedSuccess(cases.keys[i], cases.keys[successes[j]], float(cosine[j]), j in apart)
                for j in chosen[:NEAREST]
            ]
    return matches


def compare(
    here: ActionTrace, there: ActionTrace, same_task: bool, distinctive: frozenset[tuple[str, str]] = frozenset()
) -> Contrast:
    """A failure's trace beside that of a success. `distinctive` are (tool, argument) that part the cluster from successes."""
    return Contrast(
        steps=[
            StepPair(a, b, _argument_differences(a, b, same_task, distinctive) if a and b else [])
            for a, b in _aligned(here.steps[:STEPS_COMPARED], there.steps[:STEPS_COMPARED])
        ],
        reads=_tallies(dict(here.reads), dict(there.reads)),
        documents=_tallies(Counter(here.documents), Counter(there.documents)),
        release_here=here.release,
        release_there=there.release,
    )


def _rounded(cosines: Vectors) -> Vectors:
    """Cosines to four digits, in place: what is nearer by less is so by chance."""
    cosines *= 1e4
    np.rint(cosines, out=cosines)
    cosines /= 1e4
    return cosines


def _nearest(ranked: Vectors, count: int) -> NDArray[np.intp]:
    """The places of the highest values of each row, the highest first, of equal ones the first; `ranked` is used up."""
    every = np.arange(len(ranked))
    nearest = np.empty((len(ranked), min(count, ranked.shape[1])), np.intp)
    for nth in range(nearest.shape[1]):  # a few maxima cost far less than sorting or parting
        nearest[:, nth] = ranked.argmax(1)
        ranked[every, nearest[:, nth]] = -np.inf
    return nearest


def _places(names: Sequence[str | None], successes: Sequence[int]) -> dict[str | None, NDArray[np.intp]]:
    """The places among the successes by the name of their task or user; those without one are nobody's."""
    places: dict[str | None, list[int]] = defaultdict(list)
    for j, i in enumerate(successes):
        if (name := names[i]) is not None:
            places[name].append(j)
    return {name: np.asarray(of, np.intp) for name, of in places.items()}


def _most_alike(places: NDArray[np.intp] | None, cosine: Vectors) -> list[int]:
    """The places whose requests are nearest, few enough to look at each: a task or a user may be that of a whole log."""
    if places is None:
        return []
    if len(places) > LOOKED_AT:
        places = places[(-cosine[places]).argpartition(LOOKED_AT)[:LOOKED_AT]]
    nearest: list[int] = places.tolist()
    return nearest


class _Steps:
    """The steps of cases, counted once each: those of one task are compared with each other."""

    def __init__(self, cases: Cases) -> None:
        self._cases = cases
        self._counts: dict[int, Counter[Step]] = {}

    def count(self, *rows: Sequence[int]) -> None:
        """Count the steps of these rows, those that are not counted yet."""
        new = [row for row in dict.fromkeys(chain(*rows)) if row not in self._counts]
        if new:
            self._counts.update(zip(new, (Counter(trace.steps) for trace in self._cases.traces(new)), strict=True))

    def apart(self, here: int, there: int) -> int:
        """How many steps one took and the other didn't; both are counted."""
        a, b = self._counts[here], self._counts[there]
        return 0 if a == b else (a - b).total() + (b - a).total()


def _aligned(here: Sequence[Step], there: Sequence[Step]) -> list[tuple[Step | None, Step | None]]:
    """Steps side by side: the very same calls hold the two together, between them calls of one tool."""
    pairs: list[tuple[Step | None, Step | None]] = []
    same = SequenceMatcher(None, [_call(step) for step in here], [_call(step) for step in there], autojunk=False)
    for _, i1, i2, j1, j2 in same.get_opcodes():
        a, b = here[i1:i2], there[j1:j2]
        tools = SequenceMatcher(None, [step.tool for step in a], [step.tool for step in b], autojunk=False)
        for tag, i3, i4, j3, j4 in tools.get_opcodes():
            if tag == "equal":
                pairs += zip(a[i3:i4], b[j3:j4], strict=True)
            else:
                pairs += [(step, None) for step in a[i3:i4]] + [(None, step) for step in b[j3:j4]]
    return pairs


def _call(step: Step) -> tuple[str, str]:
    return step.tool, step.arguments


def _argument_differences(
    here: Step, there: Step, same_task: bool, distinctive: frozenset[tuple[str, str]]
) -> list[ArgumentDifference]:
    """Key by key, those that can matter first."""
    a, b = leaves(here.arguments), leaves(there.arguments)
    differences = []
    for path in dict.fromkeys([*a, *b]):
        value, other = _shown(a, path), _shown(b, path)
        if value == other:
            continue
        matters = value is None or other is None or form(a[path]) != form(b[path])
        if same_task or (here.tool, argument_name(path)) in distinctive:
            matters = matters or min(len(value or ""), len(other or "")) <= VALUE_KEPT
        differences.append(ArgumentDifference(path, value, other, matters))
    return sorted(differences, key=lambda difference: not difference.matters)


def leaves(arguments: str) -> dict[str, Any]:
    """The values of normalised arguments by their path, like `flights[0].date`; a text that is no JSON has one without name."""
    values: dict[str, Any] = {}

    def walk(path: str, value: Any) -> None:
        if isinstance(value, dict) and value:
            for name, part in value.items():
                walk(f"{path}.{name}" if path else str(name), part)
        elif isinstance(value, list) and value:
            for place, part in enumerate(value):
                walk(f"{path}[{place}]", part)
        elif path or not isinstance(value, dict | list):
            values[path] = value

    try:
        walk("", json.loads(arguments))
    except (ValueError, RecursionError):
        return {"": arguments}
    return values


def argument_name(path: str) -> str:
    """The path without places in lists."""
    return re.sub(r"\[\d+\]", "[]", path)


def _shown(values: dict[str, Any], path: str) -> str | None:
    return json.dumps(values[path], ensure_ascii=False) if path in values else None


def form(value: Any) -> str:
    """How a value is written, whatever it says: its type, and of dates, times and numbers in text their pattern, like #-#-#."""
    if isinstance(value, str):
        numbers = len(value) <= VALUE_KEPT and re.fullmatch(r"\W*\d[\d\W]*", value)
        return re.sub(r"\d+", "#", value) if numbers else "text"
    return "number" if isinstance(value, int | float) and not isinstance(value, bool) else type(value).__name__


def _tallies(here: dict[str, int], there: dict[str, int]) -> list[Tally]:
    return [Tally(name, here.get(name, 0), there.get(name, 0)) for name in dict.fromkeys([*here, *there])]


def _step_sentence(pair: StepPair) -> str | None:
    here, there = pair.here, pair.there
    if here is None or there is None:
        step, place, other = (there, "where it worked", "here") if here is None else (here, "here", "where it worked")
        assert step is not None
        return f"{deed(step)} {place}, not {other}"
    first = next((difference for difference in pair.differences if difference.matters), None)
    if first:
        sides = (("not given" if value is None else value) for value in (first.here, first.there))
        return f"{here.tool}: {first.path or 'arguments'} {next(sides)} here, {next(sides)} where it worked"
    if here.outcome != there.outcome:
        return f"{here.tool} {_ENDINGS[here.outcome]} here, {_ENDINGS[there.outcome]} where it worked"
    return None


_ENDINGS = {"executed": "succeeded", "failed": "failed"}


def deed(step: Step) -> str:
    """What the bot did in a step, in words."""
    return f"{step.tool} failed" if step.outcome == "failed" else f"carries out {step.tool}"

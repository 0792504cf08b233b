"""What parts a cluster's failures from the same requests that worked: calls, arguments, documents, counted on both sides."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Collection, Sequence, Set
from itertools import chain
from typing import Literal, NamedTuple

from workbench.clusters.matched_successes import VALUE_KEPT, argument_name, form, leaves
from workbench.conversation.people import names_a_person
from workbench.failures.action_trace import ActionTrace
from workbench.stats import two_proportions

KEPT = 5
"""Behaviours that are shown of a cluster."""
SUPPORT = 3
"""Failures, and successes like them, from which the two are compared."""
GAP = 0.2
"""Least difference of the two shares."""
LEVEL = 0.01
"""Level of the test of two proportions."""


BehaviourKind = Literal["executed", "failed", "called", "found", "argument", "written", "observed"]


class Behaviour(NamedTuple):
    """Something that a bot did and that conversations can share."""

    kind: BehaviourKind
    """How a call ended, that a look-up was made, a document found, what an argument was or how it was written, or what was seen."""
    name: str
    """The tool, the document, or the statement of what was seen."""
    argument: str = ""
    """The argument's path, of argument and written."""
    value: str = ""
    """Its value as JSON text, or how it was written, like #/#/#."""

    @property
    def text(self) -> str:
        """In words, without the counts."""
        if self.kind == "argument":
            return f"{self.name}: {self.argument} {self.value}"
        if self.kind == "written":
            return f"{self.name}: {self.argument} written like {self.value}"
        if self.kind == "executed":
            return f"carries out {self.name}"
        if self.kind == "called":
            return f"calls {self.name}"
        return self.name if self.kind == "observed" else f"{self.name} {self.kind}"


class Discriminator(NamedTuple):
    """A behaviour that failures and the successes like them show in different shares."""

    behaviour: Behaviour
    """What the bot did."""
    failing: int
    """Failures that show it."""
    failures: int
    """All failures."""
    working: int
    """Successes that show it."""
    worked: int
    """All successes like the failures."""


def discriminators(
    failures: Sequence[ActionTrace],
    successes: Sequence[ActionTrace],
    observed: tuple[Sequence[Set[Behaviour]], Sequence[Set[Behaviour]]] | None = None,
) -> list[Discriminator]:
    """The behaviours that part failures from the successes like them, calls and documents first, the clearest first; at most five.

    `observed` is what each failure and each success shows (`behaviours`), in their order, where that is known: successes are those of several clusters.

    A behaviour counts from a difference of 20 points that chance alone would hardly make (two proportions, below 1 %). An argument
    must also part those that made the call, and recur in another task: a customer's number only tells who called.
    """
    if len(failures) < SUPPORT or len(successes) < SUPPORT:
        return []
    if observed is None:
        observed = [behaviours(trace) for trace in failures], [behaviours(trace) for trace in successes]
    failing, working = (Counter(chain.from_iterable(side)) for side in observed)
    clear: list[tuple[float, Discriminator]] = []
    for behaviour in failing.keys() | working.keys():
        test = Discriminator(behaviour, failing[behaviour], len(failures), working[behaviour], len(successes))
        z, p = two_proportions(test.failing, test.failures, test.working, test.worked)
        if p >= LEVEL or _gap(test.failing, test.failures, test.working, test.worked) < GAP:
            continue
        if behaviour.argument and not _argument_matters(test, (failures, successes), observed):
            continue
        clear.append((abs(z), test))
    return [test for _, test in sorted(clear, key=_rank)[:KEPT]]


def _rank(entry: tuple[float, Discriminator]) -> tuple[bool, float, bool, int, Behaviour]:
    """What the bot did before what was seen; the clearest first; of two that mirror each other, what failures do before what
    they leave."""
    z, test = entry
    leaves_it = test.failing * test.worked < test.working * test.failures
    return (
        test.behaviour.kind == "observed",
        -round(z, 6),
        leaves_it,
        _KIND_ORDER.index(test.behaviour.kind),
        test.behaviour,
    )


def _gap(a: int, of_a: int, b: int, of_b: int) -> float:
    """How far two shares are apart; 0 where a side has nothing to share."""
    return abs(a / of_a - b / of_b) if of_a and of_b else 0.0


def _argument_matters(
    test: Discriminator, traces: Sequence[Sequence[ActionTrace]], observed: Sequence[Sequence[Set[Behaviour]]]
) -> bool:
    """Whether an argument says more than that its call was made, and more than whose case it was; `observed` in `traces`."""
    callers = [
        [
            (trace, shows)
            for trace, shows in zip(*side, strict=True)
            if any(step.tool == test.behaviour.name for step in trace.steps)
        ]
        for side in zip(traces, observed, strict=True)
    ]
    tasks = {trace.task or str(n) for n, (trace, shows) in enumerate(chain(*callers)) if test.behaviour in shows}
    return len(tasks) > 1 and _gap(test.failing, len(callers[0]), test.working, len(callers[1])) >= GAP


_KIND_ORDER = ("argument", "written", "executed", "failed", "called", "found", "observed")


def behaviours(trace: ActionTrace, seen: Collection[str] = ()) -> set[Behaviour]:
    """Everything that a conversation can share with another: what its trace holds, and statements of what else was `seen` in it."""
    shared = {Behaviour("observed", statement) for statement in seen}
    shared |= {Behaviour("called", name) for name, _ in trace.reads}
    shared |= {Behaviour("found", name) for name in trace.documents}
    for step in trace.steps:
        shared.add(Behaviour(step.outcome, step.tool))
        for path, value in leaves(step.arguments).items():
            argument = argument_name(path)
            if names_a_person(argument):
                continue
            text = json.dumps(value, ensure_ascii=False)
            if isinstance(value, str) and (pattern := form(value)) != "text":
                shared.add(Behaviour("written", step.tool, argument, pattern))
            elif len(text) <= VALUE_KEPT and not (isinstance(value, str) and re.search(r"\d", value)):
                shared.add(Behaviour("argument", step.tool, argument, text))
    return shared

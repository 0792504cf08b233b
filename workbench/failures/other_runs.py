"""The same task run several times, by models, releases or retries: which run left other changes than every other one.

Runs that agree on what they changed are right more often than one that nobody agrees with: the idea of self-consistency
(Wang et al. 2023, "Self-Consistency Improves Chain of Thought Reasoning in Language Models"), here over the changes that were made
and not over answers. What the user's own tools changed counts too, as some runs let the user do what others do themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from workbench.failures.courses import Courses
from workbench.failures.deviation import Deviation

_FEWEST_RUNS = 3
"""Runs of a task from which on one of them stands alone: of two that differ either may be right."""
_MOST_NAMED = 3
_MOST_LASTING = 200


def unlike_other_runs(courses: Courses, tasks: Sequence[str | None]) -> dict[int, Deviation]:
    """The runs whose lasting changes no other run of their task made, by row; `tasks` has a name or None a conversation."""
    runs: dict[str, list[int]] = defaultdict(list)
    for row, task in enumerate(tasks):
        if task is not None:
            runs[task].append(row)
    lasting = np.flatnonzero(courses.lasting)
    begins, ends = (
        np.searchsorted(courses.rows[lasting], np.arange(courses.count), side) for side in ("left", "right")
    )
    alone: dict[int, Deviation] = {}
    for of_task in runs.values():
        if len(of_task) < _FEWEST_RUNS:
            continue
        made = {row: lasting[begins[row] : ends[row]][:_MOST_LASTING] for row in of_task}
        changes = {row: frozenset(courses.digests[acts].tolist()) for row, acts in made.items()}
        alike = Counter(changes.values())
        makers = Counter(digest for digests in changes.values() for digest in digests)
        names = {
            int(courses.digests[act]): courses.names[courses.tools[act]]
            for acts in made.values()
            for act in acts.tolist()
        }
        for row in of_task:
            if alike[changes[row]] == 1:
                own = [act for act in made[row].tolist() if makers[int(courses.digests[act])] == 1]
                others = len(of_task) - 1
                left_out = [
                    f"{names[digest]} (made in {count} of {others})"
                    for digest, count in makers.most_common()
                    if 2 * count > others and digest not in changes[row]
                ]
                only_here = list(dict.fromkeys(courses.names[courses.tools[act]] for act in own))
                first = next((int(courses.positions[act]) for act in own if not courses.by_user[act]), None)
                alone[row] = Deviation("unlike-other-runs", first, _evidence(others, only_here, left_out))
    return alone


def _evidence(others: int, only_here: Sequence[str], left_out: Sequence[str]) -> str:
    parts = [f"{others} other runs of this task, none with the same changes"]
    if only_here:
        parts.append(f"only here, with these arguments: {', '.join(only_here[:_MOST_NAMED])}")
    if left_out:
        parts.append(f"left out here: {', '.join(left_out[:_MOST_NAMED])}")
    return "; ".join(parts)

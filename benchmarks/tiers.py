"""What the two tiers and each new signal are right in, with the outcome withheld, on the tasks that no rule was settled on.

`signals.py` prints it. Each log's tasks (dialogues) are parted by SHA-256 of their id: the rules of `unlike-other-runs` and
`unusual-order` were settled on the even half, and the odd half was measured. Not held out in that sense are `skipped-step`,
whose first form, which asked for look-ups before hand-overs too, was right in .59 on the odd half, so that it asks for them
before lasting changes only; the other new signals, whose words were settled on all of these logs; and those of retrieval,
made with the whole of rag.parquet in view.
Precision and recall with intervals by drawing whole tasks anew (1,000 draws), precision with Wilson's, too. The lift is precision
over the base rate: with a base rate of b nothing can have more than 1 / b. Beside the tiers the longest conversations, as many
as the tiers hold, any tool error, and the tiers where no task ran several times.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tests.support.norms import norms_of
from workbench.conversation import Conversation
from workbench.failures.acts import acts
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.courses import Courses
from workbench.failures.deviation import Deviation
from workbench.failures.other_runs import unlike_other_runs
from workbench.failures.tiers import tier_of_signals
from workbench.failures.usual_steps import unusual_steps
from workbench.stats import wilson

NEW_SIGNALS = (
    *("other-entity", "claim-without-call", "last-check-failed", "failed-run", "wrong-figure", "wrong-count"),
    *("unconfirmed-write", "unnamed-entity", "unsourced-argument"),
    *("unlike-other-runs", "skipped-step", "unusual-order"),
)
"""The signals of this release."""
_ERRORS = {"tool-error", "three-errors", "same-call-after-error"}
_DRAWS = 1_000
RECALL, LIFT = 0.35, 1.8
"""What the two tiers together aim at."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval; nan where nothing fired."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Detection:
    """How a rule fares on the held-out half of a log."""

    rule: str
    fired: int
    right: int
    precision: Interval
    """Wilson's interval."""
    precision_by_task: Interval
    recall: Interval
    """Drawn by task, like the next."""
    lift: Interval


@dataclass(frozen=True)
class HeldOut:
    """The held-out half of one log."""

    conversations: int
    failing: int
    tasks: int
    base_rate: float
    highest_lift: float
    """What a rule without a mistake has."""
    reaches: bool
    """Whether the tiers together have the recall and the lift that they aim at."""
    rules: list[Detection]


def judged(conversations: Sequence[Conversation]) -> list[Analysis]:
    """The conversations of one bot judged beside each other, as a build does; their outcome is to be withheld by the caller."""
    norms = norms_of(conversations)
    alone = [analyse(each, norms) for each in conversations]
    courses = Courses.of([acts(each) for each in conversations])
    tasks = [each.metadata.get("task_id") for each in conversations]
    deviations = unusual_steps(courses, np.array([not analysis.listed for analysis in alone]))
    for row, deviation in unlike_other_runs(courses, [None if task is None else str(task) for task in tasks]).items():
        deviations.setdefault(row, []).append(deviation)
    return [
        analyse(each, norms, deviations=_of(deviations, row)) if row in deviations else alone[row]
        for row, each in enumerate(conversations)
    ]


def _of(deviations: dict[int, list[Deviation]], row: int) -> tuple[Deviation, ...]:
    return tuple(deviations.get(row, ()))


def held_out(group: str) -> bool:
    """Whether a task or dialogue was only measured."""
    return hashlib.sha256(group.encode()).digest()[0] % 2 == 1


def tiers(
    conversations: Sequence[Conversation], analyses: Sequence[Analysis], bad: Sequence[bool], groups: Sequence[str]
) -> HeldOut:
    """How the tiers, the new signals and trivial rules fare on the held-out tasks of a log."""
    rows = [row for row, group in enumerate(groups) if held_out(group)]
    labels, tasks = np.array([bad[row] for row in rows]), [groups[row] for row in rows]
    chosen = [analyses[row] for row in rows]
    lengths = np.array([len(conversations[row].turns) for row in rows])
    listed = np.array([analysis.listed for analysis in chosen])
    longest = np.zeros(len(rows), bool)
    longest[np.argsort(-lengths, kind="stable")[: int(listed.sum())]] = True
    codes = [{signal.code for signal in analysis.signals} for analysis in chosen]
    rules = {
        "failing": np.array([analysis.failed for analysis in chosen]),
        "suspected": np.array([analysis.suspected for analysis in chosen]),
        "failing or suspected": listed,
        "without other runs": np.array([_without_other_runs(analysis) for analysis in chosen]),
        "as many, the longest": longest,
        "any tool error": np.array([not _ERRORS.isdisjoint(of) for of in codes]),
        **{code: np.array([code in of for of in codes]) for code in NEW_SIGNALS},
    }
    detections = [_detection(rule, fired, labels, tasks) for rule, fired in rules.items() if fired.any()]
    both = next((each for each in detections if each.rule == "failing or suspected"), None)
    base = float(labels.mean())
    return HeldOut(
        len(rows),
        int(labels.sum()),
        len(set(tasks)),
        round(base, 3),
        round(1 / base, 2),
        both is not None and both.recall.value >= RECALL and both.lift.value >= LIFT,
        detections,
    )


def _without_other_runs(analysis: Analysis) -> bool:
    """Whether it is failing or suspected where no task ran several times, as in most logs."""
    rest = [signal for signal in analysis.signals if signal.code != "unlike-other-runs"]
    return tier_of_signals(rest) is not None


def _detection(rule: str, fired: Flags, labels: Flags, tasks: Sequence[str]) -> Detection:
    _, task = np.unique(np.array(tasks), return_inverse=True)
    count = int(task.max()) + 1
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), _DRAWS)
    draws = np.vstack([np.ones((1, count)), drawn])[:, task]  # the first is the log as it is
    hits, flagged, failing = draws @ (fired & labels), draws @ fired, draws @ labels
    with np.errstate(invalid="ignore", divide="ignore"):
        precision, recall = hits / flagged, hits / failing
        lift = precision / (failing / draws.sum(1))
    right, total = int((fired & labels).sum()), int(fired.sum())
    return Detection(
        rule,
        total,
        right,
        Interval(round(right / total, 3), *(round(end, 3) for end in wilson(right, total))),
        *(_interval(values) for values in (precision, recall, lift)),
    )


def _interval(draws: NDArray[np.float64]) -> Interval:
    """The value on the log as it is, and the middle 95 % of those on tasks drawn anew."""
    low, high = np.nanpercentile(draws[1:], [2.5, 97.5])
    return Interval(round(float(draws[0]), 3), round(float(low), 3), round(float(high), 3))


@dataclass(frozen=True)
class Negatives:
    """How often a new signal fires where nothing is wrong."""

    signal: str
    successes: int
    """Conversations that went well, of all logs, both halves."""
    fired: int
    """Of these."""
    high: float
    """The upper end of Wilson's 95 % interval of that share."""
    near_misses: int
    """Conversations that were made to be nearly what it looks for."""
    near_misses_fired: int


def negatives(
    analyses: Iterable[tuple[Analysis, bool]], near_misses: Iterable[tuple[str, Sequence[Analysis]]]
) -> list[Negatives]:
    """For each new signal; `analyses` with whether the conversation went badly, `near_misses` with the signal that is meant."""
    fine = [{signal.code for signal in analysis.signals} for analysis, bad in analyses if not bad]
    missed = [(code, {signal.code for each in of for signal in each.signals}) for code, of in near_misses]
    rows = []
    for code in NEW_SIGNALS:
        fired = sum(code in codes for codes in fine)
        made = [codes for meant, codes in missed if meant == code]
        rows.append(
            Negatives(
                code, len(fine), fired, round(wilson(fired, len(fine))[1], 3), len(made), sum(code in of for of in made)
            )
        )
    return rows


def lines(figures: dict[str, HeldOut]) -> Iterable[str]:
    """The figures of the logs for a terminal."""
    for log, of_log in figures.items():
        aim = "reached" if of_log.reaches else "not reached"
        yield (
            f"\n{log}, held out: {of_log.failing} of {of_log.conversations} failing, {of_log.tasks} tasks, base rate "
            f"{of_log.base_rate:.2f}, no lift above {of_log.highest_lift:.2f}; recall {RECALL} at lift {LIFT} {aim}"
        )
        yield f"  {'rule':<22} right of fired  precision (Wilson; by task)            recall             lift"
        for row in of_log.rules:
            ends = [_shown(each) for each in (row.precision, row.precision_by_task, row.recall, row.lift)]
            yield f"  {row.rule:<22} {row.right:>5} of {row.fired:<4}  {ends[0]}; {ends[1][5:]}  {ends[2]}  {ends[3]}"


def _shown(interval: Interval) -> str:
    return f"{interval.value:.2f} [{interval.low:.2f}, {interval.high:.2f}]"


def negative_lines(rows: Iterable[Negatives]) -> Iterable[str]:
    """The negative sets for a terminal."""
    yield "\nfired where nothing is wrong: successes of all logs (upper end of the share), near misses"
    for row in rows:
        yield (
            f"  {row.signal:<22} {row.fired:>3} of {row.successes} (≤ {row.high:.3f})  "
            f"{row.near_misses_fired} of {row.near_misses}"
        )

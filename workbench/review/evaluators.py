"""Evaluators as instruments: scores by code, models or people in the logs, and judges, beside what readers found.

What an evaluator says counts for nothing by itself. Where readers gave verdicts on enough conversations of either of its answers, its
error rates are known with intervals, and the failure rate that it tells is corrected for them (`prevalence`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.bench.bench import Bench
from workbench.conversation.model import Evaluation
from workbench.failures.signals.norms import bad_up_to, usual_scale
from workbench.judgement.verdicts import agreed_verdict, picked
from workbench.review.estimate import Interval, Stratum
from workbench.review.judge_answers import judges
from workbench.review.prevalence import Accuracy, Counted, Plan, accuracy, half_width, more_reading, prevalence

AIM = 0.05
"""Half the width that an interval of a corrected rate shall have."""
FAILING_LABELS = frozenset(
    "fail failed failing failure incorrect wrong bad no false unhelpful ungrounded hallucinated unsafe toxic negative".split()
)
"""What evaluators call what went wrong, in lower case."""
FINE_LABELS = frozenset(
    "pass passed passing success correct right good yes true helpful grounded factual safe positive fine ok".split()
)
"""What they call what went well."""


@dataclass(frozen=True)
class Instrument:
    """One evaluator over one bot's conversations, and how good it is."""

    name: str
    """What it is called: that of the log, or the judge's model and prompt."""
    by: str
    """Who judges: code, model, person, or nobody says."""
    counted: Counted
    """What it says of the conversations that it judged, and what readers found in those that they read."""
    accuracy: Accuracy | None
    """Its error rates; None where too little was read."""
    rate: Interval | None
    """The failure rate corrected for them; None until they say that it tells anything."""
    more: Plan
    """What to read more until the corrected rate is about ± `AIM`."""

    @property
    def says(self) -> float:
        """The share that it says failed, uncorrected."""
        return self.counted.yes.population / max(self.counted.population, 1)

    @property
    def advice(self) -> str:
        """What to do next, in one sentence."""
        if self.accuracy is None:
            short = [max(0, 10 - side.read) for side in (self.counted.yes, self.counted.no)]
            return f"Counts for nothing yet: read {short[0]} that it calls failed and {short[1]} that it calls fine."
        if not self.accuracy.tells:
            return f"No better than a coin for all that {self.accuracy.read} readings tell: its rate is not used."
        if self.rate is not None and half_width(self.rate) > AIM and self.more.total:
            return f"Read {self.more.yes} more that it calls failed and {self.more.no} that it calls fine for ± {100 * AIM:.0f} points."
        return "Enough was read."


def instruments(bench: Bench, bot: str) -> list[Instrument]:
    """Every evaluator of a bot's conversations, those of the log by name, then judges."""
    evaluated = bench.evidence.evaluations(bot)
    called = {(name, by): answers(evaluations) for (name, by), evaluations in by_evaluator(evaluated).items()}
    flags = bench.evidence.flags(bot)
    for judge, answered in judges(bench.store).items():
        verdicts_of_judge = {
            key: answer.verdict == "failed"
            for key, answer in answered.items()
            if key in flags and answer.verdict != "unsure"
        }
        if verdicts_of_judge:
            called[judge.name, "model"] = verdicts_of_judge
    verdicts = {
        key: agreed_verdict(readings)
        for key, readings in bench.judgement.verdicts.all().items()
        if key in flags and not picked(readings)
    }
    read = {key: verdict == "failed" for key, verdict in verdicts.items() if verdict is not None}
    return [measured(name, by, calls, read) for (name, by), calls in called.items() if calls]


def measured(name: str, by: str, calls: Mapping[str, bool], read: Mapping[str, bool]) -> Instrument:
    """An evaluator by what it calls failed and what readers found, each by conversation key."""
    yes, no = (
        Stratum(
            sum(answer is side for answer in calls.values()),
            sum(answer is side for key, answer in calls.items() if key in read),
            sum(read[key] for key, answer in calls.items() if key in read and answer is side),
        )
        for side in (True, False)
    )
    counted = Counted(yes, no)
    rates = accuracy(counted)
    rate = prevalence(counted) if rates is not None and rates.tells else None
    return Instrument(name, by, counted, rates, rate, more_reading(counted, AIM))


def by_evaluator(evaluated: Mapping[str, Sequence[Evaluation]]) -> dict[tuple[str, str], dict[str, list[Evaluation]]]:
    """What each evaluator, by name and who it is, said of each conversation."""
    of_each: dict[tuple[str, str], dict[str, list[Evaluation]]] = {}
    for key, evaluations in evaluated.items():
        for evaluation in evaluations:
            name = evaluation.name, evaluation.by or "not logged"
            of_each.setdefault(name, {}).setdefault(key, []).append(evaluation)
    return dict(sorted(of_each.items()))


def answers(evaluations: Mapping[str, Sequence[Evaluation]]) -> dict[str, bool]:
    """Whether an evaluator says that a conversation failed, by key: a bad label, else a score in the lower two fifths of its scale.

    Of several answers on one conversation the worst counts; one that gives neither a label that is known nor a score says nothing.
    """
    values = [each.value for listed in evaluations.values() for each in listed if each.value is not None]
    scale = usual_scale(min(values), max(values)) if values else None
    failed: dict[str, bool] = {}
    for key, listed in evaluations.items():
        given = [answer for each in listed if (answer := _failed(each, scale)) is not None]
        if given:
            failed[key] = any(given)
    return failed


def _failed(evaluation: Evaluation, scale: tuple[float, float] | None) -> bool | None:
    label = (evaluation.label or "").strip().lower()
    if label in FAILING_LABELS or label in FINE_LABELS:
        return label in FAILING_LABELS
    if evaluation.value is None or scale is None:
        return None
    return evaluation.value <= bad_up_to(scale)

"""The learned score: how like the failing conversations of its bot one is, learned from outcomes and people's verdicts.

It orders the reading and overrules nobody. A logistic regression over what was observed (signals, calls, lengths) and the
request's vector; cross-validated in groups, so that no task is both learned from and tested on; calibrated by a second,
one-dimensional regression over the held-out values (Platt 1999), itself cross-fitted where its reliability is told.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from workbench.embedding.vectors import Vectors
from workbench.failures.logistic_regression import Flags, Floats, Linear, cross_fitted, grouped_folds, platt
from workbench.failures.signals import REGISTRY

FEWEST = 50
"""Labelled conversations of each kind, failing and fine, from which a bot's score is learned."""
MOST = 2000
"""Labelled conversations that are learned from; of more, as many taken evenly. Keeps a build from waiting for it."""
FOLDS = 10
BINS = 5
_TRAIT_SCALE, _STEP_SCALE = 0.3, 0.1
_FEWEST_SEEN = 3
_RESAMPLES = 200
_CONTRIBUTES_UP, _CONTRIBUTES_DOWN, _CONTRIBUTES_FROM = 3, 2, 0.1
_AT_ONCE = 4096
"""Conversations that are scored at once: their table of features would else outgrow a long log."""
_SIGNAL, _STEP, _TRAIT = "signal:", "step:", "trait:"
REQUEST = "request"


@dataclass(frozen=True)
class Example:
    """One conversation as the score sees it.

    `label` is whether it failed, None where nobody and nothing says; `group` is the same for conversations that must
    not stand on both sides of a test (a task, a dialogue). `facets` are named values, as `facets` makes them.
    """

    key: str
    group: str
    label: bool | None
    turns: int
    facets: Mapping[str, float]


class Bin(NamedTuple):
    """Held-out conversations by their probability: the mean that was said, how many there are, how many of them failed."""

    said: float
    total: int
    failed: int


class Contribution(NamedTuple):
    """What spoke for or against: in words, and the change in log odds."""

    text: str
    weight: float


@dataclass(frozen=True)
class Learned:
    """One bot's learned score: how good it is held out, and what it says of each conversation.

    Below `FEWEST` labels of either sort, or where the failing ones are of too few groups to hold some out, the score is
    off: then all but the counts is empty.
    """

    bot: str
    """The bot."""
    failing: int
    """Labels that say failed."""
    fine: int
    """Labels that say fine."""
    groups: int = 0
    """Groups that the labels are of; one group is never on both sides of a fold."""
    auc: float | None = None
    """The area under the ROC curve, held out."""
    auc_low: float | None = None
    """The lower bound of its 95 % interval, by resampling groups."""
    auc_high: float | None = None
    """The upper bound."""
    length_auc: float | None = None
    """The same area for the number of turns alone."""
    brier: float | None = None
    """The mean squared error of the probability, held out."""
    base_brier: float | None = None
    """That of always saying the bot's rate."""
    bins: list[Bin] = field(default_factory=list)
    """What the probability said against what came."""
    weights: dict[str, float] = field(default_factory=dict)
    """Changes in log odds by feature: of a signal for firing, of a length for one standard deviation more."""
    scores: dict[str, float] = field(default_factory=dict)
    """Probabilities of failing by key; of labelled conversations held out."""
    contributions: dict[str, list[Contribution]] = field(default_factory=dict)
    """What spoke for and against, by key, strongest first; where nothing did, the key is absent."""

    @property
    def on(self) -> bool:
        return self.auc is not None


def facets(codes: Sequence[str], tokens: Sequence[str], traits: Mapping[str, float]) -> dict[str, float]:
    """What is observed of one conversation as named values: signals that fired, steps of its signature, its traits.

    How it ended and how it was rated stay out: they are the label itself, or say it where no label is needed.
    """
    afterwards = {"outcome", "feedback"}
    fired = [code for code in codes if code in REGISTRY and REGISTRY[code].family not in afterwards]
    steps = [token for token in tokens if not token.startswith("signal:")]
    return (
        {f"{_SIGNAL}{code}": 1.0 for code in fired}
        | {f"{_STEP}{token}": 1.0 for token in steps}
        | {f"{_TRAIT}{name}": value for name, value in traits.items()}
    )


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


def learn(bot: str, examples: Sequence[Example], requests: Vectors) -> Learned:
    """Learn one bot's score from its labelled conversations and apply it to all; `requests` has a unit row for each."""
    labelled = [i for i, example in enumerate(examples) if example.label is not None]
    failing = sum(bool(examples[i].label) for i in labelled)
    if min(failing, len(labelled) - failing) < FEWEST:
        return Learned(bot, failing, len(labelled) - failing)
    rows = labelled[:: -(-len(labelled) // MOST)]
    labels = np.array([bool(examples[i].label) for i in rows])
    groups = [examples[i].group for i in rows]
    folds = grouped_folds(groups, FOLDS)
    if not all(set(labels[folds != fold]) == {False, True} for fold in range(FOLDS)):
        return Learned(bot, failing, len(labelled) - failing, len(set(groups)))
    features = Features.of([examples[i].facets for i in rows])
    values = np.hstack([features.values([examples[i].facets for i in rows]), np.asarray(requests[rows], np.float64)])
    model, held_out = cross_fitted(values, labels, folds)
    curve = platt(held_out, labels)
    decision, contributions = _applied(model, features, examples, requests)
    probabilities = curve(decision)
    fair = np.array([0.0] * len(rows))
    for fold in range(FOLDS):
        fair[folds == fold] = platt(held_out[folds != fold], labels[folds != fold])(held_out[folds == fold])
    # Never surer than so many labels can make it (Laplace's rule of succession); the order stays.
    fair, probabilities = ((len(rows) * chance + 1) / (len(rows) + 2) for chance in (fair, probabilities))
    probabilities[rows] = fair
    turns = np.array([examples[i].turns for i in rows], np.float64)
    low, high = auc_interval(labels, fair, groups)
    return Learned(
        bot,
        failing,
        len(labelled) - failing,
        len(set(groups)),
        auc(labels, fair),
        low,
        high,
        auc(labels, turns),
        float(np.mean((fair - labels) ** 2)),
        float(np.mean((labels.mean() - labels) ** 2)),
        reliability(labels, fair),
        features.weights(model.weights),
        {example.key: float(p) for example, p in zip(examples, probabilities, strict=True)},
        contributions,
    )


@dataclass(frozen=True)
class Features:
    """The named values that are used, with what brings them to one scale."""

    names: list[str]
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, rows: Sequence[Mapping[str, float]]) -> Features:
        """Those that at least three of the rows have, and not all of them alike."""
        counts = Counter(name for row in rows for name, value in row.items() if value)
        names = sorted(name for name, count in counts.items() if count >= _FEWEST_SEEN)
        raw = _table(rows, names)
        mean, deviation = raw.mean(0), raw.std(0)
        varied = deviation > 1e-9
        names = [name for name, kept in zip(names, varied, strict=True) if kept]
        scale = np.array([_STEP_SCALE if name.startswith(_STEP) else _TRAIT_SCALE for name in names])
        return cls(names, mean[varied], deviation[varied] / scale)

    def values(self, rows: Sequence[Mapping[str, float]]) -> Floats:
        """Centred and scaled, (rows, names)."""
        return (_table(rows, self.names) - self.mean) / self.spread

    def weights(self, model: Floats) -> dict[str, float]:
        """Changes in log odds: of what fires or happens for doing so, of a length for one standard deviation."""
        changes = {}
        for name, weight, spread in zip(self.names, model, self.spread, strict=False):
            changes[name] = float(weight * _TRAIT_SCALE if name.startswith(_TRAIT) else weight / spread)
        return changes


def _table(rows: Sequence[Mapping[str, float]], names: Sequence[str]) -> Floats:
    at = {name: j for j, name in enumerate(names)}
    table = np.zeros((len(rows), len(names)))
    for i, row in enumerate(rows):
        for name, value in row.items():
            if name in at:
                table[i, at[name]] = value
    return table


def _applied(
    model: Linear, features: Features, examples: Sequence[Example], requests: Vectors
) -> tuple[Floats, dict[str, list[Contribution]]]:
    """The log odds of every conversation, and what spoke in it: only what is there, as an absence tells nobody where to look."""
    size = len(features.names)
    asked = requests @ model.weights[size:].astype(np.float32)
    usual = float(asked.mean())
    decision = np.zeros(len(examples))
    contributions: dict[str, list[Contribution]] = {}
    for start in range(0, len(examples), _AT_ONCE):
        part, request = examples[start : start + _AT_ONCE], asked[start : start + _AT_ONCE].astype(np.float64)
        table = _table([example.facets for example in part], features.names)
        weights = (table - features.mean) / features.spread * model.weights[:size]
        decision[start : start + len(part)] = weights.sum(1) + request + model.constant
        present = np.hstack([np.where(table, weights, 0), request[:, None] - usual])
        names = [*features.names, REQUEST]
        for row, column, weight in _strongest(present):
            contributions.setdefault(part[row].key, []).append(Contribution(names[column], weight))
    return decision, contributions


def _strongest(weights: Floats) -> Iterator[tuple[int, int, float]]:
    """Row, column and weight of what contributes most to each row, what speaks for it first and the strongest first."""
    for sign, most in ((1, _CONTRIBUTES_UP), (-1, _CONTRIBUTES_DOWN)):
        rows, columns = np.nonzero(sign * weights >= _CONTRIBUTES_FROM)
        order = np.lexsort((columns, -sign * weights[rows, columns], rows))
        rows, columns = rows[order], columns[order]
        rank = np.arange(len(rows)) - np.searchsorted(rows, rows)
        kept = rank < most
        rows, columns = rows[kept], columns[kept]
        yield from zip(rows.tolist(), columns.tolist(), weights[rows, columns].tolist(), strict=True)


# --- how good it is -------------------------------------------------------------------------------------------------


def reliability(labels: Flags, predicted: Floats) -> list[Bin]:
    """What was said against what came, in bins of equal size by what was said (DeGroot and Fienberg 1983)."""
    order = np.argsort(predicted, kind="stable")
    parts = [part for part in np.array_split(order, BINS) if len(part)]
    return [Bin(float(predicted[part].mean()), len(part), int(labels[part].sum())) for part in parts]


def auc(labels: Flags, predicted: Floats, weights: Floats | None = None) -> float:
    """The chance that a failing row stands above a fine one, ties half (Hanley and McNeil 1982); NaN without both kinds."""
    weights = np.ones(len(labels)) if weights is None else weights
    _, place = np.unique(predicted, return_inverse=True)
    failing = np.bincount(place, weights * labels)
    fine = np.bincount(place, weights * ~labels, minlength=len(failing))
    pairs = failing.sum() * fine.sum()
    below = np.cumsum(fine) - fine / 2
    return float((failing * below).sum() / pairs) if pairs else math.nan


def auc_interval(labels: Flags, predicted: Floats, groups: Sequence[str]) -> tuple[float, float]:
    """A 95 % interval of the AUC by drawing whole groups anew, 200 times, always the same draws."""
    _, group = np.unique(np.array(groups), return_inverse=True)
    draws = np.random.default_rng(0)
    count = int(group.max()) + 1
    resampled = [
        auc(labels, predicted, np.bincount(draws.integers(0, count, count), minlength=count)[group].astype(float))
        for _ in range(_RESAMPLES)
    ]
    low, high = np.nanpercentile(resampled, [2.5, 97.5])
    return float(low), float(high)

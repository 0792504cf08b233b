"""The learned score: how like the failing conversations of its bot one is, learned from outcomes and people's verdicts.

It orders the reading and overrules nobody. A logistic regression over what was observed (signals, calls, lengths) and the
request's vector; cross-validated in groups, so that no task is both learned from and tested on; calibrated by a second,
one-dimensional regression over the held-out values (Platt 1999), itself cross-fitted where its reliability is told.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

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


@dataclass(frozen=True, eq=False)
class Examples:
    """The conversations of one bot as the score sees them."""

    groups: Sequence[str]
    """The same for conversations that must not stand on both sides of a test (a task, a dialogue)."""
    labels: Sequence[bool | None]
    """Whether each failed; None where nobody and nothing says."""
    turns: NDArray[np.int64]
    """How many turns each has."""
    facets: Facets
    """What was observed of each, named as `signal_facet`, `step_facet` and `trait_facet` name it."""


class Bin(NamedTuple):
    """Held-out conversations by their probability: the mean that was said, how many there are, how many of them failed."""

    said: float
    total: int
    failed: int


@dataclass(frozen=True, eq=False)
class Contributions:
    """What spoke for and against each score, one conversation's after another's, of each the strongest first."""

    rows: NDArray[np.int32]
    """The conversation of each, rising."""
    features: NDArray[np.int32]
    """What spoke, as a place among `Learned.features`."""
    weights: Floats
    """The change in log odds."""


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
    scores: Floats = field(default_factory=lambda: np.zeros(0))
    """Probabilities of failing, (n,), of labelled conversations held out."""
    features: list[str] = field(default_factory=list)
    """The names of what may speak for or against a score."""
    contributions: Contributions | None = None
    """What did."""

    @property
    def on(self) -> bool:
        return self.auc is not None


def signal_facet(code: str) -> str | None:
    """A signal that fired, as the name of a facet.

    How a conversation ended and how it was rated stay out: they are the label itself, or say it where no label is needed.
    """
    return None if code not in REGISTRY or REGISTRY[code].family in ("outcome", "feedback") else f"{_SIGNAL}{code}"


def step_facet(token: str) -> str | None:
    """A token of a signature, as the name of a facet; signals are facets of their own."""
    return None if token.startswith(_SIGNAL) else f"{_STEP}{token}"


def trait_facet(name: str) -> str:
    """A trait, as the name of a facet."""
    return f"{_TRAIT}{name}"


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


def learn(bot: str, examples: Examples, requests: Vectors) -> Learned:
    """Learn one bot's score from its labelled conversations and apply it to all; `requests` has a unit row for each."""
    labelled = [i for i, label in enumerate(examples.labels) if label is not None]
    failing = sum(bool(examples.labels[i]) for i in labelled)
    if min(failing, len(labelled) - failing) < FEWEST:
        return Learned(bot, failing, len(labelled) - failing)
    rows = np.array(labelled[:: -(-len(labelled) // MOST)])
    labels = np.array([bool(examples.labels[i]) for i in rows])
    groups = [examples.groups[i] for i in rows]
    folds = grouped_folds(groups, FOLDS)
    if not all(set(labels[folds != fold]) == {False, True} for fold in range(FOLDS)):
        return Learned(bot, failing, len(labelled) - failing, len(set(groups)))
    learned_from = examples.facets.of_rows(rows, len(examples.labels))
    features = Features.of(learned_from, len(rows))
    values = np.hstack([features.values(learned_from, len(rows)), np.asarray(requests[rows], np.float64)])
    model, held_out = cross_fitted(values, labels, folds)
    curve = platt(held_out, labels)
    decision, contributions = _applied(model, features, examples.facets, requests)
    probabilities = curve(decision)
    fair = np.array([0.0] * len(rows))
    for fold in range(FOLDS):
        fair[folds == fold] = platt(held_out[folds != fold], labels[folds != fold])(held_out[folds == fold])
    # Never surer than so many labels can make it (Laplace's rule of succession); the order stays.
    fair, probabilities = ((len(rows) * chance + 1) / (len(rows) + 2) for chance in (fair, probabilities))
    probabilities[rows] = fair
    low, high = auc_interval(labels, fair, groups)
    return Learned(
        bot,
        failing,
        len(labelled) - failing,
        len(set(groups)),
        auc(labels, fair),
        low,
        high,
        auc(labels, examples.turns[rows].astype(np.float64)),
        float(np.mean((fair - labels) ** 2)),
        float(np.mean((labels.mean() - labels) ** 2)),
        reliability(labels, fair),
        features.weights(model.weights),
        probabilities,
        [*features.names, REQUEST],
        contributions,
    )


@dataclass(frozen=True)
class Features:
    """The named values that are used, with what brings them to one scale."""

    names: list[str]
    mean: Floats
    spread: Floats

    @classmethod
    def of(cls, facets: Facets, count: int) -> Features:
        """Those that at least three of `count` conversations have, and not all of them alike."""
        size = max(1, len(facets.names))
        cells = np.unique((facets.rows * size + facets.numbers)[facets.values != 0])
        counts = np.bincount(cells % size, minlength=len(facets.names)).tolist()
        names = sorted(name for name, seen in zip(facets.names, counts, strict=True) if seen >= _FEWEST_SEEN)
        raw = _table(facets, count, names)
        mean, deviation = raw.mean(0), raw.std(0)
        varied = deviation > 1e-9
        names = [name for name, kept in zip(names, varied, strict=True) if kept]
        scale = np.array([_STEP_SCALE if name.startswith(_STEP) else _TRAIT_SCALE for name in names])
        return cls(names, mean[varied], deviation[varied] / scale)

    def values(self, facets: Facets, count: int) -> Floats:
        """Centred and scaled, (count, names)."""
        return (_table(facets, count, self.names) - self.mean) / self.spread

    def weights(self, model: Floats) -> dict[str, float]:
        """Changes in log odds: of what fires or happens for doing so, of a length for one standard deviation."""
        changes = {}
        for name, weight, spread in zip(self.names, model, self.spread, strict=False):
            changes[name] = float(weight * _TRAIT_SCALE if name.startswith(_TRAIT) else weight / spread)
        return changes


def _table(facets: Facets, count: int, names: Sequence[str]) -> Floats:
    """The facets of these names, (count, names)."""
    at = {name: column for column, name in enumerate(names)}
    columns = np.array([at.get(name, -1) for name in facets.names], np.intp)[facets.numbers]
    used = columns >= 0
    table = np.zeros((count, len(names)))
    table[facets.rows[used], columns[used]] = facets.values[used]
    return table


def _applied(model: Linear, features: Features, facets: Facets, requests: Vectors) -> tuple[Floats, Contributions]:
    """The log odds of every conversation, and what spoke in it: only what is there, as an absence tells nobody where to look."""
    size = len(features.names)
    asked = requests @ model.weights[size:].astype(np.float32)
    usual = float(asked.mean())
    decision = np.zeros(len(asked))
    strongest: list[tuple[NDArray[np.intp], NDArray[np.intp], Floats]] = []
    for start in range(0, len(asked), _AT_ONCE):
        request = asked[start : start + _AT_ONCE].astype(np.float64)
        table = _table(facets.part(start, start + _AT_ONCE), len(request), features.names)
        weights = (table - features.mean) / features.spread * model.weights[:size]
        decision[start : start + len(request)] = weights.sum(1) + request + model.constant
        rows, columns, spoke = _strongest(np.hstack([np.where(table, weights, 0), request[:, None] - usual]))
        strongest.append((rows + start, columns, spoke))
    rows, columns, spoke = (np.concatenate(each) for each in zip(*strongest, strict=True))
    return decision, Contributions(rows.astype(np.int32), columns.astype(np.int32), spoke)


def _strongest(weights: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp], Floats]:
    """Rows, columns and weights of what contributes most to each row, what speaks for it first and the strongest first."""
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
    return rows, columns, weights[rows, columns]


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

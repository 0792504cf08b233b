"""The learned score: how like the failing conversations of its bot one is, learned from outcomes and people's verdicts.

It orders the reading and overrules nobody. A logistic regression over what was observed (signals, calls, lengths) and the
request's vector; of few labels, over what carries over from other bots (`few_labels`). Cross-validated in groups, so that no task is
both learned from and tested on; calibrated by a second, one-dimensional regression over the held-out values (Platt 1999), itself
cross-fitted where its reliability is told. Where it is no better than the length, the length orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors
from workbench.failures.facets import STEP, TRAIT, Contributions, Facets, strongest, table
from workbench.failures.few_labels import FEW, FromLabels, learned_from_few
from workbench.failures.logistic_regression import Flags, Floats, Linear, Prior, cross_fitted, grouped_folds, platt
from workbench.failures.score_quality import Bin, Lead, auc, auc_interval, lead, reliability

FEWEST = 50
"""Labelled conversations of each kind, failing and fine, from which what was observed here alone is learned from."""
MOST = 2000
"""Labelled conversations that are learned from; of more, as many taken evenly. Keeps a build from waiting for it."""
FOLDS = 10
_TRAIT_SCALE, _STEP_SCALE = 0.3, 0.1
_FEWEST_SEEN = 3
REQUEST = "request"


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
    """What was observed of each, named as `facets` names it."""


@dataclass(frozen=True)
class Learned:
    """One bot's learned score: how good it is held out, and what it says of each conversation.

    Below `FEW` labels of either sort, or where the failing ones are of too few groups to hold some out, the score is
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
    """The area under the ROC curve of what was learned, held out."""
    auc_low: float | None = None
    """The lower bound of its 95 % interval, by resampling groups."""
    auc_high: float | None = None
    """The upper bound."""
    length_auc: float | None = None
    """The same area for the number of turns alone."""
    lead: Lead | None = None
    """By how much that of what was learned is above it."""
    by_length: bool = False
    """Whether the length orders, as what was learned is no better: then the probabilities are made of it."""
    few: bool = False
    """Whether it was learned from so few labels that what carries over from other bots had to help."""
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
        """Whether the bot has a score."""
        return self.auc is not None


def learn(bot: str, examples: Examples, requests: Vectors) -> Learned:
    """Learn one bot's score from its labelled conversations and apply it to all; `requests` has a unit row for each.

    From `FEW` labels of either sort on with the help of what carries over from other bots, from `FEWEST` on from what was observed
    here alone.
    """
    labelled = [i for i, label in enumerate(examples.labels) if label is not None]
    failing = sum(bool(examples.labels[i]) for i in labelled)
    counts = (failing, len(labelled) - failing)
    if min(counts) < FEW:
        return Learned(bot, *counts)
    rows = np.array(labelled[:: -(-len(labelled) // MOST)])
    labels = np.array([bool(examples.labels[i]) for i in rows])
    groups = [examples.groups[i] for i in rows]
    folds = grouped_folds(groups, FOLDS)
    if not all(set(labels[folds != fold]) == {False, True} for fold in range(FOLDS)):
        return Learned(bot, *counts, len(set(groups)))
    few = min(counts) < FEWEST
    held_out, decision, weights, names, contributions = (
        learned_from_few(examples.facets, len(examples.labels), rows, labels, folds)
        if few
        else _learned_here(examples.facets, requests, rows, labels, folds)
    )
    turns = np.log1p(examples.turns.astype(np.float64))
    advantage = lead(labels, held_out, turns[rows], groups)
    by_length = not advantage.shrunk > 0
    fair, probabilities = (
        _calibrated(turns[rows], turns, labels, folds) if by_length else _calibrated(held_out, decision, labels, folds)
    )
    probabilities[rows] = fair
    low, high = auc_interval(labels, held_out, groups)
    return Learned(
        bot,
        *counts,
        len(set(groups)),
        auc=auc(labels, held_out),
        auc_low=low,
        auc_high=high,
        length_auc=auc(labels, turns[rows]),
        lead=advantage,
        by_length=by_length,
        few=few,
        brier=float(np.mean((fair - labels) ** 2)),
        base_brier=float(np.mean((labels.mean() - labels) ** 2)),
        bins=reliability(labels, fair),
        weights=weights,
        scores=probabilities,
        features=names,
        contributions=None if by_length else contributions,
    )


def _learned_here(
    facets: Facets, requests: Vectors, rows: NDArray[np.intp], labels: Flags, folds: NDArray[np.int64]
) -> FromLabels:
    """What many labels teach, from what was observed here and what was asked."""
    learned_from = facets.of_rows(rows, len(requests))
    features = Features.of(learned_from, len(rows))
    values = np.hstack([features.values(learned_from, len(rows)), np.asarray(requests[rows], np.float64)])
    model, held_out = cross_fitted(values, labels, folds, Prior.around_nothing(values.shape[1]))
    decision, contributions = _applied(model, features, facets, requests)
    return FromLabels(held_out, decision, features.weights(model.weights), [*features.names, REQUEST], contributions)


def _calibrated(held_out: Floats, decision: Floats, labels: Flags, folds: NDArray[np.int64]) -> tuple[Floats, Floats]:
    """Probabilities of the labelled rows, by a calibration that saw none of their fold, and of all rows."""
    fair = np.zeros(len(labels))
    for fold in np.unique(folds):
        fair[folds == fold] = platt(held_out[folds != fold], labels[folds != fold])(held_out[folds == fold])
    probabilities = platt(held_out, labels)(decision)
    # Never surer than so many labels can make it (Laplace's rule of succession); the order stays.
    count = len(labels)
    return (count * fair + 1) / (count + 2), (count * probabilities + 1) / (count + 2)


@dataclass(frozen=True)
class Features:
    """The named values that are used, with what brings them to one scale."""

    names: list[str]
    """They, sorted."""
    mean: Floats
    """The mean of each among the labelled conversations, (names,)."""
    spread: Floats
    """What each is divided by once its mean is taken off, (names,)."""

    @classmethod
    def of(cls, facets: Facets, count: int) -> Features:
        """Those that at least three of `count` conversations have, and not all of them alike."""
        size = max(1, len(facets.names))
        cells = np.unique((facets.rows * size + facets.numbers)[facets.values != 0])
        counts = np.bincount(cells % size, minlength=len(facets.names)).tolist()
        names = sorted(name for name, seen in zip(facets.names, counts, strict=True) if seen >= _FEWEST_SEEN)
        raw = table(facets, count, names)
        mean, deviation = raw.mean(0), raw.std(0)
        varied = deviation > 1e-9
        names = [name for name, kept in zip(names, varied, strict=True) if kept]
        scale = np.array([_STEP_SCALE if name.startswith(STEP) else _TRAIT_SCALE for name in names])
        return cls(names, mean[varied], deviation[varied] / scale)

    def values(self, facets: Facets, count: int) -> Floats:
        """Centred and scaled, (count, names)."""
        return (table(facets, count, self.names) - self.mean) / self.spread

    def weights(self, model: Floats) -> dict[str, float]:
        """Changes in log odds: of what fires or happens for doing so, of a length for one standard deviation."""
        changes = {}
        for name, weight, spread in zip(self.names, model, self.spread, strict=False):
            changes[name] = float(weight * _TRAIT_SCALE if name.startswith(TRAIT) else weight / spread)
        return changes


def _applied(model: Linear, features: Features, facets: Facets, requests: Vectors) -> tuple[Floats, Contributions]:
    """The log odds of every conversation, and what spoke in it: only what is there, as an absence tells nobody where to look."""
    size = len(features.names)
    asked = requests @ model.weights[size:].astype(np.float32)
    usual = float(asked.mean())
    decision = np.zeros(len(asked))
    parts = []
    for here, part in facets.parts(len(asked)):
        request = asked[here].astype(np.float64)
        values = table(part, len(request), features.names)
        weights = (values - features.mean) / features.spread * model.weights[:size]
        decision[here] = weights.sum(1) + request + model.constant
        parts.append(strongest(np.hstack([np.where(values, weights, 0), request[:, None] - usual]), here.start))
    return decision, Contributions.of(parts)

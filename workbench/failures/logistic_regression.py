"""A penalised logistic regression for a few thousand rows, cross-fitted in groups, and Platt's calibration of its log odds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

STRENGTH = 0.5
"""Inverse strength of the penalty, scikit-learn's C."""
_CALIBRATION_STRENGTH = 1e6
_FLAT = 1e-6
"""How flat the loss of a row must be, on average, for the minimum to be reached."""
_MOST_STEPS, _LEAST_STEP = 50, 1e-4
_LEAST_CURVATURE = 1e-9
"""What keeps a loss curved whose labels a line tells apart."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Linear(NamedTuple):
    """Log odds as a weighted sum of values."""

    weights: Floats
    """A weight for each column, (d,)."""
    constant: float
    """The log odds where all values are 0."""


class Prior(NamedTuple):
    """What the weights are taken to be before any label is seen: a Gaussian around `mean` with this precision. The constant is free.

    Of few labels the weights stay near what is known from elsewhere (Gelman et al. 2008 on weakly informative priors; ridge
    regression towards a target, van Wieringen 2015).
    """

    mean: Floats
    """The likeliest weights, (d,)."""
    precision: Floats
    """One over their variance, (d,)."""

    @classmethod
    def around_nothing(cls, width: int, strength: float = STRENGTH) -> Prior:
        """That of the usual L2 penalty of `strength`, on `width` weights."""
        return cls(np.zeros(width), np.full(width, 1 / strength))


def fitted(values: Floats, labels: Flags, prior: Prior, start: Linear | None = None) -> Linear:
    """The likeliest regression of these rows under a prior; with `start`, found from one that is near.

    By Newton's method with halved steps (Boyd and Vandenberghe 2004, 9.5): it takes a few products of matrices where L-BFGS takes
    hundreds of small steps. scikit-learn's gives the same, and takes a second to import.
    """
    from scipy.linalg import solve
    from threadpoolctl import threadpool_limits

    rows = np.hstack([values, np.ones((len(values), 1))])
    mean, penalty = np.append(prior.mean, 0.0), np.append(prior.precision, 0.0)
    weights = mean if start is None else np.append(start.weights, start.constant)
    with threadpool_limits(1):  # matrices of a few hundred columns: more threads take turns waiting
        for _ in range(_MOST_STEPS):
            chances = _chances(rows @ weights)
            slope = rows.T @ (chances - labels) + penalty * (weights - mean)
            if np.abs(slope).max() <= _FLAT * len(rows):
                break
            curvature = (rows.T * (chances * (1 - chances))) @ rows
            curvature[np.diag_indices_from(curvature)] += penalty + _LEAST_CURVATURE
            step = solve(curvature, slope, assume_a="pos")
            size, loss = 1.0, _loss(rows, labels, penalty, mean, weights)
            while _loss(rows, labels, penalty, mean, weights - size * step) > loss and size > _LEAST_STEP:
                size /= 2
            weights = weights - size * step
    return Linear(weights[:-1], float(weights[-1]))


def _chances(log_odds: Floats) -> Floats:
    chances: Floats = 1 / (1 + np.exp(-np.clip(log_odds, -30, 30)))
    return chances


def _loss(rows: Floats, labels: Flags, penalty: Floats, mean: Floats, weights: Floats) -> float:
    log_odds = rows @ weights
    return float((np.logaddexp(0, log_odds) - labels * log_odds).sum() + penalty @ (weights - mean) ** 2 / 2)


class Platt(NamedTuple):
    """From log odds to probabilities that held, by a regression of one dimension (Platt 1999)."""

    slope: float
    """How steeply the probability rises, at least 0: the order stays."""
    constant: float
    """The calibrated log odds where the given ones are 0."""

    def __call__(self, decision: Floats) -> Floats:
        """The probabilities."""
        return _chances(self.slope * decision + self.constant)


def platt(decision: Floats, labels: Flags) -> Platt:
    """The calibration of log odds by labels that they were not learned from."""
    regression = fitted(decision[:, None], labels, Prior.around_nothing(1, _CALIBRATION_STRENGTH))
    return Platt(max(0.0, float(regression.weights[0])), regression.constant)


def grouped_folds(groups: Sequence[str], folds: int) -> NDArray[np.int64]:
    """A fold for each row, the same for all rows of a group; the largest groups first, each to the emptiest fold."""
    filled = [0] * folds
    chosen: dict[str, int] = {}
    for group, count in sorted(Counter(groups).items(), key=lambda item: (-item[1], item[0])):
        chosen[group] = filled.index(min(filled))
        filled[chosen[group]] += count
    return np.array([chosen[group] for group in groups])


def out_of_fold(values: Floats, labels: Flags, folds: NDArray[np.int64], strength: float = STRENGTH) -> Floats:
    """The log odds of each row by a regression that saw none of its fold."""
    if values.shape[1] > len(values):  # as many columns as rows say the same of them: their products stay
        lengths, directions = np.linalg.eigh(values @ values.T)
        values = directions * np.sqrt(lengths.clip(0))
    return cross_fitted(values, labels, folds, Prior.around_nothing(values.shape[1], strength))[1]


def cross_fitted(values: Floats, labels: Flags, folds: NDArray[np.int64], prior: Prior) -> tuple[Linear, Floats]:
    """The regression of all rows, and the log odds of each row by one that saw none of its fold.

    Each of these is near to that of all rows, from whose weights it is found.
    """
    everyone = fitted(values, labels, prior)
    decisions = np.zeros(len(labels))
    for fold in np.unique(folds):
        held = folds == fold
        weights, constant = fitted(values[~held], labels[~held], prior, everyone)
        decisions[held] = values[held] @ weights + constant
    return everyone, decisions

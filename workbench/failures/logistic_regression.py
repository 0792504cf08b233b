"""A penalised logistic regression for a few thousand rows, cross-fitted in groups, and Platt's calibration of its log odds."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sklearn.linear_model import LogisticRegression

STRENGTH = 0.5
"""Inverse strength of the penalty, scikit-learn's C."""
_CALIBRATION_STRENGTH = 1e6
_FLAT = 1e-6
"""How flat the loss must be for its minimum to be reached."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Linear(NamedTuple):
    """Log odds as a weighted sum of values."""

    weights: Floats
    """A weight for each column, (d,)."""
    constant: float
    """The log odds where all values are 0."""


def _fitted(
    values: Floats, labels: Flags, strength: float, start: LogisticRegression | None = None
) -> LogisticRegression:
    """The regression of these rows; with `start`, found from the weights of one that is near.

    By Newton's method: it takes a few products of matrices where L-BFGS takes hundreds of small steps, on which BLAS's threads
    mostly wait for each other.
    """
    from sklearn.linear_model import LogisticRegression
    from threadpoolctl import threadpool_limits

    regression = LogisticRegression(C=strength, solver="newton-cholesky", tol=_FLAT, warm_start=start is not None)
    if start is not None:
        regression.coef_, regression.intercept_ = start.coef_.copy(), start.intercept_.copy()
        regression.classes_ = start.classes_
    with threadpool_limits(1):  # matrices of a few hundred columns: more threads take turns waiting
        return regression.fit(values, labels)


class Platt(NamedTuple):
    """From log odds to probabilities that held, by a regression of one dimension (Platt 1999)."""

    slope: float
    """How steeply the probability rises, at least 0: the order stays."""
    constant: float
    """The calibrated log odds where the given ones are 0."""

    def __call__(self, decision: Floats) -> Floats:
        """The probabilities."""
        probabilities: Floats = 1 / (1 + np.exp(-np.clip(self.slope * decision + self.constant, -30, 30)))
        return probabilities


def platt(decision: Floats, labels: Flags) -> Platt:
    """The calibration of log odds by labels that they were not learned from."""
    regression = _fitted(decision[:, None], labels, _CALIBRATION_STRENGTH)
    return Platt(max(0.0, float(regression.coef_[0, 0])), float(regression.intercept_[0]))


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
    return cross_fitted(values, labels, folds, strength)[1]


def cross_fitted(
    values: Floats, labels: Flags, folds: NDArray[np.int64], strength: float = STRENGTH
) -> tuple[Linear, Floats]:
    """The regression of all rows, and the log odds of each row by one that saw none of its fold.

    Each of these is near to that of all rows, from whose weights it is found.
    """
    everyone = _fitted(values, labels, strength)
    decisions = np.zeros(len(labels))
    for fold in np.unique(folds):
        held = folds == fold
        decisions[held] = _fitted(values[~held], labels[~held], strength, everyone).decision_function(values[held])
    return Linear(everyone.coef_[0], float(everyone.intercept_[0])), decisions

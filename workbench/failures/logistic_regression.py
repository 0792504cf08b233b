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
_NEWTON_STEPS, _HALVINGS = 100, 30
_FLAT = 1e-6
"""Largest derivative of the loss, in units of the strength where that is above 1, from which its minimum is reached."""
_FAST = 3
"""How much flatter each step must lead for the curvature to be kept for the next."""
_STEADY = 1e-9
"""What keeps the curvature positive where all rows are told apart with certainty."""

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


class Linear(NamedTuple):
    """Log odds as a weighted sum of values."""

    weights: Floats
    """A weight for each column, (d,)."""
    constant: float
    """The log odds where all values are 0."""


class _Fit:
    """A penalised logistic regression of these rows, found by Newton's method (IRLS; Bishop 2006, 4.3.3); the constant is not penalised.

    scikit-learn's objective, brought to its minimum: its own search stops a hundredth before. Newton takes a few
    products of matrices where L-BFGS takes hundreds of small steps, on which BLAS's threads mostly wait for each other.
    """

    def __init__(self, values: Floats, labels: Flags, strength: float) -> None:
        self._values, self._labels, self._strength = values, labels, strength
        self._penalty = np.append(np.ones(values.shape[1]), 0.0)

    def minimum(self, start: Floats | None = None, curvature: Floats | None = None) -> Floats:
        """The weights and last the constant, (d + 1,). From `start`, where the `curvature` may be known, it is near."""
        from scipy.linalg import cho_factor, cho_solve

        at = np.zeros(len(self._penalty)) if start is None else start
        loss, gradient = self._slope(at)
        if start is not None and curvature is None:
            curvature = self.curvature(at)
        factor = None if curvature is None else cho_factor(curvature)
        for _ in range(_NEWTON_STEPS):
            steepness = np.abs(gradient).max()
            if steepness < _FLAT * max(1.0, self._strength):
                break
            if factor is None:
                factor = cho_factor(self.curvature(at))
            step = cho_solve(factor, gradient)
            at, loss, gradient = self._descended(at, step, loss)
            if np.abs(gradient).max() > steepness / _FAST:
                factor = None  # the curvature has changed too much on the way
        return at

    def curvature(self, at: Floats, rows: Flags | None = None) -> Floats:
        """The second derivatives there, (d + 1, d + 1); of some `rows` alone without the penalty."""
        values = self._values if rows is None else self._values[rows]
        chance = _chance(values @ at[:-1] + at[-1])
        weights = self._strength * chance * (1 - chance)
        weighted = values * weights[:, None]
        second = np.empty((len(at), len(at)))
        second[:-1, :-1] = values.T @ weighted
        second[:-1, -1] = second[-1, :-1] = weighted.sum(0)
        second[-1, -1] = weights.sum()
        if rows is None:
            second[np.diag_indices(len(at))] += self._penalty + _STEADY
        return second

    def _slope(self, at: Floats) -> tuple[float, Floats]:
        """The loss there, and its derivatives."""
        decision = self._values @ at[:-1] + at[-1]
        loss = self._strength * float(np.logaddexp(0, np.where(self._labels, -decision, decision)).sum())
        error = self._strength * (_chance(decision) - self._labels)
        return loss + float((self._penalty * at**2).sum()) / 2, np.append(self._values.T @ error, error.sum()) + (
            self._penalty * at
        )

    def _descended(self, at: Floats, step: Floats, loss: float) -> tuple[Floats, float, Floats]:
        """The point after a step, halved until it leads down; its loss and derivatives."""
        for halvings in range(_HALVINGS):
            there = at - step / 2**halvings
            lower, gradient = self._slope(there)
            if lower <= loss + 1e-9 * abs(loss):
                break
        return there, lower, gradient


def _chance(decision: Floats) -> Floats:
    chance: Floats = 1 / (1 + np.exp(-np.clip(decision, -500, 500)))
    return chance


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
    slope, constant = _Fit(decision[:, None], labels, _CALIBRATION_STRENGTH).minimum().tolist()
    return Platt(max(0.0, slope), constant)


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

    Each of these is near to that of all rows, and so is its curvature but for what the fold's own rows add.
    """
    fit = _Fit(values, labels, strength)
    everyone = fit.minimum()
    curvature = fit.curvature(everyone)
    decisions = np.zeros(len(labels))
    for fold in np.unique(folds):
        held = folds == fold
        without = _Fit(values[~held], labels[~held], strength)
        weights = without.minimum(everyone, curvature - fit.curvature(everyone, held))
        decisions[held] = values[held] @ weights[:-1] + weights[-1]
    return Linear(everyone[:-1], float(everyone[-1])), decisions

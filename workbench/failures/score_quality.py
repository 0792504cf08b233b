"""How good a score is on conversations that it was not learned from: its AUC, its lead over the length, its reliability."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from workbench.failures.logistic_regression import Flags, Floats

BINS = 5
USUAL_LEAD, USUAL_SPREAD = 0.03, 0.05
"""The lead of a score over the length before a bot's own labels say anything: about what it was on the two of four public logs where it
was least, taught by the others (benchmarks/score.py)."""
_LEAST_VARIANCE = 1e-6
_WIDTH = 2 * 1.959964
_RESAMPLES = 200


class Bin(NamedTuple):
    """Held-out conversations by their probability: the mean that was said, how many there are, how many of them failed."""

    said: float
    total: int
    failed: int


class Lead(NamedTuple):
    """By how much one AUC is above another, with its 95 % interval."""

    value: float
    """The difference."""
    low: float
    """The lower bound of its interval."""
    high: float
    """The upper one."""

    @property
    def shrunk(self) -> float:
        """The difference drawn to the usual one as far as its interval is wide (a normal prior, as in Morris 1983).

        Of twenty labels the difference alone is chance for the most part: to go by its sign lost a third of the lead.
        """
        own = 1 / max(((self.high - self.low) / _WIDTH) ** 2, _LEAST_VARIANCE)
        usual = 1 / USUAL_SPREAD**2
        return (self.value * own + USUAL_LEAD * usual) / (own + usual)


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


def lead(labels: Flags, predicted: Floats, other: Floats, groups: Sequence[str]) -> Lead:
    """The AUC of `predicted` less that of `other`, with a 95 % interval by drawing whole groups anew, always the same draws."""
    _, group = np.unique(np.array(groups), return_inverse=True)
    draws = np.random.default_rng(0)
    count = int(group.max()) + 1
    leads = []
    for _ in range(_RESAMPLES):
        weights = np.bincount(draws.integers(0, count, count), minlength=count)[group].astype(float)
        leads.append(auc(labels, predicted, weights) - auc(labels, other, weights))
    low, high = np.nanpercentile(leads, [2.5, 97.5])
    return Lead(auc(labels, predicted) - auc(labels, other), float(low), float(high))

"""How frequent something is, when an instrument that errs says it of all conversations and people read some of them.

The instrument is whatever says yes or no of each: a cause that members inherit from their cluster's label, a judge, a score.
Its own count is biased by its errors. What people read of its two answers corrects it: reading within the answers
(post-stratification; the same estimate as prediction-powered inference's rectifier for a binary instrument, Angelopoulos et al.
2023, arXiv 2301.09633), and, with an accuracy known from earlier reading, the inversion of its error rates (Rogan and Gladen 1978)
with the uncertainty of both carried through (as Lang and Reiczigel 2014 ask for; here by drawing from what the counts leave possible).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.review.estimate import Interval, Stratum

LEAST = 10
"""Conversations that must be read of each answer before the instrument is told to be worth anything."""
DRAWS = 20_000
_SEED, _TAIL = 20_240_229, 2.5
_CONFIDENCE = 1.959964

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Counted:
    """What an instrument said of all conversations, and what people found in those of either answer that they read.

    Those that were read must be drawn at random within their answer; between the answers reading may be as uneven as one likes.
    """

    yes: Stratum
    """Conversations of which it says yes; `failures` are those of the read ones that people say yes of."""
    no: Stratum
    """Conversations of which it says no; `failures` likewise."""

    @property
    def population(self) -> int:
        """All conversations of which it says something."""
        return self.yes.population + self.no.population

    @property
    def read(self) -> int:
        """Those of them that people read."""
        return self.yes.read + self.no.read


@dataclass(frozen=True)
class Accuracy:
    """How good an instrument is, by what people read."""

    sensitivity: Interval
    """The share that it says yes of, of those that people say yes of (TPR)."""
    specificity: Interval
    """The share that it says no of, of those that people say no of (TNR)."""
    precision: Interval
    """The share of its yes that people agree with."""
    read: int
    """Conversations that this rests on."""

    @property
    def tells(self) -> bool:
        """Whether it is better than a coin for sure: the lower bounds of both together above 1."""
        return self.sensitivity.low + self.specificity.low > 1


@dataclass(frozen=True)
class Plan:
    """How many conversations to read more, of either answer of the instrument, for an interval so narrow."""

    yes: int
    """Of which it says yes."""
    no: int
    """Of which it says no."""

    @property
    def total(self) -> int:
        """What is to be read in all."""
        return self.yes + self.no


def accuracy(counted: Counted) -> Accuracy | None:
    """An instrument's error rates; None below `LEAST` read of either answer, or where it gives but one."""
    if min(counted.yes.read, counted.no.read) < LEAST:
        return None
    right, missed = _possible(counted.yes, 0, DRAWS), _possible(counted.no, 1, DRAWS)
    sensitivity = right / np.maximum(right + missed, 1e-9)
    wrong, refused = counted.yes.population - right, counted.no.population - missed
    specificity = refused / np.maximum(refused + wrong, 1e-9)
    return Accuracy(
        _interval(sensitivity), _interval(specificity), _interval(right / counted.yes.population), counted.read
    )


def prevalence(counted: Counted, earlier: Counted | None = None, draws: int = DRAWS) -> Interval | None:
    """The share of all conversations that people would say yes of, with its 95 % interval; None where one answer was never read.

    `earlier` is the same instrument with what was read of it at another time or place, where yes may have been more or less
    frequent: only its error rates count. Without it each answer stands for itself.
    """
    if earlier is None or min(earlier.yes.read, earlier.no.read) < LEAST:
        if not counted.read or any(side.population and not side.read for side in (counted.yes, counted.no)):
            return None  # of an answer that nobody read nothing can be told
        shares = (_possible(counted.yes, 0, draws) + _possible(counted.no, 1, draws)) / max(counted.population, 1)
        return _interval(shares)
    return _with_error_rates(counted, earlier, draws)


def more_reading(counted: Counted, half_width: float) -> Plan:
    """What to read more until the interval is about ± `half_width`: of either answer in proportion to its size times its spread
    (Neyman 1934), what was read already counted.

    Where little was read the spread is guessed from Jeffreys' prior: read a part, and ask again.
    """
    sides = (counted.yes, counted.no)
    total = max(counted.population, 1)
    spreads = [side.population / total * _spread(side) for side in sides]
    wanted = (half_width / _CONFIDENCE) ** 2

    def allotted(scale: float) -> list[float]:
        return [
            min(side.population, max(side.read, scale * spread)) for side, spread in zip(sides, spreads, strict=True)
        ]

    def variance(reads: list[float]) -> float:
        return sum(
            spread**2 / max(read, 0.5) * (1 - read / max(side.population, 1))
            for side, spread, read in zip(sides, spreads, reads, strict=True)
        )

    low, high = 0.0, float(total) / max(min(spread for spread in spreads if spread) if any(spreads) else 1.0, 1e-6)
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if variance(allotted(middle)) <= wanted else (middle, high)
    reads = allotted(high)
    return Plan(*(max(0, math.ceil(read - 1e-6) - side.read) for read, side in zip(reads, sides, strict=True)))


def half_width(interval: Interval) -> float:
    """Half the width of an interval: the ± that people say."""
    return (interval.high - interval.low) / 2


def _with_error_rates(counted: Counted, earlier: Counted, draws: int) -> Interval | None:
    """Prevalence from the instrument's share of yes and its earlier error rates, weighed by what was read now.

    Each draw of the error rates and of the share of yes gives one prevalence (Rogan and Gladen); draws that leave 0…1 are
    impossible, and the others weigh as likely as they make what was read now (importance sampling).
    """
    right, missed = _possible(earlier.yes, 2, draws), _possible(earlier.no, 3, draws)
    sensitivity = right / np.maximum(right + missed, 1e-9)
    refused = earlier.no.population - missed
    specificity = refused / np.maximum(refused + earlier.yes.population - right, 1e-9)
    random = np.random.default_rng([_SEED, 4])
    share = random.beta(counted.yes.population + 0.5, counted.no.population + 0.5, draws)
    gain = sensitivity + specificity - 1
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = (share + specificity - 1) / gain
    possible = (gain > 0) & (rate >= 0) & (rate <= 1)
    if not possible.any():
        return prevalence(counted, draws=draws)
    share, sensitivity, rate, gain = (array[possible] for array in (share, sensitivity, rate, gain))
    yes_right = np.clip(rate * sensitivity / share, 1e-9, 1 - 1e-9)
    no_missed = np.clip(rate * (1 - sensitivity) / (1 - share), 1e-9, 1 - 1e-9)
    weights = -np.log(gain)
    for side, chance in ((counted.yes, yes_right), (counted.no, no_missed)):
        weights = weights + side.failures * np.log(chance) + (side.read - side.failures) * np.log1p(-chance)
    weights = np.exp(weights - weights.max())
    return _weighted(rate, weights)


def _weighted(values: Floats, weights: Floats) -> Interval:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    low, high = (float(values[order][np.searchsorted(reached, share)]) for share in (_TAIL / 100, 1 - _TAIL / 100))
    return Interval(float((values * weights).sum() / weights.sum()), low, high)


def _possible(stratum: Stratum, stream: int, draws: int) -> Floats:
    """How many of a stratum people may say yes of, (draws,): those read, and what the unread may hold (beta-binomial, Jeffreys)."""
    random = np.random.default_rng([_SEED, stream])
    share = random.beta(stratum.failures + 0.5, stratum.read - stratum.failures + 0.5, draws)
    unread = random.binomial(stratum.population - stratum.read, share)
    return np.asarray(stratum.failures + unread, np.float64)


def _interval(values: Floats) -> Interval:
    low, high = np.percentile(values, [_TAIL, 100 - _TAIL])
    return Interval(float(values.mean()), float(low), float(high))


def _spread(stratum: Stratum) -> float:
    share = (stratum.failures + 0.5) / (stratum.read + 1)
    return math.sqrt(share * (1 - share))

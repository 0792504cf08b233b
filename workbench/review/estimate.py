"""What a random sample says of all conversations: how many fail, and how many of these the signals find.

The conversations are in two strata, flagged by the signals or not. What the unread ones of each hold is drawn many times
from what the read ones leave possible: beta-binomial with Jeffreys' prior, whose intervals hold what they promise also
for rare failures (Brown, Cai and DasGupta 2001); so a stratum that was read to its end is certain.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST = 10
"""Random conversations that must be read before anything is estimated."""
_DRAWS, _SEED, _TAIL = 20_000, 20_240_229, 2.5


@dataclass(frozen=True)
class Stratum:
    """A part of the conversations, read at random."""

    population: int
    """How many there are."""
    read: int
    """How many were drawn and read."""
    failures: int
    """How many of these failed."""


@dataclass(frozen=True)
class Interval:
    """A value and its 95 % interval."""

    value: float
    """The estimate."""
    low: float
    """The lower 95 % bound."""
    high: float
    """The upper 95 % bound."""


@dataclass(frozen=True)
class Estimate:
    """What random conversations say of all; a figure is None where it would rest on nothing: below `LEAST` read, or none of a stratum."""

    population: int
    """All conversations."""
    read: int
    """Those drawn and read."""
    failures: int
    """Those of them that failed."""
    rate: Interval | None = None
    """The share of failures."""
    recall: Interval | None = None
    """The share of failures that the signals flag."""
    precision: Interval | None = None
    """The share of flagged conversations that fail."""
    missed: Interval | None = None
    """The failures that the signals miss, in conversations."""


def estimate(flagged: Stratum, unflagged: Stratum) -> Estimate:
    """What the samples of the two strata say together."""
    population, read = flagged.population + unflagged.population, flagged.read + unflagged.read
    estimated = Estimate(population, read, flagged.failures + unflagged.failures)
    if read < LEAST:
        return estimated
    possible, missed = _possible(flagged, 0), _possible(unflagged, 1)
    # Nobody read any of a stratum by chance: the plain sample speaks for all.
    blank = any(stratum.population and not stratum.read for stratum in (flagged, unflagged))
    whole = Stratum(population, read, estimated.failures)
    failing = _possible(whole, 2) if blank else possible + missed
    expected = _expected(whole) if blank else _expected(flagged) + _expected(unflagged)
    return Estimate(
        population,
        read,
        estimated.failures,
        rate=_interval(expected, failing, population),
        recall=None if blank or not estimated.failures else _share(_expected(flagged), expected, possible, failing),
        precision=_interval(_expected(flagged), possible, flagged.population) if flagged.read else None,
        missed=None if blank else _interval(_expected(unflagged), missed, 1),
    )


def _expected(stratum: Stratum) -> float:
    return stratum.population * stratum.failures / stratum.read if stratum.read else 0.0


def _possible(stratum: Stratum, stream: int) -> NDArray[np.float64]:
    """How many of a stratum may fail, (draws,): those that were read, and what the unread ones may hold."""
    random = np.random.default_rng([_SEED, stream])
    fine = stratum.read - stratum.failures
    share = random.beta(stratum.failures + 0.5, fine + 0.5, _DRAWS)
    unread = random.binomial(stratum.population - stratum.read, share)
    return np.asarray(stratum.failures + unread, np.float64)


def _share(part: float, whole: float, parts: NDArray[np.float64], wholes: NDArray[np.float64]) -> Interval:
    low, high = np.percentile(parts / np.maximum(wholes, 1), [_TAIL, 100 - _TAIL])
    return Interval(part / whole, min(float(low), part / whole), max(float(high), part / whole))


def _interval(expected: float, possible: NDArray[np.float64], scale: int) -> Interval:
    value = expected / scale
    low, high = np.percentile(possible / scale, [_TAIL, 100 - _TAIL])
    return Interval(value, min(float(low), value), max(float(high), value))

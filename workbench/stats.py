"""The few statistics that the workbench shows, each with its source."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist

_EXPECTED = 5


def wilson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The score interval of a share (Wilson 1927): bounds in 0…1. No trials say nothing: (0, 1)."""
    if trials == 0:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    share = successes / trials
    centre = share + z * z / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials))
    scale = 1 + z * z / trials
    low, high = (centre - spread) / scale, (centre + spread) / scale
    return (0.0 if successes == 0 else low), (1.0 if successes == trials else high)


def two_proportions(successes: int, trials: int, successes_before: int, trials_before: int) -> tuple[float, float]:
    """The pooled z statistic of a share against the one before, and its two-sided p. No data on a side: (0, 1)."""
    if trials == 0 or trials_before == 0:
        return 0.0, 1.0
    pooled = (successes + successes_before) / (trials + trials_before)
    spread = math.sqrt(pooled * (1 - pooled) * (1 / trials + 1 / trials_before))
    if spread == 0:
        return 0.0, 1.0
    z = (successes / trials - successes_before / trials_before) / spread
    return z, 2 * (1 - NormalDist().cdf(abs(z)))


def exact_proportions(successes: int, trials: int, successes_before: int, trials_before: int) -> float:
    """The two-sided p of Fisher's exact test (1935) of a share against the one before. No data on a side: 1."""
    if trials == 0 or trials_before == 0:
        return 1.0
    both = successes + successes_before
    every = _log_ways(trials + trials_before, both)
    fewest, most = max(0, both - trials_before), min(both, trials)
    chances = [
        math.exp(_log_ways(trials, k) + _log_ways(trials_before, both - k) - every) for k in range(fewest, most + 1)
    ]
    seen = chances[successes - fewest] * (1 + 1e-7)  # as likely as what was seen, but for rounding
    return min(1.0, sum(chance for chance in chances if chance <= seen))


def compared_shares(successes: int, trials: int, successes_before: int, trials_before: int) -> tuple[float, float]:
    """z and p of a share against the one before: the two-proportion test, its p exact where fewer than five conversations
    are expected in a cell (Cochran 1954)."""
    z, p = two_proportions(successes, trials, successes_before, trials_before)
    hits, total = successes + successes_before, trials + trials_before
    if min(hits, total - hits) * min(trials, trials_before) < _EXPECTED * total:
        p = exact_proportions(successes, trials, successes_before, trials_before)
    return z, p


def student(confidence: float, freedom: int) -> float:
    """The two-sided quantile of Student's t, by the Cornish-Fisher expansion (Abramowitz and Stegun 26.7.5); 0.2 % off at 3
    degrees of freedom. Exact for 1 and 2."""
    if freedom == 1:
        return math.tan(math.pi * confidence / 2)
    if freedom == 2:
        return confidence * math.sqrt(2 / (1 - confidence * confidence))
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + math.fsum(term / freedom**power for power, term in enumerate(terms, 1))


def benjamini_hochberg(p_values: Sequence[float], level: float = 0.05) -> list[bool]:
    """Which of a family of tests stand at this false discovery rate (Benjamini and Hochberg 1995), in their order."""
    order = sorted(range(len(p_values)), key=lambda i: p_values[i])
    last = max((rank for rank, i in enumerate(order, 1) if p_values[i] <= level * rank / len(order)), default=0)
    stands = set(order[:last])
    return [i in stands for i in range(len(p_values))]


def _log_ways(n: int, k: int) -> float:
    """The logarithm of the ways to choose k of n."""
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)

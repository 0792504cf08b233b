"""The rule by which a fix is judged: one rule, which verification applies and tickets quote."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.stats import two_proportions, wilson

LEAST_BEFORE = 10
"""Failures before the fix, below which nothing can be said."""


CONFIDENCE = 0.90


POWER = 0.80


STOPPED = 0.90
"""The share of the failures that a fix is taken to stop, when working out the exposure that would show it."""


_MOST = 10_000


@dataclass(frozen=True)
class Period:
    """Eligible conversations between two times, and how many failed in the cluster's way, and in any way."""

    start: datetime | None
    end: datetime | None
    eligible: int
    failures: int
    any_failures: int

    @property
    def rate(self) -> float | None:
        return self.failures / self.eligible if self.eligible else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The 90 % score interval of the rate."""
        return wilson(self.failures, self.eligible, CONFIDENCE)


@dataclass(frozen=True)
class Verdict:
    """`verdict` is fixed, not fixed or too little traffic; `needed` the eligible conversations after that can tell
    (None where there were too few failures before); `improved` that the rate is significantly lower;
    `warning` a sentence where the failures may only have changed their shape."""

    verdict: str
    improved: bool
    needed: int | None
    warning: str | None = None


def judge(before: Period, after: Period) -> Verdict:
    """The verdict on a fix from the periods before and after it."""
    if before.failures < LEAST_BEFORE or before.rate is None:
        return Verdict(
            "too little traffic",
            False,
            None,
            f"Only {before.failures} failures before the fix; it takes {LEAST_BEFORE}.",
        )
    needed = exposure_needed(before.rate)
    z, p = two_proportions(after.failures, after.eligible, before.failures, before.eligible)
    improved = z < 0 and p < 0.05
    if needed is None or after.eligible < needed:
        return Verdict("too little traffic", improved, needed)
    fixed = after.bounds[1] < before.rate / 2
    any_before, any_after = before.any_failures / before.eligible, after.any_failures / after.eligible
    shifted = fixed and any_after >= any_before
    warning = (
        f"All failures among the same requests did not fall ({any_before:.0%} before, {any_after:.0%} after): "
        "the failure may only have changed its shape."
    )
    return Verdict("fixed" if fixed else "not fixed", improved, needed, warning if shifted else None)


def exposure_needed(rate: float) -> int | None:
    """The fewest conversations that give "fixed" with 80 % power if 90 % of the failures stop.

    For each number of remaining failures the smallest exposure whose upper bound is below half the rate is found; the first with
    enough power is the answer. None where no exposure up to 10,000 remaining failures does it.
    """
    from scipy.stats import binom

    exposure = 1
    for remaining in range(_MOST):
        exposure = _smallest(remaining, rate / 2, max(exposure, remaining + 1))
        if binom.cdf(remaining, exposure, (1 - STOPPED) * rate) >= POWER:
            return exposure
    return None


def _smallest(failures: int, bound: float, at_least: int) -> int:
    """The smallest exposure at which the upper bound of `failures` is below `bound`, by bisection."""
    high = at_least
    while wilson(failures, high, CONFIDENCE)[1] >= bound:
        high *= 2
    low = at_least
    while low < high:
        middle = (low + high) // 2
        if wilson(failures, middle, CONFIDENCE)[1] < bound:
            high = middle
        else:
            low = middle + 1
    return low

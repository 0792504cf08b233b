"""The rule by which a fix is judged, and its words: verification judges by it, tickets quote it.

Below the exposure that could show a fix the verdict is *too little traffic*; from there on *fixed* when the upper 90 % bound of
the rate after lies below half of the rate before, else *not fixed* (DESIGN.md, "Life of a cluster"). One look at separate
intervals calls an untouched mode fixed in one run of ten; this rule in about one of a hundred.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.stats import two_proportions, wilson
from workbench.text.formatting import count, percent

FIXED, NOT_FIXED, TOO_LITTLE = "fixed", "not fixed", "too little traffic"
"""The three verdicts."""

LEAST_BEFORE = 10
"""Failures before the fix, below which nothing can be said."""

SHARE_LEFT = 0.5
"""The rate after a fix must lie below this share of the rate before."""

CONFIDENCE = 0.90
"""Of the score interval whose upper end must lie below the bound."""

POWER = 0.80
"""How often a fix must show at the exposure that is asked for."""

STOPPED = 0.90
"""The share of the failures that a fix is taken to stop, when working out the exposure that would show it."""

_MOST = 10_000
"""Remaining failures up to which an exposure is looked for."""


@dataclass(frozen=True)
class Period:
    """Eligible conversations between two times, and how many failed in the cluster's way, and in any way."""

    start: datetime | None
    """UTC; None where nothing failed yet."""
    end: datetime | None
    """UTC; None where no fix took hold yet."""
    eligible: int
    """Conversations with a request like those that failed."""
    failures: int
    """Those of them that failed in the cluster's way."""
    any_failures: int
    """Those of them that failed in any way."""

    @property
    def rate(self) -> float | None:
        return self.failures / self.eligible if self.eligible else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The 90 % score interval of the rate."""
        return wilson(self.failures, self.eligible, CONFIDENCE)


@dataclass(frozen=True)
class FixVerdict:
    """What the rule says of a fix."""

    verdict: str
    """`FIXED`, `NOT_FIXED` or `TOO_LITTLE`."""
    improved: bool
    """Whether the rate is significantly lower than before, whatever the verdict."""
    needed: int | None
    """The eligible conversations after the fix that can tell; None where there were too few failures before."""
    warning: str | None = None
    """A sentence where the failures may only have changed their shape."""


@dataclass(frozen=True)
class Target:
    """What the rule asks of the conversations after a fix."""

    bound: float
    """A rate; the upper end of the interval must lie below it."""
    needed: int | None
    """The eligible conversations that can tell; None where no number of them can."""

    @property
    def allowed(self) -> int | None:
        """The most of the `needed` conversations that may still fail; None where no number of them can tell."""
        if self.needed is None:
            return None
        few_enough = (n for n in range(self.needed, 0, -1) if _upper(n, self.needed) < self.bound)
        return next(few_enough, 0)


def target(failures: int, rate: float | None) -> Target | None:
    """What the rule asks after so many failures at such a rate; None where these are too few to judge by."""
    if rate is None or failures < LEAST_BEFORE:
        return None
    return Target(SHARE_LEFT * rate, exposure_needed(rate))


def judge(before: Period, after: Period) -> FixVerdict:
    """The verdict on a fix from the periods before and after it."""
    wanted = target(before.failures, before.rate)
    if wanted is None:
        few = f"Only {before.failures} failures before the fix; it takes {LEAST_BEFORE}."
        return FixVerdict(TOO_LITTLE, False, None, few)
    z, p = two_proportions(after.failures, after.eligible, before.failures, before.eligible)
    improved = z < 0 and p < 0.05
    if wanted.needed is None or after.eligible < wanted.needed:
        return FixVerdict(TOO_LITTLE, improved, wanted.needed)
    fixed = _upper(after.failures, after.eligible) < wanted.bound
    any_before, any_after = before.any_failures / before.eligible, after.any_failures / after.eligible
    shifted = fixed and any_after >= any_before
    warning = (
        f"All failures among the same requests did not fall ({any_before:.0%} before, {any_after:.0%} after): "
        "the failure may only have changed its shape."
    )
    return FixVerdict(FIXED if fixed else NOT_FIXED, improved, wanted.needed, warning if shifted else None)


def promise(failures: int, eligible: int, rate: float | None, among: str) -> str:
    """The rule with a cluster's numbers, as a ticket quotes it; `among` names what the rate is counted among."""
    wanted = target(failures, rate)
    if wanted is None or rate is None:
        return (
            f"{count(failures, 'failure')} among {among} so far. A verdict needs at least {LEAST_BEFORE} from before the "
            "fix; until then the regression set must pass."
        )
    example = "" if wanted.needed is None else f": of {wanted.needed:,} at most {wanted.allowed:,} may fail this way"
    return (
        f"before, {failures:,} of {eligible:,} {among} failed this way ({percent(rate)}). It is fixed when the rate afterwards "
        f"is clearly below half of that{example} (the upper end of the 90 % Wilson interval must lie below "
        f"{100 * wanted.bound:.1f} %)."
    )


BEFORE_IT_SHIPS = (
    "Before it ships, replay the regression set and read what the bot does at the failing turn. After that, new "
    "conversations judge the fix: those of the release, or from the day on, that it is recorded with."
)
"""What a ticket says before the numbers of its clusters."""

WITH_FEWER = (
    f"With fewer the verdict is “{TOO_LITTLE}”, not “{FIXED}”. The share of all failures among the same requests "
    "should fall as well, or the failure only changed its shape."
)
"""What it says after them."""


def exposure_needed(rate: float) -> int | None:
    """The fewest conversations that give "fixed" with 80 % power if 90 % of the failures stop.

    For each number of remaining failures the smallest exposure whose upper bound is below half the rate is found; the first with
    enough power is the answer. None where no exposure up to 10,000 remaining failures does it.
    """
    from scipy.stats import binom

    exposure = 1
    for remaining in range(_MOST):
        exposure = _smallest(remaining, SHARE_LEFT * rate, max(exposure, remaining + 1))
        if binom.cdf(remaining, exposure, (1 - STOPPED) * rate) >= POWER:
            return exposure
    return None


def _smallest(failures: int, bound: float, at_least: int) -> int:
    """The smallest exposure at which the upper bound of `failures` is below `bound`, by bisection."""
    high = at_least
    while _upper(failures, high) >= bound:
        high *= 2
    low = at_least
    while low < high:
        middle = (low + high) // 2
        if _upper(failures, middle) < bound:
            high = middle
        else:
            low = middle + 1
    return low


def _upper(failures: int, eligible: int) -> float:
    """The upper end of the rate's interval."""
    return wilson(failures, eligible, CONFIDENCE)[1]

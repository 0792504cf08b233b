"""The rule by which a fix is judged, and its words: verification judges by it, tickets quote it.

A fix is *fixed* when the conversations after it speak ten to one for less than half of the rate before being left. That is
a Bayes factor of two explanations of the failures after the fix: a share of the rate before that a good fix leaves, against half
of it. It may be looked at after every import and stopped at will: as likelihood ratios are martingales, ten to one comes up by
chance in at most one of ten fixes that leave just half, however often one looks (Ville's inequality; Robbins, "Statistical
methods related to the law of the iterated logarithm", 1970), and in far fewer that leave more.

The rate before is not taken as exact: it has a gamma distribution, updated by its failures (as for a Poisson rate; Gelman et al.,
"Bayesian Data Analysis", 2.6), and what starts it is how often the bot's clusters fail (`Prior`). So a cluster that was picked as
the worst of many is drawn towards the others, by as much as chance alone could have made it the worst (Efron and Morris, 1975).
`benchmarks/verification.py` measures what this promises.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import numpy as np

from workbench.stats import two_proportions, wilson
from workbench.text.formatting import count, percent

FIXED, NOT_FIXED, TOO_LITTLE = "fixed", "not fixed", "too little traffic"
"""The three verdicts."""

LEAST_BEFORE = 10
"""Failures before the fix, below which nothing can be said."""

SHARE_LEFT = 0.5
"""The share of the rate before that a fix must get below."""

ODDS = 10.0
"""How many to one the conversations after must speak for a verdict."""

CONFIDENCE = 0.90
"""Of the score intervals that are shown beside the rates."""

POWER = 0.80
"""How often a fix must show at the exposure that is asked for."""

STOPPED = 0.90
"""The share of the failures that a fix is taken to stop, when working out the exposure that would show it."""

_LEFT_BY_A_FIX = ((0.05, 0.3), (0.1, 0.4), (0.2, 0.2), (0.3, 0.1))
"""What a good fix leaves of the rate before, each share with its weight."""

_LEFT_WHERE_NOT = ((0.75, 0.4), (1.0, 0.4), (1.5, 0.2))
"""What is left where a fix does not hold."""

_MOST = 2_000
"""Remaining failures up to which an exposure is looked for."""

_BEYOND = 10**9
"""Conversations beyond which an exposure is not looked for."""

_FEWEST_PEERS = 5
"""Clusters of a bot that say how much their rates differ; with fewer a rate stands for itself."""


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
    exposure: float | None = None
    """As many conversations as they would be with the mix of requests before the fix; None where that is `eligible`."""

    @property
    def rate(self) -> float | None:
        """`failures` of `eligible`, 0 to 1; None where none is eligible."""
        return self.failures / self.eligible if self.eligible else None

    @property
    def bounds(self) -> tuple[float, float]:
        """The 90 % score interval of the rate."""
        return wilson(self.failures, self.eligible, CONFIDENCE)

    @property
    def exposed(self) -> float:
        """The conversations by which the rule counts."""
        return self.eligible if self.exposure is None else self.exposure


@dataclass(frozen=True)
class Prior:
    """What is known of a cluster's rate before its own failures are counted: a gamma distribution."""

    shape: float = 0.5
    """Failures that it is worth."""
    eligible: float = 0.0
    """Conversations that it is worth; 0 with a shape of 0.5 is Jeffreys' prior, which knows nothing."""

    @classmethod
    def of(cls, clusters: Sequence[tuple[int, int]]) -> Prior:
        """From failures and eligible conversations of each of the bot's clusters, by the method of moments.

        The less their rates differ beyond chance, the more the prior weighs.
        """
        counted = [(failures, eligible) for failures, eligible in clusters if eligible]
        if len(counted) < _FEWEST_PEERS:
            return cls()
        failures, eligible = np.array(counted, float).T
        mean = failures.sum() / eligible.sum()
        if not mean:
            return cls()
        by_chance = float((mean / eligible).mean())
        beyond = float(((failures / eligible - mean) ** 2).sum() / (len(counted) - 1)) - by_chance
        spread = max(beyond, 0.05 * by_chance)
        return cls(mean * mean / spread, mean / spread)


@dataclass(frozen=True)
class Rate:
    """A cluster's rate before its fix, as a gamma distribution."""

    shape: float
    """Failures that stand behind it."""
    eligible: float
    """Conversations that stand behind it."""

    @classmethod
    def before(cls, failures: int, eligible: float, prior: Prior) -> Rate:
        """The rate after so many failures among so many conversations, from what was known before them."""
        return cls(prior.shape + failures, prior.eligible + eligible)

    @property
    def mean(self) -> float:
        """Its mean, failures a conversation."""
        return self.shape / self.eligible

    def odds(self, failures: int, exposure: float, left: Sequence[tuple[float, float]]) -> float:
        """How many to one so many failures among so many conversations speak for these shares left, against `SHARE_LEFT`."""
        if not exposure:
            return 1.0
        against = self._likelihood(failures, exposure, SHARE_LEFT)
        return float(sum(w * np.exp(self._likelihood(failures, exposure, share) - against) for share, w in left))

    def _likelihood(self, failures: int, exposure: float, share: float) -> float:
        """The log likelihood of so many failures at this share of the rate, but for what all shares have in common."""
        expected = share * exposure
        whole = np.log(self.eligible + expected)
        return float(failures * (np.log(expected) - whole) - self.shape * whole)


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

    steps: tuple[int, ...]
    """With 0, 1, 2 … failures the conversations from which on it is fixed; the last is `needed`."""

    @property
    def needed(self) -> int:
        """The eligible conversations by which a fix that stops 90 % of the failures is told in four of five cases."""
        return self.steps[-1]

    @property
    def allowed(self) -> int:
        """The most of the `needed` conversations that may still fail."""
        return len(self.steps) - 1


@lru_cache(maxsize=4096)
def target(failures: int, eligible: float, prior: Prior = Prior()) -> Target | None:
    """What the rule asks after so many failures before; None where these are too few to judge by, or nothing could tell."""
    from scipy.special import pdtr  # scipy.stats takes a second to load

    if failures < LEAST_BEFORE or not eligible:
        return None
    rate, steps = Rate.before(failures, eligible, prior), list[int]()
    for remaining in range(_MOST):
        least = _smallest(rate, remaining, max(remaining, steps[-1] if steps else 1))
        if least is None:
            return None
        steps.append(least)
        if pdtr(remaining, least * (1 - STOPPED) * rate.mean) >= POWER:
            return Target(tuple(steps))
    return None


def judge(before: Period, after: Period, prior: Prior = Prior()) -> FixVerdict:
    """The verdict on a fix from the periods before and after it."""
    wanted = target(before.failures, before.exposed, prior)
    if before.failures < LEAST_BEFORE:
        few = f"Only {before.failures} failures before the fix; it takes {LEAST_BEFORE}."
        return FixVerdict(TOO_LITTLE, False, None, few)
    z, p = two_proportions(after.failures, after.eligible, before.failures, before.eligible)
    improved = z < 0 and p < 0.05
    rate = Rate.before(before.failures, before.exposed, prior)
    fixed = rate.odds(after.failures, after.exposed, _LEFT_BY_A_FIX) >= ODDS
    if not fixed and (wanted is None or after.exposed < wanted.needed):
        return FixVerdict(TOO_LITTLE, improved, wanted.needed if wanted else None)
    any_before, any_after = before.any_failures / before.eligible, after.any_failures / after.eligible
    shifted = fixed and any_after >= any_before
    warning = (
        f"All failures among the same requests did not fall ({any_before:.0%} before, {any_after:.0%} after): "
        "the failure may only have changed its shape."
    )
    needed = wanted.needed if wanted else None
    return FixVerdict(FIXED if fixed else NOT_FIXED, improved, needed, warning if shifted else None)


def contradicted(before: Period, later: Period, prior: Prior = Prior()) -> bool:
    """Whether conversations that came after a fix was verified speak ten to one for more than half of the rate being left."""
    rate = Rate.before(before.failures, before.exposed, prior)
    return rate.odds(later.failures, later.exposed, _LEFT_WHERE_NOT) >= ODDS


def promise(failures: int, eligible: int, among: str, prior: Prior = Prior()) -> str:
    """The rule with a cluster's numbers, as a ticket quotes it; `among` names what the rate is counted among."""
    wanted = target(failures, eligible, prior)
    if wanted is None:
        return (
            f"{count(failures, 'failure')} among {among} so far. A verdict needs at least {LEAST_BEFORE} from before the "
            "fix; until then the regression set must pass."
        )
    drawn = Rate.before(failures, eligible, prior).mean
    own = failures / eligible
    prudent = (
        f", of which {percent(drawn)} is counted on: the rest may be the chance by which it stood out among the bot's clusters"
        if own - drawn >= 0.1 * own
        else ""
    )
    return (
        f"before, {failures:,} of {eligible:,} {among} failed this way ({percent(own)}{prudent}). It is fixed as soon as those "
        f"afterwards speak ten to one for less than half of that being left: {_ladder(wanted)}."
    )


def _ladder(wanted: Target) -> str:
    """The steps in words: at first none may fail, in more conversations some."""
    few = [f"none of {wanted.steps[0]:,} may fail this way"]
    few += [f"at most {failures} of {step:,}" for failures, step in enumerate(wanted.steps[1:3], start=1)]
    if wanted.allowed > len(few) - 1:
        few.append(f"at most {wanted.allowed:,} of {wanted.needed:,}")
    return ", ".join(few)


BEFORE_IT_SHIPS = (
    "Before it ships, replay the regression set and read what the bot does at the failing turn. After that, new "
    "conversations judge the fix: those of the release, or from the day on, that it is recorded with."
)
"""What a ticket says before the numbers of its clusters."""

WITH_FEWER = (
    f"Until then the verdict is “{TOO_LITTLE}”, and from the last number on “{NOT_FIXED}”. It may be looked at after every import. "
    "The share of all failures among the same requests should fall as well, or the failure only changed its shape."
)
"""What it says after them."""


def _smallest(rate: Rate, failures: int, at_least: int) -> int | None:
    """The fewest conversations at which so many failures still speak `ODDS` to one for a fix; None where none do."""
    high = max(at_least, 1)
    while rate.odds(failures, high, _LEFT_BY_A_FIX) < ODDS:
        if high > _BEYOND:
            return None
        high *= 2
    low = max(at_least, 1)
    while low < high:
        middle = (low + high) // 2
        if rate.odds(failures, middle, _LEFT_BY_A_FIX) >= ODDS:
            high = middle
        else:
            low = middle + 1
    return low

"""Does the fix rule say "fixed" where more than half of the failures remain, and does it find a fix that stops nine in ten?

    python -m benchmarks.verification [--runs 2000] [--json]

Simulated logs, by the rule's own functions (`workbench.tickets.fix_rule`, `workbench.tickets.exposure`): ten clusters of one bot, each with
requests of two kinds of which one fails three times as often; a fix of one of them that leaves a share of its failures;
then twelve weekly looks, at any of which the rule may say "fixed". Varied are

- what remains: all (untouched), 60 %, 50 % (exactly where the rule draws its line), 40 %, 10 %;
- the cluster: any, or the one with the highest rate of the ten;
- the log: stationary; with a mix that shifts after the fix (the kind that fails more becomes a third of what it was);
  or with half of the failures coming in two weeks late, as they also did before the fix;
- the ten clusters: equal rates (a worst one is chance alone), or spread (log-normal, sigma 0.4).

Beside it the rule of before (the upper end of a 90 % Wilson interval below half of the rate before, from the exposure on that could
show it) and a sceptic's (a one-sided test at 5 % that the rate is lower, at each look). Intervals are 95 % Wilson.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import product
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binom

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.stats import two_proportions, wilson
from workbench.tickets.exposure import standard_exposure
from workbench.tickets.fix_rule import FIXED, LEAST_BEFORE, Period, Prior, judge

RATE, ELIGIBLE, A_WEEK, CLUSTERS, LOOKS, LATE_WEEKS = 0.05, 1000, 80, 10, 12, 2
REMAINING = (1.0, 0.6, 0.5, 0.4, 0.1)
WORSE = 3.0
"""How much more often one of the two kinds of request fails."""


@dataclass(frozen=True)
class Row:
    """One cell of the table: the share of runs in which a rule says "fixed" within the looks."""

    remaining: float
    picked: str
    log: str
    rates: str
    runs: int
    """Runs with at least ten failures before the fix."""
    fixed: float
    low: float
    high: float
    before: float
    """By the rule of before."""
    sceptic: float
    """By a one-sided test at 5 % at each look."""


@dataclass(frozen=True)
class Power:
    """The conversations by which four of five fixes that stop nine in ten are told."""

    picked: str
    rates: str
    conversations: float
    before: float
    """The exposure that the rule of before asked for, median."""
    ratio: float
    """Of the two, median over runs of each run's own."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    rows = list(_rows(given.runs))
    power = [
        _power(picked, rates, max(given.runs // 4, 50))
        for picked, rates in product(("any", "worst"), ("equal", "spread"))
    ]
    if given.json:
        print(json.dumps({"false_fixed": [asdict(row) for row in rows], "power": [asdict(each) for each in power]}))
        return
    print("remaining  cluster  log         rates    fixed [95 %]           rule before  sceptic")
    for row in rows:
        print(
            f"{row.remaining:9.0%}  {row.picked:7}  {row.log:10}  {row.rates:6}  {row.fixed:6.1%} [{row.low:.1%}, {row.high:.1%}]"
            f"{row.before:13.1%}{row.sceptic:9.1%}"
        )
    for each in power:
        print(
            f"stops nine in ten, {each.picked}, {each.rates}: four of five told by {each.conversations:.0f} conversations; "
            f"the rule before asked for {each.before:.0f} (median), ratio {each.ratio:.2f}"
        )


def _rows(runs: int) -> Iterator[Row]:
    for remaining, picked, log, rates in product(
        REMAINING, ("any", "worst"), ("stationary", "mix shift", "late"), ("equal", "spread")
    ):
        results = [result for seed in range(runs) if (result := _run(seed, remaining, picked, log, rates))]
        counts = np.array(results).sum(0)
        low, high = wilson(int(counts[0]), len(results))
        share = counts / len(results)
        yield Row(remaining, picked, log, rates, len(results), share[0], low, high, share[1], share[2])


def _before(
    draw: np.random.Generator, picked: str, rates: str
) -> tuple[float, NDArray[np.bool_], NDArray[np.intp], Prior]:
    """The picked cluster's true rate, its requests before the fix (failed, kind), and what the ten say of its rate."""
    true = RATE * np.exp(draw.normal(0, 0.4, CLUSTERS)) if rates == "spread" else np.full(CLUSTERS, RATE)
    kinds = draw.integers(0, 2, (CLUSTERS, ELIGIBLE))
    failed = draw.random((CLUSTERS, ELIGIBLE)) < _chance(true[:, None], kinds)
    counts = failed.sum(1)
    of = int(counts.argmax()) if picked == "worst" else 0
    return true[of], failed[of], kinds[of], Prior.of([(int(count), ELIGIBLE) for count in counts])


def _chance(rate: float | NDArray[np.float64], kinds: NDArray[np.intp]) -> NDArray[np.float64]:
    return np.asarray(rate * np.where(kinds == 1, WORSE, 1.0) * 2 / (1 + WORSE))


def _run(seed: int, remaining: float, picked: str, log: str, rates: str) -> tuple[bool, bool, bool] | None:
    """Whether ours, the rule of before and a sceptic's said "fixed" at a look; None with too few failures before."""
    draw = np.random.default_rng(seed)
    rate, failed, kinds, prior = _before(draw, picked, rates)
    if failed.sum() < LEAST_BEFORE:
        return None
    total = LOOKS * A_WEEK
    share = 0.5 / 3 if log == "mix shift" else 0.5
    after_kinds = (draw.random(total) < share).astype(np.intp)
    after_failed = draw.random(total) < remaining * _chance(rate, after_kinds)
    week = np.arange(total) // A_WEEK
    arrives = week + np.where(after_failed & (draw.random(total) < 0.5), LATE_WEEKS, 0) if log == "late" else week
    needed = _exposure_before(int(failed.sum()))
    ours = old = sceptic = False
    for look in range(LOOKS):
        here = arrives <= look
        complete = here & (week <= look - LATE_WEEKS) if log == "late" else here
        ours = ours or _ours(failed, kinds, after_failed[complete], after_kinds[complete], prior)
        hits, seen = int(after_failed[here].sum()), int(here.sum())
        old = old or (seen >= needed and wilson(hits, seen, 0.9)[1] < 0.5 * failed.mean())
        z, p = two_proportions(hits, seen, int(failed.sum()), len(failed))
        sceptic = sceptic or (z < 0 and p < 0.1)
    return ours, old, sceptic


def _ours(
    failed: NDArray[np.bool_],
    kinds: NDArray[np.intp],
    now: NDArray[np.bool_],
    now_kinds: NDArray[np.intp],
    prior: Prior,
) -> bool:
    if not len(now):
        return False
    before = Period(None, None, len(failed), int(failed.sum()), int(failed.sum()))
    hits = int(now.sum())
    after = Period(None, None, len(now), hits, hits, standard_exposure(failed, kinds, now_kinds))
    return judge(before, after, prior).verdict == FIXED


def _power(picked: str, rates: str, runs: int) -> Power:
    """By single conversations, so that the exposure is not rounded up to a week."""
    told, asked = [], []
    for seed in range(runs):
        draw = np.random.default_rng(10**6 + seed)
        rate, failed, kinds, prior = _before(draw, picked, rates)
        if failed.sum() < LEAST_BEFORE:
            continue
        after_kinds = draw.integers(0, 2, 6000)
        after_failed = draw.random(6000) < 0.1 * _chance(rate, after_kinds)
        told.append(
            next(
                (
                    seen
                    for seen in range(10, 6000, 10)
                    if _ours(failed, kinds, after_failed[:seen], after_kinds[:seen], prior)
                ),
                6000,
            )
        )
        asked.append(_exposure_before(int(failed.sum())))
    ratio = np.array(told) / np.array(asked)
    return Power(picked, rates, float(np.quantile(told, 0.8)), float(np.median(asked)), float(np.quantile(ratio, 0.8)))


_ASKED: dict[int, int] = {}


def _exposure_before(failures: int) -> int:
    """The exposure that the rule of before asked for: the fewest conversations that show a fix in four of five cases."""
    if failures not in _ASKED:
        rate, exposure = failures / ELIGIBLE, 1
        for remaining in range(1000):
            while wilson(remaining, exposure, 0.9)[1] >= 0.5 * rate:
                exposure += 1
            if binom.cdf(remaining, exposure, 0.1 * rate) >= 0.8:
                break
        _ASKED[failures] = exposure
    return _ASKED[failures]


if __name__ == "__main__":
    main()

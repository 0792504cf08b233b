"""Is the prevalence of a cause told rightly where the labels err, and how much reading does that save?

5,000 conversations, an instrument (labels that members inherit from clusters, a judge) with a true positive and a true negative rate
of .7 to .95, a cause of 5, 10 or 20 %. 200 conversations are read. Side by side:

*reading*    200 drawn from all, the instrument ignored (Jeffreys' interval); what all others are measured against
*naive*      the instrument's own count as if it never erred, with its Wilson interval; reads nothing
*plain PPI*  the same 200 from all, the instrument's count plus the mean error among them (normal interval)
*corrected*  the product: 30 read of each answer, the rest where `more_reading` says (`workbench.review.prevalence`)
*earlier*    the same, with 200 read earlier where the cause had another prevalence (5 to 20 %), for the error rates

For each the coverage of the 95 % interval (with its own Wilson bounds) and its mean width over that of *reading*. The best that any
interval with the same reading could do when the error rates are not known beforehand is Neyman's allocation with the true spreads:
`least` has that ratio, so that nobody waits for more.

    python benchmarks/prevalence.py [--json] [--simulations 400]
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.review.estimate import Interval, Stratum
from workbench.review.prevalence import Counted, more_reading, prevalence
from workbench.stats import wilson

POPULATION, READ, FIRST = 5_000, 200, 30
PREVALENCES, RATES = (0.05, 0.1, 0.2), (0.7, 0.8, 0.9, 0.95)
DRAWS = 4_000
METHODS = ("reading", "naive", "plain PPI", "corrected", "earlier")


class World:
    """All conversations with what is true of each and what the instrument says, and readers that draw from either answer."""

    def __init__(self, random: np.random.Generator, share: float, sensitivity: float, specificity: float) -> None:
        self.true = random.random(POPULATION) < share
        self.said = random.random(POPULATION) < np.where(self.true, sensitivity, 1 - specificity)
        self.order = random.permutation(POPULATION)

    def counted(self, yes: int, no: int) -> Counted:
        """What was counted once so many of either answer were read."""
        sides = []
        for answer, read in ((True, yes), (False, no)):
            rows = self.order[self.said[self.order] == answer]
            sides.append(Stratum(len(rows), min(read, len(rows)), int(self.true[rows[:read]].sum())))
        return Counted(*sides)

    def read(self, total: int) -> Counted:
        """Thirty of each answer first, the others where they tell most."""
        first = self.counted(FIRST, FIRST)
        low, high = 1e-4, 0.5
        for _ in range(30):  # the narrowest interval that so many reads give
            middle = math.sqrt(low * high)
            low, high = (low, middle) if more_reading(first, middle).total + first.read <= total else (middle, high)
        plan = more_reading(first, high)
        yes = first.yes.read + plan.yes
        return self.counted(yes, total - yes)


def estimates(world: World, earlier: Counted, random: np.random.Generator) -> dict[str, Interval]:
    """What each method says of one world."""
    rows = random.permutation(POPULATION)[:READ]
    read = Counted(Stratum(POPULATION, READ, int(world.true[rows].sum())), Stratum(0, 0, 0))
    flagged = int(world.said.sum())
    low, high = wilson(flagged, POPULATION)
    errors = world.true[rows].astype(float) - world.said[rows]
    centre = flagged / POPULATION + errors.mean()
    spread = 1.96 * errors.std(ddof=1) / math.sqrt(READ)
    counted = world.read(READ)
    alone, corrected = prevalence(read, draws=DRAWS), prevalence(counted, draws=DRAWS)
    with_earlier = prevalence(counted, earlier, draws=DRAWS)
    assert alone
    assert corrected
    assert with_earlier
    return {
        "reading": alone,
        "naive": Interval(flagged / POPULATION, low, high),
        "plain PPI": Interval(centre, centre - spread, centre + spread),
        "corrected": corrected,
        "earlier": with_earlier,
    }


def least(share: float, sensitivity: float, specificity: float) -> float:
    """Width over that of reading alone if each answer were read in the best proportion from the first on (Neyman 1934)."""
    yes = share * sensitivity + (1 - share) * (1 - specificity)
    right, missed = share * sensitivity / yes, share * (1 - sensitivity) / (1 - yes)
    spread = yes * math.sqrt(right * (1 - right)) + (1 - yes) * math.sqrt(missed * (1 - missed))
    return spread / math.sqrt(share * (1 - share))


def measure(simulations: int) -> dict[str, Any]:
    """Coverage and width of each method in every cell, and over all cells."""
    cells = []
    for share in PREVALENCES:
        for sensitivity in RATES:
            for specificity in RATES:
                cells.append(_cell(share, sensitivity, specificity, simulations))
    return {
        "simulations": simulations,
        "read": READ,
        "population": POPULATION,
        "cells": cells,
        "all": _summary(cells, simulations),
    }


def _cell(share: float, sensitivity: float, specificity: float, simulations: int) -> dict[str, Any]:
    held, widths = dict.fromkeys(METHODS, 0), dict.fromkeys(METHODS, 0.0)
    for seed in range(simulations):
        random = np.random.default_rng([seed, round(1000 * share), round(100 * sensitivity), round(100 * specificity)])
        world = World(random, share, sensitivity, specificity)
        before = World(random, random.choice(PREVALENCES), sensitivity, specificity).read(READ)
        for method, interval in estimates(world, before, random).items():
            held[method] += interval.low <= world.true.mean() <= interval.high
            widths[method] += interval.high - interval.low
    return {
        "prevalence": share,
        "tpr": sensitivity,
        "tnr": specificity,
        "least": round(least(share, sensitivity, specificity), 3),
        "coverage": {method: round(count / simulations, 4) for method, count in held.items()},
        "held": held,
        "width": {method: round(width / widths["reading"], 3) for method, width in widths.items()},
    }


def _summary(cells: list[dict[str, Any]], simulations: int) -> dict[str, Any]:
    summary = {}
    for method in METHODS:
        held, trials = sum(cell["held"][method] for cell in cells), simulations * len(cells)
        low, high = wilson(held, trials)
        summary[method] = {
            "coverage": round(held / trials, 4),
            "low": round(low, 4),
            "high": round(high, 4),
            "worst": min(cell["coverage"][method] for cell in cells),
            "width": round(float(np.mean([cell["width"][method] for cell in cells])), 3),
            "narrower": sum(cell["width"][method] <= 0.7 for cell in cells),
        }
    return summary


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--simulations", type=int, default=400)
    arguments = parser.parse_args()
    figures = measure(arguments.simulations)
    print(json.dumps(figures)) if arguments.json else show(figures)


def show(figures: dict[str, Any]) -> None:
    print(
        f"{figures['read']} of {figures['population']:,} read, {figures['simulations']} times; coverage, and width over reading alone"
    )
    print(f"{'share':>6}{'TPR':>6}{'TNR':>6}{'least':>7}  " + "".join(f"{method:>17}" for method in METHODS))
    for cell in figures["cells"]:
        told = "".join(f"{cell['coverage'][method]:10.3f} {cell['width'][method]:6.2f}" for method in METHODS)
        print(f"{cell['prevalence']:6.2f}{cell['tpr']:6.2f}{cell['tnr']:6.2f}{cell['least']:7.2f}  {told}")
    for method in METHODS:
        row = figures["all"][method]
        print(
            f"{method:10} coverage {row['coverage']:.4f} [{row['low']:.4f}, {row['high']:.4f}], worst cell {row['worst']:.3f}; "
            f"width {row['width']:.2f} of reading alone, 30 % narrower in {row['narrower']} of {len(figures['cells'])} cells"
        )


if __name__ == "__main__":
    main()

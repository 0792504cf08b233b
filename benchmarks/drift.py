"""Does drift say 5 % where nothing drifts, and does it flag a new subject?

Takes the requests of each bot of a store, with its own number of requests a week. *Exchangeable*: they are dealt to the weeks
at random, many times; about 5 % should be unlike and hardly a week be flagged. *A new subject*: in the last week some of them
are another bot's.

    python benchmarks/drift.py --store DIR [--deals 100] [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from workbench.bench.bench import Bench
from workbench.reports.drift import WeekDrift, drift
from workbench.reports.health import DRIFT_WEEKS, SAMPLE, bots
from workbench.stats import wilson
from workbench.store import Store

STRANGERS = (0.10, 0.15, 0.20, 0.30)


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", type=Path, required=True)
    parser.add_argument("--deals", type=int, default=100)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    bench, rng = Bench(Store(arguments.store)), np.random.default_rng(0)
    asked = {one.bot: bench.evidence.weekly_requests(one.bot, DRIFT_WEEKS, SAMPLE) for one in bots(bench)}
    still: list[WeekDrift] = []
    moved: dict[float, list[WeekDrift]] = {share: [] for share in STRANGERS}
    for bot, (rows, vectors) in asked.items():
        weeks, keys = [row.week for row in rows], [str(place) for place in range(len(rows))]
        strange = np.vstack([other for name, (_, other) in asked.items() if name != bot])
        last = np.flatnonzero(np.asarray(weeks) == max(weeks))
        for _ in range(arguments.deals):
            dealt = vectors[rng.permutation(len(vectors))]
            still += [week for week in drift(keys, weeks, dealt) if week.comparable]
            for share in STRANGERS:
                with_strangers = dealt.copy()
                places = rng.choice(last, round(share * len(last)), replace=False)
                with_strangers[places] = strange[rng.choice(len(strange), len(places), replace=False)]
                since = [place for place, week in enumerate(weeks) if week >= sorted(set(weeks))[-5]]
                moved[share].append(drift(keys[: len(since)], [weeks[i] for i in since], with_strangers[since])[-1])
    figures = {"exchangeable": summed(still)} | {f"{share:.0%} strangers": summed(moved[share]) for share in STRANGERS}
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(
            f"{name:15} {row['weeks']:6,} weeks  unlike {row['unlike']:.4f}  flagged {row['flagged']:.4f}  {row['interval']}"
        )


def summed(weeks: list[WeekDrift]) -> dict[str, Any]:
    """The mean share unlike, and the share of weeks that were flagged with its 95 % interval."""
    flagged = sum(week.flagged for week in weeks)
    return {
        "weeks": len(weeks),
        "unlike": float(np.mean([week.share for week in weeks])),
        "flagged": flagged / len(weeks),
        "interval": [round(bound, 4) for bound in wilson(flagged, len(weeks))],
    }


if __name__ == "__main__":
    main()

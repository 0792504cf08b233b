"""Does reading a random sample tell how much fails, and does reading by novelty show more kinds of failures?

Imports data/demo into a temporary store by the public command. The reader of the simulations is data/demo/truth.parquet.
First, 500 times: 200 conversations at random are read, and the interval of the failure rate holds the true one or not
(also: of what the signals find, of what is right among the flagged). Then the share of failures whose planted mode nobody read
yet, as estimated from the sample and as it is. Last: planted modes met in the first 10, 30 and 60 failures, by order of reading.

    python benchmarks/reading.py [--json] [--simulations 500] [--read 200] [--store FOLDER]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import build
from workbench.bench.bench import Bench
from workbench.clusters.failure_vectors import failure_vectors
from workbench.conversation.model import conversation_key
from workbench.demo.generator import TRUTH_FILE
from workbench.review.estimate import Interval, Stratum, estimate
from workbench.review.reading_lists import COMPARED
from workbench.review.sampling import Failing, farthest_first, sample, typical
from workbench.stats import wilson
from workbench.store import Store

FIRST = (10, 30, 60)
ORDERS = 200


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--simulations", type=int, default=500)
    parser.add_argument("--read", type=int, default=200)
    parser.add_argument("--store", help="a store that holds the demo already")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if not arguments.store:
            build(folder, "normal")
        bench = Bench(Store(Path(arguments.store or folder)))
        modes = planted()
        figures = intervals(bench.evidence.flags(""), modes, arguments.simulations, arguments.read)
        figures["kinds"] = kinds(bench, modes)
        bench.close()
    print(json.dumps(figures)) if arguments.json else show(figures)


def planted() -> dict[str, str | None]:
    """The planted mode × bot of each conversation, by key; None where it is fine."""
    rows = pq.read_table(ROOT / "data" / "demo" / TRUTH_FILE).to_pylist()
    return {
        conversation_key(row["bot"], row["conversation_id"]): f"{row['bot']} {row['mode']}" if row["mode"] else None
        for row in rows
    }


def intervals(flags: dict[str, bool], modes: dict[str, str | None], simulations: int, read: int) -> dict[str, Any]:
    """How often the intervals hold the truth over many random samples, and how wide they are."""
    failing = {key for key in flags if modes[key]}
    found = sum(flags[key] for key in failing)
    flagged = sum(flags.values())
    truth = {"rate": len(failing) / len(flags), "recall": found / len(failing), "precision": found / flagged}
    held: Counter[str] = Counter()
    told: Counter[str] = Counter()
    widths: dict[str, list[float]] = {name: [] for name in truth}
    unseen: list[tuple[float, float]] = []
    share = Counter(modes[key] for key in failing)
    for seed in range(simulations):
        drawn = sample(flags, read, seed)
        strata = [
            Stratum(
                sum(flag == side for flag in flags.values()),
                sum(flags[key] == side for key in drawn),
                sum(flags[key] == side and key in failing for key in drawn),
            )
            for side in (True, False)
        ]
        estimated = estimate(*strata)
        for name, value in truth.items():
            interval: Interval | None = getattr(estimated, name)
            if interval is not None:
                told[name] += 1
                held[name] += interval.low <= value <= interval.high
                widths[name].append(interval.high - interval.low)
        met = Counter(modes[key] for key in drawn if key in failing)
        once = sum(count == 1 for count in met.values()) / max(met.total(), 1)
        unseen.append((once, sum(count for mode, count in share.items() if mode not in met) / len(failing)))
    return {
        "conversations": len(flags),
        "read": read,
        "simulations": simulations,
        **{name: _coverage(truth[name], held[name], told[name], widths[name]) for name in truth},
        "unseen": {
            "estimated": float(np.mean([one for one, _ in unseen])),
            "true": float(np.mean([one for _, one in unseen])),
            "mean_absolute_error": float(np.mean([abs(one - other) for one, other in unseen])),
        },
    }


def kinds(bench: Bench, modes: dict[str, str | None]) -> dict[str, Any]:
    """Planted modes met in the first failures read: by novelty, typical of the top clusters in turn, and by chance."""
    rows, requests = bench.evidence.failing_vectors("", COMPARED)
    keys = [row.key for row in rows]
    most = max(FIRST)
    failures = [Failing(row.key, row.cluster, row.rank, row.similarity) for row in rows]
    orders = {
        "novel": [keys[n] for n in farthest_first(failure_vectors(requests, [row.facts for row in rows]), most, [])],
        "typical": [one.key for one in typical(failures, most, [])],
    }
    chance = [_met(sample(keys, most, seed), modes) for seed in range(ORDERS)]
    return {
        "planted": len({modes[key] for key in keys} - {None}),
        **{name: _met(order, modes) for name, order in orders.items()},
        "random": {str(first): float(np.mean([met[str(first)] for met in chance])) for first in FIRST},
    }


def _met(order: Sequence[str], modes: dict[str, str | None]) -> dict[str, int]:
    return {str(first): len({modes[key] for key in order[:first]} - {None}) for first in FIRST}


def _coverage(truth: float, held: int, told: int, widths: Sequence[float]) -> dict[str, float]:
    low, high = wilson(held, told)
    return {
        "true": truth,
        "coverage": held / told if told else 0.0,
        "low": low,
        "high": high,
        "mean_width": float(np.mean(widths)) if widths else 0.0,
    }


def show(figures: dict[str, Any]) -> None:
    print(f"{figures['read']} of {figures['conversations']:,} read at random, {figures['simulations']} times")
    print(f"{'':12}{'true':>8}{'held by':>10}{'95 %':>14}{'mean width':>12}")
    for name in ("rate", "recall", "precision"):
        one = figures[name]
        print(
            f"{name:12}{one['true']:8.3f}{one['coverage']:10.3f}{one['low']:8.3f}–{one['high']:.3f}{one['mean_width']:12.3f}"
        )
    unseen = figures["unseen"]
    print(
        f"failures of an unseen kind: estimated {unseen['estimated']:.3f}, true {unseen['true']:.3f}, "
        f"mean absolute error {unseen['mean_absolute_error']:.3f}"
    )
    met = figures["kinds"]
    print(f"planted modes met of {met['planted']}, in the first " + ", ".join(map(str, FIRST)) + " failures read")
    for name in ("novel", "typical", "random"):
        print(f"  {name:10}" + "".join(f"{met[name][str(first)]:8.1f}" for first in FIRST))


if __name__ == "__main__":
    main()

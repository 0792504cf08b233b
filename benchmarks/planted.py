"""Does the pipeline find the failures planted in the demo, and do its clusters hold one planted mode each?

Imports data/demo into a temporary store by the public command, reads the failures through `Bench`, and compares them
with data/demo/truth.parquet. Over the conversations that truly fail: precision and recall of "failing" (Wilson 95 %),
and the adjusted mutual information of clusters with mode × bot. In `ami` a failure that was not found counts as a
cluster "not found"; `ami_found` is over the found ones alone. Interval: percentile bootstrap over conversations.

    python benchmarks/planted.py [--json] [--granularity few|normal|many] [--store an existing store of the demo]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
from sklearn.metrics import adjusted_mutual_info_score

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.demo.generator import DEMO_FILES, TRUTH_FILE
from workbench.stats import wilson
from workbench.store import Store

DEMO = ROOT / "data" / "demo"
BOOTSTRAPS = 200
NOT_FOUND = "not found"

Key = tuple[str, str]


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--granularity", choices=("few", "normal", "many"), default="normal")
    parser.add_argument("--store")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        store = arguments.store or scratch
        seconds = None if arguments.store else build(store, arguments.granularity)
        bench = Bench(Store(Path(store)))
        found = {(row.bot, row.conversation_id): row.cluster or "none" for row in bench.failures(Filter())}
        names = {row.cluster: row.name for row in bench.clusters(Filter())}
        bench.close()
    truth = {(row["bot"], row["conversation_id"]): row for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist()}
    figures = compare(truth, found, names) | {"seconds": seconds}
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def build(store: str, granularity: str) -> float:
    """Import the demo into a store; the seconds of the whole process that clusters it."""
    workbench = [sys.executable, "-m", "workbench"]
    start = time.perf_counter()
    subprocess.run(
        [*workbench, "import", *(str(DEMO / name) for name in DEMO_FILES), "--store", store, "--json"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - start
    if granularity != "normal":
        again = [*workbench, "analyze", "--granularity", granularity, "--store", store, "--json"]
        subprocess.run(again, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    return round(seconds, 1)


def compare(truth: dict[Key, dict[str, Any]], found: dict[Key, str], names: dict[str, str]) -> dict[str, Any]:
    """All figures from the truth rows, the cluster of each failing conversation, and the clusters' names."""
    failing = [key for key, row in truth.items() if row["mode"]]
    hits = [key for key in failing if key in found]
    modes = [f"{key[0]} {truth[key]['mode']}" for key in failing]
    clusters = [found.get(key, NOT_FOUND) for key in failing]
    ami, low, high = agreement(modes, clusters)
    ami_found, *bounds_found = agreement(
        [mode for mode, cluster in zip(modes, clusters, strict=True) if cluster != NOT_FOUND],
        [cluster for cluster in clusters if cluster != NOT_FOUND],
    )
    untold = [key for key in failing if not truth[key]["explicit"]]
    return {
        "ami": ami,
        "precision": round(len(hits) / len(found), 4),
        "recall": round(len(hits) / len(failing), 4),
        "ami_interval": [low, high],
        "ami_found": ami_found,
        "ami_found_interval": bounds_found,
        "precision_interval": [round(bound, 4) for bound in wilson(len(hits), len(found))],
        "recall_interval": [round(bound, 4) for bound in wilson(len(hits), len(failing))],
        "recall_untold": round(sum(key in found for key in untold) / len(untold), 4),
        "conversations": len(truth),
        "failing": len(failing),
        "found": len(found),
        "clusters": len(names),
        "modes": per_mode(truth, found, names),
    }


def agreement(modes: list[str], clusters: list[str]) -> tuple[float, float, float]:
    """Adjusted mutual information (Vinh et al. 2010) and its 95 % percentile bootstrap interval."""
    a, b = np.asarray(modes), np.asarray(clusters)
    rng = np.random.default_rng(0)
    draws = [rng.integers(0, len(a), len(a)) for _ in range(BOOTSTRAPS)]
    values = [adjusted_mutual_info_score(a[draw], b[draw]) for draw in draws]
    low, high = np.quantile(values, (0.025, 0.975))
    return round(float(adjusted_mutual_info_score(a, b)), 4), round(float(low), 4), round(float(high), 4)


def per_mode(truth: dict[Key, dict[str, Any]], found: dict[Key, str], names: dict[str, str]) -> list[dict[str, Any]]:
    """For each mode: failures, share found, its main cluster, and how much of that cluster it is (purity)."""
    members = Counter(found.values())
    groups: dict[tuple[str, str], list[Key]] = defaultdict(list)
    for key, row in truth.items():
        if row["mode"]:
            groups[key[0], row["mode"]].append(key)
    rows = []
    for (bot, mode), keys in sorted(groups.items()):
        clusters = Counter(found[key] for key in keys if key in found)
        main, inside = clusters.most_common(1)[0] if clusters else ("", 0)
        rows.append(
            {
                "bot": bot,
                "mode": mode,
                "failures": len(keys),
                "found": round(sum(clusters.values()) / len(keys), 3),
                "clusters": sum(count >= 3 for count in clusters.values()),
                "main": main,
                "share_in_main": round(inside / len(keys), 3),
                "purity": round(inside / members[main], 3) if main else None,
                "name": names.get(main, ""),
            }
        )
    return rows


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    for name in ("ami", "ami_found", "precision", "recall"):
        low, high = figures[f"{name}_interval"]
        print(f"{name:10} {figures[name]:.3f}  [{low:.3f}, {high:.3f}]")
    print(
        f"{figures['failing']} of {figures['conversations']} conversations fail, {figures['found']} were called failing"
    )
    print(f"recall where the log tells nothing: {figures['recall_untold']:.3f}")
    took = "" if figures["seconds"] is None else f", import and analysis in {figures['seconds']} s"
    print(f"{figures['clusters']} clusters{took}\n")
    print(f"{'bot':12} {'mode':28} {'n':>4} {'found':>6} {'in':>3} {'main':8} {'share':>6} {'purity':>6}  name")
    for row in figures["modes"]:
        purity = "" if row["purity"] is None else f"{row['purity']:.2f}"
        print(
            f"{row['bot']:12} {row['mode']:28} {row['failures']:4} {row['found']:6.2f} {row['clusters']:3} "
            f"{row['main']:8} {row['share_in_main']:6.2f} {purity:>6}  {row['name']}"
        )


if __name__ == "__main__":
    main()

"""What does a log of a size cost, stage by stage: wall, CPU and peak memory from files to a served snapshot?

The logs are the demo's generator's (about nine turns, four bots, a fifth failing), so that they cluster as logs do. Embedding
is left out: a tiny encoder that hashes words stands in for the model, or it would be most of every figure. Each build is a
process of its own; a stage's memory is the highest that the process held until its end.

    python benchmarks/scale.py [--conversations 10000 …] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support.encoders import WordHashEncoder
from workbench.demo.generator import BOTS, generate, log_schema
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job

DEFAULT = 10_000


@dataclass
class Stage:
    """What one stage of a build took."""

    wall: float = 0.0
    """Seconds by the clock."""
    cpu: float = 0.0
    """Seconds of all its threads."""
    peak_mb: int = 0
    """The most that the process held until its end."""


@dataclass
class Cost:
    """What one build took."""

    conversations: int = 0
    """Those of the store after it."""
    turns: int = 0
    """Their turns."""
    failures: int = 0
    """Those that fail."""
    wall: float = 0.0
    """Seconds by the clock, imports of Python left out."""
    cpu: float = 0.0
    """Seconds of all its threads."""
    peak_mb: int = 0
    """The most that the process held."""
    load: float = 0.0
    """The machine's load when it ended: above its cores, wall tells of others."""
    log_mb: float = 0.0
    """The Parquet that was imported; 0 where it was not measured, like the next."""
    store_mb: float = 0.0
    """All files of the store after it."""
    stages: dict[str, Stage] = field(default_factory=dict)
    """By the stage's name, in order."""


class Clock:
    """The progress of a build, as seconds and memory of each stage."""

    def __init__(self) -> None:
        self.cost = Cost()
        self._name = "start"
        self._began = self._first = (time.perf_counter(), time.process_time())

    def report(self, stage: str, done: int, total: int | None) -> None:
        """A build tells where it is; one without a total begins a stage."""
        if total is None:
            self._end()
            self._name = stage

    def close(self) -> Cost:
        """The whole cost."""
        self._end()
        self.cost.wall = round(time.perf_counter() - self._first[0], 2)
        self.cost.cpu = round(time.process_time() - self._first[1], 2)
        self.cost.peak_mb = _peak_mb()
        self.cost.load = round(os.getloadavg()[0], 1)
        return self.cost

    def _end(self) -> None:
        now = time.perf_counter(), time.process_time()
        stage = self.cost.stages.setdefault(self._name, Stage())
        stage.wall = round(stage.wall + now[0] - self._began[0], 2)
        stage.cpu = round(stage.cpu + now[1] - self._began[1], 2)
        stage.peak_mb = _peak_mb()
        self._began = now


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, nargs="+", default=[DEFAULT])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--build", nargs="+", metavar=("STORE", "LOG"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.build:
        print(json.dumps(asdict(built_here(Path(arguments.build[0]), arguments.build[1:]))))
        return
    costs = [measured(size) for size in sorted(arguments.conversations)]
    growth = round(costs[-1].cpu / costs[0].cpu, 2)
    if arguments.json:
        print(json.dumps({"sizes": [asdict(cost) for cost in costs], "cpu_last_to_first": growth}))
        return
    for cost in costs:
        show(cost)
    if len(costs) > 1:
        print(f"\nCPU of the largest to that of the smallest: {growth} ×")


def measured(conversations: int) -> Cost:
    """A build of a new log of about so many conversations."""
    with tempfile.TemporaryDirectory() as scratch:
        log = write_log(Path(scratch) / "log.parquet", conversations)
        cost = built(Path(scratch) / "store", log)
        cost.log_mb = round(log.stat().st_size / 1e6, 1)
        files = (file for file in (Path(scratch) / "store").rglob("*") if file.is_file())
        cost.store_mb = round(sum(file.stat().st_size for file in files) / 1e6, 1)
        return cost


def write_log(path: Path, conversations: int, first: float = 0.0, last: float = 1.0) -> Path:
    """Write a log of about so many conversations, or a share of it by time; the same call writes the same rows."""
    rows = [row for row, _ in zip(*generate(conversations=conversations * 3 // 4), strict=True)]
    others, _ = generate(seed=2, conversations=conversations * 3 // 4)
    rows += [row | {"bot": "parcel-care-2"} for row in others if row["bot"] == BOTS[0]]
    rows.sort(key=lambda row: (row["started_at"], row["bot"], row["conversation_id"]))
    share = rows[round(first * len(rows)) : round(last * len(rows))]
    pq.write_table(pa.Table.from_pylist(share, log_schema()), path, row_group_size=5_000)
    return path


def built(store: Path, log: Path) -> Cost:
    """Import a log into a store, in a process of its own."""
    command = [sys.executable, __file__, "--build", str(store), str(log)]
    told = json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout)
    stages = {name: Stage(**stage) for name, stage in told.pop("stages").items()}
    return Cost(**told, stages=stages)


def built_here(store: Path, paths: list[str]) -> Cost:
    """Import logs in this process."""
    clock = Clock()
    result: Any = Build(Job(store=str(store), paths=paths, actor="benchmark"), clock.report, WordHashEncoder()).run()
    cost = clock.close()
    held = result["store"]
    cost.conversations, cost.turns, cost.failures = held["conversations"], held["turns"], held["failures"]
    return cost


def show(cost: Cost) -> None:
    """One build for people."""
    print(f"\n{cost.conversations:,} conversations, {cost.turns:,} turns, {cost.failures:,} failures; load {cost.load}")
    print(f"{'':16} {'wall s':>8} {'CPU s':>8} {'peak MB':>8}")
    for name, stage in cost.stages.items():
        print(f"{name:16} {stage.wall:8.1f} {stage.cpu:8.1f} {stage.peak_mb:8,}")
    print(f"{'all':16} {cost.wall:8.1f} {cost.cpu:8.1f} {cost.peak_mb:8,}")
    if cost.log_mb:
        print(f"Parquet of {cost.log_mb} MB, a store of {cost.store_mb} MB: {cost.store_mb / cost.log_mb:.1f} ×")


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main()

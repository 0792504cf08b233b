"""Do clusters keep their ids, and labels their clusters, while logs come in week by week?

Imports the demo's twelve weeks one after the other into one store, each with its analysis, by the build that the command
runs (in this process, so that the model is loaded once). After each week a planted mode's *main cluster* is the one that holds
most of its found failures (of equally many, the older one); the mode counts from its second week with failures on, and while it is one: a mode that becomes
two, or two that become one (truth.parquet, `mode_then`), count up to that week.

*kept*: modes whose main cluster has one FC-id in all those weeks; *kept_from_five*: the same from the first of those weeks by whose
end the mode had five failures (in the truth), for what a second week with two failures in it can't tell. *labels*: each main cluster is labelled by a person when its
mode is first looked at, once; at the end a label is *on its mode* where the main cluster still bears it (its own, or handed on
by a split or a merge), *kept* where it stands on its FC-id and that leads to a cluster of today, else *lost*. *split*,
*merge*: what the lineage says of the planted ones, and in which week. Intervals: Wilson 95 %.

    python benchmarks/lineage.py [--json] [--granularity few|normal|many]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter, defaultdict
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import DEMO
from workbench.bench.bench import Bench
from workbench.demo.generator import DEMO_FILES, FIRST_DAY, TRUTH_FILE, TURNING_POINT, WEEKS
from workbench.embedding.vectors import VectorCache, load_encoder
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.review import cluster_edits
from workbench.stats import wilson
from workbench.store import Store

Mode = tuple[str, str]
"""A bot and one of its planted modes."""
TURN = (TURNING_POINT - FIRST_DAY).days // 7
"""Weeks before the turning point."""
ENOUGH = 5
"""Failures of a mode from which the second figure judges it."""


class Weeks:
    """A store that gets one week after the other, and what was seen in it after each."""

    def __init__(self, root: Path, granularity: str) -> None:
        self.store = Store(root)
        self.store.create()
        self.granularity = granularity
        self.encoder = load_encoder(VectorCache(self.store))
        self.truth = {
            (row["bot"], row["conversation_id"]): row
            for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist()
            if row["mode"]
        }
        self.main: list[dict[Mode, str]] = []
        self.labelled: dict[Mode, str] = {}
        self.clusters: list[int] = []

    def run(self, week: int) -> None:
        """Import one week, look, and label what is seen for the first time."""
        log = self.store.root / f"week-{week + 1:02d}.parquet"
        low, high = FIRST_DAY + timedelta(weeks=week), FIRST_DAY + timedelta(weeks=week + 1)
        table = pa.concat_tables([pq.read_table(DEMO / name) for name in DEMO_FILES])
        started = table["started_at"].cast(pa.timestamp("ms"))
        pq.write_table(table.filter(pc.and_(pc.greater_equal(started, low), pc.less(started, high))), log)
        job = Job(store=str(self.store.root), paths=[str(log)], granularity=self.granularity, actor="benchmark")
        Build(job, lambda stage, done, total: None, self.encoder).run()
        bench = Bench(self.store, "benchmark")
        found: dict[Mode, Counter[str]] = defaultdict(Counter)
        for row in bench.failures():
            told = self.truth.get((row.bot, row.conversation_id))
            if told and row.cluster:
                found[row.bot, told["mode_then"]][row.cluster] += 1
        self.main.append({mode: min(held, key=lambda one: (-held[one], one)) for mode, held in found.items()})
        self.clusters.append(len(bench.clusters()))
        for mode, cluster in self.main[-1].items():
            if mode not in self.labelled and week >= self.second_week(mode) and cluster not in self.labelled.values():
                bench.label(cluster, severity="S3", note=f"{mode[0]} {mode[1]}")
                self.labelled[mode] = cluster
        bench.close()

    def second_week(self, mode: Mode) -> int:
        """The second week, counted from 0, in which this mode has failures in the truth."""
        weeks = sorted({self._week(row) for row in self.truth.values() if (row["bot"], row["mode_then"]) == mode})
        return weeks[1] if len(weeks) > 1 else WEEKS

    def counted(self, mode: Mode) -> range:
        """The weeks in which a mode's cluster must stay the same one."""
        last = {row["mode"] for row in self.truth.values() if (row["bot"], row["mode_then"]) == mode}
        return range(self.second_week(mode), WEEKS if last == {mode[1]} else TURN)

    def enough(self, mode: Mode) -> int:
        """The week, counted from 0, by whose end a mode had `ENOUGH` failures in the truth."""
        weeks = sorted(self._week(row) for row in self.truth.values() if (row["bot"], row["mode_then"]) == mode)
        return weeks[ENOUGH - 1] if len(weeks) >= ENOUGH else WEEKS

    def modes(self) -> list[Mode]:
        return sorted({(row["bot"], row["mode_then"]) for row in self.truth.values()})

    @staticmethod
    def _week(row: dict[str, Any]) -> int:
        return int((row["started_at"].replace(tzinfo=None) - FIRST_DAY).days // 7)


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--granularity", choices=("few", "normal", "many"), default="normal")
    arguments = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as scratch:
        weeks = Weeks(Path(scratch) / "store", arguments.granularity)
        for week in range(WEEKS):
            weeks.run(week)
        bench = Bench(weeks.store, "benchmark")
        figures = kept(weeks) | labels(weeks, bench) | planted(weeks, bench)
        bench.close()
    figures |= {"clusters": weeks.clusters, "seconds": round(time.perf_counter() - began, 1)}
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def kept(weeks: Weeks) -> dict[str, Any]:
    """How many modes kept one id, and the ids of each."""
    rows: list[dict[str, Any]] = []
    for mode in weeks.modes():
        span = weeks.counted(mode)
        ids = [weeks.main[week].get(mode, "none") for week in span]
        if ids:
            rows.append(
                {
                    "bot": mode[0],
                    "mode": mode[1],
                    "from": span.start + 1,
                    "weeks": len(ids),
                    "ids": list(dict.fromkeys(ids)),
                }
            )
    one = sum(len(row["ids"]) == 1 for row in rows)
    later = [{weeks.main[week].get(mode, "none") for week in weeks.counted(mode) if week >= weeks.enough(mode)} for mode in weeks.modes()]  # fmt: skip
    from_five = sum(len(ids) == 1 for ids in later), sum(bool(ids) for ids in later)
    return _share(one, len(rows)) | {"kept_from_five": _share(*from_five), "ids": rows}


def _share(kept: int, modes: int) -> dict[str, Any]:
    low, high = wilson(kept, modes)
    return {"kept": kept, "modes": modes, "share": round(kept / modes, 4), "interval": [round(low, 4), round(high, 4)]}


def labels(weeks: Weeks, bench: Bench) -> dict[str, Any]:
    """Where the labels are at the end."""
    today = {row.cluster for row in bench.clusters()}
    said = {target: label for (kind, target), label in bench.judgement.labels.all().items() if kind == "cluster"}
    on, lost = [], []
    for mode, cluster in sorted(weeks.labelled.items()):
        note = f"{mode[0]} {mode[1]}"
        if (label := said.get(weeks.main[-1][mode])) and label.note == note:
            on.append(mode)
        kept_at = cluster
        while kept_at not in today and (step := cluster_edits.successor(bench, kept_at)) and step.into and step.other:
            kept_at = step.other
        if cluster not in said or said[cluster].note != note or kept_at not in today:
            lost.append([*mode, cluster])
    return {"labels": {"given": len(weeks.labelled), "on_their_mode": len(on), "lost": lost,
                       "elsewhere": [list(mode) for mode in sorted(weeks.labelled) if mode not in on]}}  # fmt: skip


def planted(weeks: Weeks, bench: Bench) -> dict[str, Any]:
    """What became of the modes that turn from one into two, and from two into one."""
    after: dict[Mode, set[str]] = defaultdict(set)
    before: dict[Mode, set[str]] = defaultdict(set)
    for row in weeks.truth.values():
        if row["mode"] != row["mode_then"]:
            after[row["bot"], row["mode_then"]].add(row["mode"])
            before[row["bot"], row["mode"]].add(row["mode_then"])
    snapshots = {f"S{week + 1:06d}": week + 1 for week in range(WEEKS)}
    history = bench.judgement.register.lineages()
    found: dict[str, Any] = {}
    for (bot, one), two in after.items():
        if len(two) == 2:
            was, now = weeks.main[TURN - 1].get((bot, one)), {weeks.main[-1].get((bot, mode)) for mode in two}
            rows = [row for row in history if row.relation == "split" and row.other == was and row.cluster in now]
            found["split"] = _told(f"{one} → {', '.join(sorted(two))}", {was}, now, rows, snapshots, len(now) == 2)
    for (bot, one), two in before.items():
        if len(two) == 2:
            were, into = {weeks.main[TURN - 1].get((bot, mode)) for mode in two}, weeks.main[-1].get((bot, one))
            rows = [row for row in history if row.relation == "merged" and row.cluster == into and row.other in were]
            found["merge"] = _told(f"{', '.join(sorted(two))} → {one}", were, {into}, rows, snapshots, len(were) == 2)
    return found


def _told(
    what: str, was: set[Any], now: set[Any], rows: list[Any], snapshots: dict[str, int], apart: bool
) -> dict[str, Any]:
    return {
        "what": what,
        "before": sorted(map(str, was)),
        "now": sorted(map(str, now)),
        "found": bool(rows) and apart,
        "week": min((snapshots[row.snapshot] for row in rows), default=None),
    }


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    for told, since in ((figures, "their second week"), (figures["kept_from_five"], f"{ENOUGH} failures")):
        low, high = told["interval"]
        print(
            f"{told['kept']} of {told['modes']} modes keep one FC-id from {since} on  {told['share']:.3f}  [{low:.3f}, {high:.3f}]"
        )
    told = figures["labels"]
    print(
        f"{told['given']} labels given, {told['on_their_mode']} on their mode's main cluster at the end, {len(told['lost'])} lost"
    )
    print(f"not on it: {told['elsewhere']}")
    for name in ("split", "merge"):
        one = figures.get(name)
        print(
            f"{name}: {one['what']}: {one['before']} → {one['now']}: found {one['found']}, week {one['week']}"
            if one
            else name
        )
    print(f"clusters after each week: {figures['clusters']}; {figures['seconds']} s\n")
    for row in figures["ids"]:
        print(
            f"{row['bot']:12} {row['mode']:28} from week {row['from']:2}, {row['weeks']:2} weeks  {', '.join(row['ids'])}"
        )


if __name__ == "__main__":
    main()

"""Are the planted release faults the top suspects, and how often does chance make one?

Imports data/demo into a temporary store by the public command. *Planted*: for each failure mode that truth.parquet says came
with a prompt or a model version, the cluster that holds most of it, and its top suspect through `Bench`. (Modes planted with
a tool are shown beside: where the cluster is that tool's own error, its name says so and the tool is no suspect of itself.)

*Chance*: what was in service (prompt, model version, model, release, together) is shuffled among the conversations of a bot
and everything is tested again as the build does: one family, tools and documents as they are. Shuffled over all weeks: within a
week nearly all conversations share one release, so a shuffle inside weeks would leave every planted fault standing. Share of
shuffles with any such suspect, and, with all circumstances shuffled, with any suspect at all; Wilson 95 %.

    python benchmarks/suspects.py [--json] [--shuffles 500] [--store an existing store of the demo]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import DEMO, build
from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import SuspectRow
from workbench.clusters.suspects import Scope, own_tool, significant, suspects_of_bot
from workbench.demo.generator import TRUTH_FILE
from workbench.failures.cases import Marks
from workbench.failures.circumstances import CHANGES, Circumstance, circumstances
from workbench.logs.parts import read_part
from workbench.stats import wilson
from workbench.store import Store


@dataclass
class BotLog:
    """What the tests of one bot need."""

    found: list[frozenset[Circumstance]]
    times: list[datetime | None]
    scopes: list[Scope]


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--shuffles", type=int, default=500)
    parser.add_argument("--store")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        root = arguments.store or scratch
        if not arguments.store:
            build(root, "normal")
        figures = {"planted": planted(root), **chance(read(root), arguments.shuffles)}
    figures["release_faults"] = [one for one in figures["planted"] if not one["suspect"][0].startswith("tool=")]
    figures["top"] = sum(one["top_is_planted"] for one in figures["release_faults"])
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)


def planted(root: str) -> list[dict[str, Any]]:
    """For each mode with a planted suspect: its main cluster and that cluster's top suspect."""
    bench = Bench(Store(Path(root)))
    cluster_of = {(row.bot, row.conversation_id): row.cluster for row in bench.failures()}
    modes: dict[tuple[str, str], list[dict[str, Any]]] = defaultdict(list)
    for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist():
        if row["suspect"]:
            modes[row["bot"], row["mode"]].append(row)
    rows = []
    for (bot, mode), failures in sorted(modes.items()):
        suspects = sorted({row["suspect"] for row in failures})
        clusters = Counter(cluster_of.get((bot, row["conversation_id"])) for row in failures)
        main = next(cluster for cluster, _ in clusters.most_common() if cluster)
        detail = bench.cluster(main)
        top = detail.suspects[0] if detail.suspects and detail.suspects[0].stands else None
        named = {f"tool={own_tool(detail.row.signature)}"}
        rows.append(
            {
                "bot": bot,
                "mode": mode,
                "suspect": suspects,
                "cluster": main,
                "top": told(top),
                "top_is_planted": bool(top and {f"{top.kind}={top.value}"} & set(suspects)),
                "in_the_name": bool(named & set(suspects)),
                "onset": detail.onset.week if detail.onset else None,
            }
        )
    bench.close()
    return rows


def told(row: SuspectRow | None) -> str:
    """A suspect with its numbers."""
    if row is None:
        return "none stands"
    elsewhere = f"{100 * row.elsewhere:.1f} %"
    return f"{row.kind}={row.value}: {row.hits} of {row.total}, elsewhere {elsewhere}, p {row.p:.1g}"


def read(root: str) -> list[BotLog]:
    """Circumstances, times and clusters of each bot, as the snapshot has them."""
    store = Store(Path(root))
    pointer = store.require_pointer()
    log: dict[str, list[tuple[str, frozenset[Circumstance], datetime | None]]] = defaultdict(list)
    latest = {one.key: one for name in pointer.parts for one in read_part(store.parts / name)}
    for one in latest.values():
        log[one.bot].append((one.key, circumstances(one), one.started_at))
    db = duckdb.connect(str(store.snapshot_file(pointer.snapshot)), read_only=True)
    bots = []
    for bot, rows in log.items():
        place = {key: n for n, (key, _, _) in enumerate(rows)}
        scopes = []
        for cluster, key in db.execute("select cluster, mechanical_key from clusters where bot = ?", [bot]).fetchall():
            eligible, members = (
                [place[k] for (k,) in db.execute(f"select key from {table} where cluster = ?", [cluster]).fetchall()]
                for table in ("eligible", "members")
            )
            scopes.append(Scope(cluster, eligible, members, own_tool(key)))
        bots.append(BotLog([found for _, found, _ in rows], [time for _, _, time in rows], scopes))
    db.close()
    return bots


def chance(bots: list[BotLog], shuffles: int) -> dict[str, Any]:
    """The share of shuffles in which anything stands."""
    rng = random.Random(0)
    by_release = by_any = 0
    for _ in range(shuffles):
        by_release += any(one.kind in CHANGES for one in stand(bots, rng, CHANGES))
        by_any += bool(stand(bots, rng, None))
    return {
        "shuffles": shuffles,
        "tests": sum(len(suspects_of_bot(Marks.of(bot.found), bot.times, bot.scopes)) for bot in bots),
        "any_release_suspect": by_release / shuffles,
        "any_release_suspect_interval": [round(bound, 4) for bound in wilson(by_release, shuffles)],
        "any_suspect_all_shuffled": by_any / shuffles,
        "any_suspect_all_shuffled_interval": [round(bound, 4) for bound in wilson(by_any, shuffles)],
    }


def stand(bots: list[BotLog], rng: random.Random, kinds: tuple[str, ...] | None) -> list[Any]:
    """What stands once the circumstances of these kinds (None: all) are shuffled within each bot."""
    tests = []
    for bot in bots:
        moved = [frozenset(c for c in found if kinds is None or c[0] in kinds) for found in bot.found]
        order = rng.sample(range(len(moved)), len(moved))
        found = [(own - moved[i]) | moved[j] for i, (own, j) in enumerate(zip(bot.found, order, strict=True))]
        tests += suspects_of_bot(Marks.of(found), bot.times, bot.scopes)
    return [one for one in significant(tests) if one.stands]


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    print(f"{figures['top']} of {len(figures['release_faults'])} planted release faults are the top suspect\n")
    for one in figures["planted"]:
        mark = "yes" if one["top_is_planted"] else "in its name" if one["in_the_name"] else "no"
        print(f"{one['bot']:12} {one['mode']:26} {'|'.join(one['suspect']):44} {mark:12} {one['top']}")
    print(f"\n{figures['tests']} tests in one family, {figures['shuffles']} shuffles")
    for name, what in (
        ("any_release_suspect", "releases shuffled: any release, model or prompt stands"),
        ("any_suspect_all_shuffled", "all circumstances shuffled: anything stands"),
    ):
        low, high = figures[f"{name}_interval"]
        print(f"{what:58} {figures[name]:.3f}  [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()

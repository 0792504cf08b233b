"""How durable and how quick is judgement? Labels and ticket edits, kills, and the export of ten thousand labelled issues.

Milliseconds of one durable label by one writer, and of labels and ticket edits by twenty threads at once, on SQLite and
on a PostgreSQL server of its own; what is there afterwards; what two hundred kills of the command `label` lost; seconds
to export 10,000 labelled conversations, from the store to the file.

    python benchmarks/judgement.py [--json] [--kills N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.support import postgres
from tests.support.kills import kill_while_labelling
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.exports import export
from workbench.judgement.store import Judgement
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store

LABELS_OF_ONE = 1_000
THREADS, EACH = 20, 50
ISSUES = 10_000
OWN_LABELS = 500


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--kills", type=int, default=200)
    arguments = parser.parse_args()
    figures: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as folder:
        figures["sqlite"] = writing(lambda n: f"sqlite:///{folder}/judgement-{n}.db")
        figures["postgresql"] = on_postgresql()
        store = labelled_store(Path(folder))
        figures["export"] = exporting(store, Path(folder))
        figures["kills"] = vars(kill_while_labelling(store, arguments.kills))
    if arguments.json:
        print(json.dumps(figures))
    else:
        show(figures)


def writing(address: Callable[[int], str]) -> dict[str, Any]:
    """One writer, then twenty threads, each on a store of its own."""
    with closing(Judgement(address(1))) as judgement:
        alone = [timed(partial(say, judgement, "Ann", n)) for n in range(LABELS_OF_ONE)]
    with closing(Judgement(address(2))) as judgement:
        return {"one writer": quantiles(alone), f"{THREADS} threads": crowd(judgement)}


def on_postgresql() -> dict[str, Any] | str:
    """The same on a server of our own; a word where there is none."""
    if lack := postgres.missing():
        return lack
    with postgres.serving() as one, postgres.serving() as two:
        return writing(lambda n: (one, two)[n - 1])


def crowd(judgement: Judgement) -> dict[str, Any]:
    """Twenty threads, each with fifty labels and as many edits of its own ticket."""
    seconds: dict[str, list[float]] = {"label": [], "ticket edit": []}
    failed: list[str] = []

    def work(who: str) -> None:
        ticket = judgement.tickets.create(who, ["FC-0001"], actor=who)
        for n in range(EACH):
            try:
                seconds["label"].append(timed(partial(say, judgement, who, n)))
                start = perf_counter()
                ticket = judgement.tickets.edit(ticket.ticket, ticket.version, actor=who, description=f"edit {n}")
                seconds["ticket edit"].append(perf_counter() - start)
            except Exception as e:
                failed.append(f"{type(e).__name__}: {e}")

    threads = [threading.Thread(target=work, args=(f"T{n:02}",)) for n in range(THREADS)]
    start = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = perf_counter() - start
    kept = set(judgement.labels.all())
    wanted = {("conversation", f"T{n:02}-{one}") for n in range(THREADS) for one in range(EACH)}
    edited = [ticket for ticket in judgement.tickets.all() if ticket.description == f"edit {EACH - 1}"]
    chain = judgement.journal.verify_chain()
    return {
        **{name: quantiles(found) for name, found in seconds.items()},
        "changes_per_second": round(chain.events / took),
        "failed": len(failed),
        "lost": len(wanted - kept) + THREADS - len(edited) + THREADS * (2 * EACH + 1) - chain.events,
        "chain_intact": chain.intact,
    }


def say(judgement: Judgement, who: str, n: int) -> None:
    judgement.labels.set("conversation", f"{who}-{n}", actor=who, cause="loop", severity="S3", note="seen at turn 4")


def timed(act: Callable[[], object]) -> float:
    start = perf_counter()
    act()
    return perf_counter() - start


def quantiles(seconds: list[float]) -> dict[str, float]:
    """Median, 99th percentile and the longest, in milliseconds."""
    p50, p99, longest = (round(1000 * float(np.percentile(seconds, q)), 1) for q in (50, 99, 100))
    return {"n": len(seconds), "p50_ms": p50, "p99_ms": p99, "max_ms": longest}


def labelled_store(folder: Path) -> Store:
    """A store of ten thousand failing conversations: every cluster labelled, and five hundred conversations themselves."""
    start, pattern = datetime(2026, 3, 2), [row for row in small_log() if row["reward"] == 0.0]
    rows = [
        pattern[n % len(pattern)] | {"conversation_id": f"conv-{n:05}", "started_at": start + timedelta(minutes=9 * n)}
        for n in range(ISSUES)
    ]
    store = Store(folder / "store")
    run(Job(store=str(store.root), paths=[str(write_chat(folder / "log.parquet", rows))], actor="benchmark"))
    with closing(Bench(store, "Ann")) as bench:
        clusters = bench.clusters()
        for cluster in clusters:
            bench.label(cluster.cluster, cause="tool-fault", severity="S2", note="times out")
        for member in bench.cluster(clusters[0].cluster).members[:OWN_LABELS]:
            bench.label(member.key, cause="wrong-tool-call", note="another order")
    return store


def exporting(store: Store, folder: Path) -> dict[str, Any]:
    """Seconds from a closed store to the written file."""
    found: dict[str, Any] = {}
    for format in ("csv", "xlsx", "jsonl"):
        start = perf_counter()
        with closing(Bench(store)) as bench:
            rows = bench.labels()
            export("labels", format, rows, folder / f"labels.{format}")
        found |= {"rows": len(rows), f"{format}_seconds": round(perf_counter() - start, 2)}
    return found


def show(figures: dict[str, Any]) -> None:
    """The figures as lines of text."""
    for engine in ("sqlite", "postgresql"):
        found = figures[engine]
        if isinstance(found, str):
            print(f"{engine}: NOT MEASURED ({found})")
            continue
        threads = found[f"{THREADS} threads"]
        for name, part in (("one writer, label", found["one writer"]), *((f"{THREADS} threads, {name}", threads[name]) for name in ("label", "ticket edit"))):  # fmt: skip
            print(f"{engine:<11}{name:<24} n {part['n']:>5}  p50 {part['p50_ms']:>7.1f} ms  p99 {part['p99_ms']:>7.1f} ms  max {part['max_ms']:>7.1f} ms")  # fmt: skip
        print(f"{engine:<11}{threads['changes_per_second']} changes/s, failed {threads['failed']}, lost {threads['lost']}, chain intact: {threads['chain_intact']}")  # fmt: skip
    out, kills = figures["export"], figures["kills"]
    print(f"export of {out['rows']:,} labelled issues: CSV {out['csv_seconds']} s, XLSX {out['xlsx_seconds']} s, JSONL {out['jsonl_seconds']} s")  # fmt: skip
    print(f"{kills['kills']} kills of `label`: {kills['acknowledged']} changes acknowledged, {kills['lost']} lost, chain intact: {kills['intact']}")  # fmt: skip


if __name__ == "__main__":
    main()

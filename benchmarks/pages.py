"""How long does a page take to run again? Each page on the demo and on a store given by --store, without a browser.

The script of a page runs once to fill the caches, then ten times; seconds, least and median, and which pages have a median
above the aim. Judgement is added to a copy of the store (a label, tickets, a session, verdicts, two rounds), so that every
page has something to show. What a browser does, and the way to it, is not in these figures.

    python benchmarks/pages.py [--json] [--store DIR]...
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from streamlit.testing.v1 import AppTest

from workbench.bench.bench import Bench
from workbench.demo.generator import demo_job
from workbench.pipeline.worker import run
from workbench.review import blind_rounds, label_check, reading_lists
from workbench.store import Store
from workbench.tickets import tickets
from workbench.triage import agenda

RUNS = 10
AIM = 0.5
"""Seconds of the median run."""


def main() -> None:
    """Print a table, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--store", action="append", type=Path, default=[])
    arguments = parser.parse_args()
    logging.disable(logging.WARNING)
    with tempfile.TemporaryDirectory() as folder:
        stores = {str(path): path for path in arguments.store}
        if not stores:
            stores["demo"] = Path(folder) / "demo"
            run(demo_job(Store(stores["demo"]), "benchmark"))
        figures = {name: measured(path, Path(folder) / f"copy-{n}") for n, (name, path) in enumerate(stores.items())}
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, pages in figures.items():
        print(f"{name}\n{'page':<14}{'min':>8}{'median':>8}   seconds of {RUNS} runs")
        for page, seconds in pages.items():
            late = f"   above {AIM} s" if seconds["median"] > AIM else ""
            print(f"{page:<14}{seconds['min']:>8.3f}{seconds['median']:>8.3f}{late}")


def measured(original: Path, copy: Path) -> dict[str, dict[str, float]]:
    """The seconds of each page over a copy of a store."""
    shutil.copytree(original, copy)
    return {name: timed(copy, page, query) for name, (page, query) in pages(Bench(Store(copy), "benchmark")).items()}


def pages(bench: Bench) -> dict[str, tuple[str, dict[str, str]]]:
    """Every page with an address that shows much: the largest cluster, the longest of its conversations."""
    cluster = max(bench.clusters(), key=lambda row: row.size).cluster
    members = bench.cluster(cluster).members
    longest = max(members[:50], key=lambda member: len(bench.conversation(member.key).conversation.turns)).key
    check = label_check.draw_five(bench, cluster).draw
    bench.label(cluster, cause="loop", severity="S2")
    ticket = tickets.create(bench, tickets.draft(bench, [cluster])).ticket
    fixed = tickets.create(bench, tickets.draft(bench, [cluster])).ticket
    tickets.fix(bench, fixed, day=min(member.started_at for member in members if member.started_at).date())
    session = bench.judgement.sessions.create("Triage", agenda.agenda(bench), actor=bench.actor).session
    blind, revealed = (round_of(bench, [member.key for member in members]) for _ in range(2))
    bench.judgement.rounds.reveal(revealed, actor=bench.actor)
    bench.judgement.pod.remember(bench.actor)
    return {
        "week": ("week", {}),
        "clusters": ("clusters", {}),
        "map": ("clusters", {"view": "Map"}),
        "cluster": ("cluster", {"c": cluster}),
        "conversation": ("conversation", {"k": longest}),
        "read": ("read", {}),
        "reading": ("read", {"d": read_list(bench), "n": "1"}),
        "labels": ("labels", {}),
        "check five": ("labels", {"d": check}),
        "search": ("search", {"q": "the"}),
        "like": ("search", {"like": longest}),
        "tickets": ("tickets", {}),
        "ticket": ("ticket", {"t": ticket}),
        "fixed ticket": ("ticket", {"t": fixed}),
        "ticket edit": ("ticket", {"t": ticket, "edit": "1"}),
        "ticket draft": ("ticket", {"c": cluster}),
        "sessions": ("sessions", {}),
        "session": ("session", {"s": session, "n": "1"}),
        "example": ("session", {"s": session, "n": "1", "e": "1"}),
        "minutes": ("session", {"s": session, "n": "99"}),
        "agreement": ("agreement", {}),
        "blind round": ("agreement", {"r": blind, "n": "1"}),
        "result": ("agreement", {"r": revealed}),
        "harm": ("harm", {}),
        "bots": ("bots", {}),
        "readiness": ("readiness", {}),
        "releases": ("releases", {}),
        "health": ("health", {}),
        "signals": ("signals", {}),
        "taxonomy": ("taxonomy", {"code": "loop"}),
        "data": ("data", {}),
        "activity": ("activity", {}),
    }


def read_list(bench: Bench) -> str:
    """A reading list of thirty, read to the end, every third as failed with a note; its number."""
    listed = reading_lists.start(bench)
    for n, item in enumerate(listed.items):
        if n % 3 == 0:
            note = f"{item.source}: what was promised was not done"
            reading_lists.say(bench, item.key, item, listed.draw.draw, verdict="failed", note=note)
        else:
            reading_lists.say(bench, item.key, item, listed.draw.draw, verdict="fine")
    return listed.draw.draw


def round_of(bench: Bench, keys: list[str]) -> str:
    """A round over twenty conversations with the votes of two people; its number."""
    started = blind_rounds.start(bench, "Round", keys, count=20, codes=["loop", "tool-fault"])
    for rater, every in ((bench.actor, 2), ("another", 3)):
        for n, key in enumerate(started.conversations):
            blind_rounds.vote(bench.acting(rater), started.round, key, "tool-fault" if n % every else "loop")
    return started.round


def timed(store: Path, page: str, query: dict[str, str]) -> dict[str, float]:
    """Least and median seconds of a page's run."""
    os.environ["WORKBENCH_STORE"] = str(store)
    app: Any = AppTest.from_file(str(ROOT / "workbench" / "app.py"), default_timeout=60)
    app.session_state["person"] = "benchmark"
    if "view" in query:
        app.session_state["view"] = query["view"]
    app.switch_page(f"../pages/{page}.py")
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    seconds = []
    for _ in range(RUNS):
        start = perf_counter()
        app.run()
        seconds.append(perf_counter() - start)
        assert not app.exception, app.exception
    return {"min": round(min(seconds), 3), "median": round(median(seconds), 3)}


if __name__ == "__main__":
    main()

"""How soon does the served app answer over WebSockets, a page at a time and with twenty people clicking, over a large store?

`python -m workbench serve` over a copy of the store, to which judgement is added as in pages.py. Each address is opened over
a socket as a browser does, in a fresh session and again in the same: *server time* is from the request to the message that
the script finished, with all that the page sends; what a browser draws is not in it. Processor time is the app's, so it
depends less on what else the machine does. An answer that shows an exception counts as an error.
Then people: each has a session of its own and opens another page every seven seconds, a third of the clicks the list of
clusters or one cluster, for a while that stands for an hour; before one click in ten a note is said of a cluster, after which
the app works out anew what it had remembered. What the app holds in memory at its start, middle and end.

    python benchmarks/load.py [--store DIR] [--conversations 100000] [--people 20] [--minutes 4] [--small] [--json]

Without --store, one is built from scale.py's log with the tiny encoder: minutes for 100,000. --small: 1,000 and half a minute.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlencode

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from benchmarks.pages import pages
from benchmarks.scale import built, write_log
from tests.support.browser import serving_process
from workbench.bench.bench import Bench
from workbench.store import Store

AIM_PAGE, AIM_PEOPLE, AIM_MB = 0.5, 1.0, 2048
EVERY = 7.0
"""Seconds between a person's clicks."""
OFTEN = ("clusters", "cluster", "conversation")
"""Pages that a third of the clicks go to."""
ACTS = 0.1
"""Share of clicks before which somebody says something of a cluster."""
PATIENCE = 120
"""Seconds after which an answer counts as none."""
Address = tuple[str, dict[str, str]]


@dataclass
class Answers:
    """What clicks got."""

    seconds: list[float] = field(default_factory=list)
    """From each request to the end of the page's script."""
    acts: int = 0
    """Notes said of clusters in between."""
    errors: list[str] = field(default_factory=list)
    """What answers that failed showed."""
    megabytes: list[int] = field(default_factory=list)
    """What the app held, about every ten seconds."""


class Session:
    """A visitor's socket. Use it as `async with Session(address)`."""

    def __init__(self, address: str) -> None:
        self._url = address.replace("http", "ws", 1) + "/_stcore/stream"
        self._origin = address

    async def __aenter__(self) -> Session:
        self._socket = await websockets.connect(
            self._url,
            origin=websockets.Origin(self._origin),
            subprotocols=[websockets.Subprotocol("streamlit")],
            max_size=None,
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.close()

    async def open(self, page: str, query: dict[str, str]) -> tuple[float, str]:
        """Seconds until the page's script has run, and what it showed of an exception."""
        request = BackMsg()
        request.rerun_script.query_string = urlencode(query)
        request.rerun_script.page_name = page
        begin = time.perf_counter()
        await self._socket.send(request.SerializeToString())
        problem = ""
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg.FromString(bytes(await self._socket.recv(decode=False)))
                kind = message.WhichOneof("type")
                if kind == "delta" and message.delta.new_element.HasField("exception"):
                    problem = message.delta.new_element.exception.message
                if kind == "page_not_found":
                    problem = f"there is no page {page}"
                if kind == "script_finished" and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return time.perf_counter() - begin, problem


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("--store", type=Path)
    parser.add_argument("--conversations", type=int)
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--runs", type=int, default=10, help="of each page")
    arguments = parser.parse_args()
    minutes = arguments.minutes or (0.5 if arguments.small else 4)
    with tempfile.TemporaryDirectory() as scratch:
        store = Path(scratch) / "store"
        if arguments.store:
            shutil.copytree(arguments.store, store)
        else:
            count = arguments.conversations or (1_000 if arguments.small else 100_000)
            built(store, write_log(Path(scratch) / "log.parquet", count))
        figures = measure(store, arguments.people, minutes, 3 if arguments.small else arguments.runs)
    if arguments.json:
        print(json.dumps(figures))
    else:
        show(figures)


def measure(store: Path, people: int, minutes: float, runs: int) -> dict[str, Any]:
    """Each page by itself, then the people."""
    bench = Bench(Store(store), "benchmark")
    addresses = {name: (page, query) for name, (page, query) in pages(bench).items() if "view" not in query}
    conversations = bench.evidence.totals().conversations
    with serving_process(Store(store)) as (address, process):
        alone = {name: asyncio.run(page_alone(address, process.pid, where, runs)) for name, where in addresses.items()}
        answers = asyncio.run(clicked(address, process.pid, addresses, people, minutes, bench))
    bench.close()
    return {
        "conversations": conversations,
        "runs": runs,
        "pages": alone,
        "people": {
            "count": people,
            "minutes": minutes,
            "clicks": len(answers.seconds),
            "acts": answers.acts,
            "median": quantile(answers.seconds, 0.5),
            "p95": quantile(answers.seconds, 0.95),
            "errors": answers.errors,
            "megabytes": [answers.megabytes[0], answers.megabytes[len(answers.megabytes) // 2], answers.megabytes[-1]],
        },
        "load": round(os.getloadavg()[0], 1),
    }


async def page_alone(address: str, pid: int, where: Address, runs: int) -> dict[str, Any]:
    """A page in fresh sessions: seconds, and the app's processor time of one."""
    seconds, problems = [], []
    async with Session(address) as session:
        await session.open(*where)  # fills what the app keeps between sessions
    before = cpu_seconds(pid)
    for _ in range(runs):
        async with Session(address) as session:
            taken, problem = await session.open(*where)
        seconds.append(taken)
        problems += [problem] if problem else []
    cpu = (cpu_seconds(pid) - before) / runs
    return {
        "median": quantile(seconds, 0.5),
        "p95": quantile(seconds, 0.95),
        "cpu": round(cpu, 3),
        "errors": problems[:1],
    }


async def clicked(
    address: str, pid: int, addresses: dict[str, Address], people: int, minutes: float, bench: Bench
) -> Answers:
    """People who open page after page, and say something now and then."""
    answers, end = Answers(), time.monotonic() + 60 * minutes
    clusters = [row.cluster for row in bench.clusters()]

    async def person(number: int) -> None:
        chance = Random(number)
        await asyncio.sleep(chance.uniform(0, EVERY))
        async with Session(address) as session:
            while time.monotonic() < end:
                if chance.random() < ACTS:
                    reader = bench.acting(f"person {number}")
                    await asyncio.to_thread(reader.label_more, chance.choice(clusters), note=f"seen {answers.acts}")
                    answers.acts += 1
                begin = time.monotonic()
                name = chance.choice(OFTEN if chance.random() < 1 / 3 else tuple(addresses))
                try:
                    taken, problem = await session.open(*addresses[name])
                    answers.seconds.append(taken)
                    answers.errors += [f"{name}: {problem}"] if problem else []
                except (TimeoutError, OSError, websockets.WebSocketException) as e:
                    answers.errors.append(f"{name}: {type(e).__name__}")
                    return
                await asyncio.sleep(max(0.0, EVERY * chance.uniform(0.7, 1.3) - (time.monotonic() - begin)))

    async def watch() -> None:
        while time.monotonic() < end:
            answers.megabytes.append(resident_mb(pid))
            await asyncio.sleep(10)

    await asyncio.gather(watch(), *map(person, range(people)))
    answers.megabytes.append(resident_mb(pid))
    return answers


def cpu_seconds(pid: int) -> float:
    """Processor seconds of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> int:
    """Megabytes that a process has in memory."""
    lines = Path(f"/proc/{pid}/status").read_text("ascii").splitlines()
    return next(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmRSS:"))


def quantile(seconds: list[float], share: float) -> float:
    """A quantile of some seconds; of few, p95 is near their longest."""
    return round(float(np.quantile(seconds, share)), 3) if seconds else float("nan")


def show(figures: dict[str, Any]) -> None:
    """The figures as tables."""
    print(f"{figures['conversations']:,} conversations, load {figures['load']}; {figures['runs']} runs of each page")
    print(f"{'page':<14}{'median s':>9}{'p95 s':>8}{'CPU s':>8}   aim: p95 ≤ {AIM_PAGE} s")
    for name, row in sorted(figures["pages"].items(), key=lambda item: -item[1]["cpu"]):
        mark = f"   {row['errors'][0][:80]}" if row["errors"] else ("   above" if row["p95"] > AIM_PAGE else "")
        print(f"{name:<14}{row['median']:9.3f}{row['p95']:8.3f}{row['cpu']:8.3f}{mark}")
    people = figures["people"]
    print(
        f"{people['count']} people for {people['minutes']} minutes: {people['clicks']} clicks and {people['acts']} notes, median {people['median']} s, "
        f"p95 {people['p95']} s (aim {AIM_PEOPLE}), {len(people['errors'])} errors {people['errors'][:3]}, "
        f"app {' → '.join(map(str, people['megabytes']))} MB (aim {AIM_MB})"
    )


if __name__ == "__main__":
    main()

"""How fast, and in how much memory, does a large log come in, beside the least that DuckDB could do with it?

Writes a seeded log (100,000 conversations of ten messages: words, a call and its result, times, a few documents) in the
*chat* or the *turns* layout, imports it by the public command with `--no-analyze`, and then loads the same file with
plain `create table as select … from read_parquet` in a process of its own: the floor, which checks, masks and normalises
nothing. Memory is that of the whole tree of processes, resident and summed, at its highest; what they share counts twice.

    python benchmarks/import.py [--turns-layout] [--conversations 100000] [--analyze] [--json]
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
GOAL_SECONDS, GOAL_MB = 60, 2048
TURNS = 10
GROUP = 5_000
"""Conversations written at a time."""
POLL_SECONDS = 0.1
START = datetime(2026, 1, 5, tzinfo=UTC)

CALL = pa.struct([("id", pa.string()), ("name", pa.string()), ("arguments", pa.string())])
DOCUMENT = pa.struct([("id", pa.string()), ("title", pa.string()), ("text", pa.string()), ("score", pa.float64())])
MESSAGE = [
    ("role", pa.string()),
    ("content", pa.string()),
    ("timestamp", pa.timestamp("us", tz="UTC")),
    ("tool_calls", pa.list_(CALL)),
    ("tool_call_id", pa.string()),
    ("retrieved", pa.list_(DOCUMENT)),
    ("latency_ms", pa.float64()),
]
OF_CONVERSATION = [
    ("conversation_id", pa.string()),
    ("bot", pa.string()),
    ("channel", pa.string()),
    ("model_version", pa.string()),
    ("prompt_version", pa.string()),
    ("outcome", pa.string()),
    ("region", pa.string()),
]
CHAT = pa.schema([*OF_CONVERSATION, ("messages", pa.list_(pa.struct(MESSAGE)))])
TURN_ROWS = pa.schema([*OF_CONVERSATION, ("turn_index", pa.int64()), *MESSAGE])
FLOOR = """
import sys, time
import duckdb
db = duckdb.connect(sys.argv[2])
db.execute("set enable_progress_bar = false")
start = time.perf_counter()
db.execute("create table log as select * from read_parquet(?)", [sys.argv[1]])
print(time.perf_counter() - start)
"""


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--turns-layout", action="store_true", help="one row a message, all conversations interleaved")
    parser.add_argument("--conversations", type=int, default=100_000)
    parser.add_argument("--analyze", action="store_true", help="a full build: signals, embeddings, clusters too")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        log = Path(scratch) / "log.parquet"
        write_log(log, arguments.conversations, arguments.turns_layout)
        figures = measure(log, Path(scratch), arguments.analyze)
    figures = {"layout": "turns" if arguments.turns_layout else "chat", **figures}
    if arguments.json:
        print(json.dumps(figures))
    else:
        show(figures)


# --- the log --------------------------------------------------------------------------------------------------------


def write_log(path: Path, conversations: int, turns_layout: bool, seed: int = 1) -> None:
    """A log of so many conversations; the same seed writes the same rows."""
    chance = random.Random(seed)
    vocabulary = ["".join(chance.choices("aeinorstlmdu", k=chance.randint(2, 9))) for _ in range(4_000)]
    with pq.ParquetWriter(path, TURN_ROWS if turns_layout else CHAT, compression="zstd") as writer:
        for first in range(0, conversations, GROUP):
            numbers = range(first, min(first + GROUP, conversations))
            rows = [conversation(chance, vocabulary, number) for number in numbers]
            if turns_layout:
                rows = list(interleaved(rows))
            writer.write_table(pa.Table.from_pylist(rows, TURN_ROWS if turns_layout else CHAT))


def conversation(chance: random.Random, vocabulary: list[str], number: int) -> dict[str, Any]:
    """One row of the chat layout: greeting, request, a call with its result, a reply from documents, small talk."""
    time = START + timedelta(seconds=37 * number)
    call = {"id": f"call-{number}", "name": f"look_up_{number % 7}", "arguments": f'{{"order": "{number:08d}"}}'}
    messages: list[dict[str, Any]] = []
    for place in range(TURNS):
        role = "tool" if place == 2 else "user" if place in (0, 4, 6, 8) else "assistant"
        message: dict[str, Any] = {
            "role": role,
            "content": " ".join(chance.choices(vocabulary, k=chance.randint(5, 30))),
        }
        message["timestamp"] = time + timedelta(seconds=9 * place)
        if place == 1:
            message |= {"content": "", "tool_calls": [call]}
        elif place == 2:
            message |= {"content": f'{{"status": "ok", "order": "{number:08d}"}}', "tool_call_id": call["id"]}
        elif place == 3:
            text = " ".join(chance.choices(vocabulary, k=40))
            message["retrieved"] = [{"id": f"d{number % 300}", "title": "help", "text": text, "score": chance.random()}]
        if role == "assistant":
            message["latency_ms"] = chance.uniform(100, 4000)
        messages.append(message)
    return {
        "conversation_id": f"conversation-{number:08d}",
        "bot": f"bot-{number % 5}",
        "channel": "web",
        "model_version": f"m-{number // 30_000}",
        "prompt_version": f"p-{number // 12_000}",
        "outcome": chance.choice(("contained", "escalated", "unknown")),
        "region": chance.choice(("EU", "US")),
        "messages": messages,
    }


def interleaved(rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The messages of many conversations in the order of a busy service: no conversation's lie together."""
    for place in range(TURNS):
        for row in rows:
            own = {name: value for name, value in row.items() if name != "messages"}
            yield {**own, "turn_index": place, **row["messages"][place]}


# --- measuring ------------------------------------------------------------------------------------------------------


def measure(log: Path, scratch: Path, analyze: bool) -> dict[str, Any]:
    """Import the log, then load it plainly; seconds, memory, and the one by the other."""
    command = [sys.executable, "-m", "workbench", "import", str(log), "--store", str(scratch / "store"), "--json"]
    seconds, cpu, peak, out = watched(command if analyze else [*command, "--no-analyze"])
    told = json.loads(out)
    whole, floor_cpu, floor_peak, out = watched([sys.executable, "-c", FLOOR, str(log), str(scratch / "floor.duckdb")])
    floor = float(out)
    return {
        "conversations": told["conversations"],
        "turns": told["turns"],
        "log_mb": round(log.stat().st_size / 2**20, 1),
        "seconds": round(seconds, 1),
        "cpu_seconds": round(cpu, 1),
        "peak_mb": round(peak / 2**10),
        "stages": {name: round(value, 1) for name, value in told["seconds"].items()},
        "snapshot_mb": round(
            sum(file.stat().st_size for file in (scratch / "store").glob("snapshots/*.duckdb")) / 2**20
        ),
        "floor_seconds": round(floor, 1),
        "floor_process_seconds": round(whole, 1),
        "floor_cpu_seconds": round(floor_cpu, 1),
        "floor_peak_mb": round(floor_peak / 2**10),
        "times_the_floor": round(seconds / floor, 1),
        "rows_add_up": told["rows_read"] == told["rows_kept"] + told["rows_rejected"] + told["rows_duplicate"],
        "within_goal": seconds <= GOAL_SECONDS and peak / 2**10 <= GOAL_MB,
    }


def watched(command: list[str]) -> tuple[float, float, int, str]:
    """Run a command: its seconds, its processor seconds, the most KB that it and its children held, what it printed."""
    start, peak, ended = time.perf_counter(), 0, 0
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    while not ended:
        peak = max(peak, resident_kb(process.pid))
        time.sleep(POLL_SECONDS)
        ended, status, used = os.wait4(process.pid, os.WNOHANG)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}.")
    with process:
        out = process.stdout.read() if process.stdout else ""
    return seconds, used.ru_utime + used.ru_stime, peak, out


def resident_kb(root: int) -> int:
    """What a process and all under it hold in memory now, summed."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    sizes: dict[int, int] = {}
    children: dict[int, list[int]] = {}
    for pid, parent, size in (map(int, line.split()) for line in listed.splitlines()):
        sizes[pid] = size
        children.setdefault(parent, []).append(pid)
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        total += sizes.get(pid, 0)
        waiting += children.get(pid, [])
    return total


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    print(
        f"{figures['turns']:,} turns in {figures['conversations']:,} conversations, {figures['layout']} layout, {figures['log_mb']} MB"
    )
    for stage, seconds in figures["stages"].items():
        print(f"  {stage:28} {seconds:6.1f} s")
    rows = (("workbench import", ""), ("plain DuckDB", "floor_"))
    print(f"{'':30} {'seconds':>7} {'cpu s':>7} {'peak MB':>8}")
    for name, lead in rows:
        print(
            f"{name:30} {figures[f'{lead}seconds']:7.1f} {figures[f'{lead}cpu_seconds']:7.1f} {figures[f'{lead}peak_mb']:8,}"
        )
    print(f"{figures['times_the_floor']} times the floor; snapshot {figures['snapshot_mb']:,} MB")
    print(f"goal of {GOAL_SECONDS} s and {GOAL_MB:,} MB: {'met' if figures['within_goal'] else 'MISSED'}")


if __name__ == "__main__":
    main()

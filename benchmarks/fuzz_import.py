"""Does any damaged log crash an import, hang it, or make its numbers not add up?

Takes valid logs of every format, and an in-house log with its mapping, as Parquet, JSON lines, a JSON list, gzip or
CSV, and damages each in its values, its columns or its bytes
(`damage.py`). A worker process within limits of memory then does what `import` does: it writes the part, loads a
snapshot from it, reads every conversation back and looks for signals; and it imports the same file again, which must add
nothing. Each file ends as *refused* (a message for a person, nothing left behind) or *imported*. What counts as a fault:

    crashes      the worker died, of a signal or at its limit of memory
    hangs        a file took more than ten seconds of processor time, or a minute, twice: a busy machine is not its fault
    tracebacks   an exception that is no message for a person
    violations   rows, conversations, turns or rejects that don't add up, something left behind by a refusal, a message
                 that does not name its file, the same file found new when it came again

    python benchmarks/fuzz_import.py [--files 2000] [--format chat] [--seed 1] [--only N --keep FOLDER] [--json]

A case depends on the seed and its number alone: `--only 137 --keep x` leaves that file in x. Exits 1 on any fault.
"""

from __future__ import annotations

import argparse
import json
import os
import queue
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

SECONDS, WAIT = 10, 60
MEMORY = 2 << 30
FAULTS = ("crashes", "hangs", "tracebacks", "violations")
Case = dict[str, Any]


def main() -> int:
    """Print the counts and each fault as a table, or as one JSON object; 1 where there is a fault."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--files", type=int, default=2_000)
    parser.add_argument("--format", help="only files of this format, so many of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", type=int, help="the number of one case")
    parser.add_argument("--keep", type=Path, help="leave the files of all cases, or of the one, in this folder")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    if arguments.worker:
        return work()
    start = time.perf_counter()
    numbers = range(arguments.files) if arguments.only is None else [arguments.only]
    if arguments.format and arguments.only is None:
        numbers = of_format(arguments.format, arguments.files)
    with tempfile.TemporaryDirectory() as scratch:
        results = run_all(list(numbers), arguments.seed, arguments.workers, Path(scratch), arguments.keep)
    figures = counted(results) | {"seed": arguments.seed, "seconds": round(time.perf_counter() - start, 1)}
    if arguments.json:
        print(json.dumps(figures, ensure_ascii=False))
    else:
        show(figures)
    return int(any(figures[fault] for fault in FAULTS))


def of_format(format: str, files: int) -> list[int]:
    """The numbers of the first so many cases of a format."""
    from benchmarks.damage import seeds

    formats = list(seeds())
    if format not in formats:
        raise SystemExit(f"There is no log of {format!r} to damage. There are: {', '.join(formats)}.")
    return [formats.index(format) + number * len(formats) for number in range(files)]


# --- the parent: one thread a worker --------------------------------------------------------------------------------


def run_all(numbers: list[int], seed: int, workers: int, scratch: Path, keep: Path | None) -> list[Case]:
    """Every case with its verdict."""
    from benchmarks.damage import damaged, seeds

    valid = seeds()
    formats = list(valid)
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in numbers:
        waiting.put(number)
    results: list[Case] = []

    def take() -> None:
        worker = Worker()
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                worker.end()
                return
            chance = random.Random(f"{seed}/{number}")
            format, own = formats[number % len(formats)], (keep or scratch) / f"case-{number:06d}"
            own.mkdir(parents=True)
            made = damaged(chance, format, valid[format], own)
            case: Case = {
                "number": number,
                "format": format,
                "ending": "".join(made.files[0].suffixes),
                "done": made.done,
            }
            case["paths"] = [str(path) for path in made.files]
            case["options"] = {
                "format": format if format in ("chat", "turns", "otel") and chance.random() < 0.2 else "auto",
                "timezone": chance.choice((None, None, "Europe/Berlin")),
                "mapping": made.mapping and str(made.mapping),
            }
            verdict = worker.judge(case)
            results.append(case | (worker.judge(case) if verdict["end"] == "hangs" else verdict))
            if results[-1]["end"] in FAULTS or len(results) % 100 == 0:
                print(f"{len(results):,} done; case {number}: {results[-1]['end']}", file=sys.stderr, flush=True)
            if keep is None:
                shutil.rmtree(own)

    with ThreadPoolExecutor(workers) as pool:
        for done in [pool.submit(take) for _ in range(workers)]:
            done.result()
    return sorted(results, key=lambda case: case["number"])


class Worker:
    """A process that imports what it is told to; when it dies or hangs, the next case gets a new one."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None

    def judge(self, case: Case) -> Case:
        """The verdict on one case: `end` is refused, imported or a fault; `why` the message."""
        process = self._process = self._process or self._start()
        hung = threading.Event()

        def kill() -> None:
            hung.set()
            process.kill()

        start = time.perf_counter()
        timer = threading.Timer(WAIT, kill)
        timer.start()
        try:
            print(json.dumps(case), file=process.stdin, flush=True)
            answer = process.stdout.readline() if process.stdout else ""
        except BrokenPipeError:
            answer = ""
        timer.cancel()
        took = {"seconds": round(time.perf_counter() - start, 2)}
        if answer.endswith("\n") and not hung.is_set():
            outcome: dict[str, Any] = json.loads(answer)
            return took | outcome
        process.kill()
        code = process.wait()
        self._process = None
        if hung.is_set() or code == -signal.SIGPROF:
            return took | {"end": "hangs", "why": f"over {SECONDS} s of processor time, or {WAIT} s"}
        return took | {"end": "crashes", "why": f"exit {code}"}

    def end(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
            self._process.wait()

    def _start(self) -> subprocess.Popen[str]:
        command = [sys.executable, __file__, "--worker"]
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if process.stdout:
            process.stdout.readline()  # ready: what it loads at first is not the file's fault
        return process


def counted(results: list[Case]) -> dict[str, Any]:
    """How many cases ended how, in all and by format, and every fault."""
    ends = Counter(case["end"] for case in results)
    by_format: dict[str, Counter[str]] = {}
    for case in results:
        by_format.setdefault(case["format"], Counter())[case["end"]] += 1
    faults = [case for case in results if case["end"] in FAULTS]
    return {
        "files": len(results),
        **{fault: ends[fault] for fault in FAULTS},
        "refused": ends["refused"],
        "imported": ends["imported"],
        "conversations": sum(case.get("conversations", 0) for case in results),
        "rows_rejected": sum(case.get("rows_rejected", 0) for case in results),
        "slowest_seconds": max((case["seconds"] for case in results), default=0),
        "by_format": {format: dict(ends) for format, ends in by_format.items()},
        "faults": [
            {name: case[name] for name in ("number", "format", "ending", "done", "end", "why")} for case in faults
        ],
    }


def show(figures: dict[str, Any]) -> None:
    """The figures for people."""
    print(f"{'':14} {'files':>6} {'refused':>8} {'imported':>9} {'faults':>7}")
    for format, ends in figures["by_format"].items():
        faults = sum(ends.get(fault, 0) for fault in FAULTS)
        print(f"{format:14} {sum(ends.values()):6} {ends.get('refused', 0):8} {ends.get('imported', 0):9} {faults:7}")
    print(
        f"{figures['conversations']:,} conversations kept, {figures['rows_rejected']:,} rows rejected; slowest file {figures['slowest_seconds']} s"
    )
    print(
        ", ".join(f"{figures[fault]} {fault}" for fault in FAULTS),
        f"in {figures['seconds']} s (seed {figures['seed']})",
    )
    for case in figures["faults"]:
        print(
            f"\n{case['end']}: case {case['number']}, {case['format']} {case['ending']}, {', '.join(case['done'])}\n{case['why']}"
        )


# --- the worker -----------------------------------------------------------------------------------------------------


def work() -> int:
    """Import each case that is told on standard input, and answer with one line."""
    from workbench.memory import limit_memory

    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever a library prints is no answer
    with tempfile.TemporaryDirectory() as scratch:
        import_case({"paths": [str(ROOT / "data" / "demo" / "bank-help.parquet")], "options": {}}, Path(scratch))
        limit_memory(MEMORY, Path(scratch) / "reason")
        print("ready", file=out, flush=True)
        for line in sys.stdin:
            case, folder = json.loads(line), Path(scratch) / "case"
            folder.mkdir()
            signal.setitimer(signal.ITIMER_PROF, SECONDS)  # kills this process, whatever library it is in
            answer = judged(case, folder)
            signal.setitimer(signal.ITIMER_PROF, 0)
            print(json.dumps(answer), file=out, flush=True)
            shutil.rmtree(folder)
    return 0


def judged(case: Case, folder: Path) -> Case:
    """The verdict of an import that came to an end."""
    from workbench.errors import UserError

    try:
        return import_case(case, folder)
    except UserError as e:
        names = [Path(path).name for path in (*case["paths"], case["options"]["mapping"] or "") if path]
        left = [path.name for path in folder.iterdir()]
        if left or not any(name in str(e) for name in names):
            return {"end": "violations", "why": f"refused with {str(e)!r}, leaving {left}"}
        return {"end": "refused", "why": str(e)}
    except AssertionError as e:
        return {"end": "violations", "why": str(e)}
    except BaseException:
        return {"end": "tracebacks", "why": traceback.format_exc(limit=-8)}


def import_case(case: Case, folder: Path) -> Case:
    """Write the part, the snapshot and the signals; import again. AssertionError, in words, for what does not add up."""
    from tests.support.norms import norms_of
    from workbench.dates import utc_now
    from workbench.evidence.schema import SCHEMA, Meta
    from workbench.evidence.snapshot import write_snapshot
    from workbench.failures.analysis import analyse
    from workbench.logs.formats import ReadOptions
    from workbench.logs.importing import write_part
    from workbench.logs.parts import Part, read_part, read_rejects
    from workbench.logs.versions import Version, versions

    given = case["options"]
    options = ReadOptions(**(given | {"mapping": Path(given["mapping"]) if given.get("mapping") else None}))

    def read(name: str, known: dict[str, Version]) -> Any:
        return write_part(folder / name, case["paths"], options, known, lambda *_: None, "fuzz", "I000001")

    manifest = read("part", {})
    conversations, rejects = list(read_part(folder / "part")), read_rejects(folder / "part")
    check("rows", manifest.rows_read, manifest.rows_kept + manifest.rows_rejected + manifest.rows_duplicate)
    check("rows of files", manifest.rows_read, sum(file["rows"] for file in manifest.files))
    check("rejects", manifest.rows_rejected, sum(reject.rows for reject in rejects))
    check("conversations", manifest.conversations, len(conversations))
    check("turns", manifest.turns, sum(len(each.turns) for each in conversations))
    check("keys", len(conversations), len({each.key for each in conversations}))
    for each in conversations:
        check("positions", [turn.position for turn in each.turns], list(range(len(each.turns))))
        check("content hash", each.content_hash, replace(each).content_hash)
    meta = Meta("S000001", utc_now(), SCHEMA, {})
    counts = write_snapshot(folder / "snapshots.duckdb", meta, [Part("I000001", folder / "part")], {})
    check("the snapshot", (manifest.conversations, manifest.turns), (counts.conversations, counts.turns))
    for bot in {each.bot for each in conversations}:
        own = [each for each in conversations if each.bot == bot]
        norms = norms_of(own)
        for each in own:
            analyse(each, norms, manifest.rules)
    again = read("again", versions(folder / "part", manifest.rules))
    check("new when imported again", (again.conversations, again.rows_kept), (0, 0))
    check("rejects when imported again", again.rows_rejected, manifest.rows_rejected)
    return {"end": "imported", "why": "", "conversations": len(conversations), "rows_rejected": manifest.rows_rejected}


def check(what: str, one: Any, other: Any) -> None:
    if one != other:
        raise AssertionError(f"{what}: {one} and {other}")


if __name__ == "__main__":
    sys.exit(main())

"""How fast is each format read, and is it no slower than in another checkout?

Writes the same conversations of the demo in every format that can carry them, and imports each file in a process of its
own, by this checkout and, where one is named, by the other, in turns: a machine that is busy then slows both. Prints the
median of the processor's seconds and the rows read in one of them; with another checkout also the ratio, above 1 where this
one is faster.

    python benchmarks/import_formats.py [--conversations 150] [--rounds 3] [--against FOLDER] [--json]
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

_IMPORT = """
import sys, time, tempfile
from pathlib import Path
from typing import Any
sys.path.insert(0, sys.argv[1])
try:
    from workbench.logs.formats import ReadOptions
    from workbench.logs.importing import write_part
except ImportError:
    from workbench.readers.records import ReadOptions
    from workbench.parts import write_part
with tempfile.TemporaryDirectory() as scratch:
    start = time.process_time()
    manifest = write_part(Path(scratch) / "part", sys.argv[2:], ReadOptions(), {}, lambda *_: None, "bench", "I000001")
    print(time.process_time() - start, manifest.rows_read)
"""


def logs(count: int, folder: Path) -> dict[str, list[Path]]:
    """The files of each format, of so many conversations."""
    import pyarrow.parquet as pq

    from benchmarks.damage import BOTS, DEMO, as_lines
    from tests.support import span_logs
    from workbench.logs.files.parquet import python_rows
    from workbench.logs.formats import ReadOptions
    from workbench.logs.importing import write_part
    from workbench.logs.parts import read_part

    table = pq.read_table(DEMO / f"{BOTS[0]}.parquet").slice(0, count)
    rows = [row for batch in table.to_batches() for row in python_rows(batch)]
    (folder / "chat.jsonl").write_text(as_lines(rows))
    write_part(folder / "part", [folder / "chat.jsonl"], ReadOptions(), {}, lambda *_: None, "bench", "I000001")
    told = list(read_part(folder / "part"))
    turns = [
        {**{name: value for name, value in row.items() if name != "messages"}, **message, "turn_index": place}
        for row in rows
        for place, message in enumerate(row["messages"])
    ]
    written: dict[str, list[Any]] = {
        "turns": [turns],
        "openinference": [*zip(*map(span_logs.openinference, told), strict=True)],
        "otel": [[*map(span_logs.otlp, told)]],
        "langfuse": [*zip(*map(span_logs.langfuse, told), strict=True)],
        "langsmith": [[*map(span_logs.langsmith, told)]],
    }
    paths = {"chat": [folder / "chat.jsonl"]}
    for name, files in written.items():
        paths[name] = [folder / f"{name}-{number}.jsonl" for number in range(len(files))]
        for path, own in zip(paths[name], files, strict=True):
            path.write_text(as_lines(own if name == "turns" else [row for each in own for row in each]))
    return paths


def seconds(checkout: Path, paths: list[Path]) -> tuple[float, int]:
    """The processor's seconds of one import by a checkout, and the rows read."""
    command = [sys.executable, "-c", _IMPORT, str(checkout), *map(str, paths)]
    told = subprocess.run(command, capture_output=True, text=True, check=True, cwd=checkout).stdout.split()
    return float(told[-2]), int(told[-1])


def main() -> int:
    """Print a line a format, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--conversations", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--against", type=Path, help="another checkout of this repository")
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    checkouts = {"here": ROOT, **({"there": arguments.against.resolve()} if arguments.against else {})}
    figures = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name, paths in logs(arguments.conversations, Path(scratch)).items():
            taken: dict[str, list[float]] = {side: [] for side in checkouts}
            rows = 0
            for _ in range(arguments.rounds):
                for side, checkout in checkouts.items():
                    spent, rows = seconds(checkout, paths)
                    taken[side].append(spent)
            medians = {side: statistics.median(each) for side, each in taken.items()}
            figures[name] = {
                "rows": rows,
                "seconds": round(medians["here"], 3),
                "rows_a_second": round(rows / medians["here"]),
            }
            if "there" in medians:
                figures[name]["ratio"] = round(medians["there"] / medians["here"], 2)
            if not arguments.json:
                print(name, figures[name], flush=True)
    if arguments.json:
        print(json.dumps(figures))
    return 0


if __name__ == "__main__":
    sys.exit(main())

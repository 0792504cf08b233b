"""All benchmarks, small: one table of what each says, beside its peer, with this machine and its load, in docs/benchmarks.md.

Each runs as a process of its own and prints JSON; one that fails, or that takes longer than its share, is a row that says so, and so is
one whose peer isn't installed. What a small run says is less sure than the figures in benchmarks/README.md: *small* says how.
Those that read the demo share one store of it. When the minutes are over, what is left is not begun.

    python benchmarks/bench.py [--minutes 10] [--only NAME…] [--out docs/benchmarks.md] [--logs ../shared/logs] [--peers PYTHON] [--json]
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import build

MINUTES = 10
LONGEST = 240
"""Seconds that one benchmark may take, unless it is told otherwise."""
PACKAGES = (
    "torch",
    "sentence-transformers",
    "duckdb",
    "pyarrow",
    "numpy",
    "scikit-learn",
    "igraph",
    "faiss-cpu",
    "streamlit",
)
PEERS = ("bertopic", "umap-learn", "hdbscan", "numba")


@dataclass(frozen=True)
class Benchmark:
    """A script as it is run small."""

    script: str
    """Its name in this folder, without .py."""
    options: tuple[str, ...]
    """What makes it small; LOGS, PEERS and DEMO stand for the paths that the driver is given."""
    small: str
    """What is small about it, in words."""
    figures: Callable[[Any], str]
    """What its JSON says."""
    ratio: Callable[[Any], str]
    """The same beside its peer; empty where it has none."""


@dataclass(frozen=True)
class Outcome:
    """What became of one benchmark."""

    script: str
    """Its name."""
    small: str
    """What is small about it."""
    figures: str
    """What it says, or why it says nothing."""
    ratio: str
    """Beside its peer."""
    seconds: float
    """By the clock."""
    cpu: float
    """Of all its processes."""
    load: float
    """The machine's when it ended."""


def none(_: Any) -> str:
    """No peer."""
    return ""


def of_embedding(told: Any) -> str:
    ways = {kind: row["ways"][told["precision"]] for kind, row in told["texts"].items()}
    return f"{told['precision']}; " + "; ".join(
        f"{kind} texts {way['texts_a_cpu_second']} a CPU second, worst cosine {way['worst_cosine']}, {way['share_of_peak']:.0%} of the peak"
        for kind, way in ways.items()
    )


def embedding_ratio(told: Any) -> str:
    ways = {kind: row["ways"][told["precision"]] for kind, row in told["texts"].items()}
    told_ways = "; ".join(
        f"{kind} {way['times_sooner']} ×, CPU {way['times_less_cpu']} ×" for kind, way in ways.items()
    )
    return f"sentence-transformers' `encode`: {told_ways}"


def of_end_to_end(told: Any) -> str:
    ours = told["ours"]
    return (
        f"cold {ours['cold']['seconds']} s, CPU {ours['cold']['cpu']}; again {ours['again']['seconds']} s, "
        f"CPU {ours['again']['cpu']}; AMI {ours['ami']}"
    )


def end_to_end_ratio(told: Any) -> str:
    if "times_sooner" not in told:
        return f"BERTopic not measured: {told['bertopic']['skipped']}"
    ratios = "; ".join(f"{what} {row['seconds']} ×, CPU {row['cpu']} ×" for what, row in told["times_sooner"].items())
    return f"BERTopic: {ratios}; its AMI {told['bertopic']['ami']}"


def clusters_ratio(told: Any) -> str:
    rows = told["data"]["banking77-test"]["methods"]
    return "; ".join(
        f"{name}: {row['skipped']}" if "skipped" in row else f"{name}: ours leads by {row['lead']:+}"
        for name, row in rows.items()
        if name != "ours"
    )


def of_load(told: Any) -> str:
    slowest = max(told["pages"].items(), key=lambda item: item[1]["cpu"])
    people, errors = told["people"], sum(len(row["errors"]) for row in told["pages"].values())
    return (
        f"most CPU: {slowest[0]} {slowest[1]['cpu']} s (p95 {slowest[1]['p95']} s); {people['count']} people p95 {people['p95']} s, "
        f"{len(people['errors']) + errors} errors, {people['megabytes'][-1]} MB"
    )


def of_sizes(told: Any) -> str:
    sizes = ", ".join(
        f"{size['conversations']:,}: {size['cpu']} s of CPU, {size['peak_mb']:,} MB" for size in told["sizes"]
    )
    return f"{sizes}; growth {told['cpu_last_to_first']} ×"


def of_planted(told: Any) -> str:
    return f"AMI {told['ami']}, precision {told['precision']}, recall {told['recall']}, {told['clusters']} clusters"


def of_verification(told: Any) -> str:
    worst = max((row for row in told["false_fixed"] if row["remaining"] > 0.5), key=lambda row: row["fixed"])
    return f"“fixed” without cause in at most {worst['fixed']:.1%} of runs (up to {worst['high']:.1%})"


BENCHMARKS = (
    Benchmark("embed", ("--texts", "300", "--rounds", "3", "--logs", "LOGS"), "300 short and 25 long texts", of_embedding, embedding_ratio),
    Benchmark("end_to_end", ("--small", "--logs", "LOGS", "--peers", "PEERS"), "1,000 conversations, mostly start-up of processes", of_end_to_end, end_to_end_ratio),
    Benchmark("load", ("--small",), "1,000 conversations, 3 runs of a page, half a minute of people", of_load, none),
    Benchmark("scale", ("--conversations", "1000", "4000"), "4,000 conversations at most", of_sizes, none),
    Benchmark("incremental", ("--conversations", "2000"), "40 on top of 2,000: start-up weighs", lambda told: f"{told['cpu_share']:.0%} of the full build's CPU", none),
    Benchmark("import", ("--conversations", "5000"), "50,000 turns", lambda told: f"{told['turns']:,} turns in {told['cpu_seconds']} s of CPU, {told['peak_mb']:,} MB", lambda told: f"DuckDB's plain read_parquet: ours takes {told['times_the_floor']} × its time"),
    Benchmark("clusters", ("--parts", "methods", "--data", "banking77-test", "--methods", "ours", "kmeans", "--logs", "LOGS", "--peers", "PEERS"), "the 3,080 of the test split; BERTopic in end_to_end, EVoC and HDBSCAN left out", lambda told: f"AMI {told['data']['banking77-test']['methods']['ours']['ami']} (aim {told['data']['banking77-test']['aim']})", clusters_ratio),
    Benchmark("planted", ("--store", "DEMO"), "as it is", of_planted, none),
    Benchmark("reading", ("--store", "DEMO", "--simulations", "60"), "60 simulations for 500", lambda told: f"the interval holds the rate in {told['rate']['coverage']:.1%} [{told['rate']['low']:.2f}, {told['rate']['high']:.2f}]", none),
    Benchmark("suspects", ("--store", "DEMO", "--shuffles", "40"), "40 shuffles for 500", lambda told: f"{told['any_release_suspect']:.1%} of shuffles have a suspect release", none),
    Benchmark("drift", ("--store", "DEMO", "--deals", "10"), "10 deals for 100", lambda told: "; ".join(f"{name}: {row['flagged']:.1%} flagged" for name, row in told.items()), none),
    Benchmark("masking", ("100",), "100 of each kind for 750", lambda told: f"{told['messages_a_second']:,} messages a second", none),
    Benchmark("verification", ("--runs", "60"), "60 runs for 2,000", of_verification, none),
    Benchmark("judgement", ("--kills", "5"), "5 kills for 200", lambda told: f"SQLite p99 {told['sqlite']['one writer']['p99_ms']} ms alone; {told['kills'].get('lost', 0)} lost", lambda told: f"PostgreSQL: {told['postgresql']}" if isinstance(told["postgresql"], str) else ""),
    Benchmark("fuzz_import", ("--files", "40"), "40 files for 2,000", lambda told: f"{told['refused']} refused, {told['imported']} imported, {len(told['faults'])} faults; slowest {told['slowest_seconds']:.1f} s", none),
)  # fmt: skip
LEFT_OUT = {
    "signals, passage, lineage, strands": "each embeds or builds for minutes and has no small size that says anything",
    "pages": "load.py opens the same addresses in the served app",
    "bundle": "about the text of tickets, not about time",
}


def main() -> None:
    """Write the table, and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--longest", type=float, default=LONGEST, help="seconds of one benchmark")
    parser.add_argument("--only", nargs="+", choices=[each.script for each in BENCHMARKS])
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "benchmarks.md")
    parser.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    parser.add_argument("--peers", type=Path, default=ROOT / ".venv-bench" / "bin" / "python")
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    chosen = [each for each in BENCHMARKS if not arguments.only or each.script in arguments.only]
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        paths = {"LOGS": str(arguments.logs), "PEERS": str(arguments.peers), "DEMO": f"{scratch}/demo"}
        for each in chosen:
            outcomes.append(outcome(each, paths, end, arguments.longest))
            print(f"{each.script}: {outcomes[-1].figures} ({outcomes[-1].seconds} s)", file=sys.stderr, flush=True)
    page = written(outcomes, arguments.peers)
    arguments.out.write_text(page, "utf-8")
    print(json.dumps([asdict(each) for each in outcomes], ensure_ascii=False) if arguments.json else page)


def outcome(benchmark: Benchmark, paths: dict[str, str], end: float, longest: float) -> Outcome:
    """Run one benchmark, within what is left of the time."""
    before, begin = cpu_of_children(), time.monotonic()
    left = min(longest, end - begin)
    ratio = ""
    if left <= 0:
        figures = "not run: the minutes were over"
    else:
        try:
            if "DEMO" in benchmark.options and not Path(paths["DEMO"]).exists():
                build(paths["DEMO"], "normal")
            told = answered(benchmark, paths, left)
            figures, ratio = benchmark.figures(told), benchmark.ratio(told)
        except subprocess.TimeoutExpired:
            figures = f"stopped after {left:.0f} s"
        except subprocess.CalledProcessError as e:
            figures = f"failed: {(e.stderr or '').strip().splitlines()[-1:] or [e.returncode]}"
        except (KeyError, ValueError, TypeError, IndexError) as e:
            figures = f"its answer was not understood ({type(e).__name__}: {e})"
    seconds, cpu = time.monotonic() - begin, cpu_of_children() - before
    load = os.getloadavg()[0]
    return Outcome(benchmark.script, benchmark.small, figures, ratio, round(seconds, 1), round(cpu, 1), round(load, 1))


def answered(benchmark: Benchmark, paths: dict[str, str], seconds: float) -> Any:
    """The JSON that a script prints."""
    options = [paths.get(option, option) for option in benchmark.options]
    flag = [] if benchmark.script == "masking" else ["--json"]  # it always prints JSON
    command = [sys.executable, str(ROOT / "benchmarks" / f"{benchmark.script}.py"), *options, *flag]
    run = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True, timeout=seconds)
    return json.loads(run.stdout)


def cpu_of_children() -> float:
    """Processor seconds of all processes that were waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def written(outcomes: Sequence[Outcome], peers: Path) -> str:
    """docs/benchmarks.md."""
    day = datetime.now(UTC).strftime("%d %B %Y, %H:%M UTC")
    rows = [
        f"| `benchmarks/{each.script}.py` | {each.small} | {cell(each.figures)} | {cell(each.ratio) or '—'} | {each.seconds} | {each.cpu} | {each.load} |"
        for each in outcomes
    ]
    return "\n".join(
        [
            "# Benchmarks, small",
            "",
            "Written by `make bench`; don't edit. Each benchmark runs as small as it can be and still say something; the figures that decide stand in "
            "[benchmarks/README.md](../benchmarks/README.md), measured at full size. *×* is how many times sooner, or with less CPU, ours is. "
            "Seconds by the clock depend on the load (what else ran; above the cores, all of them are too long), CPU seconds less.",
            "",
            f"{day}. {machine()}. Load when each ended: last column.",
            "",
            f"Versions: Python {platform.python_version()}, {versions(PACKAGES, sys.executable)}.",
            "",
            f"Peers: {versions(PEERS, str(peers)) if peers.exists() else 'none installed (`make bench-peers`)'}; sentence-transformers and k-means of scikit-learn as above.",
            "",
            "| benchmark | what is small | says | beside its peer | seconds | CPU | load |",
            "|---|---|---|---|---|---|---|",
            *rows,
            "",
            "Not in `make bench`: "
            + "; ".join(f"{names} ({reason})" for names, reason in LEFT_OUT.items())
            + ". `benchmarks/breakdown.py` and `benchmarks/damage.py` are parts of others.",
            "",
        ]
    )


def cell(text: str) -> str:
    """Text as one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")


def machine() -> str:
    """What it ran on."""
    cpu = Path("/proc/cpuinfo")
    lines = cpu.read_text("utf-8").splitlines() if cpu.exists() else []
    model = next(
        (line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine()
    )
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    units = [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{model}, {os.cpu_count()} cores, {memory} GB, {' '.join(units)}, {platform.system()}"


def versions(packages: Sequence[str], python: str) -> str:
    """The versions of packages that a Python has."""
    if python == sys.executable:
        return ", ".join(f"{name} {importlib.metadata.version(name)}" for name in packages)
    code = f"import importlib.metadata as m\nprint(', '.join(f'{{n}} {{m.version(n)}}' for n in {packages!r}))"
    run = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return run.stdout.strip() or "not all installed"


if __name__ == "__main__":
    main()

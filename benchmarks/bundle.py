"""How long are the bundles of tickets, for every cluster of the demo and of real logs?

Imports each log into a temporary store by the public command, makes a ticket for each of its clusters (as the page does) and
counts its bundle three ways: by the WordPiece of the packaged model, as bytes / 4, and by the workbench's own rule, which the
bundle is held to. No tokenizer of a coding agent's model is available offline; theirs lie between the first two on English.

    python benchmarks/bundle.py [--json] [LOG …]      without a log: the demo, and agents.parquet where it is
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.planted import DEMO
from workbench.bench.bench import Bench
from workbench.demo.generator import DEMO_FILES
from workbench.embedding.vectors import packaged_folder
from workbench.store import Store
from workbench.text.masking import mask
from workbench.tickets import tickets
from workbench.tickets.bundle import BUDGET, Bundle, bundle

AGENTS = ROOT.parent / "shared" / "logs" / "agents.parquet"


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("logs", nargs="*", metavar="LOG")
    arguments = parser.parse_args()
    demo = {"demo": [str(DEMO / name) for name in DEMO_FILES]}
    agents = {AGENTS.name: [str(AGENTS)]} if AGENTS.exists() else {}
    logs = {Path(log).name: [log] for log in arguments.logs} or demo | agents
    counts = {"WordPiece": word_pieces(), "bytes / 4": quarter_of_bytes}
    figures = {name: measured(list(bundles(paths)), counts) for name, paths in logs.items()}
    if arguments.json:
        print(json.dumps(figures))
        return
    for name, row in figures.items():
        print(f"{name}: {row['bundles']} bundles; {row['over']} over {BUDGET:,}; {row['shortened']} leave something out; {row['unmasked']} hold what the mask takes")  # fmt: skip
        for rule, of in row["tokens"].items():
            print(f"  {rule:10} median {of['median']:6,}  p95 {of['p95']:6,}  max {of['max']:6,}")


def bundles(paths: list[str]) -> Iterator[Bundle]:
    """A bundle a cluster of these logs."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "workbench", "import", *paths, "--store", folder, "--json"]
        subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        with closing(Bench(Store(Path(folder)), "benchmark")) as bench:
            taxonomy = bench.causes.taxonomy()
            for row in bench.clusters():
                ticket = tickets.create(bench, tickets.draft(bench, [row.cluster]))
                yield bundle(tickets.row(ticket, taxonomy))


def measured(made: list[Bundle], counts: dict[str, Callable[[str], int]]) -> dict[str, Any]:
    """Lengths by each rule, and how many leave something out, are too long, or hold what the mask would take."""
    by_rule = {rule: [rule_of(each.text) for each in made] for rule, rule_of in counts.items()}
    by_rule["own rule"] = [each.tokens for each in made]
    longest = [max(each) for each in zip(*by_rule.values(), strict=True)]
    return {
        "bundles": len(made),
        "over": sum(length > BUDGET for length in longest),
        "shortened": sum(bool(each.left_out) for each in made),
        "unmasked": sum(masked_again(each.text) for each in made),
        "tokens": {
            rule: {
                "median": round(float(np.median(lengths))),
                "p95": round(float(np.percentile(lengths, 95))),
                "max": max(lengths),
            }
            for rule, lengths in by_rule.items()
        },
    }


def masked_again(text: str) -> bool:
    """Whether the mask finds anything left in a bundle."""
    return mask(text) != text


def word_pieces() -> Callable[[str], int]:
    """Counts by the vocabulary of the packaged model (30,522 pieces of English, lower case)."""
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(packaged_folder() / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)


def quarter_of_bytes(text: str) -> int:
    """A common rule of thumb."""
    return -(-len(text.encode("utf-8", "surrogatepass")) // 4)


if __name__ == "__main__":
    main()

"""Does "mixed causes, split?" stand where two planted modes lie in one cluster, and not where there is one?

Takes the demo's failures bot by bot, puts each planted mode into a cluster of its own, then each pair of modes of a bot,
half and half, into one, and asks the product for the strands. Modes of fewer than ten failures are left out.

    python benchmarks/strands.py [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from itertools import combinations
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.clusters import ROOT, Failures, load_failures, plain_encoder
from workbench.clusters.failure_vectors import calls_only
from workbench.clusters.naming import Namer
from workbench.clusters.strands import APART, StrandFinder
from workbench.demo.generator import DEMO_FILES, TRUTH_FILE
from workbench.failures.signature import observed_behaviours
from workbench.stats import wilson

DEMO = ROOT / "data" / "demo"
FEWEST = 10


def main() -> None:
    """Print the figures as a table, or as one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    truth = {(row["bot"], row["conversation_id"]): row["mode"] for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist()}
    asked: dict[str, list[bool]] = {"one mode": [], "two modes, other calls": [], "two modes, the same calls": []}
    encoder = plain_encoder("float32")
    for name in DEMO_FILES:
        for bot, failures in load_failures(DEMO / name, encoder).items():
            modes = [truth[bot, one.conversation_id] for one in failures.conversations]
            for kind, answer in of_bot(failures, modes):
                asked[kind].append(answer)
    figures = {kind: share(answers) for kind, answers in asked.items()}
    if arguments.json:
        print(json.dumps(figures))
        return
    for kind, row in figures.items():
        low, high = row["interval"]
        print(f"{kind:26} asked in {row['asked']:3} of {row['clusters']:3}  [{low:.2f}, {high:.2f}]")


def of_bot(failures: Failures, modes: list[str | None]) -> list[tuple[str, bool]]:
    """For each made-up cluster of a bot: what it holds, and whether a split is asked for."""
    signatures = [analysis.signature_tokens for analysis in failures.analyses]
    facts = [observed_behaviours(analysis.facts) for analysis in failures.analyses]
    namer = Namer([analysis.passage for analysis in failures.analyses], facts, {})
    finder = StrandFinder(failures.passages, signatures, facts, namer)
    rows = {
        mode: [row for row, other in enumerate(modes) if other == mode] for mode in sorted(set(modes) - {None}, key=str)
    }
    rows = {mode: members for mode, members in rows.items() if len(members) >= FEWEST}
    calls = calls_only(signatures)
    usual = {
        mode: Counter(tuple(sorted(set(calls[row]))) for row in members).most_common(1)[0][0]
        for mode, members in rows.items()
    }

    def is_asked(members: list[int]) -> bool:
        likeness = finder.find("topical", members).likeness
        return likeness is not None and likeness < APART

    found = [("one mode", is_asked(members)) for members in rows.values()]
    for one, other in combinations(rows, 2):
        half = min(len(rows[one]), len(rows[other]))
        kind = "the same calls" if usual[one] == usual[other] else "other calls"
        found.append((f"two modes, {kind}", is_asked(rows[one][:half] + rows[other][:half])))
    return found


def share(answers: list[bool]) -> dict[str, Any]:
    """How often a split is asked for, with its Wilson interval."""
    low, high = wilson(sum(answers), len(answers))
    return {"asked": sum(answers), "clusters": len(answers), "interval": [round(low, 4), round(high, 4)]}


if __name__ == "__main__":
    main()

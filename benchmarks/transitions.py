"""Is the right cell of the transition matrix the top one for each planted mode of the demo?

The right cell of a mode is the commonest among its conversations where the generator wrote the failing turn
(data/demo/truth.parquet): the states around that turn. The found cell is the commonest among those of them that the store counts as
failing, where the workbench itself looked for the turn. A mode is right where the two are the same.

    python benchmarks/transitions.py --store an analysed store of the demo [--json]
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter, defaultdict
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.bench.bench import Bench
from workbench.conversation import conversation_key
from workbench.conversation.tool_calls import bot_calls
from workbench.demo.generator import TRUTH_FILE
from workbench.failures.transition import Transition, transition
from workbench.store import Store

DEMO = ROOT / "data" / "demo"
Mode = tuple[str, str]


def main() -> None:
    """Print a line a mode and the share that is right, or one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--store", required=True)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    bench = Bench(Store(Path(arguments.store)))
    right, shown = cells(bench)
    bench.close()
    modes = {
        mode: (top(right[mode]), top(shown[mode]), shown[mode][top(right[mode])], shown[mode].total()) for mode in right
    }
    correct = sum(expected == found for expected, found, _, _ in modes.values())
    if arguments.json:
        print(json.dumps({"right": correct, "modes": len(modes), "share": correct / len(modes)}))
        return
    for (bot, mode), (expected, found, hits, total) in sorted(modes.items()):
        verdict = "right" if expected == found else f"WRONG: {' → '.join(found)}"
        print(f"{bot:12} {mode:28} {' → '.join(expected):45} {hits:3} of {total:3}  {verdict}")
    print(f"{correct} of {len(modes)} modes: {correct / len(modes):.0%}")


def cells(bench: Bench) -> tuple[dict[Mode, Counter[Transition]], dict[Mode, Counter[Transition]]]:
    """How often each cell is right, and how often the store shows it, by planted mode."""
    planted = [row for row in pq.read_table(DEMO / TRUTH_FILE).to_pylist() if row["mode"]]
    keys = {conversation_key(row["bot"], row["conversation_id"]): row for row in planted}
    right: dict[Mode, Counter[Transition]] = defaultdict(Counter)
    shown: dict[Mode, Counter[Transition]] = defaultdict(Counter)
    for conversation in bench.evidence.conversations(list(keys)):
        row = keys[conversation.key]
        right[row["bot"], row["mode"]][transition(conversation, bot_calls(conversation), row["failing_turn"])] += 1
        analysis = bench.evidence.analysis(conversation.key)
        if analysis and analysis.last_good and analysis.first_failing:
            shown[row["bot"], row["mode"]][Transition(analysis.last_good, analysis.first_failing)] += 1
    return right, shown


def top(counts: Counter[Transition]) -> Transition:
    """The commonest cell, of equally common ones the first by name."""
    return min(counts, key=lambda cell: (-counts[cell], cell))


if __name__ == "__main__":
    main()

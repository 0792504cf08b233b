"""How often each signal fires, and how often rightly: precision against the logs' own labels, with Wilson intervals.

    python benchmarks/signals.py [--logs ../shared/logs] [--json]

Labels: reward < 0.5 on agents.parquet, by bot; faithfulness <= 2 on rag.parquet, all bots together. The rows are those of
the log, so the same task or dialogue counts several times: the intervals are narrower than they should be.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from workbench.conversation import Conversation  # noqa: E402
from workbench.failures import FAILS_FROM, BotNorms, analyse  # noqa: E402
from workbench.readers import Found, ReadOptions, chat, open_source  # noqa: E402
from workbench.signals import REGISTRY, Signal, score  # noqa: E402
from workbench.stats import wilson  # noqa: E402


def load(path: Path) -> list[Conversation]:
    """The conversations of a log in the chat layout."""
    with TemporaryDirectory() as scratch:
        found = chat.read([open_source(path)], ReadOptions(), Path(scratch))
        return [one.conversation for one in found if isinstance(one, Found)]


def measure(conversations: list[Conversation], bad: Callable[[Conversation], bool]) -> dict[str, Any]:
    """Firing count, precision with interval and recall of each signal and of the heuristic verdict; ms a conversation."""
    started = time.perf_counter()
    norms = {
        bot: BotNorms.learn(one for one in conversations if one.bot == bot)
        for bot in {one.bot for one in conversations}
    }
    learned = time.perf_counter()
    found = [analyse(one, norms[one.bot]).signals for one in conversations]
    analysed = time.perf_counter()
    labels = [bad(one) for one in conversations]
    heuristic = [[one for one in signals if one.code != "log-says-failed"] for signals in found]
    fired = {code: [any(one.code == code for one in signals) for signals in heuristic] for code in REGISTRY}
    fired["FAILS (without the log's own word)"] = [_fails(signals) for signals in heuristic]
    each = 1000 / len(conversations)
    return {
        "conversations": len(conversations),
        "failing": sum(labels),
        "ms_learn": round((learned - started) * each, 3),
        "ms_analyse": round((analysed - learned) * each, 3),
        "signals": [_row(code, hits, labels) for code, hits in fired.items() if any(hits)],
    }


def _fails(signals: list[Signal]) -> bool:
    return score(signals) >= FAILS_FROM


def _row(code: str, fired: list[bool], labels: list[bool]) -> dict[str, Any]:
    hits = sum(label for hit, label in zip(fired, labels, strict=True) if hit)
    count = sum(fired)
    low, high = wilson(hits, count)
    return {
        "signal": code,
        "strength": REGISTRY[code].strength if code in REGISTRY else "",
        "fired": count,
        "right": hits,
        "precision": round(hits / count, 3),
        "low": round(low, 3),
        "high": round(high, 3),
        "recall": round(hits / max(1, sum(labels)), 3),
    }


def table(name: str, result: dict[str, Any]) -> Iterable[str]:
    """The result as lines for a terminal."""
    base = result["failing"] / result["conversations"]
    yield f"\n{name}: {result['conversations']} conversations, {result['failing']} failing (base rate {base:.2f}); "
    yield f"{result['ms_learn']} ms a conversation to learn the norms, {result['ms_analyse']} ms to analyse"
    yield f"  {'signal':<36} {'strength':<8} {'fired':>5} {'right':>5}  precision         recall"
    for row in sorted(result["signals"], key=lambda row: -row["precision"]):
        interval = f"{row['precision']:.2f} [{row['low']:.2f}, {row['high']:.2f}]"
        yield f"  {row['signal']:<36} {row['strength']:<8} {row['fired']:>5} {row['right']:>5}  {interval}  {row['recall']:.2f}"


def main() -> None:
    """Measure on both logs and print."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--logs", type=Path, default=ROOT.parent / "shared" / "logs")
    arguments.add_argument("--json", action="store_true")
    options = arguments.parse_args()
    agents, rag = load(options.logs / "agents.parquet"), load(options.logs / "rag.parquet")
    results = {
        bot: measure([one for one in agents if one.bot == bot], lambda one: one.reward is not None and one.reward < 0.5)
        for bot in sorted({one.bot for one in agents})
    }
    results["rag"] = measure(rag, lambda one: one.metadata["faithfulness"] <= 2)
    if options.json:
        print(json.dumps(results))
        return
    for name, result in results.items():
        print("\n".join(table(name, result)))


if __name__ == "__main__":
    main()

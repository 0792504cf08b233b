"""A small log with known signals, for the scorecards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tests.support.encoders import WordHashEncoder
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store

TOPICS = "refund delivery password invoice address voucher"


START = datetime(2026, 3, 2, 9)


def conversation(n: int, reward: float | None, reply: str = "It is on its way to you.") -> dict[str, Any]:
    """A short talk about one of six topics."""
    topic = TOPICS.split()[n % 6]
    return {
        "conversation_id": f"c{n}",
        "bot": "shop",
        "started_at": START + timedelta(hours=n),
        "reward": reward,
        "messages": [
            {"role": "user", "content": f"Question {n} about the {topic} of number {n // 6}, please"},
            {"role": "assistant", "content": reply},
        ],
    }


def build(root: Path, rows: Sequence[dict[str, Any]] = ()) -> Bench:
    """Import the rows, or analyse again where there are none."""
    paths = [str(write_chat(root.with_suffix(".parquet"), rows))] if rows else []
    Build(Job(store=str(root), paths=paths, actor="tests"), lambda *_: None, WordHashEncoder()).run()
    return Bench(Store(root), "Ana")

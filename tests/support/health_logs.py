"""A small log with outcomes, for Health."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.encoders import WordHashEncoder
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store

MONDAY = datetime(2026, 3, 2, 9)


def talk(name: str, when: datetime | None, outcome: str | None = None, **more: Any) -> dict[str, Any]:
    """A conversation of the shop that nothing is wrong with."""
    says = [{"role": "user", "content": f"Where is my parcel {name}?"}, {"role": "assistant", "content": "On its way."}]
    return {"conversation_id": name, "bot": "shop", "started_at": when, "outcome": outcome, "messages": says} | more


def build(folder: Path, rows: Sequence[dict[str, Any]], *, analyze: bool = True) -> Bench:
    """A store with these rows, by the real pipeline."""
    log = write_chat(folder / "log.parquet", rows)
    job = Job(store=str(folder / "store"), paths=[str(log)], actor="tests", analyze=analyze)
    Build(job, lambda *_: None, WordHashEncoder()).run()
    return Bench(Store(folder / "store"), "Ana")

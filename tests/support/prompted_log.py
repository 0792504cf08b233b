"""A small log whose bot ran with three prompts in a row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from tests.support.encoders import WordHashEncoder
from tests.support.health_logs import MONDAY, talk
from tests.support.small_log import CHAT
from workbench.bench.bench import Bench
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store


def prompted(folder: Path) -> Bench:
    """Three conversations of the shop with each of p1, p2 and p3, a week apart; the first of each failed."""
    rows = [
        talk(f"{version}-{n}", MONDAY + timedelta(weeks=week, hours=n), model="m-1", prompt_version=version, reward=float(n > 0))
        for week, version in enumerate(("p1", "p2", "p3"))
        for n in range(3)
    ]  # fmt: skip
    schema = CHAT.append(pa.field("prompt_version", pa.string()))
    pq.write_table(pa.Table.from_pylist(rows, schema=schema), folder / "log.parquet")
    job = Job(store=str(folder / "store"), paths=[str(folder / "log.parquet")], actor="tests")
    Build(job, lambda *_: None, WordHashEncoder()).run()
    return Bench(Store(folder / "store"), "Ana")

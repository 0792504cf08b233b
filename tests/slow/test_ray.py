"""A build on a Ray cluster of two workers gives what it gives without one, whatever happens to the workers."""

from __future__ import annotations

import importlib.util
import os
import signal
import time
import warnings
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.builds import build
from tests.support.outputs import outputs
from tests.support.ray_cluster import busy_workers, cluster
from workbench.demo.generator import generate
from workbench.errors import UserError, WorkbenchError
from workbench.logs.files import shards
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.store import Store

pytestmark = pytest.mark.slow
CONVERSATIONS = 300
ENDS_WITHIN = 120
"""Seconds in which a build ends whose cluster is gone; the watch takes five, a busy machine the rest."""


@pytest.fixture(autouse=True)
def ray_with_two_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clusters that builds start have two workers; skips, loudly, where Ray isn't installed."""
    if importlib.util.find_spec("ray") is None:
        warnings.warn("Ray is missing: pip install -r requirements-ray.txt. Its engine was NOT tested", stacklevel=1)
        pytest.skip("Ray is missing")
    monkeypatch.setattr(os, "cpu_count", lambda: 2)


@pytest.fixture(scope="module")
def messages() -> list[dict[str, Any]]:
    """A row a message of a few hundred conversations of the demo's three bots."""
    return [
        {"conversation_id": row["conversation_id"], "bot": row["bot"], "started_at": row["started_at"],
         "outcome": row["outcome"], "turn_index": index, "role": message["role"], "content": message["content"]}
        for row in generate(conversations=CONVERSATIONS)[0]
        for index, message in enumerate(row["messages"])
    ]  # fmt: skip


@pytest.fixture
def log(messages: list[dict[str, Any]], tmp_path: Path) -> Path:
    """The messages in three files: those of a conversation lie in all of them."""
    (tmp_path / "log").mkdir()
    for file in range(3):
        pq.write_table(pa.Table.from_pylist(messages[file::3]), tmp_path / "log" / f"{file}.parquet")
    return tmp_path / "log"


def job(store: Path, log: Path, engine: str = "local", address: str | None = None) -> Job:
    return Job(store=str(store), paths=[str(log)], engine=engine, ray_address=address, actor="tests")


def test_messages_in_any_file_give_the_same_files_failures_and_clusters(
    tmp_path: Path, log: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARE", 40_000)  # many shares of a small log
    local = build(tmp_path / "local", log)
    spread = build(tmp_path / "ray", log, engine="ray")
    assert outputs(Store(tmp_path / "ray")) == outputs(Store(tmp_path / "local"))
    assert spread | {"seconds": {}} == local | {"seconds": {}}
    assert (spread["conversations"], spread["store"]["failures"] > 20) == (CONVERSATIONS, True)


def test_workers_that_are_killed_at_their_work_change_nothing(tmp_path: Path, log: Path) -> None:
    worker.run(job(tmp_path / "local", log))
    running = worker.start(job(tmp_path / "ray", log, "ray"))
    process, killed = int((running.folder / "pid").read_text()), list[str]()
    while not running.done:
        for busy in busy_workers(process)[: 1 if running.progress().stage not in killed else 0]:
            os.kill(busy, signal.SIGKILL)
            killed.append(running.progress().stage)
        time.sleep(0.05)
    running.result()
    assert len(killed) >= 2
    assert outputs(Store(tmp_path / "ray")) == outputs(Store(tmp_path / "local"))


def test_a_cluster_that_goes_away_ends_the_build_with_one_message_and_the_store_serves_as_before(
    tmp_path: Path, log: Path
) -> None:
    store = Store(tmp_path / "s")
    worker.run(job(store.root, log / "0.parquet"))
    before = outputs(store)
    with cluster() as (address, head):
        running = worker.start(job(store.root, log, "ray", address))
        while running.progress().stage not in ("reading", "observe", "embed") and not running.done:
            time.sleep(0.05)
        os.kill(head, signal.SIGKILL)
        gone = time.monotonic()
        with pytest.raises(WorkbenchError, match=f"The Ray cluster at {address} is gone"):
            running.result()
        assert time.monotonic() - gone < ENDS_WITHIN
    served = store.require_pointer()
    assert (served.snapshot, served.parts) == ("S000001", ["I000001"])
    after = {name: digest for name, digest in outputs(store).items() if not name.startswith(("parts/.", "vectors/"))}
    assert after.items() <= before.items()
    assert worker.run(job(store.root, log))["store"]["conversations"] == CONVERSATIONS


def test_an_address_where_no_cluster_answers_is_told_at_once(tmp_path: Path, log: Path) -> None:
    with pytest.raises(UserError, match="No Ray cluster answers at 127"):
        worker.run(job(tmp_path / "s", log, "ray", "127.0.0.1:9"))
    assert Store(tmp_path / "s").pointer() is None

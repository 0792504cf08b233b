"""What the store's job folders tell: which builds there are, whatever a crash or another version left in them."""

from __future__ import annotations

import json
import socket
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from workbench.errors import UserError, WorkbenchError
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob, latest, started
from workbench.store import Store

GONE = 2**22 + 1
"""No process has this id."""


def folder(store: Store, name: str, pid: str = str(GONE), **job: Any) -> None:
    (store.jobs / name).mkdir(parents=True)
    (store.jobs / name / "job.json").write_text(json.dumps(asdict(Job(store=str(store.root))) | job))
    (store.jobs / name / "pid").write_text(pid)


def test_the_latest_build_is_the_one_started_last_and_no_dry_run(tmp_path: Path) -> None:
    store = Store(tmp_path)
    for name, dry in (("1-a", False), ("2-b", False), ("3-c", True)):
        folder(store, name, dry_run=dry)
    found = latest(store)
    assert found is not None
    assert (found.folder.name, found.done, [each.folder.name for each in started(store)]) == (
        "2-b", True, ["1-a", "2-b", "3-c"],
    )  # fmt: skip


def test_what_only_another_version_knows_of_a_job_is_left_out(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder(store, "1-a", actor="ann", priority="high")
    (found,) = started(store)
    assert found.job == Job(store=str(tmp_path), actor="ann")


def test_what_a_crash_left_half_written_is_no_job(tmp_path: Path) -> None:
    store = Store(tmp_path)
    folder(store, "1-empty-pid", pid="")
    folder(store, "2-no-json")
    (store.jobs / "2-no-json" / "job.json").write_text("{")
    folder(store, "3-a-list")
    (store.jobs / "3-a-list" / "job.json").write_text("[]")
    (store.jobs / "4-nothing").mkdir()
    assert latest(store) is None


@pytest.mark.parametrize(
    ("listens", "message"),
    [(False, "^The Ray cluster at 127.0.0.1:{port} is gone"), (True, "^The build was stopped at the stage")],
)
def test_a_build_that_ray_ended_with_its_cluster_says_that_the_cluster_is_gone(
    tmp_path: Path, listens: bool, message: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        if not listens:
            server.close()
        folder(Store(tmp_path), "1-a", engine="ray", ray_address=f"127.0.0.1:{port}")
        with pytest.raises(WorkbenchError, match=message.format(port=port)):
            RunningJob(tmp_path / "jobs" / "1-a").result()


def test_a_store_whose_path_has_a_question_mark_is_refused_early(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="its path has a “\\?”"):
        Store(tmp_path / "what?" / "store").create()
    assert not (tmp_path / "what?").exists()


def test_a_store_whose_path_is_no_text_is_refused_early(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="its path has bytes that are no text"):
        Store(tmp_path / "\udcff" / "store").create()
    assert list(tmp_path.iterdir()) == []

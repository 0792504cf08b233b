"""What lies in the folder of jobs without being one, or was damaged there, stops nobody."""

from pathlib import Path

import pytest

from workbench.errors import WorkbenchError
from workbench.pipeline import worker
from workbench.store import Store


def job(store: Store, name: str, **files: str) -> Path:
    folder = store.jobs / name
    folder.mkdir(parents=True)
    for file, content in ({"job_json": '{"store": "s"}', "pid": "1"} | files).items():
        (folder / file.replace("_", ".")).write_text(content)
    return folder


def test_folders_that_are_no_jobs_are_passed_over(tmp_path: Path) -> None:
    store = Store(tmp_path)
    job(store, "notes-1")
    job(store, f"{10**25}-x")
    job(store, "3-cut", job_json="{")
    job(store, "4-list", job_json="[]")
    (store.jobs / ".DS_Store").write_text("x")
    assert [running.folder.name for running in worker.started(store)] == []


def test_damaged_progress_is_that_of_a_job_that_starts_and_a_damaged_result_is_told(tmp_path: Path) -> None:
    running = worker.RunningJob(job(Store(tmp_path), "5-a", progress_json="{", result_json="["))
    assert running.progress() == worker.Progress("starting", 0, None)
    with pytest.raises(WorkbenchError, match="What this build came to can't be read"):
        running.result()

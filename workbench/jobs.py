"""Builds as child processes: start one, follow its progress, cancel it. `python -m workbench.jobs FOLDER` is the child.

A job's folder holds job.json, progress.json, log.txt and, at the end, result.json. The child ends with its parent: it holds the other
end of the parent's pipe and stops when that closes.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from workbench.build import Build, Job
from workbench.errors import UserError, WorkbenchError
from workbench.store import Store, write_json

MEMORY_LIMIT = 6 * 2**30
_POLL_SECONDS = 0.1
_REPORT_SECONDS = 0.2


@dataclass(frozen=True)
class Progress:
    """Where a build is: `done` of `total` in a stage; total None where it can't be known."""

    stage: str
    done: int
    total: int | None


class RunningJob:
    """A build under way in a child process."""

    def __init__(self, folder: Path, process: subprocess.Popen[bytes]) -> None:
        self.folder = folder
        self._process = process

    @property
    def done(self) -> bool:
        return self._process.poll() is not None

    def progress(self) -> Progress:
        """The last progress that the child wrote."""
        try:
            return Progress(**json.loads((self.folder / "progress.json").read_text("utf-8")))
        except FileNotFoundError:
            return Progress("starting", 0, None)

    def cancel(self) -> None:
        """End the build now; the store stays as it was."""
        if not self.done:
            self._process.send_signal(signal.SIGKILL if os.name == "posix" else signal.SIGTERM)
            self._process.wait()

    def result(self) -> dict[str, Any]:
        """The JSON of `import` once done. Raises what the child raised, or says how it died."""
        self._process.wait()
        file = self.folder / "result.json"
        if not file.exists():
            raise WorkbenchError(
                f"The build ended without a result (exit {self._process.returncode}; see {self.folder / 'log.txt'}). "
                "The store is unchanged. If the machine was short of memory, import fewer files at a time."
            )
        answer: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if "error" in answer:
            raise (UserError if answer["user_error"] else WorkbenchError)(answer["error"])
        return dict(answer["result"])


def start(job: Job) -> RunningJob:
    """Start a build in a child process."""
    store = Store(Path(job.store).resolve())
    store.create()
    _forget_old_jobs(store)
    folder = store.jobs / f"{time.time_ns()}-{uuid.uuid4().hex[:6]}"
    folder.mkdir()
    write_json(folder / "job.json", asdict(job) | {"store": str(store.root)})
    with (folder / "log.txt").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.jobs", str(folder)],
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=log,
            env=os.environ
            | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), os.environ.get("PYTHONPATH", "")])},
        )
    return RunningJob(folder, process)


def run(job: Job, follow: Callable[[Progress], None] = lambda progress: None) -> dict[str, Any]:
    """Start a build and wait for it, reporting progress; an interrupt cancels it."""
    running = start(job)
    try:
        while not running.done:
            follow(running.progress())
            time.sleep(_POLL_SECONDS)
        return running.result()
    finally:
        running.cancel()


def _forget_old_jobs(store: Store, kept: int = 20) -> None:
    import shutil

    for folder in sorted(store.jobs.iterdir())[:-kept]:
        shutil.rmtree(folder, ignore_errors=True)


def _child(folder: Path) -> int:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    last = 0.0

    def report(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        if done == 0 or time.monotonic() - last > _REPORT_SECONDS:
            last = time.monotonic()
            write_json(folder / "progress.json", asdict(Progress(stage, done, total)))

    job = Job(**json.loads((folder / "job.json").read_text("utf-8")))
    try:
        answer: dict[str, Any] = {"result": Build(job, report).run()}
    except WorkbenchError as e:
        answer = {"error": str(e), "user_error": isinstance(e, UserError)}
    except Exception as e:
        # The trace goes to the job's log for us; a person gets one sentence and the place of the log.
        traceback.print_exc()
        answer = {
            "error": f"The build failed ({type(e).__name__}; see {folder / 'log.txt'}). The store is unchanged.",
            "user_error": False,
        }
    write_json(folder / "result.json", answer)
    return 0 if "result" in answer else 1


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1])))

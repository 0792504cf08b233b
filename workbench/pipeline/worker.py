"""Builds as child processes: start one, follow its progress, cancel it. `python -m workbench.pipeline.worker FOLDER` is the child.

A job's folder holds job.json, progress.json, log.txt and, at the end, result.json. The child ends with its parent: it holds the other
end of the parent's pipe and stops when that closes.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any

from workbench import limits
from workbench.engine.ray_cluster import cluster_lost
from workbench.errors import UserError, WorkbenchError, full_disk, is_disk_full
from workbench.memory import limit_memory
from workbench.pipeline.build_lock import preview_place, reporting_builder
from workbench.pipeline.job import WAITING, Job
from workbench.store import Store, write_json
from workbench.text.masked_stream import mask_what_is_logged
from workbench.text.masking import mask

_PREVIEW_NICE = 10
"""A preview gives way to the pages that others have open."""
_POLL_SECONDS = 0.1
_REPORT_SECONDS = 0.2
_RESERVE, _RESERVED = "reserve", 16_384
"""A file of a job, and its bytes: the room in which a build says that the disk is full."""


@dataclass(frozen=True)
class Progress:
    """Where a build is."""

    stage: str
    """The stage that it is in."""
    done: int
    """What is done of it."""
    total: int | None
    """What there is to do in it; None where it can't be known."""


class RunningJob:
    """A build in a child process, known by its folder: whoever can read the store can follow and cancel it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def job(self) -> Job:
        """What it was asked to do; what only another version of the workbench knows of it is left out."""
        return _job(self.folder)

    @property
    def done(self) -> bool:
        """Whether its process has ended, by itself or not."""
        child = _CHILDREN.get(self._pid)
        if child is not None:
            return child.poll() is not None
        return (self.folder / "result.json").exists() or not self._lives()

    @property
    def host(self) -> str:
        """The machine that it runs on."""
        try:
            return str(json.loads((self.folder / "host").read_text("utf-8")))
        except (OSError, ValueError):
            return socket.gethostname()

    def _lives(self) -> bool:
        """Whether the process with this id is still our child, and not another that got the same number later.

        Of a build on another machine what counts is whether that machine's builder still reports.
        """
        if self.host != socket.gethostname():
            builder = reporting_builder(Store(Path(self.job.store)))
            own = builder is not None and (builder.host, builder.process) == (self.host, self._pid)
            return own or (builder is not None and self.progress().stage.startswith(WAITING))
        listed = Path(f"/proc/{self._pid}/cmdline")
        if listed.parent.parent.joinpath("self").exists():  # Linux; elsewhere ask ps
            return listed.exists() and self.folder.name in listed.read_text("utf-8", "replace")
        look = ["ps", "-ww", "-o", "args=", "-p", str(self._pid)]
        return self.folder.name in subprocess.run(look, capture_output=True, text=True, check=False).stdout

    def progress(self) -> Progress:
        """The last progress that the child wrote."""
        try:
            return Progress(**json.loads((self.folder / "progress.json").read_text("utf-8")))
        except (OSError, ValueError, TypeError):  # not there yet, or damaged
            return Progress("starting", 0, None)

    def cancel(self) -> None:
        """End the build now; the store stays as it was. `UserError` where it runs on another machine."""
        if not self.done:
            if self.host != socket.gethostname():
                raise UserError(f"This build runs on {self.host}, as process {self._pid}. Cancel it there.")
            os.kill(self._pid, signal.SIGKILL)
            write_json(
                self.folder / "result.json",
                {"error": "The build was cancelled; the store is as it was.", "user_error": True},
            )
            if child := _CHILDREN.get(self._pid):
                child.wait()

    def result(self) -> dict[str, Any]:
        """The JSON of `import` once done. Raises what the child raised, or says how it died."""
        while not self.done:
            time.sleep(_POLL_SECONDS)
        file = self.folder / "result.json"
        if not file.exists():
            why = self.folder / "stopped.txt"
            if shutil.disk_usage(self.folder).free < _RESERVED:
                raise UserError(_full(self.job))
            if self.job.engine == "ray" and (lost := cluster_lost(self.job.ray_address)):
                raise WorkbenchError(lost)
            reason = f": {why.read_text('utf-8')}" if why.exists() else f" (log: {self.folder / 'log.txt'})"
            raise WorkbenchError(
                f"The build was stopped at the stage “{self.progress().stage}”{reason}. The store is unchanged. "
                "Where memory is short, import fewer files at a time."
            )
        answer = _answer_in(file)
        if "error" in answer:
            raise (UserError if answer["user_error"] else WorkbenchError)(answer["error"])
        return dict(answer["result"])

    def notes(self) -> list[str]:
        """What a person should know of what was read, once done: sentences that may hold log text."""
        file = self.folder / "result.json"
        return list(_answer_in(file).get("notes", [])) if file.exists() else []

    @property
    def _pid(self) -> int:
        return int((self.folder / "pid").read_text())


def _answer_in(file: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(file.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as e:
        raise WorkbenchError(
            f"What this build came to can't be read ({file}: {e}). The store shows what it holds; delete {file.parent}."
        ) from e


_CHILDREN: dict[int, subprocess.Popen[bytes]] = {}
"""The children of this process, kept so that their ends of the pipe stay open and their exits are seen."""


def started(store: Store) -> list[RunningJob]:
    """The jobs of this store, by whichever process, in the order of their start; what a crash left half written is none."""
    return [RunningJob(folder) for folder in sorted(store.jobs.glob("*")) if _readable(folder) and _number(folder)]


def latest(store: Store) -> RunningJob | None:
    """The build that was started last in this store, running or done; dry runs are none."""
    return next((each for each in reversed(started(store)) if not each.job.dry_run), None)


def _number(folder: Path) -> int:
    """What a job's folder is numbered by: nanoseconds since 1970; 0 for a folder of something else."""
    number = folder.name.partition("-")[0]
    return int(number) if number.isascii() and number.isdigit() and len(number) < 20 else 0


def _readable(folder: Path) -> bool:
    try:
        _job(folder)
        int((folder / "pid").read_text("ascii"))
    except (OSError, ValueError, TypeError, AttributeError):
        return False
    return True


def _job(folder: Path) -> Job:
    raw = json.loads((folder / "job.json").read_text("utf-8"))
    return Job(**{each.name: raw[each.name] for each in fields(Job) if each.name in raw})


def start(job: Job) -> RunningJob:
    """Start a build in a child process."""
    store = Store(Path(job.store).resolve())
    store.create()
    _forget_old_jobs(store)
    # Jobs are in the order of their names, so a clock that was set back must not make this one the oldest.
    last = max((_number(job.folder) for job in started(store)), default=0)
    folder = store.jobs / f"{max(time.time_ns(), last + 1)}-{uuid.uuid4().hex[:6]}"
    process = None
    try:
        folder.mkdir()
        (folder / _RESERVE).write_bytes(bytes(_RESERVED))
        write_json(folder / "job.json", asdict(job) | {"store": str(store.root)})
        write_json(folder / "host", socket.gethostname())
        with (folder / "log.txt").open("wb") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "workbench.pipeline.worker", str(folder)],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                env=os.environ
                | {"PYTHONPATH": os.pathsep.join([str(Path(__file__).parents[2]), os.environ.get("PYTHONPATH", "")])},
            )
        write_json(folder / "pid", process.pid)
    except OSError as e:
        if process is not None:
            process.kill()
        shutil.rmtree(folder, ignore_errors=True)
        if is_disk_full(e):
            raise UserError(_full(job)) from e
        raise
    _CHILDREN[process.pid] = process
    return RunningJob(folder)


def run(
    job: Job,
    follow: Callable[[Progress], None] = lambda progress: None,
    tell: Callable[[str], None] = lambda note: None,
) -> dict[str, Any]:
    """Start a build and wait for it, reporting progress, then its notes; an interrupt cancels it."""
    running = start(job)
    try:
        while not running.done:
            follow(running.progress())
            time.sleep(_POLL_SECONDS)
        result = running.result()
        for note in running.notes():
            tell(note)
        return result
    finally:
        running.cancel()


def _forget_old_jobs(store: Store, kept: int = 20) -> None:
    for folder in sorted(store.jobs.iterdir())[:-kept]:
        shutil.rmtree(folder, ignore_errors=True)


def _child(folder: Path) -> int:
    from workbench.pipeline.build import Build  # with the log readers, which whoever only starts a build needs none of

    mask_what_is_logged()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit_memory(memory * limits.current().build_memory_percent // 100, folder / "stopped.txt")
    last = 0.0

    def report(stage: str, done: int, total: int | None) -> None:
        nonlocal last
        if done == 0 or time.monotonic() - last > _REPORT_SECONDS:
            last = time.monotonic()
            with suppress(OSError):  # a full disk ends the build where it writes, and not here
                write_json(folder / "progress.json", asdict(Progress(stage, done, total)))

    job = _job(folder)
    try:
        build = Build(job, report, lost=partial(_end, folder))
        with _in_turn(job, report):
            result = build.run()
        masked_refusals = [{name: mask(text) for name, text in each.items()} for each in result.get("refused", ())]
        answer: dict[str, Any] = {
            "result": result | ({"refused": masked_refusals} if masked_refusals else {}),
            "notes": list(map(mask, build.notes)),
        }
    except Exception as e:
        if is_disk_full(e):
            answer = {"error": _full(job), "user_error": True}
        elif isinstance(e, WorkbenchError):
            answer = {"error": mask(str(e)), "user_error": isinstance(e, UserError)}
        else:
            # The trace goes to the job's log for us; a person gets one sentence and the place of the log.
            traceback.print_exc()
            message = f"The build failed ({type(e).__name__}; see {folder / 'log.txt'}). The store is unchanged."
            answer = {"error": message, "user_error": False}
    _answer(folder, answer)
    return 0 if "result" in answer else 1


@contextmanager
def _in_turn(job: Job, report: Callable[[str, int, int | None], None]) -> Iterator[None]:
    """A preview waits for its place among others, and gives way to the pages that people have open; a build has its own lock."""
    if not job.dry_run:
        yield
        return
    if hasattr(os, "nice"):
        os.nice(_PREVIEW_NICE)
    waiting = partial(report, f"{WAITING} for another preview", 0, None)
    with preview_place(Store(Path(job.store)), limits.current().previews, waiting):
        yield


def _answer(folder: Path, answer: dict[str, Any]) -> None:
    """Write what a build came to; on a full disk into the room that was kept for it."""
    (folder / _RESERVE).unlink(missing_ok=True)
    write_json(folder / "result.json", answer)


def _full(job: Job) -> str:
    """What is said of a build that a full disk stopped."""
    store = Store(Path(job.store))
    needs = sum(Path(path).stat().st_size for path in job.paths if Path(path).is_file())
    needs += max((file.stat().st_size for file in store.snapshots.glob("S*.duckdb")), default=0)
    return f"{full_disk(store.root, 2 * needs)} The store is unchanged."


def _end(folder: Path, message: str) -> None:
    """End this process now, as a kill does, with what to say: whoever waits for the cluster that is gone waits in vain."""
    _answer(folder, {"error": message, "user_error": False})
    os._exit(1)


def _end_with_parent() -> None:
    while os.read(0, 1):
        pass
    os._exit(3)


if __name__ == "__main__":
    sys.exit(_child(Path(sys.argv[1])))

"""Acts that are killed with SIGKILL at a step of their own, while somebody labels: what was acknowledged, and by whom.

A step is what a process does with a file below a folder (open, rename, remove, connect), as the interpreter tells it. So a moment is
drawn over a run's own progress, however loaded the machine is, and as many moments lie after an acknowledgement as before it.
"""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from workbench.errors import WorkbenchError
from workbench.judgement.store import Judgement

Act = Callable[[], object]
"""Something that a process does; what it returns is what it acknowledges."""

_STEPS = frozenset(
    ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "shutil.rmtree", "sqlite3.connect")
)
_BETWEEN_LABELS = 0.01
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.builds", "workbench.admin.backup"])


@dataclass(frozen=True)
class Course:
    """How far acts come when nobody kills them."""

    steps: int
    """The steps of all of them."""
    seconds: float
    """How long they take."""


@dataclass(frozen=True)
class Ended:
    """How acts ended."""

    acknowledged: list[object]
    """What was acknowledged, in its order."""
    killed: bool
    """Whether the kill came; else they were through first."""


@dataclass
class Labeller:
    """Labels a cluster again and again through a store of its own, in a thread, until it is told to stop."""

    url: str
    """The address of the judgement store."""
    name: str
    """Who labels, which no other labeller is called."""
    after: float = 0
    """Seconds after which it begins."""
    acknowledged: list[tuple[int, str]] = field(default_factory=list)
    """The event and the note of each label that was acknowledged."""
    refused: list[str] = field(default_factory=list)
    """What was said of those that were not taken."""

    def __enter__(self) -> Labeller:
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._label)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _label(self) -> None:
        self._stop.wait(self.after)
        while not self._stop.is_set():
            try:
                with closing(Judgement(self.url)) as judgement:
                    self._label_in(judgement)
            except WorkbenchError as e:
                self.refused.append(str(e))
                time.sleep(_BETWEEN_LABELS)

    def _label_in(self, judgement: Judgement) -> None:
        while not self._stop.is_set():
            note = f"{self.name} {len(self.acknowledged)}"
            label = judgement.labels.set("cluster", "FC-0002", actor=self.name, note=note)
            self.acknowledged.append((label.version, note))
            time.sleep(_BETWEEN_LABELS)


def course(folder: Path, acts: Callable[[str], Sequence[Act]]) -> Course:
    """Do acts to their end, twice, each time others by a name: what is loaded once counts in neither. `RuntimeError` where one fails."""
    _done(folder, acts("first"), None, 0)
    _, through = _done(folder, acts("second"), None, 0)
    assert through is not None
    return Course(through.steps, through.seconds)


def killed_on_the_way(folder: Path, acts: Sequence[Act], usual: Course, chance: random.Random) -> Ended:
    """Do acts one after the other in a process that is killed at a moment drawn evenly over the steps of their course."""
    wait = chance.uniform(0, 2 * usual.seconds / usual.steps)
    acknowledged, through = _done(folder, acts, chance.randint(1, usual.steps), wait)
    return Ended(acknowledged, killed=through is None)


@dataclass(frozen=True)
class _Through:
    """Says that no kill came before the end of all acts."""

    steps: int
    seconds: float


def _done(folder: Path, acts: Sequence[Act], step: int | None, wait: float) -> tuple[list[object], _Through | None]:
    """What was acknowledged, and how far acts had come at their end; None where they were killed."""
    ours, theirs = _FORKS.Pipe(duplex=False)
    process = _FORKS.Process(target=_act, args=(folder, list(acts), step, wait, theirs))
    process.start()
    theirs.close()
    acknowledged: list[object] = []
    with suppress(EOFError):
        while True:
            acknowledged.append(ours.recv())
    process.join()
    last = acknowledged[-1] if acknowledged else None
    through = last if isinstance(last, _Through) else None
    if through is not None:
        acknowledged.pop()
    if process.exitcode == -signal.SIGKILL:
        return acknowledged, None
    if process.exitcode or through is None:
        raise RuntimeError(f"An act failed by itself, exit code {process.exitcode}.")
    return acknowledged, through


def _act(folder: Path, acts: Sequence[Act], step: int | None, wait: float, told: Connection) -> None:
    below, taken = str(folder), 0

    def count(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal taken
        if event in _STEPS and arguments and below in str(arguments[0]):
            taken += 1
            if taken == step:
                threading.Timer(wait, os.kill, (os.getpid(), signal.SIGKILL)).start()

    sys.addaudithook(count)
    began = time.monotonic()
    for act in acts:
        told.send(act())
    told.send(_Through(taken, time.monotonic() - began))

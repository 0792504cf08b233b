"""Builds that begin with the program loaded: forks in the place of the new Pythons that `worker.start` begins, but for that the same."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from multiprocessing import reduction
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import SimpleNamespace
from typing import Any, BinaryIO

from tests.support.forks import forked
from workbench.pipeline import worker


class ForkedChild:
    """A child as `worker` knows it: its number, its end, and a pipe that closes with its parent."""

    def __init__(self, process: BaseProcess, pipe: int) -> None:
        self.pid, self._process, self._pipe = process.pid, process, pipe

    def poll(self) -> int | None:
        """Its exit code; None while it runs."""
        return self._process.exitcode

    def wait(self) -> int | None:
        """Its exit code, once it has ended."""
        self._process.join()
        return self._process.exitcode

    def kill(self) -> None:
        self._process.kill()


def start_forked(command: Sequence[str], stdout: BinaryIO, env: dict[str, str], **pipes: object) -> ForkedChild:
    """What subprocess.Popen is asked for by `worker.start`."""
    module, folder = command[-2:]
    assert module == worker.__name__
    assert pipes == {"stdin": subprocess.PIPE, "stderr": stdout}
    held_by_child, held_by_parent = os.pipe()
    process = forked(_work, folder, env, _Handed(held_by_child), _Handed(stdout.fileno()))
    os.close(held_by_child)
    return ForkedChild(process, held_by_parent)


FORKING = SimpleNamespace(Popen=start_forked, PIPE=subprocess.PIPE, run=subprocess.run)
"""The module `subprocess` as `worker` needs it."""


class _Handed:
    """A file descriptor on its way into a child."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    def __reduce__(self) -> tuple[Any, ...]:
        return _arrived, (reduction.DupFd(self._descriptor),)


def _arrived(handed: Any) -> int:
    return int(handed.detach())


def _work(folder: str, environment: dict[str, str], pipe: int, log: int) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, place in ((pipe, 0), (log, 1), (log, 2)):
        os.dup2(descriptor, place)
    sys.exit(worker._child(Path(folder)))

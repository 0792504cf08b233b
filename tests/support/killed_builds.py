"""A build in a child process that kills itself with SIGKILL at a stage, as a machine that goes down would."""

from __future__ import annotations

import os
import signal
from pathlib import Path

from tests.support.encoders import WordHashEncoder
from tests.support.forks import forked
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job

PATIENCE = 120
"""Seconds that such a build may take."""


def build_killed_at(stage: str, store: Path, log: Path) -> None:
    """Import a log and be killed at the first word of a stage; an error where the build never came to it."""
    process = forked(_build, stage, str(store), str(log))
    process.join(PATIENCE)
    assert process.exitcode == -signal.SIGKILL


def _build(stage: str, store: str, log: str) -> None:
    def report(name: str, done: int, total: int | None) -> None:
        if name == stage:
            os.kill(os.getpid(), signal.SIGKILL)

    Build(Job(store=store, paths=[log], actor="tests"), report, WordHashEncoder()).run()

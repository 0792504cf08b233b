"""A build in a child process that kills itself with SIGKILL at a stage, as a machine that goes down would."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

from tests.support.paths import ROOT

_KILLED_AT = """
import os, signal, sys
from tests.support.encoders import WordHashEncoder
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job

store, log, stage = sys.argv[1:]

def report(name, done, total):
    if name == stage:
        os.kill(os.getpid(), signal.SIGKILL)

Build(Job(store=store, paths=[log], actor="tests"), report, WordHashEncoder()).run()
"""


def build_killed_at(stage: str, store: Path, log: Path) -> None:
    """Import a log and be killed at the first word of a stage; an error where the build never came to it."""
    command = [sys.executable, "-c", _KILLED_AT, str(store), str(log), stage]
    killed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL, killed.stderr

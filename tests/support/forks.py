"""Commands in processes of their own that begin with the pages loaded: forks of one process, which has imported them once."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path

from tests.support.paths import ROOT

_FORKS = get_context("forkserver")
_LOADED = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "workbench" / "ui").rglob("*.py")
)
_FORKS.set_forkserver_preload(["workbench.cli.main", *_LOADED])


def workbench(arguments: Sequence[str], folder: Path) -> BaseProcess:
    """`python -m workbench ARGUMENTS`, started in a folder; what it prints is lost, but for its errors."""
    process = _FORKS.Process(target=_run, args=(list(arguments), str(folder), dict(os.environ)), daemon=True)
    process.start()
    return process


def _run(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    os.environ.clear()
    os.environ.update(environment | {"PYTHONPATH": str(ROOT)})
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.__stdout__.fileno() if sys.__stdout__ else 1)
    sys.argv = ["workbench", *arguments]
    from workbench.cli.main import main

    main()

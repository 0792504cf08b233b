"""Processes of their own that begin with the workbench loaded: forks of one process that has imported it, once for all."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from types import ModuleType

from tests.support.paths import ROOT

_FORKS = get_context("forkserver")
_PAGES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (ROOT / "workbench" / "ui").rglob("*.py")
)
_NEEDED_LATER = ["pandas", "plotly.graph_objects", "workbench.pipeline.build", "tests.support.killed_builds"]
"""What pages and builds import when they need it."""
_FORKS.set_forkserver_preload(["workbench.cli.main", *_NEEDED_LATER, *_PAGES])


def forked(work: Callable[..., object], *arguments: object) -> BaseProcess:
    """A function of a module's own, begun in a process of its own, which ends with this one."""
    process = _FORKS.Process(target=work, args=arguments, daemon=True)
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")  # else a child runs what stands there: pytest, or a page
    try:
        process.start()
    finally:
        sys.modules["__main__"] = main
    return process


def workbench(arguments: Sequence[str], folder: Path) -> BaseProcess:
    """`python -m workbench ARGUMENTS`, begun in a folder; what it prints is lost, but for its errors."""
    return forked(_workbench, list(arguments), str(folder), dict(os.environ))


def _workbench(arguments: list[str], folder: str, environment: dict[str, str]) -> None:
    from workbench.cli.main import main

    os.environ.clear()
    os.environ.update(environment | {"PYTHONPATH": str(ROOT)})
    os.chdir(folder)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    sys.argv = ["workbench", *arguments]
    main()

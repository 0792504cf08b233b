"""Stores built once for all test processes."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable

import pytest
from filelock import FileLock

from workbench.store import Store


def built_once(factory: pytest.TempPathFactory, name: str, build: Callable[[Store], object]) -> Store:
    """The store of this name, built by whichever of the test processes needs it first, for all of them."""
    base = factory.getbasetemp()
    folder = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / f"once-{name}"
    store, done = Store(folder / "store"), folder / "done"
    with FileLock(folder.with_suffix(".lock")):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            build(store)
            done.touch()
    return store

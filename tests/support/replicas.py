"""App processes that serve one store, which they can only read: each in a process of its own, on a read-only mount."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.support.paths import ROOT
from workbench.store import JUDGEMENT_URL, Store

_PAGES = """
import json, sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("workbench/app.py", default_timeout=60)
app.session_state["person"] = "Ana"
for line in sys.stdin:
    page, label = json.loads(line)
    app.switch_page(f"../pages/{page}.py")
    app.run()
    if label:
        next(button for button in app.button if button.label == label).click().run()
    drawn = {
        "page": page,
        "problems": [problem.value for problem in (*app.exception, *app.error)],
        "texts": [element.value for element in (*app.caption, *app.info)],
    }
    print(json.dumps(drawn), flush=True)
"""
# A bind mount in a mount namespace of its own: the process, though root, can't write below it.
_READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"'


def missing() -> str | None:
    """What keeps us from a mount that can only be read; None where nothing does."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        return "a read-only mount takes root and the program unshare"
    tried = subprocess.run(["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, check=False)
    return None if tried.returncode == 0 else "this machine lets nobody mount"


class Replica:
    """One app process."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def page(self, name: str, press: str = "") -> dict[str, Any]:
        """What a page shows at its next rerun, after a press of this button: its problems and its captions."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([name, press]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        drawn: dict[str, Any] = json.loads(line)
        return drawn


def read_only(store: Store, command: list[str]) -> list[str]:
    """The command that runs another one for which the store is mounted read-only."""
    return ["unshare", "-m", "sh", "-c", _READ_ONLY, "sh", str(store.root), *command]


@contextmanager
def replica(store: Store, judgement_url: str) -> Iterator[Replica]:
    """An app process over the store, with judgement at this address."""
    command = read_only(store, [sys.executable, "-c", _PAGES])
    paths = os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")])
    environment = os.environ | {"WORKBENCH_STORE": str(store.root), JUDGEMENT_URL: judgement_url, "PYTHONPATH": paths}
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as process:
        yield Replica(process)
        assert process.stdin is not None
        process.stdin.close()


def files_of(store: Store) -> dict[str, int]:
    """Every file of a store with the time of its last change."""
    return {str(path.relative_to(store.root)): path.stat().st_mtime_ns for path in Path(store.root).rglob("*")}

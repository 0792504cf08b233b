"""What a served process writes and holds: its log as JSON, a fault under one number, the memory of uploads."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.browser import serving_process
from tests.support.command import Command
from tests.support.paths import ROOT
from tests.support.wire import open_wire, page_over, upload_over
from workbench.store import Store

MB = 1 << 20
FAULTY = """
import sys, threading, warnings
from workbench.cli.main import main
from workbench.store import Store

pointer = Store.pointer

def faulty(store):
    if not (store.root / "faulty").exists():
        return pointer(store)
    (store.root / "faulty").unlink()
    print("a line of nobody's, jo@example.com", file=sys.stderr)
    warnings.warn("a warning of jo@example.com")
    ends = threading.Thread(target=lambda: {}["jo@example.com"], name="short")
    ends.start()
    ends.join()
    raise KeyError("jo@example.com at https://h.example/?token=s3cr3tAb9dEf7GhJkL")

Store.pointer = faulty
main()
"""
"""The program, but a page fails once where the store has a file `faulty`, with other things said on standard error."""


@dataclass
class Served:
    """A store that a process of its own serves."""

    address: str
    store: Store
    process: int
    log: Path

    def page(self, page: str = "", query: str = "") -> str:
        """All that a page sends to a browser."""
        with open_wire(self.address, self.address, {}) as wire:
            return page_over(wire, page, query)

    def entries(self) -> list[dict[str, Any]]:
        """What stands in the log, an object a line."""
        return [json.loads(line) for line in self.log.read_text("ascii").splitlines()]

    def resident(self) -> int:
        """The bytes of memory that the process holds."""
        pages = int(Path(f"/proc/{self.process}/statm").read_text().split()[1])
        return pages * 4096


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """An empty store, served with a log of JSON by a program in which a page can fail."""
    folder = tmp_path_factory.mktemp("served")
    store = Store(folder / "store")
    store.create()
    options = ("--log-format", "json")
    with serving_process(store, "127.0.0.1", *options, program=("-c", FAULTY), log=folder / "log") as (
        address,
        process,
    ):
        yield Served(address, store, process.pid, folder / "log")


def wait_until(true: Callable[[], bool], seconds: float = 30) -> bool:
    """Whether something comes true in time."""
    until = time.monotonic() + seconds
    while not true() and time.monotonic() < until:
        time.sleep(0.2)
    return true()


def test_a_fault_is_one_line_under_the_number_that_its_page_shows_and_all_else_is_an_object_too(served: Served) -> None:
    (served.store.root / "faulty").touch()
    drawn = served.page()
    shown = re.search(r"failed on our side \\\\?\(KeyError, fault ([0-9a-f]{8})", drawn)
    assert shown, drawn
    entries = served.entries()
    assert [(entry["level"], entry["logger"], entry["message"].partition("a warning")[2] or entry["message"]) for entry in entries] == [
        ("ERROR", "stderr", "a line of nobody's, [email]"),
        ("WARNING", "py.warnings", " of [email]\n"),
        ("ERROR", "workbench", "The thread 'short' ended."),
        ("ERROR", "workbench.ui.faults", f"Fault {shown[1]} of a page"),
    ]  # fmt: skip
    assert {tuple(entry)[:4] for entry in entries} == {("time", "level", "logger", "message")}
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", entry["time"]) for entry in entries)
    trace = entries[-1]["exception"]
    assert trace.startswith("Traceback (most recent call last):")
    assert trace.rstrip().endswith("KeyError: '[email] at https://h.example/?token=[key]'")


def test_an_upload_is_let_go_once_its_visitor_left(served: Served) -> None:
    before = served.resident()
    with open_wire(served.address, served.address, {}) as wire:
        upload_over(wire, served.address, "", bytes(100 * MB))
        assert served.resident() - before > 80 * MB
    assert wait_until(lambda: served.resident() - before < 50 * MB), (served.resident() - before) / MB


def test_a_refusal_to_start_is_an_object_as_well(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "workbench", "serve", "--store", str(tmp_path), "--host", "0.0.0.0"]
    ended = subprocess.run([*command, "--log-format", "json"], cwd=ROOT, capture_output=True, text=True, check=False)
    (entry,) = map(json.loads, ended.stderr.splitlines())
    assert (ended.returncode, entry["level"], entry["logger"]) == (2, "ERROR", "stderr")
    assert entry["message"].startswith("Other machines can reach 0.0.0.0, and nobody would have to sign in.")


def test_another_log_format_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    run = Command(monkeypatch, capsys, tmp_path)
    assert run("serve", "--log-format", "xml") == (2, "", "There is no log format 'xml'. Choose text or json.\n")

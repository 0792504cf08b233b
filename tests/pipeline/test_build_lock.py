"""One builder a store: who it is, whether it lives, and what happens where the storage's own locks fail."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from filelock import FileLock

from tests.support.paths import ROOT
from workbench.errors import UserError
from workbench.pipeline.build_lock import builder_of, preview_place, sole_builder
from workbench.store import Store

HOLD = """
import sys, time
from pathlib import Path
from workbench.pipeline.build_lock import sole_builder
from workbench.store import Store
with sole_builder(Store(Path(sys.argv[1])), print):
    print("building", flush=True)
    time.sleep(60)
"""


def elsewhere(store: Store, beat: int = 0) -> None:
    """What a builder on another machine writes."""
    text = json.dumps({"host": "elsewhere", "process": 7, "since": "2026-03-02 10:00 UTC", "beat": beat})
    draft = store.root / f"draft-{beat}"
    draft.write_text(text)
    draft.replace(store.root / "builder.json")


def test_while_a_store_is_built_it_says_by_whom(tmp_path: Path) -> None:
    store = Store(tmp_path)
    with sole_builder(store, print):
        builder = builder_of(tmp_path)
    assert builder is not None
    assert (builder.process, builder.host, builder_of(tmp_path)) == (os.getpid(), socket.gethostname(), None)


def test_a_killed_builder_of_this_machine_keeps_nobody_waiting(tmp_path: Path) -> None:
    store, waited = Store(tmp_path), list[str]()
    with subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"building\n"
        process.send_signal(signal.SIGKILL)
    builder = builder_of(tmp_path)
    assert builder is not None
    assert builder.process == process.pid
    start = time.monotonic()
    with sole_builder(store, waited.append):
        assert (waited, time.monotonic() - start < 5) == ([], True)


def test_where_the_storage_gives_its_lock_to_two_machines_the_builder_that_counts_is_waited_for(tmp_path: Path) -> None:
    store, waited, done = Store(tmp_path), list[str](), list[float]()
    elsewhere(store)

    def build() -> None:
        for beat in range(1, 9):
            time.sleep(0.2)
            elsewhere(store, beat)
        (tmp_path / "builder.json").unlink()
        done.append(time.monotonic())

    other = threading.Thread(target=build)
    other.start()
    with sole_builder(store, waited.append, silence=1.5):
        begun = time.monotonic()
    other.join()
    assert waited == ["process 7 on elsewhere, since 2026-03-02 10:00 UTC"]
    assert begun > done[0]


def test_a_builder_of_another_machine_that_has_stopped_counting_is_dead(tmp_path: Path) -> None:
    store, waited = Store(tmp_path), list[str]()
    elsewhere(store, 41)
    with sole_builder(store, waited.append, silence=0.7):
        builder = builder_of(tmp_path)
    assert builder is not None
    assert (waited, builder.process) == (["process 7 on elsewhere, since 2026-03-02 10:00 UTC"], os.getpid())


def test_a_lock_that_the_storage_keeps_for_a_machine_that_is_gone_is_told_with_what_to_delete(tmp_path: Path) -> None:
    store = Store(tmp_path)
    elsewhere(store, 41)
    with (
        FileLock(tmp_path / "build.lock"),
        pytest.raises(UserError, match=re.escape("process 7 on elsewhere")) as error,
        sole_builder(store, print, silence=0.7),
    ):
        pass
    assert f"delete {tmp_path / 'build.lock'} and {tmp_path / 'builder.json'}, and try again" in str(error.value)


def test_a_preview_waits_while_others_take_all_places(tmp_path: Path) -> None:
    store, waited = Store(tmp_path), threading.Event()
    store.create()
    order: list[str] = []

    def second() -> None:
        with preview_place(store, 1, waited.set):
            order.append("second")

    with preview_place(store, 1, lambda: None), preview_place(store, 2, lambda: None):
        thread = threading.Thread(target=second)
        thread.start()
        assert waited.wait(5)
        order.append("first")
    thread.join(5)
    assert order == ["first", "second"]

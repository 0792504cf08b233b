"""A machine's clock that was set back rejects no log; a placeholder among true times is one still."""

import json
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.logs.formats import ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.manifest import Manifest
from workbench.logs.parts import read_part, read_rejects
from workbench.pipeline.job import Job
from workbench.pipeline.worker import latest, start
from workbench.store import Store

LATER = datetime.now(UTC).replace(tzinfo=None, microsecond=0) + timedelta(days=400)


def log(folder: Path, starts: list[datetime]) -> Path:
    rows = [
        small_log()[n % 48] | {"conversation_id": f"c{n}", "started_at": start, "ended_at": None, "messages": [{"role": "user", "content": "hello"}]}
        for n, start in enumerate(starts)
    ]  # fmt: skip
    file = write_chat(folder / "log.parquet", rows)
    os.utime(file, (0, 0))
    return file


def read(folder: Path, file: Path, today: datetime | None = None) -> Manifest:
    return write_part(folder / "part", [file], ReadOptions(today=today), {}, lambda *_: None, "tests", "I000001")


def test_a_log_most_of_which_is_later_than_today_is_taken_and_the_clock_is_named(tmp_path: Path) -> None:
    manifest = read(tmp_path, log(tmp_path, [LATER - timedelta(days=n) for n in range(10)]))
    assert (manifest.rows_kept, manifest.rows_rejected) == (10, 0)
    assert manifest.notes == [
        f"This machine's clock says {datetime.now(UTC):%Y-%m-%d}, but most of the log is later, up to {LATER:%Y-%m-%d}: "
        "the clock seems to be wrong, so the log was taken as it is. Set the clock."
    ]
    assert json.loads((tmp_path / "part" / "manifest.json").read_text())["notes"] == manifest.notes
    assert max(each.started_at for each in read_part(tmp_path / "part") if each.started_at) == LATER


def test_of_such_a_log_an_absurd_time_is_rejected_all_the_same(tmp_path: Path) -> None:
    manifest = read(tmp_path, log(tmp_path, [*(LATER for _ in range(9)), datetime(9999, 12, 31)]))
    assert (manifest.rows_kept, manifest.rows_rejected) == (9, 1)
    (reject,) = read_rejects(tmp_path / "part")
    assert reject.reason.startswith("9999-12-31 00:00:00 lies after today, which is ")


@pytest.mark.parametrize("ahead", [1, 4, 5])
def test_times_ahead_that_are_not_most_of_a_log_are_rejected(tmp_path: Path, ahead: int) -> None:
    manifest = read(tmp_path, log(tmp_path, [LATER] * ahead + [datetime(2026, 3, 2)] * 5))
    assert (manifest.rows_kept, manifest.rows_rejected) == (5, ahead)


@pytest.mark.parametrize("tells", ["the store", "the file"])
def test_today_is_no_earlier_than_the_last_import_or_the_log_itself(tmp_path: Path, tells: str) -> None:
    file = log(tmp_path, [LATER] + [datetime(2026, 3, 2)] * 5)
    if tells == "the file":
        os.utime(file, (LATER.replace(tzinfo=UTC).timestamp(),) * 2)
    manifest = read(tmp_path, file, today=LATER if tells == "the store" else None)
    assert (manifest.rows_kept, manifest.rows_rejected, manifest.notes) == (6, 0, [])


def test_a_store_takes_a_log_up_to_its_last_import(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, write_chat(tmp_path / "first.parquet", small_log()))
    manifest = store.parts / "I000001" / "manifest.json"
    manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"created_at": f"{LATER.isoformat()}Z"}))
    again = build(store.root, log(tmp_path, [LATER] + [datetime(2026, 3, 2)] * 5))
    assert (again["rows_kept"], again["rows_rejected"]) == (6, 0)


def test_the_build_started_last_is_the_last_though_the_clock_was_set_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    earlier: Callable[[], int] = lambda: 1_000_000_000  # noqa: E731
    first = start(Job(store=str(tmp_path / "s"), paths=["nowhere"], actor="tests"))
    monkeypatch.setattr(time, "time_ns", earlier)
    second = start(Job(store=str(tmp_path / "s"), paths=["nowhere either"], actor="tests"))
    try:
        last = latest(Store(tmp_path / "s"))
        assert last is not None
        assert (last.folder.name, first.folder.exists()) == (second.folder.name, True)
    finally:
        first.cancel()
        second.cancel()

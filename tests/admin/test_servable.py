"""Whether a store can be served, in words that name nothing of it."""

from __future__ import annotations

import shutil
import sqlite3
import warnings
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.browser import free_port
from tests.support.postgres import missing, serving
from workbench.admin.servable import Servable
from workbench.bench.bench import Bench
from workbench.judgement import sqlite_file
from workbench.store import JUDGEMENT_URL, Store


def faults(servable: Servable) -> list[str]:
    """All that is wrong, then whatever was opened is closed."""
    with closing(servable):
        return [*servable.store_faults(), *servable.judgement_faults()]


def test_a_store_that_serves_and_one_without_logs_yet_have_no_fault(store: Store, tmp_path: Path) -> None:
    empty = Store(tmp_path / "empty")
    empty.create()
    assert (faults(Servable(store)), faults(Servable(empty))) == ([], [])


def test_a_store_that_was_taken_away_is_gone_and_nothing_is_made_in_its_place(store: Store) -> None:
    servable = Servable(store)
    assert faults(servable) == []
    shutil.rmtree(store.root)
    assert faults(servable) == ["store gone"]
    assert not store.root.exists()


@pytest.mark.parametrize("loss", ["cut", "other bytes", "gone", "no pointer", "illegible pointer", "odd pointer"])
def test_a_snapshot_that_cannot_be_read_whole_is_said_and_comes_back(store: Store, loss: str) -> None:
    servable = Servable(store)
    assert faults(servable) == []
    pointer = store.root / "current.json"
    file = store.snapshot_file(store.require_pointer().snapshot)
    kept = {path: path.read_bytes() for path in (pointer, file)}
    if loss == "cut":
        file.write_bytes(kept[file][:-1])
    elif loss == "other bytes":
        file.write_bytes(bytes(len(kept[file])))
    elif loss == "gone":
        file.unlink()
    elif loss == "no pointer":
        pointer.unlink()
    else:
        pointer.write_text("{" if loss == "illegible pointer" else '{"snapshot": "S000001", "parts": 5}', "utf-8")
    assert faults(servable) == ["snapshot unreadable"]
    for path, content in kept.items():
        path.write_bytes(content)
    assert faults(servable) == []


def test_judgement_that_is_held_by_another_program_is_out_of_reach_until_it_lets_go(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_file, "SECONDS_TO_WAIT_FOR_A_WRITER", 0.1)
    Bench(store, "Bo").label("FC-0001", cause="loop")
    with closing(sqlite3.connect(store.root / "judgement.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        assert faults(Servable(store)) == ["judgement out of reach"]
        other.execute("rollback")
    assert faults(Servable(store)) == []


@pytest.mark.parametrize("loss", ["cut", "no database"])
def test_a_damaged_judgement_file_is_said(store: Store, loss: str) -> None:
    Bench(store, "Bo").label("FC-0001", cause="loop")
    file = store.root / "judgement.db"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2] if loss == "cut" else b"something else" * 1000)
    assert faults(Servable(store)) == ["judgement damaged"]


def test_a_database_that_does_not_answer_is_out_of_reach(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(JUDGEMENT_URL, f"postgresql+psycopg://triage:secret@127.0.0.1:{free_port()}/triage")
    assert faults(Servable(store)) == ["judgement out of reach"]


@pytest.mark.slow
def test_postgresql_that_goes_away_under_the_server_is_out_of_reach(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    if lack := missing():
        warnings.warn(f"{lack}. PostgreSQL going away was NOT tested", stacklevel=1)
        pytest.skip(lack)
    with closing(Servable(store)) as servable:
        with serving() as address:
            monkeypatch.setenv(JUDGEMENT_URL, address)
            before = servable.judgement_faults()
        assert (before, servable.judgement_faults()) == ([], ["judgement out of reach"])

"""Where a build's work is done changes nothing of what it gives."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.engines import PicklingEngine
from tests.support.outputs import outputs
from tests.support.small_log import small_log, write_chat
from workbench.errors import UserError
from workbench.pipeline import build as building
from workbench.pipeline.engines import open_engine
from workbench.pipeline.job import Job
from workbench.store import Store


def logs(folder: Path) -> Path:
    """The small log in three files, of two bots."""
    folder.mkdir()
    for file in range(3):
        rows = [row | {"bot": row["bot"] if n % 4 else "other"} for n, row in enumerate(small_log())]
        write_chat(folder / f"{file}.parquet", rows[file::3])
    return folder


def test_work_that_is_spread_gives_the_same_files_failures_and_clusters(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = logs(tmp_path / "log")
    local = build(tmp_path / "local", log)
    engine = PicklingEngine()
    monkeypatch.setattr(building, "open_engine", lambda job, lost: engine)
    spread = build(tmp_path / "spread", log)
    assert outputs(Store(tmp_path / "spread")) == outputs(Store(tmp_path / "local"))
    assert spread | {"seconds": {}} == local | {"seconds": {}}
    assert engine.pieces == ["_open"] * 3 + ["read_piece"] * 3 + ["make"] + ["_cluster_bot"] * 2 + ["make"]


def test_what_was_observed_embedded_and_clustered_is_not_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(tmp_path / "s", logs(tmp_path / "log"))
    before, engine = outputs(Store(tmp_path / "s")), PicklingEngine()
    monkeypatch.setattr(building, "open_engine", lambda job, lost: engine)
    build(tmp_path / "s")
    assert outputs(Store(tmp_path / "s")) == before
    assert engine.pieces == []


def test_an_engine_that_there_is_not_is_told_before_anything_is_written(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="There is no engine 'spark'"):
        build(tmp_path / "s", logs(tmp_path / "log"), engine="spark")
    assert Store(tmp_path / "s").pointer() is None


def test_an_address_without_its_engine_is_no_local_build(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="--ray-address goes with --engine ray"):
        open_engine(Job(store=str(tmp_path), ray_address="head:6379"))


def test_without_ray_its_engine_says_how_to_get_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install -r requirements-ray"):
        open_engine(Job(store=str(tmp_path), engine="ray"))

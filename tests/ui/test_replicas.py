"""Any number of app processes serve one store that they can only read, with judgement in one other place."""

from __future__ import annotations

import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.paths import ROOT
from tests.support.postgres import emptied
from tests.support.replicas import files_of, missing, read_only, replica
from tests.support.small_log import small_log, write_chat
from workbench.store import JUDGEMENT_URL, Store

PAGES = (
    "week", "clusters", "sessions", "tickets", "search", "health", "bots", "read", "labels", "agreement", "data",
    "signals", "taxonomy", "activity",
)  # fmt: skip


@pytest.fixture(autouse=True)
def mounts() -> None:
    """Skips, loudly, where nothing can be mounted read-only."""
    if lack := missing():
        warnings.warn(f"{lack}. What replicas need was NOT tested", stacklevel=1)
        pytest.skip(lack)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def judgement_url(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Judgement outside of the store, for builds and replicas alike."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'judgement.db'}"
    else:
        url = emptied(request.getfixturevalue("postgres"))
    monkeypatch.setenv(JUDGEMENT_URL, url)
    return url


@pytest.fixture
def served(tmp_path: Path, judgement_url: str) -> Store:
    """A store with the small log."""
    build(tmp_path / "store", write_chat(tmp_path / "march.parquet", small_log()))
    return Store(tmp_path / "store")


def test_every_page_is_drawn_without_a_write_to_the_store(served: Store, judgement_url: str) -> None:
    before = files_of(served)
    with replica(served, judgement_url) as app:
        drawn = [app.page(page) for page in PAGES]
    assert [(page["page"], page["problems"]) for page in drawn] == [(page, []) for page in PAGES]
    assert files_of(served) == before


def test_two_replicas_show_a_new_snapshot_at_their_next_rerun(
    tmp_path: Path, served: Store, judgement_url: str
) -> None:
    with replica(served, judgement_url) as one, replica(served, judgement_url) as other:
        before = [app.page("clusters")["texts"][0] for app in (one, other)]
        more = [row | {"conversation_id": f"april-{n}"} for n, row in enumerate(small_log())]
        build(served.root, write_chat(tmp_path / "april.parquet", more))
        after = [app.page("clusters")["texts"][0] for app in (one, other)]
    assert ["48 conversations" in text for text in before] == [True, True]
    assert ["96 conversations" in text for text in after] == [True, True]


def test_a_build_is_asked_of_the_machine_that_builds(served: Store, judgement_url: str) -> None:
    before = files_of(served)
    with replica(served, judgement_url) as app:
        texts = app.page("data")["texts"]
    assert any("can only be read" in text for text in texts)
    assert files_of(served) == before


def test_a_store_that_can_only_be_read_is_not_served_without_another_place_for_judgement(served: Store) -> None:
    command = read_only(
        served, [sys.executable, "-m", "workbench", "serve", "--store", str(served.root), "--port", "0"]
    )
    environment = {name: value for name, value in os.environ.items() if name != JUDGEMENT_URL}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 2
    assert "can only be read from here, and judgement has no other place" in " ".join(run.stderr.split())

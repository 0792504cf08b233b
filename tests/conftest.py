"""Shared fixtures: small literal logs, stores built from them once, and the real logs where they are."""

from __future__ import annotations

import shutil
import sys
import warnings
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import pytest

from tests.support.judgement import NOON
from tests.support.paths import REAL_LOGS
from tests.support.postgres import emptied, missing, serving
from tests.support.small_log import small_log, write_chat
from tests.support.stores import built_once
from tests.support.walk import worked_in
from workbench.demo.generator import demo_job
from workbench.judgement.store import Judgement
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store


@pytest.fixture(scope="session", autouse=True)
def packages_looked_through_once() -> Iterator[None]:
    """Whenever an app is made, AppTest looks through all installed packages for components, which takes longer than a page."""
    with pytest.MonkeyPatch.context() as patch:
        if "streamlit.testing.v1" in sys.modules:
            from streamlit.components.v2 import manifest_scanner

            scan = cache(manifest_scanner.scan_component_manifests)
            patch.setattr(manifest_scanner, "scan_component_manifests", scan)
        yield


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the small log imported by the real pipeline. Read it; take `store` to write."""

    def build(store: Store) -> None:
        log = write_chat(store.root.parent / "small.parquet", small_log())
        run(Job(store=str(store.root), paths=[str(log)], actor="tests"))

    return built_once(tmp_path_factory, "built", build)


@pytest.fixture
def store(built_store: Store, tmp_path: Path) -> Store:
    """A copy of the built store, to change."""
    shutil.copytree(built_store.root, tmp_path / "store")
    return Store(tmp_path / "store")


@pytest.fixture(scope="session")
def real_logs() -> Path:
    """The folder of real logs; skips where it isn't beside the project."""
    if not REAL_LOGS.exists():
        pytest.skip("the real logs (../shared/logs) are not beside this checkout")
    return REAL_LOGS


@pytest.fixture(scope="session")
def agents_store(real_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with agents.parquet imported."""
    paths = [str(real_logs / "agents.parquet")]
    return built_once(
        tmp_path_factory, "agents", lambda store: run(Job(store=str(store.root), paths=paths, actor="tests"))
    )


@pytest.fixture(scope="session")
def demo_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the demo imported. Read it, or copy it to write."""
    return built_once(tmp_path_factory, "demo", lambda store: run(demo_job(store, "tests")))


@pytest.fixture(scope="session")
def worked_store(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The demo with its history, an open session and an open reading list. Read it, or copy it to write."""
    return built_once(tmp_path_factory, "worked", lambda store: worked_in(demo_store, store.root.parent))


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL server of our own; skips, loudly, where none can be started."""
    if lack := missing():
        warnings.warn(f"{lack}. What is tested on PostgreSQL did NOT run", stacklevel=1)
        pytest.skip(lack)
    with serving() as address:
        yield address


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of an empty judgement database, of each kind."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'judgement.db'}"
    return emptied(request.getfixturevalue("postgres"))


@pytest.fixture
def judgement(url: str) -> Iterator[Judgement]:
    """An empty judgement store, at noon."""
    with closing(Judgement(url, clock=lambda: NOON)) as store:
        yield store

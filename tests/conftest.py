"""Shared fixtures: small literal logs, stores built from them once, and the real logs where they are."""

from __future__ import annotations

import os
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import sqlalchemy as sa
from filelock import FileLock

from tests.postgres import missing, serving
from workbench.demo.generator import demo_job
from workbench.judgement.store import Judgement
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store

REAL_LOGS = Path(__file__).resolve().parents[2] / "shared" / "logs"

MESSAGE = pa.struct(
    [
        ("role", pa.string()),
        ("content", pa.string()),
        ("name", pa.string()),
        ("tool_calls", pa.list_(pa.struct([("id", pa.string()), ("name", pa.string()), ("arguments", pa.string())]))),
        ("tool_call_id", pa.string()),
    ]
)
CHAT = pa.schema(
    [
        ("conversation_id", pa.string()),
        ("bot", pa.string()),
        ("model", pa.string()),
        ("started_at", pa.timestamp("us", tz="UTC")),
        ("outcome", pa.string()),
        ("reward", pa.float64()),
        ("messages", pa.list_(MESSAGE)),
    ]
)

_FAILING = [
    ("my parcel {n} never arrived, where is it", "track_parcel", "I am afraid I can't find that parcel."),
    ("please refund order {n}, the shoes are too small", "refund_order", "Your refund is on its way."),
    ("change the delivery address of order {n} to Main Street", "change_address", "The address is changed."),
]


def write_chat(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    """A chat-layout Parquet file with these rows."""
    pq.write_table(pa.Table.from_pylist(list(rows), schema=CHAT), path)
    return path


def small_log() -> list[dict[str, Any]]:
    """48 conversations of one bot over six weeks: three topics that fail, three mechanical empty replies, many that work."""
    start = datetime(2026, 3, 2, 9)
    rows = []
    for n in range(48):
        text, tool, reply = _FAILING[n % 3]
        fails, silent = n % 2 == 0, n in (0, 9, 21)
        call = {"id": f"call-{n}", "name": tool, "arguments": f'{{"order": "{n:04d}"}}'}
        rows.append(
            {
                "conversation_id": f"conv-{n:03d}",
                "bot": "shop",
                "model": "m-2" if n > 24 else "m-1",
                "started_at": start + timedelta(hours=21 * n),
                "outcome": None,
                "reward": None if silent else (0.0 if fails else 1.0),
                "messages": [
                    {"role": "user", "content": text.format(n=n)},
                    {"role": "assistant", "content": None, "tool_calls": [call]},
                    {"role": "tool", "content": '{"status": "ok"}', "tool_call_id": f"call-{n}"},
                    {"role": "assistant", "content": "" if silent else reply},
                ],
            }
        )
    return rows


@pytest.fixture(scope="session")
def built_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A store with the small log imported by the real pipeline. Read it; take `store` to write."""

    def build(store: Store) -> None:
        log = write_chat(store.root.parent / "small.parquet", small_log())
        run(Job(store=str(store.root), paths=[str(log)], actor="tests"))

    return built_once(tmp_path_factory, "built", build)


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


NOON = datetime(2026, 3, 2, 12)


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


def emptied(address: str) -> str:
    """The same database with nothing in it."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        connection.execute(sa.text("drop schema public cascade"))
        connection.execute(sa.text("create schema public"))
    engine.dispose()
    return address


@pytest.fixture
def judgement(url: str) -> Iterator[Judgement]:
    """An empty judgement store, at noon."""
    with closing(Judgement(url, clock=lambda: NOON)) as store:
        yield store

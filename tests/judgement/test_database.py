"""The judgement database: it opens or says why not, and what was acknowledged is there after threads, kills and cuts."""

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from tests.support.paths import ROOT
from tests.support.postgres import emptied
from workbench.errors import UserError
from workbench.judgement import migrations
from workbench.judgement.database import FairLock
from workbench.judgement.records.events import ChainCheck
from workbench.judgement.store import Judgement
from workbench.judgement.tables import metadata

LABEL_IN_A_LOOP = """
import sys
from workbench.judgement.store import Judgement
judgement = Judgement(sys.argv[1])
for n in range(int(sys.argv[3])):
    judgement.labels.set("conversation", f"{sys.argv[2]}-{n}", actor=sys.argv[2], cause="loop")
    print(f"{sys.argv[2]}-{n}", flush=True)
"""

OPEN_WITHOUT_RIGHTS = """
import os, sys
from workbench.judgement.store import Judgement
Judgement(sys.argv[1]).close()  # loads what root alone may read here
if os.geteuid() == 0:
    os.setuid(65534)  # root would not be stopped by a mode
Judgement(sys.argv[1])
"""


def url(folder: Path) -> str:
    return f"sqlite:///{folder / 'judgement.db'}"


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)


def alembic_config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations.FOLDER))
    config.attributes["connection"] = connection
    return config


@contextmanager
def raw(file: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(file)) as connection, connection:
        yield connection


def older_store(address: str, revision: str) -> None:
    """A store as an earlier schema left it, with one label."""
    engine = sa.create_engine(address)
    with engine.begin() as connection:
        command.upgrade(alembic_config(connection), revision)
        connection.execute(
            sa.text(
                "insert into labels values ('cluster','FC-0001','loop','[]',null,null,'','Ann','2026-03-02 12:00:00','{}',null,1)"
            )
        )
    engine.dispose()


# Opening


def test_the_migrations_make_the_tables_that_the_program_uses(tmp_path: Path) -> None:
    Judgement(url(tmp_path)).close()
    engine = sa.create_engine(url(tmp_path))
    with engine.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
        assert ScriptDirectory.from_config(alembic_config(connection)).get_current_head() == migrations.HEAD
    engine.dispose()


def test_a_store_that_is_up_to_date_opens_without_alembic(tmp_path: Path) -> None:
    Judgement(url(tmp_path)).close()
    code = (
        "import sys; from workbench.judgement.store import Judgement; "
        f"Judgement({url(tmp_path)!r}).journal.sequence(); "
        "print('alembic' in sys.modules)"
    )
    assert start(code).communicate()[0].split() == ["False"]


@pytest.mark.parametrize(("revision", "lacks"), [("0001", "tickets"), ("0002", "causes")])
def test_an_older_store_is_copied_and_migrated_and_keeps_what_it_holds(
    tmp_path: Path, revision: str, lacks: str
) -> None:
    older_store(url(tmp_path), revision)
    with closing(Judgement(url(tmp_path))) as judgement:
        assert judgement.labels.all()[("cluster", "FC-0001")].cause == "loop"
        assert (judgement.tickets.all(), judgement.causes.uses()["loop"].clusters) == ([], 1)
    (copy,) = tmp_path.glob(f"judgement.db.schema-{revision}.*")
    with raw(copy) as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == (revision,)
        assert connection.execute("select target, cause from labels").fetchone() == ("FC-0001", "loop")
        assert connection.execute("select 1 from sqlite_master where name = ?", (lacks,)).fetchone() is None


@pytest.mark.slow
def test_on_postgresql_the_copy_is_a_schema_of_its_own(postgres: str) -> None:
    older_store(emptied(postgres), "0002")
    with closing(Judgement(postgres)) as judgement:
        assert judgement.labels.all()[("cluster", "FC-0001")].cause == "loop"
    engine = sa.create_engine(postgres)
    with engine.begin() as connection:
        (copy,) = [name for name in sa.inspect(connection).get_schema_names() if name.startswith("before_0002_")]
        held = connection.execute(
            sa.text(f'select target, cause, version_num from "{copy}".labels, "{copy}".alembic_version')
        )
        assert [tuple(row) for row in held] == [("FC-0001", "loop", "0002")]
        connection.execute(sa.schema.DropSchema(copy, cascade=True))
    engine.dispose()


def test_a_migration_that_fails_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    older_store(url(tmp_path), "0001")
    with raw(tmp_path / "judgement.db") as connection:
        connection.execute("create table decisions (x)")
    with pytest.raises(UserError, match="table decisions already exists"):
        Judgement(url(tmp_path))
    with raw(tmp_path / "judgement.db") as connection:
        assert connection.execute("select version_num from alembic_version").fetchone() == ("0001",)
        assert connection.execute("select 1 from sqlite_master where name = 'tickets'").fetchone() is None


def test_a_store_of_a_newer_program_is_refused(url: str) -> None:
    Judgement(url).close()
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text("update alembic_version set version_num = '9999'"))
    engine.dispose()
    with pytest.raises(
        UserError, match=rf"was made by a newer workbench \(schema 9999, this one knows {migrations.HEAD}\)"
    ):
        Judgement(url)


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "judgement.db").write_bytes(b"PAR1 this is something else" * 50)
    with pytest.raises(UserError, match="is damaged or no database"):
        Judgement(url(tmp_path))
    assert (tmp_path / "judgement.db").read_bytes().startswith(b"PAR1")


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with raw(tmp_path / "judgement.db") as connection:
        connection.execute("create table recipes (name)")
    with pytest.raises(UserError, match="is a database, but no judgement store"):
        Judgement(url(tmp_path))


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("sqlite:////no/such/folder/judgement.db", "There is no folder /no/such/folder"),
        ("sqlite:////proc", "/proc is a folder"),
        ("judgement.db", "'judgement.db' is no database URL"),
        ("sqlite://", "names no file"),
        ("postgresql+nodriver://localhost/x", "is no database URL"),
    ],
)
def test_an_address_that_leads_nowhere_says_so(address: str, message: str) -> None:
    with pytest.raises(UserError, match=message):
        Judgement(address)


def test_a_read_only_folder_gets_a_clear_message() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        Judgement(url(folder)).close()
        folder.chmod(0o555)
        errors = start(OPEN_WITHOUT_RIGHTS, url(folder)).communicate()[1]
        folder.chmod(0o755)
    assert f"UserError: The judgement store {folder}/judgement.db can't be written: {folder} is read-only." in errors


def test_processes_that_open_an_empty_store_at_once_make_it_once(tmp_path: Path) -> None:
    code = f"from workbench.judgement.store import Judgement; Judgement({url(tmp_path)!r}).pod.remember('Ann')"
    processes = [start(code) for _ in range(4)]
    assert [process.communicate()[1] for process in processes] == [""] * 4
    with closing(Judgement(url(tmp_path))) as judgement:
        assert [person.name for person in judgement.pod.people()] == ["Ann"]


def test_threads_write_in_the_order_of_their_coming() -> None:
    lock, order = FairLock(), []

    def enter(n: int) -> None:
        with lock:
            order.append(n)

    threads = [threading.Thread(target=enter, args=(n,)) for n in range(5)]
    with lock:
        for n, thread in enumerate(threads, start=1):
            thread.start()
            while len(lock._waiting) < n:
                time.sleep(0)
    for thread in threads:
        thread.join()
    assert order == [0, 1, 2, 3, 4]


def test_a_writer_that_is_interrupted_while_waiting_leaves_the_way_free() -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    lock = FairLock()
    before = signal.signal(signal.SIGALRM, interrupt)
    lock.__enter__()
    signal.setitimer(signal.ITIMER_REAL, 0.02)
    with pytest.raises(KeyboardInterrupt):
        lock.__enter__()
    signal.signal(signal.SIGALRM, before)
    lock.__exit__()
    with lock:
        assert not lock._waiting


def test_two_processes_write_in_one_store_and_a_third_reads_and_nothing_is_lost(url: str) -> None:
    with closing(Judgement(url)) as judgement:
        processes = [start(LABEL_IN_A_LOOP, url, who, "50") for who in ("Ann", "Bo")]
        seen = [judgement.journal.sequence()]
        while any(process.poll() is None for process in processes):
            seen.append(judgement.journal.sequence())
        assert [process.communicate()[1] for process in processes] == ["", ""]
        assert seen == sorted(seen)
        assert sorted(target for _, target in judgement.labels.all()) == sorted(
            f"{who}-{n}" for who in ("Ann", "Bo") for n in range(50)
        )
        assert judgement.journal.verify_chain() == ChainCheck(events=100)


# Kills and cuts


@pytest.mark.parametrize("kills", [10, pytest.param(200, marks=pytest.mark.slow)])
def test_every_acknowledged_label_is_there_after_kills(tmp_path: Path, kills: int) -> None:
    Judgement(url(tmp_path)).close()
    acknowledged: set[str] = set()
    moment = random.Random(7)
    for n in range(kills):
        process = start(LABEL_IN_A_LOOP, url(tmp_path), f"K{n}", "1000000")
        assert process.stdout is not None
        acknowledged.add(process.stdout.readline().strip())
        time.sleep(moment.uniform(0, 0.05))  # the kill falls anywhere in the loop
        process.send_signal(signal.SIGKILL)
        acknowledged.update(line for line in process.communicate()[0].split("\n") if line)
    with closing(Judgement(url(tmp_path))) as judgement:
        kept = {target for _, target in judgement.labels.all()}
        assert len(acknowledged) >= kills
        assert acknowledged <= kept
        assert judgement.journal.verify_chain().intact


def test_a_write_ahead_log_cut_anywhere_is_a_committed_prefix(tmp_path: Path) -> None:
    with closing(Judgement(url(tmp_path))) as judgement:
        for n in range(30):
            judgement.labels.set("conversation", f"c{n}", actor="Ann", cause="loop")
        shutil.copy(tmp_path / "judgement.db", tmp_path / "whole.db")
        log = (tmp_path / "judgement.db-wal").read_bytes()
    moment = random.Random(7)
    for cut in sorted(moment.sample(range(len(log)), 10)):
        folder = tmp_path / f"cut-{cut}"
        folder.mkdir()
        shutil.copy(tmp_path / "whole.db", folder / "judgement.db")
        (folder / "judgement.db-wal").write_bytes(log[:cut])
        with closing(Judgement(url(folder))) as judgement:
            kept = [target for _, target in judgement.labels.all()]
            assert sorted(kept) == sorted(f"c{n}" for n in range(len(kept)))
            assert judgement.journal.verify_chain() == ChainCheck(events=len(kept))

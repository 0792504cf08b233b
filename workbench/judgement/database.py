"""Opening the judgement database: SQLite by default, PostgreSQL by URL; created, migrated, or refused with a reason."""

from __future__ import annotations

import sqlite3
import threading
from collections import defaultdict, deque
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import cast

import sqlalchemy as sa
from sqlalchemy import exc

from workbench.errors import Damaged, UserError, full_disk, is_disk_full
from workbench.judgement.migrations import FOLDER, HEAD
from workbench.judgement.sqlite_file import RESTORE, SqliteFile, stamp

SECONDS_TO_WAIT_FOR_READERS = 5
MIGRATION_LOCK = 7_305_418  # PostgreSQL's advisory lock of whoever creates or migrates the schema


class FairLock:
    """A lock that lets threads in in the order of their coming; threading.Lock lets a busy one starve the others."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._held = False
        self._waiting: deque[threading.Lock] = deque()

    def __enter__(self) -> None:
        with self._mutex:
            if not self._held:
                self._held = True
                return
            gate = threading.Lock()
            gate.acquire()
            self._waiting.append(gate)
        try:
            gate.acquire()
        except BaseException:  # interrupted: leave the queue, or hand on the turn that came just now
            with self._mutex:
                waits = gate in self._waiting
                if waits:
                    self._waiting.remove(gate)
            if not waits:
                self.__exit__()
            raise

    def __exit__(self, *_: object) -> None:
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


# One writer at a time in a process: SQLite's own waiting is a poll that starves some of twenty threads (FACTS.md).
_writers: defaultdict[str, FairLock] = defaultdict(FairLock)


UNREADABLE = (ValueError, TypeError, KeyError, exc.NoResultFound, exc.MultipleResultsFound)
"""What reading a row raises that this program never wrote."""


@contextmanager
def legible(what: str) -> Iterator[None]:
    """Read rows (`what` says of what); `UserError` where one of them is not as this program writes it."""
    try:
        yield
    except UNREADABLE as e:
        raise UserError(
            f"The {what} in the judgement store can't be read ({e}): somebody wrote to it without this program. "
            "`python -m workbench doctor` says where, `python -m workbench restore FILE` puts the last backup back."
        ) from e


class Database:
    """One judgement database, opened at the newest schema.

    With `anew` a new file may begin where one with saved events is gone. Raises `UserError` where the URL can't be opened,
    written, or was made by a newer program.
    """

    def __init__(self, url: str, anew: bool = False) -> None:
        self._sqlite: SqliteFile | None = None
        try:
            self._engine = self._made_engine(sa.make_url(url))
        except exc.ArgumentError as e:
            raise UserError(f"{url!r} is no database URL. Use sqlite:///FILE or postgresql://USER@HOST/NAME.") from e
        except ModuleNotFoundError as e:
            raise UserError(
                f"The driver for {url.split(':')[0]} is missing ({e.name}). "
                "Install it with `pip install -r requirements-postgres.txt`."
            ) from e
        self.url = self._engine.url.render_as_string(hide_password=True)
        self.local = self._engine.dialect.name == "sqlite"
        self._writer = _writers[self.url]
        self.file = self._sqlite.path if self._sqlite else None
        self.rescued: str | None = None
        """The copy of what was open when the file was taken away or replaced, until somebody says it in the journal."""
        self._reopening = threading.RLock()
        try:
            if self._sqlite is not None:
                self._sqlite.check(anew)
            self._bring_to_head()
            if self._sqlite is not None:
                self._sqlite.look()
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Let go of the connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one committed state, however many statements it runs."""
        self._stay_with_the_file()
        with self._translated(), self._engine.connect() as connection:
            yield connection if self.local else connection.execution_options(isolation_level="REPEATABLE READ")

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """A connection that is the only writer; commits at the end, rolls back on any exception.

        Raises `UserError` where the file was taken away meanwhile: then nothing counts as saved.
        """
        with self._writer:
            self._stay_with_the_file(check_content=True)
            with self._translated(), self._engine.connect() as connection:
                connection = connection.execution_options(writing=True)
                with connection.begin():
                    yield connection
            if self._sqlite is not None:
                self._require_unmoved(self._sqlite)
                self._sqlite.look()

    def copied_by_sqlite(self, file: Path) -> bool:
        """Copy the whole database to a new file by SQLite's own means, while others write; False for another engine."""
        if self.file is not None:
            self._stay_with_the_file()
            _copy(self.file, file)
        return self.file is not None

    def truncate_wal(self) -> bool:
        """Empty SQLite's write-ahead log, so that blanked text is gone from the disk; False where a reader needs it still."""
        if self.file is None:
            return True
        self._stay_with_the_file()
        try:
            with closing(sqlite3.connect(self.file, timeout=SECONDS_TO_WAIT_FOR_READERS)) as connection:
                (busy, *_) = connection.execute("pragma wal_checkpoint(truncate)").fetchone()
        except sqlite3.Error:
            return False
        return not busy

    def is_held(self) -> bool:
        """Whether another program keeps everybody else from writing, for longer than writing takes."""
        if self.file is None:
            return False
        with closing(sqlite3.connect(self.file, timeout=1, isolation_level=None)) as connection:
            try:
                connection.execute("begin immediate")
            except sqlite3.OperationalError as e:
                return e.sqlite_errorname.startswith("SQLITE_BUSY")
            connection.execute("rollback")
        return False

    def mend(self) -> str:
        """What puts back what was saved, in a sentence."""
        return self._sqlite.mend() if self._sqlite else RESTORE

    def copies(self) -> list[str]:
        """What migrations and restores left of earlier states: files beside SQLite's, or schemas beside PostgreSQL's."""
        if self.file is not None:
            beside = self.file.parent.iterdir()
            return sorted(path.name for path in beside if path.name.startswith(f"{self.file.name}."))
        with self.reading() as connection:
            return [name for name in sa.inspect(connection).get_schema_names() if name.startswith("before_")]

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except (exc.OperationalError, exc.TimeoutError) as e:
            if self._sqlite is not None and (is_disk_full(e) or self._sqlite.is_out_of_room()):
                raise UserError(f"{full_disk(self._sqlite.path.parent)} Nothing of this change was kept.") from e
            if self._sqlite is not None and _is_cut(e):
                raise Damaged(
                    f"The judgement store {self._sqlite.path} or its log was cut ({_reason(e)}). Nothing of this change was kept. {self.mend()}",
                    self._sqlite.path,
                ) from e
            raise UserError(
                f"The judgement store {self.url} can't be used now ({_reason(e)}). Nothing of this change was kept; "
                "see that it is reachable, its disk has room and no other program holds it, then try again."
            ) from e
        except exc.DatabaseError as e:
            if type(e) is not exc.DatabaseError or self.file is None:
                # only the bare class means a damaged file; the rest are ours
                raise
            raise Damaged(
                f"The judgement store {self.url} is damaged or no database ({_reason(e)}). {self.mend()}",
                self.file,
            ) from e

    def _stay_with_the_file(self, check_content: bool = False) -> None:
        """Go on with the file that the path leads to; what was open of another one is saved first."""
        if self._sqlite is None:
            return
        self._sqlite.require_not_given_up()
        if self._sqlite.changed():
            with self._reopening, self._translated():
                if self._sqlite.changed():
                    self._reopen(self._sqlite)
            self._sqlite.require_not_given_up()
        if check_content:
            with self._translated():
                self._sqlite.check_content()

    def _reopen(self, file: SqliteFile) -> None:
        with ExitStack() as stack:
            open_still = None
            with suppress(exc.DBAPIError):  # none is left in the pool, or what it has was damaged already
                pooled = stack.enter_context(self._engine.connect()).connection
                open_still = cast("sqlite3.Connection", pooled.dbapi_connection)
            self.rescued = file.rescue(open_still) or self.rescued
        if file.is_given_up:
            return
        self._engine.dispose()
        file.adopt()
        file.check()
        self._bring_to_head()
        file.look()

    def _require_unmoved(self, file: SqliteFile) -> None:
        if file.changed():
            raise UserError(
                f"The judgement store {file.path} was deleted or replaced while this change was saved, so it can't be found "
                "where the next start looks. Look whether it is there now, and say it again if not."
            )

    def _bring_to_head(self) -> None:
        with self.reading() as connection:
            revision = self._revision(connection)
        if revision == HEAD:
            return
        if self.file is not None:
            self._use_wal()
        if self.file is not None and revision is not None:
            _copy(self.file, self.file.with_name(f"{self.file.name}.schema-{revision}.{stamp()}"))
        with self.writing() as connection:
            if not self.local:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(MIGRATION_LOCK)))
            if (revision := self._revision(connection)) != HEAD:  # else another process was first
                if self.file is None and revision is not None:
                    _copy_tables(connection, revision)
                _migrate(connection)

    def _made_engine(self, url: sa.URL) -> sa.Engine:
        if url.get_backend_name() != "sqlite":
            return sa.create_engine(url, pool_size=10, max_overflow=20, pool_pre_ping=True, hide_parameters=True)
        if url.database in (None, "", ":memory:"):
            raise UserError(f"{url} names no file, but judgement must outlive the program. Use sqlite:///FILE.")
        self._sqlite = SqliteFile(Path(url.database or ""))
        engine = sa.create_engine(
            url, pool_size=10, max_overflow=20, creator=self._sqlite.connect, hide_parameters=True
        )

        @sa.event.listens_for(engine, "begin")
        def begin(connection: sa.Connection) -> None:
            writing = connection.get_execution_options().get("writing", False)
            connection.exec_driver_sql("begin immediate" if writing else "begin")

        return engine

    def _use_wal(self) -> None:
        """Turn write-ahead logging on; the file remembers it."""
        with self.reading() as connection:
            connection.rollback()
            connection.connection.cursor().execute("pragma journal_mode = wal")

    def _revision(self, connection: sa.Connection) -> str | None:
        """The schema's revision; None where the database is still empty."""
        tables = sa.inspect(connection).get_table_names()
        if "alembic_version" not in tables:
            if self.local and tables:
                raise UserError(
                    f"{self.file} is a database, but no judgement store. Move it away, or name another store."
                )
            return None
        revision = connection.execute(sa.text("select version_num from alembic_version")).scalar()
        if revision is not None and str(revision) > HEAD:
            raise UserError(
                f"The judgement store {self.url} was made by a newer workbench (schema {revision}, this one knows {HEAD}). "
                "Use that version, or name another store with --store."
            )
        return None if revision is None else str(revision)


def _migrate(connection: sa.Connection) -> None:
    from alembic import command  # 0.3 s, paid only when there is something to migrate
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def _copy(file: Path, copy: Path) -> None:
    """One committed state of a database, whole, in a file of its own."""
    try:
        with closing(sqlite3.connect(file)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    except sqlite3.Error as e:
        raise UserError(f"{file} can't be copied to {copy} ({e}). See that the disk has room, then try again.") from e


def _copy_tables(connection: sa.Connection, revision: str) -> None:
    """Copy every table into a schema of its own (before_0002_20260131T120000Z), in the transaction that migrates."""
    quoted = connection.dialect.identifier_preparer.quote_identifier
    copy = f"before_{revision}_{stamp()}"
    connection.execute(sa.schema.CreateSchema(copy))
    for table in sa.inspect(connection).get_table_names():
        connection.execute(sa.text(f"create table {quoted(copy)}.{quoted(table)} as table {quoted(table)}"))


def _is_cut(error: exc.SQLAlchemyError) -> bool:
    """Whether SQLite could not read what it had written, and not for want of room."""
    return getattr(getattr(error, "orig", None), "sqlite_errorname", "") in ("SQLITE_IOERR", "SQLITE_IOERR_SHORT_READ")


def _reason(error: exc.SQLAlchemyError) -> str:
    return " ".join(str(getattr(error, "orig", None) or error).split())

"""A snapshot's file: `write_snapshot` makes one from parts and findings, `Snapshot` opens one and asks it.

A file is written once beside the others and only ever opened read-only after that, so any number of processes can read it.
This is the only module that imports DuckDB.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import duckdb
import numpy as np
import pyarrow as pa

from workbench import limits
from workbench.embedding.vectors import Vectors
from workbench.errors import StoreMissing, UserError, WorkbenchError
from workbench.evidence.answers import Answers, cells, question
from workbench.evidence.columns import arrow_table, maker
from workbench.evidence.index import StandingIndex, load_parts, quoted
from workbench.evidence.schema import SCHEMA, Meta, Rows, SnapshotCounts
from workbench.evidence.tables import TABLES
from workbench.evidence.turns import PartReader, Place
from workbench.limits import QUERIES
from workbench.logs.parts import Part

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

R = TypeVar("R", bound="DataclassInstance")
Bound = Mapping[str, Any]
"""Values that are bound to a query, by the names that it gives them."""

_NEW_FILE: dict[str, str | bool | int | float | list[str]] = {"default_block_size": 16_384}
"""A column takes whole blocks, and most tables are small: the usual ones of 256 KB are half of a snapshot."""
_OF_THE_FILE = (duckdb.IOException, duckdb.FatalException, duckdb.SerializationException)
_CORRUPT = re.compile("corrupt|checksum", re.IGNORECASE)
_THREADS = 2
_OPENING = threading.Lock()
"""Connections of a process to one file share their settings, which the first of them locks."""


def write_snapshot(
    file: Path,
    meta: Meta,
    parts: Sequence[Part],
    rows: Rows,
    standing: StandingIndex | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> SnapshotCounts:
    """Write a whole snapshot to `file`, which must not exist, and say what is in it.

    Of a conversation that several parts hold, the latest part's version counts. `rows` are the findings by table name, as
    in `TABLES`; a missing table is empty. Of the first parts the index is copied from the `standing` snapshot. `progress` is told how
    many of its steps are begun. Raises `WorkbenchError` when the disk is full or can't be written.
    """
    try:
        store = file.resolve().parents[1]
        with duckdb.connect(str(file), config=_limits() | _NEW_FILE) as db:
            db.execute(f"set temp_directory = '{quoted(store / '.duckdb')}'")
            _shut_in(db, [store])
            load_parts(db, parts, meta.time_zone, standing)
            for n, (name, row) in enumerate(TABLES.items(), 1):
                progress(n, len(TABLES) + 1)
                given = rows.get(name, ())
                db.register("incoming", given if isinstance(given, pa.Table) else arrow_table(row, given))
                db.execute(f"create table {name} as select * from incoming")  # name: a key of TABLES
                db.unregister("incoming")
            db.execute(f"create view eligible as {_ELIGIBLE}")
            _fix_vectors(db)
            db.execute("create view placed as select * from members union all select * from suspected_members")
            db.execute(
                "create table meta as select ? as snapshot, ?::timestamp as built_at, ?::integer as schema, ? as settings",
                [meta.snapshot, meta.built_at, meta.schema, json.dumps(meta.settings)],
            )
            counts = db.execute(
                """
                select (select count(*) from conversations), (select coalesce(sum(n_turns), 0)::bigint from conversations),
                       (select count(*) from analyses where failed), (select count(*) from clusters where size > 0)
                """
            ).fetchone()
            db.execute("checkpoint")
    except (duckdb.Error, OSError) as e:
        file.unlink(missing_ok=True)
        raise WorkbenchError(
            f"The snapshot {file.name} could not be written ({_first_line(e)}). The one before it still serves; check the disk's free space."
        ) from e
    assert counts is not None
    return SnapshotCounts(*counts)


def tables_of(file: Path) -> Iterator[pa.Table]:
    """All that a snapshot's file holds, of whatever layout, a batch of rows at a time: for whoever looks for a text in it.

    Raises `WorkbenchError` where it can't be read.
    """
    try:
        with duckdb.connect(str(file), read_only=True, config=_limits()) as db:
            for (name,) in db.execute("select table_name from duckdb_tables()").fetchall():
                for batch in db.table(f'"{name}"').to_arrow_reader(10_000) or ():
                    yield pa.Table.from_batches([batch])
    except duckdb.Error as e:
        raise WorkbenchError(f"The snapshot {file.name} can't be read ({_first_line(e)}).") from e


_ELIGIBLE = """
    select cluster, key from eligible_requests
    union all select cluster, key from clusters join conversations using (bot) join analyses using (key) where kind = 'mechanical'
"""
"""Which conversations could have failed as a cluster did: of a mechanical fault all of its bot's, which nobody writes down."""


def _fix_vectors(db: duckdb.DuckDBPyConnection) -> None:
    """Give the request vectors their fixed length, which comparing them takes."""
    if size := db.execute("select max(len(vector)) from request_vectors").fetchall()[0][0]:
        db.execute(f"alter table request_vectors alter vector type float[{int(size)}]")


def _opened(file: Path) -> duckdb.DuckDBPyConnection:
    """A reader of a snapshot, which sees nothing but that and the parts, and nothing can loosen that later."""
    with _OPENING:
        db = duckdb.connect(str(file), read_only=True, config=_limits())
        if db.execute("select current_setting('lock_configuration')").fetchall() == [(False,)]:
            if not os.access(file.parent, os.W_OK):  # where DuckDB would put what doesn't fit into memory
                db.execute(f"set temp_directory = '{quoted(Path(tempfile.gettempdir()) / 'workbench-duckdb')}'")
            _shut_in(db, [_parts_of(file)])
        return db


def _parts_of(file: Path) -> Path:
    """The parts of the store that a snapshot is in."""
    return file.resolve().parents[1] / "parts"


def _shut_in(db: duckdb.DuckDBPyConnection, folders: Sequence[Path]) -> None:
    """Let a connection see nothing outside its own file and these folders."""
    allowed = ", ".join(f"'{quoted(folder)}/'" for folder in folders)
    for setting in (
        f"allowed_directories = [{allowed}]",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        db.execute(f"set {setting}")


def _limits() -> dict[str, str | bool | int | float | list[str]]:
    """What a connection may take of the machine."""
    return {"memory_limit": f"{limits.current().query_memory_mb}MB", "threads": _THREADS}


class Snapshot:
    """One snapshot, opened read-only. Safe for threads: each query has a cursor of its own, and what it answered is kept.

    With `any_layout` an older program's snapshot opens too, for a build: what a build reads stands in every layout.
    """

    def __init__(self, file: Path, any_layout: bool = False) -> None:
        self._file = file
        self._parts = PartReader(_parts_of(file))
        self._answers = Answers()
        if not file.exists():
            raise StoreMissing(
                f"The snapshot {file.name} is gone. `python -m workbench analyze` builds the evidence again."
            )
        try:
            self._db = _opened(file)
            self.meta = self._meta()
        except duckdb.Error as e:
            raise UserError(
                f"The snapshot {file.name} can't be opened ({_first_line(e)}). `python -m workbench analyze` builds the evidence again."
            ) from e
        if self.meta.schema != SCHEMA and not any_layout:
            raise UserError(
                f"The snapshot {file.name} has layout {self.meta.schema}, this program reads {SCHEMA}. `python -m workbench analyze` builds it anew."
            )

    @property
    def time_zone(self) -> str:
        """The zone by whose clocks its weeks begin and end."""
        return self.meta.time_zone

    def close(self) -> None:
        self._db.close()

    def _places(self, keys: Sequence[str]) -> list[Place]:
        """Where conversations stand in the parts, in the order of their keys."""
        rows = self._values(
            """
            select key, runs.import_id, file, row from conversations join runs using (run)
            where key in (select unnest($keys::varchar[])) order by key
            """,
            {"keys": list(keys)},
        )
        return [Place(*row) for row in rows]

    def has(self, table: str) -> bool:
        """Whether this snapshot holds a table, and rows in it: older programs wrote fewer."""
        tables = self._values("select 1 from duckdb_tables() where table_name = $table", {"table": table})
        return bool(tables) and bool(self._values(f"select 1 from {table} limit 1"))

    def _meta(self) -> Meta:
        ((snapshot, built_at, schema, settings),) = self._values(
            "select snapshot, built_at, schema, settings from meta"
        )
        return Meta(snapshot, built_at, schema, json.loads(settings))

    def _rows(self, row: type[R], sql: str, values: Bound | None = None) -> list[R]:
        """What a query gives, a row of this dataclass each; its columns are the dataclass's fields by name."""

        def ask() -> list[R]:
            names, rows = self._asked(sql, values)
            make = maker(row, names)
            return [make(each) for each in rows]

        answer = self._answers.get(
            question(row.__name__, sql, values), ask, lambda rows: cells(len(rows), len(fields(row)))
        )
        return list(answer)

    def _row(self, row: type[R], sql: str, values: Bound | None = None) -> R | None:
        """The first of those rows; None where there is none."""
        return next(iter(self._rows(row, sql, values)), None)

    def _values(self, sql: str, values: Bound | None = None) -> list[tuple[Any, ...]]:
        """What a query gives as bare values, in the order of its columns."""

        def ask() -> list[tuple[Any, ...]]:
            return self._asked(sql, values)[1]

        def size(rows: list[tuple[Any, ...]]) -> int:
            return cells(len(rows), len(rows[0]) if rows else 0)

        answer: list[tuple[Any, ...]] = self._answers.get(question("values", sql, values), ask, size)
        return list(answer)

    def _named(self, sql: str, values: Bound | None = None) -> list[dict[str, Any]]:
        """What a query of conversations and turns gives by the names of its columns, which are those of the parts."""
        names, rows = self._asked(sql, values)
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _asked(self, sql: str, values: Bound | None) -> tuple[tuple[str, ...], list[tuple[Any, ...]]]:
        cursor = self._db.cursor()
        try:
            with QUERIES.running(cursor):
                cursor.execute(sql, _encodable(values)) if values is not None else cursor.execute(sql)
                return tuple(column[0] for column in cursor.description or []), cursor.fetchall()
        except duckdb.Error as e:
            raise self._translated(e) from e
        finally:
            cursor.close()

    def _translated(self, error: duckdb.Error) -> Exception:
        """What is wrong with the file, where that is it; else the error as it is, which is a mistake of ours."""
        if not isinstance(error, _OF_THE_FILE) and not _CORRUPT.search(str(error)):
            return error
        return UserError(
            f"The snapshot {self._file} is damaged ({_first_line(error)}). `python -m workbench analyze` builds another; "
            "what people said is kept apart from it and safe."
        )

    def _with_vectors(self, row: type[R], sql: str, values: Bound | None = None) -> tuple[list[R], Vectors]:
        """The rows of a query without its column `vector`, and that as (n, d), read-only; zero rows where it is null."""

        def ask() -> tuple[list[R], Vectors]:
            names, columns, _, vectors = self._parted(sql, values)
            make = maker(row, names)
            return [make(each) for each in zip(*columns, strict=True)], vectors

        rows, vectors = self._answers.get(
            question(f"{row.__name__} and vectors", sql, values),
            ask,
            lambda answer: cells(len(answer[0]), len(fields(row))) + answer[1].nbytes,
        )
        return list(rows), vectors

    def _rows_of_one_matrix(self, row: type[R], sql: str, values: Bound | None = None) -> list[R]:
        """The rows of a query, whose column `vector` comes as a read-only view of one matrix, None where it is null.

        As numbers of Python, the vectors of a large bot's requests take a second.
        """

        def ask() -> tuple[list[R], int]:
            names, columns, there, vectors = self._parted(sql, values)
            make = maker(row, (*names, "vector"))
            given = [vector if has else None for vector, has in zip(vectors, there, strict=True)]
            return [make(each) for each in zip(*columns, given, strict=True)], vectors.nbytes

        rows, _ = self._answers.get(
            question(f"{row.__name__} of one matrix", sql, values),
            ask,
            lambda answer: cells(len(answer[0]), len(fields(row)) + 2) + answer[1],
        )
        return list(rows)

    def _parted(self, sql: str, values: Bound | None) -> tuple[tuple[str, ...], list[list[Any]], list[bool], Vectors]:
        """What a query gives beside its column `vector`: names and columns; where there is a vector; and those, (n, d)."""
        cursor = self._db.cursor()
        try:
            with QUERIES.running(cursor):
                table = cursor.sql(sql, params=_encodable(values or {})).to_arrow_table()
        except duckdb.Error as e:
            raise self._translated(e) from e
        finally:
            cursor.close()
        column, plain = table.column("vector").combine_chunks(), table.drop_columns(["vector"])
        there = column.is_valid().to_numpy(zero_copy_only=False)
        count = int(there.sum())
        numbers = np.asarray(column.drop_null().flatten(), np.float32)
        vectors = np.zeros((len(table), len(numbers) // count if count else 1), np.float32)
        vectors[there] = numbers.reshape(count, -1) if count else 0
        vectors.flags.writeable = False  # others may be given the same
        return tuple(plain.column_names), [each.to_pylist() for each in plain.columns], there.tolist(), vectors


def _encodable(value: Any) -> Any:
    """A value as DuckDB takes it: half a surrogate pair, which a terminal may hand over, is spelled and matches nothing."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, Mapping):
        return {name: _encodable(part) for name, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, list) else value


def _first_line(e: BaseException) -> str:
    return str(e).splitlines()[0] if str(e) else type(e).__name__

"""A snapshot's file: `write_snapshot` makes one from parts and findings, `Snapshot` opens one and asks it.

A file is written once beside the others and only ever opened read-only after that, so any number of processes can read it.
This is the only module that imports DuckDB.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from workbench.errors import StoreMissing, UserError, WorkbenchError
from workbench.evidence.schema import FINDINGS, SCHEMA, Counts, Meta, Rows
from workbench.logs.parts import SCHEMA as PART_SCHEMA
from workbench.logs.parts import Part, run_files
from workbench.text.search_text import FIELD, searchable

TURN_FIELDS = """
    concat_ws($field, replace(content, $field, ' '), replace(error, $field, ' '),
              array_to_string(list_transform(tool_calls,
                  lambda call: replace(call.name, $field, ' ') || $field || replace(call.arguments, $field, ' ')), $field))
"""
"""What a turn shows on the page and a search looks through: content, error, names and arguments of calls."""

_READING: dict[str, str | bool | int | float | list[str]] = {
    "enable_external_access": False,
    "memory_limit": "2GB",
    "threads": 2,
    "lock_configuration": True,
}
"""A reader opens nothing but its snapshot, and nothing can loosen that later."""


def write_snapshot(file: Path, meta: Meta, parts: Sequence[Part], rows: Rows) -> Counts:
    """Write a whole snapshot to `file`, which must not exist, and say what is in it.

    Of a conversation that several parts hold, the latest part's version counts. `rows` are the findings by table name, as
    in `FINDINGS`; a missing table is empty. Raises `WorkbenchError` when the disk is full or can't be written.
    """
    try:
        with duckdb.connect(str(file)) as db:
            _shut_in(db, file.parent.parent)
            _load_parts(db, parts)
            for name, schema in FINDINGS.items():
                table = pa.Table.from_pylist(rows.get(name, []), schema=schema)
                db.register("incoming", table)
                db.execute(f"create table {name} as select * from incoming")  # name: a key of FINDINGS
                db.unregister("incoming")
            if meta.settings.get("analyzed"):  # masking is a third of what --no-analyze takes
                _keep_for_search(db)
            db.execute(
                "create table meta as select ? as snapshot, ?::timestamp as built_at, ?::integer as schema, ? as settings",
                [meta.snapshot, meta.built_at, meta.schema, json.dumps(meta.settings)],
            )
            counts = db.execute(
                """
                select (select count(*) from conversations), (select count(*) from turns),
                       (select count(*) from analyses where failed), (select count(*) from clusters)
                """
            ).fetchone()
            db.execute("checkpoint")
    except (duckdb.Error, OSError) as e:
        file.unlink(missing_ok=True)
        raise WorkbenchError(
            f"The snapshot {file.name} could not be written ({_first_line(e)}). The one before it still serves; check the disk's free space."
        ) from e
    assert counts is not None
    return Counts(*counts)


def _load_parts(db: duckdb.DuckDBPyConnection, parts: Sequence[Part]) -> None:
    """Make the tables conversations and turns from the parts' Parquet; of each key, the latest part's version."""
    db.register("nothing", PART_SCHEMA.empty_table())
    selects = ["select *, null::varchar as import_id, -1 as part from nothing"]
    values: dict[str, Any] = {}
    for n, part in enumerate(parts):
        if files := [str(path) for path in run_files(part.folder)]:
            selects.append(
                f"select *, $import{n}::varchar as import_id, {n} as part from read_parquet($files{n}::varchar[])"
            )
            values |= {f"import{n}": part.import_id, f"files{n}": files}
    db.execute(
        f"""
        create temp table latest as
        select *, coalesce(release, nullif(concat_ws(' · ', coalesce(model_version, model), prompt_version), '')) as release_name
        from ({" union all by name ".join(selects)})
        qualify row_number() over (partition by key order by part desc) = 1
        """,
        values,
    )
    db.execute(
        """
        create table conversations as
        select * exclude (turns, part, beginnings), len(turns) as n_turns, strftime(started_at, '%G-W%V') as week
        from latest order by started_at, key
        """
    )
    db.execute(
        """
        create table turns as
        select * from (select key, unnest(turns, max_depth := 2) from latest) order by key, position
        """
    )
    db.execute("drop table latest")


def _keep_for_search(db: duckdb.DuckDBPyConnection) -> None:
    """Make the table search_texts, masked and folded once for all searches, and give the vectors their fixed length."""
    db.create_function("searchable", searchable, ["varchar"], "varchar")
    db.execute(
        f"create table search_texts as select key, position, role, searchable({TURN_FIELDS}) as text from turns",
        {"field": FIELD},
    )
    db.remove_function("searchable")
    if size := db.execute("select max(len(vector)) from request_vectors").fetchall()[0][0]:
        db.execute(f"alter table request_vectors alter vector type float[{int(size)}]")


def _shut_in(db: duckdb.DuckDBPyConnection, root: Path) -> None:
    """The same for the writer, which also reads the parts: it sees nothing outside the store."""
    folder = str(root.resolve()).replace("'", "''")
    for setting in (
        f"temp_directory = '{folder}/.duckdb'",
        f"allowed_directories = ['{folder}/']",
        "enable_external_access = false",
        "memory_limit = '2GB'",
        "threads = 2",
        "lock_configuration = true",
    ):
        db.execute(f"set {setting}")


class Snapshot:
    """One snapshot, opened read-only. Safe for threads: each query has a cursor of its own.

    With `any_layout` an older program's snapshot opens too, for a build: what a build reads stands in every layout.
    """

    def __init__(self, file: Path, any_layout: bool = False) -> None:
        if not file.exists():
            raise StoreMissing(
                f"The snapshot {file.name} is gone. `python -m workbench analyze` builds the evidence again."
            )
        try:
            self._db = duckdb.connect(str(file), read_only=True, config=_READING)
            (row,) = self._rows("select * from meta")
        except duckdb.Error as e:
            raise UserError(
                f"The snapshot {file.name} can't be opened ({_first_line(e)}). `python -m workbench analyze` builds the evidence again."
            ) from e
        if row["schema"] != SCHEMA and not any_layout:
            raise UserError(
                f"The snapshot {file.name} has layout {row['schema']}, this program reads {SCHEMA}. `python -m workbench analyze` builds it anew."
            )
        self.meta = Meta(row["snapshot"], row["built_at"], row["schema"], json.loads(row["settings"]))

    def close(self) -> None:
        self._db.close()

    def has(self, table: str) -> bool:
        """Whether this snapshot holds a table, and rows in it: older programs wrote fewer."""
        known = self._rows("select 1 from duckdb_tables() where table_name = $table", {"table": table})
        return bool(known) and bool(self._rows(f"select 1 from {table} limit 1"))

    def _rows(self, sql: str, values: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        cursor = self._db.cursor()
        try:
            cursor.execute(sql, _encodable(values)) if values is not None else cursor.execute(sql)
            names = [column[0] for column in cursor.description or []]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
        finally:
            cursor.close()

    def _table(self, sql: str, values: dict[str, Any] | None = None) -> Any:
        """The rows as an Arrow table, for columns of vectors."""
        cursor = self._db.cursor()
        try:
            return cursor.sql(sql, params=_encodable(values or {})).to_arrow_table()
        finally:
            cursor.close()


def _encodable(value: Any) -> Any:
    """A value as DuckDB takes it: half a surrogate pair, which a terminal may hand over, is spelled and matches nothing."""
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {name: _encodable(part) for name, part in value.items()}
    return [_encodable(part) for part in value] if isinstance(value, list) else value


def _first_line(e: BaseException) -> str:
    return str(e).splitlines()[0] if str(e) else type(e).__name__

"""All that a store's snapshot holds, table by table, to be compared whole."""

from __future__ import annotations

from pathlib import Path

import duckdb

from workbench.evidence.queries import reading
from workbench.store import Store

_OF_THE_BUILD = {"meta", "imports"}
"""Tables that tell when something was built or read."""


def tables(root: Path) -> dict[str, list[str]]:
    """The rows of the serving snapshot's tables as text, and what it reads from the parts, in no order of their own."""
    return _of_the_snapshot(root) | _of_the_parts(root)


def _of_the_parts(root: Path) -> dict[str, list[str]]:
    store = Store(root)
    with reading(store.snapshot_file(store.require_pointer().snapshot)) as evidence:
        conversations = evidence.conversations(list(evidence.flags("")))
    files = [str(file) for file in root.glob("parts/I*/search-texts-*.parquet")]
    return {
        "turns": list(map(repr, conversations)),
        "search texts": sorted(map(repr, duckdb.read_parquet(files).fetchall())) if files else [],
    }


def _of_the_snapshot(root: Path) -> dict[str, list[str]]:
    store = Store(root)
    with duckdb.connect(str(store.snapshot_file(store.require_pointer().snapshot)), read_only=True) as db:
        names = [name for (name,) in db.execute("select table_name from duckdb_tables()").fetchall()]
        return {
            name: sorted(map(repr, db.execute(f"select * from {name}").fetchall()))
            for name in names
            if name not in _OF_THE_BUILD
        }

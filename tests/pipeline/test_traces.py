"""A search of a store's files finds a text however a file packs it, as whole words and in any case."""

import gzip
import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.pipeline.traces import Searcher

Write = Callable[[Path, str], object]


def parquet(file: Path, text: str) -> None:
    rows = [
        {"turns": [{"content": f"turn {n}", "calls": [{"arguments": text if n == 900 else ""}]}]} for n in range(1000)
    ]
    pq.write_table(pa.Table.from_pylist(rows), file, compression="zstd", row_group_size=100)


def dictionary(file: Path, text: str) -> None:
    pq.write_table(pa.table({"a": pa.array([text, "b"] * 50).dictionary_encode()}), file)


def duck(file: Path, text: str) -> None:
    with duckdb.connect(str(file)) as db:
        db.execute("create table t as select 'x' || i as a, [{'b': 'c'}] as l from range(5000) t(i)")
        db.execute("insert into t values ('y', [{'b': ?}])", [text])


def sqlite(file: Path, text: str) -> None:
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("create table t (a, b)")
        db.execute("insert into t values ('conversation', ?)", [json.dumps(text)])


def sqlite_freed(file: Path, text: str) -> None:
    sqlite(file, text)
    with closing(sqlite3.connect(file)) as db, db:
        db.execute("pragma secure_delete = off")
        db.execute("delete from t")


def zipped(file: Path, text: str) -> None:
    inner = file.with_name("inner.parquet")
    parquet(inner, text)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(inner, "parts/inner.parquet")
    inner.unlink()


WRITERS: dict[str, Write] = {
    "a.parquet": parquet,
    "d.parquet": dictionary,
    "a.duckdb": duck,
    "a.db": sqlite,
    "freed.db": sqlite_freed,
    "a.zip": zipped,
    "a.json.gz": lambda file, text: file.write_bytes(gzip.compress(json.dumps({"a": text}).encode())),
    "a.json": lambda file, text: file.write_text(json.dumps({"a": text}, ensure_ascii=False), "utf-8"),
    "cut.parquet": lambda file, text: file.write_bytes(b"PAR1" + text.encode()),
    "a.txt": lambda file, text: file.write_bytes(b" " * ((1 << 24) - 3) + text.encode()),
}


@pytest.mark.parametrize("name", WRITERS)
@pytest.mark.parametrize("text", ["Jo Miller", "Zoë Strauß"])
def test_a_text_is_found_in_a_file_of_any_kind(tmp_path: Path, name: str, text: str) -> None:
    file = tmp_path / name
    WRITERS[name](file, f"I am {text}.")
    assert (Searcher(text).in_file(file), Searcher("Jo Muller").in_file(file)) == (True, False)


@pytest.mark.parametrize(
    ("logged", "is_there"),
    [
        ("JO MILLER", True),
        ("Jo\n  Miller", True),
        ("Joy Miller", False),
        ("Jo Millers", False),
        ("Zoe\u0308 Jo Miller", True),
    ],
)
def test_whole_words_count_in_any_case_and_over_lines(tmp_path: Path, logged: str, is_there: bool) -> None:
    parquet(tmp_path / "a.parquet", logged)
    assert Searcher("Jo Miller").in_file(tmp_path / "a.parquet") is is_there

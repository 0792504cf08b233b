"""An import read in pieces is the same part, byte for byte, as one that was read as a whole."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.engines import PicklingEngine
from workbench.engine.engine import Engine, LocalEngine
from workbench.logs.files import shards
from workbench.logs.formats import READERS, ReadOptions
from workbench.logs.importing import write_part
from workbench.logs.pieces import ROWS_ALONE, ROWS_DEALT


def part(folder: Path, log: Path, engine: Engine, options: ReadOptions = ReadOptions()) -> dict[str, bytes | Any]:  # noqa: B008
    """The files of the part that an import writes, its manifest without the time."""
    write_part(folder, [log], options, {}, lambda stage, done, total: None, "tests", "I000001", engine)
    files: dict[str, bytes | Any] = {path.name: path.read_bytes() for path in folder.iterdir()}
    return files | {"manifest.json": json.loads(files["manifest.json"]) | {"created_at": ""}}


def turns(count: int, file: int) -> list[dict[str, Any]]:
    """Every conversation has its turns in three files, three of them several bots; and a row that nobody can place."""
    rows: list[dict[str, Any]] = [
        {"conversation_id": f"c{n}", "turn_index": index, "role": "assistant" if index % 2 else "user",
         "bot": {0: "sales", 1: "care"}.get(index) if n < 3 else None, "content": f"turn {index} of {n}"}
        for n in range(count)
        for index in range(6)
        if (n + index) % 3 == file
    ]  # fmt: skip
    return [*rows, {"conversation_id": None, "turn_index": 0, "role": "user", "bot": None, "content": f"lost {file}"}]


def test_rows_of_messages_are_dealt_out_file_by_file_and_read_share_by_share(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shards, "SHARE", 2_000)
    (tmp_path / "log").mkdir()
    for file in range(3):
        pq.write_table(pa.Table.from_pylist(turns(40, file)), tmp_path / "log" / f"{file}.parquet")
    engine = PicklingEngine()
    pieces = part(tmp_path / "pieces", tmp_path / "log", engine)
    assert pieces == part(tmp_path / "whole", tmp_path / "log", LocalEngine())
    done = Counter(engine.pieces)
    assert (done["_open"], done["deal_piece"], done["read_piece"] > 3) == (3, 3, True)
    (note,) = pieces["manifest.json"]["notes"]
    assert note.startswith("3 conversations name several bots")


def test_rows_that_are_conversations_are_read_file_by_file(tmp_path: Path) -> None:
    for file in range(3):
        lines = [
            {"messages": [{"role": "user", "content": f"{file} {n}"}, {"role": "assistant", "content": "Yes."}]}
            for n in range(4)
        ]
        folder = tmp_path / "log" / f"day={file}"
        folder.mkdir(parents=True)
        (folder / "chat.jsonl").write_text("\n".join(map(json.dumps, [*lines, {"messages": "nothing"}])))
    engine = PicklingEngine()
    pieces = part(tmp_path / "pieces", tmp_path / "log", engine)
    assert pieces == part(tmp_path / "whole", tmp_path / "log", LocalEngine())
    assert engine.pieces == ["_open"] * 3 + ["read_piece"] * 3
    assert len(pieces["manifest.json"]["notes"]) == 3  # each file has conversations without an id


def test_a_file_that_is_no_log_is_refused_wherever_it_was_opened(tmp_path: Path) -> None:
    (tmp_path / "log").mkdir()
    (tmp_path / "log" / "a.jsonl").write_text('{"messages": [{"role": "user", "content": "hello"}]}\n')
    (tmp_path / "log" / "b.parquet").write_bytes(b"PAR1 no more")
    pieces = part(tmp_path / "pieces", tmp_path / "log", PicklingEngine())
    assert pieces == part(tmp_path / "whole", tmp_path / "log", LocalEngine())
    assert [refused["file"] for refused in pieces["manifest.json"]["refused"]] == [str(tmp_path / "log" / "b.parquet")]


def test_every_format_that_is_read_in_pieces_is_one_that_there_is() -> None:
    assert set(READERS) >= ROWS_ALONE | ROWS_DEALT

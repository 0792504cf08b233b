"""JSON lines, lists and objects as rows: what is a row, what its number is, and that Parquet gives the same."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from tests.reading import chat, import_paths, message, write
from workbench.readers import open_source

ROWS = [
    chat("c1", bot="b", reward=0.0),
    chat("c2", [{"role": "user", "content": "größer 数 \x00\x1b"}]),
    chat("c3", reward=1.0),
]


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl", "log.jsonl.gz", "log.json", "log.json.gz"])
def test_the_same_rows_are_the_same_conversations_in_every_container(tmp_path: Path, name: str) -> None:
    expected = import_paths(tmp_path, write(tmp_path / "reference.parquet", ROWS))
    found = import_paths(tmp_path, write(tmp_path / name, ROWS))
    assert found.conversations == expected.conversations
    assert found.known == expected.known
    assert found.rows == (3, 3, 0, 0)


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl", "log.json.gz"])
def test_turns_are_read_from_every_container(tmp_path: Path, name: str) -> None:
    rows = [message("c1", 1, "assistant", "hi"), message("c2", 0), message("c1", 0)]
    found = import_paths(tmp_path, write(tmp_path / name, rows))
    assert {each.conversation_id: [turn.content for turn in each.turns] for each in found.conversations} == {
        "c1": ["hello", "hi"],
        "c2": ["hello"],
    }


@pytest.mark.parametrize(
    ("name", "text", "numbers"),
    [
        ("lines.jsonl", '{"a":1}\n\n \r\n{"a":2}\n', [1, 4]),
        ("lines.json", '{"a":1}\n{"a":2}', [1, 2]),
        ("lines.txt", '{"a":1}\n{"a":2}', [1, 2]),
        ("list.json", '[{"a":1},\n{"a":2}]', [1, 2]),
        ("list.json", ' [ ]\n[{"a": "]}, [\\""} , {"a": [{}, [1, "\\\\"]]}\n]\n', [1, 2]),
        ("list.jsonl", '[\n{"a":1},\n{"a":2}\n]', [1, 2]),
        ("one.json", '{\n"a": {"b": [1]}\n}\n', [1]),
        ("objects.json", '{\n"a": 1\n}\n{\n"a": 2}', [1, 2]),
        ("mark.jsonl", '\ufeff{"a":1}\r\n{"a":2}\r\n', [1, 2]),
        ("mark.json", '\ufeff[{"a":1}]', [1]),
    ],
)
def test_a_row_is_a_line_an_item_of_a_list_or_an_object(
    tmp_path: Path, name: str, text: str, numbers: list[int]
) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")
    source = open_source(tmp_path / name)
    source.check()
    assert [number for number, _ in source.log.read()] == numbers
    assert (source.log.rows, source.log.rejects, source.columns) == (len(numbers), [], ["a"])


@pytest.mark.parametrize("size", [1 << 20, (3 << 20) + 17])
def test_a_row_may_be_longer_than_what_is_read_at_once(tmp_path: Path, size: int) -> None:
    rows = [chat("c1", [{"role": "user", "content": 'x"\\' * (size // 3)}]), chat("c2")]
    expected = import_paths(tmp_path, write(tmp_path / "log.jsonl", rows))
    assert import_paths(tmp_path, write(tmp_path / "log.json", rows)).known == expected.known
    assert expected.rows == (2, 2, 0, 0)


OUTLINE = {"messages", "messages.role", "messages.content", "messages.a", "messages.a.b", "n", "conversation_id"}


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl"])
def test_the_outline_names_all_fields_with_dots(tmp_path: Path, name: str) -> None:
    row: dict[str, Any] = chat("c1", [{"role": "user", "content": "hi", "a": [{"b": 1}]}], n=1)
    assert open_source(write(tmp_path / name, [row])).outline == OUTLINE


def test_nulls_are_as_absent_as_in_parquet(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"a": null, "b": 1}\n')
    assert [row for _, row in open_source(tmp_path / "log.jsonl").log.read()] == [{"b": 1}]


def test_gzip_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(gzip.compress(b'{"a":1}'))
    assert [row for _, row in open_source(tmp_path / "log.jsonl").log.read()] == [{"a": 1}]

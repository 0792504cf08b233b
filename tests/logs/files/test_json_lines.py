"""JSON lines, lists and objects as rows: what is a row, what its number is, and that Parquet gives the same."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import chat, import_paths, message, write
from workbench.errors import RefusedFile, UserError
from workbench.logs.files import json_lines, shards
from workbench.logs.formats import open_source

ROWS = [
    chat("c1", bot="b", reward=0.0),
    chat("c2", [{"role": "user", "content": "größer 数 \x00\x1b"}]),
    chat("c3", reward=1.0),
]


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl", "log.jsonl.gz", "log.json", "log.json.gz"])
def test_the_same_rows_are_the_same_conversations_in_every_container(tmp_path: Path, name: str) -> None:
    expected = import_paths(tmp_path, write(tmp_path / "reference.parquet", ROWS))
    log = import_paths(tmp_path, write(tmp_path / name, ROWS))
    assert log.conversations == expected.conversations
    assert log.stored == expected.stored
    assert log.rows == (3, 3, 0, 0)


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl", "log.json.gz"])
def test_turns_are_read_from_every_container(tmp_path: Path, name: str) -> None:
    rows = [message("c1", 1, "assistant", "hi"), message("c2", 0), message("c1", 0)]
    log = import_paths(tmp_path, write(tmp_path / name, rows))
    assert {each.conversation_id: [turn.content for turn in each.turns] for each in log.conversations} == {
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


PRETTY = '{\n "a": 1\n}\n{\n "a": 2\n}\n'


@pytest.mark.parametrize(
    ("name", "text", "numbers"),
    [
        ("jq.jsonl", PRETTY, [1, 2]),
        ("jq.ndjson.gz", PRETTY, [1, 2]),
        ("list.jsonl", '[{"a":1}, {"a":2}]', [1, 2]),
        ("list.jsonl", '[{"a":1},\n{"a":2}]', [1, 2]),
        ("one line.jsonl", '{"a":1}{"a":2}', [1, 2]),
        ("a good line.jsonl", '{"a":\n1\n}\n{"a":2}', [1, 2]),
    ],
)
def test_what_is_named_like_lines_and_has_none_is_cut_by_its_brackets(
    tmp_path: Path, name: str, text: str, numbers: list[int]
) -> None:
    (tmp_path / name).write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    source = open_source(tmp_path / name)
    source.check()
    assert [(number, row) for number, row in source.log.read()] == [(n, {"a": n}) for n in numbers]
    assert source.log.rejects == []


@pytest.mark.parametrize("bad", ["hello", '{"a": 1', '{"a": }', '{"a": "', "}", '{"a": [}'])
def test_lines_in_a_file_named_json_are_lines_also_where_the_first_is_bad(tmp_path: Path, bad: str) -> None:
    (tmp_path / "log.json").write_text("\n".join([bad, *(f'{{"a":{n}}}' for n in range(2, 5))]))
    source = open_source(tmp_path / "log.json")
    source.check()
    assert [(number, row) for number, row in source.log.read()] == [(n, {"a": n}) for n in range(2, 5)]
    assert [reject.row for reject in source.log.rejects] == [1]


def test_a_list_with_something_behind_it_is_not_taken_for_lines(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text('[\n{"a": 1}\n]\nx')
    with pytest.raises(RefusedFile, match="stands outside of any list or object"):
        open_source(tmp_path / "log.json")


@pytest.mark.parametrize("size", [1 << 20, (3 << 20) + 17])
def test_a_row_may_be_longer_than_what_is_read_at_once(tmp_path: Path, size: int) -> None:
    rows = [chat("c1", [{"role": "user", "content": 'x"\\' * (size // 3)}]), chat("c2")]
    expected = import_paths(tmp_path, write(tmp_path / "log.jsonl", rows))
    assert import_paths(tmp_path, write(tmp_path / "log.json", rows)).stored == expected.stored
    assert expected.rows == (2, 2, 0, 0)


OUTLINE = {"messages", "messages.role", "messages.content", "messages.a", "messages.a.b", "n", "conversation_id"}


@pytest.mark.parametrize("name", ["log.parquet", "log.jsonl"])
def test_the_outline_names_all_fields_with_dots(tmp_path: Path, name: str) -> None:
    row: dict[str, Any] = chat("c1", [{"role": "user", "content": "hi", "a": [{"b": 1}]}], n=1)
    assert open_source(write(tmp_path / name, [row])).outline == OUTLINE


def test_nulls_are_as_absent_as_in_parquet(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"a": null, "b": 1}\n')
    assert [row for _, row in open_source(tmp_path / "log.jsonl").log.read()] == [{"b": 1}]


def test_a_column_that_is_null_in_all_rows_is_there(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text('{"a": null, "b": {"c": null}}\n')
    source = open_source(tmp_path / "log.jsonl")
    assert (source.columns, source.outline) == (["a", "b"], {"a", "b", "b.c"})


def test_turns_whose_first_contents_are_null_are_turns(tmp_path: Path) -> None:
    rows = [message("c1", n, "assistant", content=None) for n in range(json_lines.SAMPLE_ROWS)]
    log = import_paths(tmp_path, write(tmp_path / "log.jsonl", [*rows, message("c1", 999)]))
    assert (log.manifest.format, log.rows) == ("turns", (101, 101, 0, 0))


@pytest.mark.parametrize("around", ["data", "conversations", "simulations", "items", "results", "anything"])
def test_one_object_around_the_list_of_all_rows_is_opened(tmp_path: Path, around: str) -> None:
    talk = [{"role": "user", "content": "hi"}]
    items: list[Any] = [{"id": "a", "messages": talk}, 7, {"id": "b", "messages": talk, "x": None}]
    (tmp_path / "log.json").write_text(json.dumps({"exported": "today", around: items}, indent=1))
    log = import_paths(tmp_path, tmp_path / "log.json")
    assert (log.ids, log.rows) == (["a", "b"], (3, 2, 1, 0))
    assert [(each.row, each.reason) for each in log.rejects] == [
        (2, f"is no JSON object, as the rows in {around!r} are")
    ]
    assert log.manifest.notes == [
        f"{tmp_path / 'log.json'}: its rows are the items of {around}. Not read, since it stands beside them: exported."
    ]


def test_of_several_lists_the_one_of_a_usual_name_is_opened(tmp_path: Path) -> None:
    runs = [{"id": "a", "task_id": "3", "messages": [{"role": "user", "content": "hi"}]}]
    (tmp_path / "tau2.json").write_text(json.dumps({"info": {}, "tasks": [{"id": "3"}], "simulations": runs}))
    assert import_paths(tmp_path, tmp_path / "tau2.json").ids == ["a"]


@pytest.mark.parametrize("share", [1, 1 << 30])
def test_pages_of_rows_are_opened_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    pages = [{"data": [message("c1", n), message("c2", n)], "meta": {"page": n}} for n in range(3)]
    log = import_paths(tmp_path, write(tmp_path / "pages.jsonl", pages))
    assert sorted((each.conversation_id, len(each.turns)) for each in log.conversations) == [("c1", 3), ("c2", 3)]


def test_a_mapping_may_name_the_columns_of_the_rows_inside_or_of_the_object_around(tmp_path: Path) -> None:
    (tmp_path / "our.toml").write_text(
        'layout = "chat"\n[columns]\nconversation_id = "key"\nmessages = "items"\n[message]\nrole = "who"\ncontent = "what"\n'
    )
    talk = {"key": "k", "items": [{"who": "user", "what": "hi", "parts": [{"x": 1}]}]}
    (tmp_path / "around.json").write_text(json.dumps(talk))
    (tmp_path / "inside.json").write_text(json.dumps({"data": [talk]}))
    for name in ("around.json", "inside.json"):
        assert import_paths(tmp_path, tmp_path / name, mapping=tmp_path / "our.toml").ids == ["k"]


def test_a_list_of_messages_under_other_names_is_no_list_of_rows(tmp_path: Path) -> None:
    (tmp_path / "log.json").write_text(json.dumps({"turns": [{"voice": "user", "line": "hi"}]}))
    with pytest.raises(UserError, match=r"as a chat log it lacks messages\.role .* Found: turns\."):
        import_paths(tmp_path, tmp_path / "log.json")


def test_gzip_is_known_by_its_first_bytes(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_bytes(gzip.compress(b'{"a":1}'))
    assert [row for _, row in open_source(tmp_path / "log.jsonl").log.read()] == [{"a": 1}]

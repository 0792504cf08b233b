"""*chat* as JSON writes it: other names for the messages, ShareGPT's form, conversations without an id."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import HELLO, import_paths, write
from workbench.conversation.model import ToolCall, Turn


def lines(path: Path, *rows: dict[str, Any]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write(path, list(rows))


@pytest.mark.parametrize("column", ["messages", "conversation", "conversations", "turns"])
@pytest.mark.parametrize("id_column", ["conversation_id", "id"])
def test_messages_and_id_may_go_by_other_names(tmp_path: Path, column: str, id_column: str) -> None:
    log = import_paths(tmp_path, lines(tmp_path / "log.jsonl", {id_column: 7, column: HELLO, "topic": "fees"}))
    assert (log.only.conversation_id, log.only.turns) == ("7", [Turn(0, "user", "hello")])
    assert (log.only.metadata, log.manifest.format, log.manifest.notes) == ({"topic": "fees"}, "chat", [])


def test_a_number_of_turns_is_not_taken_for_messages(tmp_path: Path) -> None:
    log = import_paths(tmp_path, lines(tmp_path / "log.jsonl", {"id": "a", "turns": 1, "conversations": HELLO}))
    assert (len(log.only.turns), log.only.metadata) == (1, {"turns": 1})


def test_sharegpt_messages_have_from_and_value(tmp_path: Path) -> None:
    messages = [
        {"from": "system", "value": "Be kind."},
        {"from": "human", "value": "hello", "weight": 0},
        {"from": "function_call", "value": '{"name": "greet", "arguments": {"n": 1}}'},
        {"from": "observation", "value": "done"},
        {"from": "function_call", "value": "no call"},
        {"from": "gpt", "value": "hi"},
        {"from": "moderator", "value": "…"},
    ]
    log = import_paths(tmp_path, lines(tmp_path / "log.json", {"id": "x1", "conversations": messages}))
    assert log.only.turns == [
        Turn(0, "system", "Be kind."),
        Turn(1, "user", "hello"),
        Turn(2, "assistant", "", tool_calls=[ToolCall("greet", '{"n": 1}', None, 3)]),
        Turn(3, "tool", "done", name="greet", caller="assistant", call_position=2),
        Turn(4, "assistant", "no call"),
        Turn(5, "assistant", "hi"),
        Turn(6, "moderator", "…"),
    ]
    assert log.only.metadata == {"turns.weight": [None, 0, None, None, None, None, None]}
    assert log.manifest.files[0]["why"] == "its rows have conversations with from, as ShareGPT writes"


def test_lines_without_an_id_are_named_by_file_and_line_and_that_is_said(tmp_path: Path) -> None:
    path = tmp_path / "week.jsonl"
    path.write_text("\n" + json.dumps({"messages": HELLO}) + "\n\n" + json.dumps({"messages": HELLO, "bot": "b"}))
    log = import_paths(tmp_path, path)
    assert log.ids == ["week.jsonl:2", "week.jsonl:4"]
    (note,) = log.manifest.notes
    assert note.startswith(f"{path}: 2 conversations without an id, named by file and row, like week.jsonl:1:")
    assert import_paths(tmp_path, path, stored=log.stored).rows == (2, 0, 0, 2)


def test_files_of_one_name_are_told_apart_by_their_folders(tmp_path: Path) -> None:
    for day in ("1", "2"):
        lines(tmp_path / "logs" / day / "chat.jsonl", {"messages": HELLO})
    lines(tmp_path / "logs" / "other.jsonl", {"messages": HELLO})
    log = import_paths(tmp_path, tmp_path / "logs")
    assert log.ids == ["1/chat.jsonl:1", "2/chat.jsonl:1", "other.jsonl:1"]


def test_where_other_lines_have_an_id_one_without_is_rejected(tmp_path: Path) -> None:
    rows = [{"id": "a", "messages": HELLO}, {"messages": HELLO}, {"id": " ", "messages": HELLO}]
    log = import_paths(tmp_path, lines(tmp_path / "log.jsonl", *rows))
    assert (log.ids, log.rows) == (["a"], (3, 1, 2, 0))
    assert [(each.row, each.column, each.reason) for each in log.rejects] == [
        (2, "conversation_id", "is empty"),
        (3, "conversation_id", "is blank"),
    ]


def test_naive_and_aware_times_mixed_reject_the_naive_ones(tmp_path: Path) -> None:
    rows = [
        {"id": name, "turns": [{"role": "user", "content": "x", "timestamp": f"2025-07-01T10:00:00{zone}"}]}
        for name, zone in (("aware", "Z"), ("naive", ""))
    ]
    log = import_paths(tmp_path, lines(tmp_path / "log.jsonl", *rows))
    assert (log.ids, log.rejects[0].column) == (["aware"], "turns[0].timestamp")


def test_parquet_needs_an_id_under_its_own_name(tmp_path: Path) -> None:
    from workbench.errors import UserError

    with pytest.raises(UserError, match="as a chat log it lacks conversation_id"):
        import_paths(tmp_path, write(tmp_path / "log.parquet", [{"id": "a", "messages": HELLO}]))

"""The turns layout: one row a message."""

from __future__ import annotations

import json
import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.imported import import_paths, import_rows, message, real_log, write
from workbench.conversation.model import Conversation, ToolCall, Turn
from workbench.logs.files import shards


def at(minute: int) -> datetime:
    return datetime(2025, 7, 1, 10, minute)


def contents(conversation: Conversation) -> list[str]:
    return [turn.content for turn in conversation.turns]


def timed(content: str, minute: int | None, conversation_id: str = "c1", **columns: Any) -> dict[str, Any]:
    """A row of a log that has no turn_index."""
    row = message(
        conversation_id, role="user", content=content, timestamp=None if minute is None else at(minute), **columns
    )
    del row["turn_index"]
    return row


def test_rows_become_the_turns_of_their_conversation_in_order(tmp_path: Path) -> None:
    call = [{"id": "1", "name": "f", "arguments": "{}"}]
    rows = [
        message("c1", 2, "tool", "done", bot="shop", tool_call_id="1", tool_calls=None),
        message("c2", 0, "user", "other", bot="shop", tool_call_id=None, tool_calls=None),
        message("c1", 1, "assistant", "", bot="shop", tool_call_id=None, tool_calls=call),
        message("c1", 0, "user", "do it", bot="shop", tool_call_id=None, tool_calls=None),
    ]
    log = import_rows(tmp_path, rows)
    assert log.rows == (4, 4, 0, 0)
    assert {each.conversation_id: each.turns for each in log.conversations} == {
        "c1": [
            Turn(0, "user", "do it"),
            Turn(1, "assistant", "", tool_calls=[ToolCall("f", "{}", "1", result_position=2)]),
            Turn(2, "tool", "done", name="f", tool_call_id="1", caller="assistant", call_position=1),
        ],
        "c2": [Turn(0, "user", "other")],
    }


def test_without_turn_index_the_timestamp_orders_and_ties_keep_the_order_of_the_log(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [timed("third", 2), timed("first", 1), timed("second", 1)])
    assert contents(log.only) == ["first", "second", "third"]
    assert (log.only.started_at, log.only.ended_at) == (at(1), at(2))


def test_a_conversation_may_lie_over_several_files(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "1.parquet", [message("c1", 1, content="b"), message("c2", 0, content="x")])
    write(logs / "2.parquet", [message("c1", 0, content="a")])
    log = import_paths(tmp_path, logs)
    assert {each.conversation_id: contents(each) for each in log.conversations} == {"c1": ["a", "b"], "c2": ["x"]}
    assert log.rows == (3, 3, 0, 0)


@pytest.mark.parametrize("suffix", ["parquet", "jsonl", "json"])
@pytest.mark.parametrize("share", [1, 10_000, 1 << 30])
def test_the_size_of_a_share_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int, suffix: str
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    rows = [message(n % 7 if n % 7 else None, n, content=f"m{n}", bot="b") for n in range(70)]
    random.Random(1).shuffle(rows)
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / f"1.{suffix}", rows[:40])
    write(logs / f"2.{suffix}", rows[40:])
    log = import_paths(tmp_path, logs)
    assert log.rows == (70, 60, 10, 0)
    assert {each.conversation_id: contents(each) for each in log.conversations} == {
        str(c): [f"m{n}" for n in range(c, 70, 7)] for c in range(1, 7)
    }
    expected = sorted(
        (f"{logs / '1'}.{suffix}", n) for n, row in enumerate(rows[:40], 1) if row["conversation_id"] is None
    )
    assert sorted((each.file, each.row) for each in log.rejects if f"1.{suffix}" in each.file) == expected


def test_one_bad_message_is_rejected_alone(tmp_path: Path) -> None:
    rows = [
        message("c1", 0, content="a"),
        message("c1", 1, role="", content="b"),
        message("c1", 2, content="c"),
        message(None, 0),
        message("c1", None, content="no place"),
    ]
    log = import_rows(tmp_path, rows)
    assert contents(log.only) == ["a", "c"]
    assert log.rows == (5, 2, 3, 0)
    assert sorted((each.row, each.column) for each in log.rejects) == [
        (2, "role"),
        (4, "conversation_id"),
        (5, "turn_index"),
    ]


def test_a_time_that_cannot_be_true_rejects_its_message_alone(tmp_path: Path) -> None:
    rows = [message("c1", n, timestamp=time) for n, time in enumerate(["2025-07-01T10:00:00Z", "0001-01-01T00:00:00Z"])]
    log = import_rows(tmp_path, rows)
    assert (log.rows, [(each.row, each.column) for each in log.rejects]) == ((2, 1, 1, 0), [(2, "timestamp")])


def test_the_same_place_twice_is_a_repeat_when_equal_and_else_rejected(tmp_path: Path) -> None:
    rows = [message("c1", 0, content="a"), message("c1", 0, content="a"), message("c1", 0, content="b")]
    log = import_rows(tmp_path, rows)
    assert contents(log.only) == ["a"]
    assert log.rows == (3, 1, 1, 1)
    (reject,) = log.rejects
    assert (reject.row, reject.column, reject.value) == (3, "turn_index", "0")
    assert reject.reason.endswith("log.parquet, row 1 is kept")


CALL = [{"id": "1", "name": "look", "arguments": "{}"}]
EXCHANGES: dict[str, tuple[list[dict[str, Any]], list[str]]] = {
    "one of each role": (
        [message("c1", n, role, f"{role} {n}") for n in (0, 1) for role in ("user", "assistant")],
        ["user 0", "assistant 0", "user 1", "assistant 1"],
    ),
    "the user stands first however the rows stand": (
        [
            message("c1", 0, "assistant", "hello"),
            message("c1", 0, "user", "hi"),
            message("c1", 0, "system", "Be kind."),
        ],
        ["Be kind.", "hi", "hello"],
    ),
    "times tell it better": (
        [message("c1", 0, "user", "hi", timestamp=at(2)), message("c1", 0, "assistant", "welcome", timestamp=at(1))],
        ["welcome", "hi"],
    ),
    "a call stands before its result and the answer": (
        [
            message("c1", 0, "user", "where?", tool_call_id=None, tool_calls=None),
            message("c1", 0, "tool", "Ashford", tool_call_id="1"),
            message("c1", 0, "tool", "Kent", tool_call_id="2"),
            message("c1", 0, "assistant", "In Ashford."),
            message("c1", 0, "assistant", "", tool_calls=CALL),
        ],
        ["where?", "", "Ashford", "Kent", "In Ashford."],
    ),
}


@pytest.mark.parametrize("case", EXCHANGES)
def test_rows_of_several_roles_at_one_turn_index_are_an_exchange(tmp_path: Path, case: str) -> None:
    rows, expected = EXCHANGES[case]
    log = import_rows(tmp_path, rows)
    assert (contents(log.only), log.rows) == (expected, (len(rows), len(rows), 0, 0))


def test_in_an_exchange_the_second_of_one_role_is_a_repeat_when_equal_and_else_rejected(tmp_path: Path) -> None:
    rows = [message("c1", 0, "user", "a"), *(message("c1", 0, "assistant", words) for words in ("b", "b", "c"))]
    log = import_rows(tmp_path, rows)
    assert (contents(log.only), log.rows) == (["a", "b"], (4, 2, 1, 1))
    assert [(each.row, each.column, each.reason) for each in log.rejects] == [
        (4, "turn_index", f"stands twice with different content; {tmp_path / 'log.parquet'}, row 2 is kept")
    ]


def test_without_turn_index_the_same_words_at_the_same_time_were_said_twice(tmp_path: Path) -> None:
    assert import_rows(tmp_path, [timed("hello?", 1), timed("hello?", 1)]).rows == (2, 2, 0, 0)


def test_without_turn_index_the_same_row_of_another_file_is_a_repeat(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "june.parquet", [timed("a", 1), timed("b", 2)])
    write(logs / "july.parquet", [timed("b", 2), timed("c", 3)])
    log = import_paths(tmp_path, logs)
    assert (contents(log.only), log.rows) == (["a", "b", "c"], (4, 3, 0, 1))


def test_without_turn_index_a_message_without_time_has_no_place(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [timed("a", 1), timed("b", None)])
    assert (contents(log.only), log.rows, log.rejects[0].column) == (["a"], (2, 1, 1, 0), "timestamp")


def test_timestamps_order_where_some_turn_index_is_missing(tmp_path: Path) -> None:
    rows = [message("c1", None, content="b", timestamp=at(2)), message("c1", 0, content="a", timestamp=at(1))]
    assert contents(import_rows(tmp_path, rows).only) == ["a", "b"]


@pytest.mark.parametrize("index", [pa.int8(), pa.float64(), pa.string()])
def test_turn_index_orders_as_a_number_whatever_its_type(tmp_path: Path, index: pa.DataType) -> None:
    order = pa.array([10, 9, 2]).cast(index)
    table = pa.table(
        {"conversation_id": ["c"] * 3, "turn_index": order, "role": ["user"] * 3, "content": ["z", "y", "x"]}
    )
    pq.write_table(table, tmp_path / "log.parquet")
    assert contents(import_paths(tmp_path, tmp_path / "log.parquet").only) == ["x", "y", "z"]


def test_columns_of_the_conversation_come_from_its_rows(tmp_path: Path) -> None:
    rows = [
        message("c1", 0, bot="shop", model="small", outcome=None, region="EU", score=None),
        message("c1", 1, bot=None, model="large", outcome="contained", region="EU", score=1),
        message("c1", 2, bot="shop", model=None, outcome="escalated", region="EU", score=None),
    ]
    log = import_rows(tmp_path, rows).only
    assert (log.bot, log.model, log.outcome) == ("shop", "small", "escalated")
    assert log.metadata == {
        "region": "EU",
        "turns.model": ["small", "large", None],
        "turns.outcome": [None, "contained", "escalated"],
        "turns.score": [None, 1, None],
    }


def test_one_id_under_two_bots_is_two_conversations(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [message("c1", 0, bot="a"), message("c1", 0, bot="b")], bot="c")
    assert sorted(each.bot for each in log.conversations) == ["a", "b"]


def test_a_conversation_that_one_bot_hands_on_to_another_stays_whole_under_the_first(tmp_path: Path) -> None:
    rows = [
        message("c1", 3, "assistant", "It is paid back.", bot="billing"),
        message("c1", 0, "user", "Refund, please", bot=None),
        message("c1", 1, "assistant", "Billing will help.", bot="reception"),
        message("c1", 2, "user", "Hello?", bot=None),
        message("c2", 0, "user", "hi", bot=None),
    ]
    log = import_rows(tmp_path, rows)
    assert [(each.bot, each.conversation_id, contents(each), each.metadata) for each in log.conversations] == [
        (
            "reception",
            "c1",
            ["Refund, please", "Billing will help.", "Hello?", "It is paid back."],
            {"turns.bot": [None, "reception", None, "billing"]},
        ),
        ("unknown", "c2", ["hi"], {}),
    ]
    assert log.manifest.notes == [
        "1 conversation names several bots, and in some rows none: it is kept whole under its first bot, and which bot it was "
        "stands beside the turns."
    ]


def test_the_order_of_rows_makes_no_other_content(tmp_path: Path) -> None:
    rows = [message(f"c{n % 3}", n, timestamp=at(n), x=n) for n in range(12)]
    first = import_rows(tmp_path, rows)
    again = import_paths(tmp_path, write(tmp_path / "other.parquet", rows[::-1]), stored=first.stored)
    assert (again.ids, again.rows, again.manifest.duplicates) == ([], (12, 0, 0, 12), 3)


def test_chit_chat_with_turns_names_imports_as_it_is(tmp_path: Path) -> None:
    names = {
        "dialogue_id": "conversation_id",
        "system": "bot",
        "speaker": "role",
        "utterance": "content",
        "time": "timestamp",
    }
    table = pq.read_table(real_log("dbdc3-dev-turns.parquet")).replace_schema_metadata(None)
    pq.write_table(
        table.rename_columns([names.get(name, name) for name in table.column_names]), tmp_path / "log.parquet"
    )
    log = import_paths(tmp_path, tmp_path / "log.parquet")
    assert (log.manifest.conversations, log.rows) == (415, (8509, 8509, 0, 0))
    assert {turn.role for each in log.conversations for turn in each.turns} == {"S", "U"}
    assert all(len(each.metadata["turns.n_X"]) == len(each.turns) for each in log.conversations)


@pytest.mark.parametrize("column", ["feedback", "own"])
@pytest.mark.parametrize(("depth", "kept"), [(99, ["a", "b"]), (100, ["a"]), (300, ["a"])])
def test_a_value_that_is_nested_too_deeply_rejects_its_message_alone(
    tmp_path: Path, column: str, depth: int, kept: list[str]
) -> None:
    deep = json.loads("[" * depth + "1" + "]" * depth)
    rows = [message("c1", 0, content="a"), message("c1", 1, content="b", **{column: deep})]
    log = import_paths(tmp_path, write(tmp_path / "log.jsonl", rows))
    assert [turn.content for turn in log.only.turns] == kept
    assert log.rows == (2, len(kept), 2 - len(kept), 0)
    assert {reject.reason for reject in log.rejects} <= {"is nested more than 100 levels deep"}

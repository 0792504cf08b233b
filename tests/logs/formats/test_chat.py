"""The chat layout: one row a conversation."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.imported import HELLO, chat, import_paths, import_rows, real_log
from workbench.conversation.model import Conversation, Document, ToolCall, Turn

CALL = {"id": "call-1", "name": "get_order", "arguments": '{"id": "000123"}'}
TALK = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "Where is my order?"},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "tool", "content": '{"state": "lost"}', "tool_call_id": "call-1"},
    {"role": "assistant", "content": "It is lost.", "finish_reason": "stop", "latency_ms": 812, "feedback": -1},
]


def test_a_row_is_a_conversation_with_its_calls_answered(tmp_path: Path) -> None:
    row = chat(
        "0007", TALK, bot="shop", model="m", model_version="2", prompt_version="p9", user_id=42, outcome="Escalated"
    )
    assert import_rows(tmp_path, [row]).only == Conversation(
        "0007",
        "shop",
        turns=[
            Turn(0, "system", "Be kind."),
            Turn(1, "user", "Where is my order?"),
            Turn(
                2, "assistant", "", tool_calls=[ToolCall("get_order", '{"id": "000123"}', "call-1", result_position=3)]
            ),
            Turn(
                3,
                "tool",
                '{"state": "lost"}',
                name="get_order",
                tool_call_id="call-1",
                caller="assistant",
                call_position=2,
            ),
            Turn(4, "assistant", "It is lost.", finish_reason="stop", latency_ms=812.0, feedback=-1),
        ],
        model="m",
        model_version="2",
        prompt_version="p9",
        user_id="42",
        outcome="escalated",
    )


def test_messages_may_be_json_text_and_mean_the_same(tmp_path: Path) -> None:
    structs = import_rows(tmp_path, [chat("c1", TALK)]).only
    assert import_rows(tmp_path, [chat("c1", json.dumps(TALK))]).only == structs


@pytest.mark.parametrize(
    ("messages", "column", "reason"),
    [
        ("null", "messages", "is empty: a conversation has at least one message"),
        ("[]", "messages", "is empty: a conversation has at least one message"),
        ("", "messages", "is empty: a conversation has at least one message"),
        ('{"role": "user"}', "messages", "is no list of messages"),
        ("[1]", "messages[0]", "is no message: role and content are expected"),
        ('[{"content": "hi"}]', "messages[0].role", "is empty: every message needs a role"),
        ('[{"role": "user", "content": NaN}]', "messages", "is no JSON (NaN is no JSON value)"),
        ('[{"role": "user", "latency_ms": 1e999}]', "messages", "is no JSON (the number 1e999 is too large)"),
        ('[{"role": "user", "tool_calls": [{"id": "1"}]}]', "messages[0].tool_calls[0]", "has no name"),
        ('[{"role": "user", "timestamp": "soon"}]', "messages[0].timestamp", None),
    ],
)
def test_messages_that_say_nothing_are_rejected(tmp_path: Path, messages: str, column: str, reason: str | None) -> None:
    log = import_rows(tmp_path, [chat("c1", messages), chat("c2", json.dumps(HELLO))])
    assert (log.ids, log.rows) == (["c2"], (2, 1, 1, 0))
    (reject,) = log.rejects
    assert (reject.row, reject.column) == (1, column)
    assert reason in (reject.reason, None)


def test_null_messages_are_rejected(tmp_path: Path) -> None:
    rows = [{"conversation_id": "c1", "messages": HELLO}, {"conversation_id": "c2", "messages": None}]
    assert import_rows(tmp_path, rows).rows == (2, 1, 1, 0)


def test_an_unknown_role_and_control_characters_are_kept_as_logged(tmp_path: Path) -> None:
    (turn,) = import_rows(
        tmp_path, [chat("c1", [{"role": "Überwacher", "content": "a\x00b\x1b[31m ###STOP###"}])]
    ).only.turns
    assert (turn.role, turn.content) == ("Überwacher", "a\x00b\x1b[31m ###STOP###")


def test_a_lone_surrogate_becomes_the_replacement_character(tmp_path: Path) -> None:
    (turn,) = import_rows(
        tmp_path, [chat("c1", '[{"role": "user", "content": "a\\ud800b \\ud83d\\ude00"}]')]
    ).only.turns
    assert turn.content == "a\ufffdb 😀"


def test_bytes_that_are_no_utf8_become_the_replacement_character(tmp_path: Path) -> None:
    messages = pa.array([[{"role": "user", "content": b"caf\xe9"}]])
    broken = pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())]))
    table = pa.table({"conversation_id": ["c1"], "messages": messages.view(broken)})
    pq.write_table(table, tmp_path / "log.parquet")
    assert import_paths(tmp_path, tmp_path / "log.parquet").only.turns[0].content == "caf\ufffd"


@pytest.mark.parametrize(
    ("ids", "kept"),
    [
        (pa.array(["000123", "12345678901234567890"]), ["000123", "12345678901234567890"]),
        (pa.array([7, 2**62]), ["7", str(2**62)]),
        (pa.array([12.0, 12.5, float("nan"), 2.0**60]), ["12"]),
        (pa.array([Decimal("12345678901234567890")]), ["12345678901234567890"]),
        (pa.array([bytes(range(16))], pa.uuid()), ["00010203-0405-0607-0809-0a0b0c0d0e0f"]),
        (pa.array([b"binary", b"\xff\xfe"]), ["binary"]),
        (pa.array([True]), []),
        (pa.array(["a", "b"]).dictionary_encode(), ["a", "b"]),
        (pa.array([" padded "], pa.large_string()), [" padded "]),
    ],
)
def test_identifiers_stay_text_as_logged(tmp_path: Path, ids: pa.Array, kept: list[str]) -> None:
    pq.write_table(pa.table({"conversation_id": ids, "messages": [HELLO] * len(ids)}), tmp_path / "log.parquet")
    log = import_paths(tmp_path, tmp_path / "log.parquet")
    assert (log.ids, log.manifest.rows_rejected) == (kept, len(ids) - len(kept))


def test_the_bot_option_fills_in_only_where_the_log_names_none(tmp_path: Path) -> None:
    rows = [chat("c1", bot="shop"), chat("c2", bot=None), chat("c3", bot=" ")]
    assert [each.bot for each in import_rows(tmp_path, rows).conversations] == ["shop", "unknown", "unknown"]
    assert [each.bot for each in import_rows(tmp_path, rows, bot="desk").conversations] == ["shop", "desk", "desk"]


def test_the_same_id_of_two_bots_are_two_conversations(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat("c1", bot="a"), chat("c1", bot="b")])
    assert [(each.bot, each.conversation_id) for each in log.conversations] == [("a", "c1"), ("b", "c1")]
    assert len(log.stored) == 2


def test_unknown_columns_are_kept_as_metadata(tmp_path: Path) -> None:
    row = chat(
        "c1",
        region="EU",
        cost=Decimal("0.10"),
        day=date(2025, 7, 1),
        at=datetime(2025, 7, 1, 12, tzinfo=UTC),
        blob=b"\x00\xff",
        ratio=float("nan"),
        limit=float("inf"),
        tags=["a", "b"],
        detail={"x": 1, "y": None},
        nothing=None,
        metadata={"team": "north"},
    )
    assert import_rows(tmp_path, [row]).only.metadata == {
        "region": "EU",
        "cost": "0.10",
        "day": "2025-07-01",
        "at": "2025-07-01T12:00:00+00:00",
        "blob": "base64:AP8=",
        "ratio": None,
        "limit": "inf",
        "tags": ["a", "b"],
        "detail": {"x": 1},
        "team": "north",
    }


@pytest.mark.parametrize(
    ("column", "kept"),
    [
        (pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), {"k": 1}),
        (pa.array([[({"k": 1}, 2)]], pa.map_(pa.struct([("k", pa.int64())]), pa.int64())), {"{'k': 1}": 2}),
        (pa.array([["a", "b"]], pa.list_(pa.string(), 2)), ["a", "b"]),
        (pa.array([["a"]], pa.list_view(pa.string_view())), ["a"]),
        (pa.array([2**31 - 1], pa.int32()).cast(pa.date32()), "2147483647 (date32[day], out of range)"),
        (pa.array([2**62], pa.timestamp("ms")), "4611686018427387904 ms since 1970"),
        (pa.array([5], pa.duration("s")), "5.0 s"),
        (pa.array([2**64 - 1], pa.uint64()), 2**64 - 1),
        (pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": 1}'])), '{"a": 1}'),
    ],
)
def test_a_column_of_any_type_is_kept(tmp_path: Path, column: pa.Array, kept: Any) -> None:
    pq.write_table(pa.table({"conversation_id": ["c1"], "messages": [HELLO], "x": column}), tmp_path / "log.parquet")
    assert import_paths(tmp_path, tmp_path / "log.parquet").only.metadata == {"x": kept}


def test_metadata_that_clashes_with_a_column_keeps_its_own_name(tmp_path: Path) -> None:
    log = import_rows(
        tmp_path, [chat("c1", region="EU", metadata='{"region": "US"}'), chat("c2", region="EU", metadata="x")]
    )
    assert [each.metadata for each in log.conversations] == [
        {"region": "EU", "metadata": '{"region": "US"}'},
        {"region": "EU", "metadata": "x"},
    ]


def test_unknown_fields_of_messages_are_kept_beside_the_turns(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "a", "tokens": 3}, {"role": "assistant", "content": "b", "tokens": None}]
    assert import_rows(tmp_path, [chat("c1", messages)]).only.metadata == {"turns.tokens": [3, None]}


def test_values_that_mean_nothing_in_their_field_are_kept_as_logged(tmp_path: Path) -> None:
    messages = json.dumps([{"role": "user", "content": "a", "feedback": "meh", "latency_ms": "slow"}])
    log = import_rows(tmp_path, [chat("c1", messages, outcome="resolved", reward="high", feedback_score="4.5")]).only
    assert (log.outcome, log.reward, log.feedback_score, log.turns[0].feedback) == (None, None, 4.5, None)
    assert log.metadata == {
        "outcome_logged": "resolved",
        "reward_logged": "high",
        "turns.feedback_logged": ["meh"],
        "turns.latency_ms_logged": ["slow"],
    }


def test_documents_and_citations_are_read(tmp_path: Path) -> None:
    documents = [{"id": "d1", "title": "Refunds", "text": "Within 30 days.", "score": 0.8}]
    messages = [
        {"role": "assistant", "content": "a", "citations": [{"id": "d1", "title": "Refunds", "url": "https://x.test"}]}
    ]
    log = import_rows(tmp_path, [chat("c1", messages, retrieved=documents)]).only
    assert log.retrieved == [Document("d1", "Refunds", "Within 30 days.", 0.8)]
    assert log.turns[0].citations == [Document("d1", "Refunds", url="https://x.test")]


def test_start_and_end_come_from_the_turns_where_no_column_gives_them(tmp_path: Path) -> None:
    messages = [{"role": "user", "content": "a", "timestamp": datetime(2025, 7, 1, 10, n, tzinfo=UTC)} for n in (0, 5)]
    log = import_rows(tmp_path, [chat("c1", messages)]).only
    assert (log.started_at, log.ended_at) == (datetime(2025, 7, 1, 10, 0), datetime(2025, 7, 1, 10, 5))


def test_a_cell_of_10_mb_is_kept(tmp_path: Path) -> None:
    (turn,) = import_rows(tmp_path, [chat("c1", [{"role": "user", "content": "x" * 10_000_000}])]).only.turns
    assert len(turn.content) == 10_000_000


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["conversation_id", "conversation_id"])
    pq.write_table(table, tmp_path / "log.parquet")
    with pytest.raises(Exception, match="'conversation_id' stands more than once"):
        import_paths(tmp_path, tmp_path / "log.parquet")


@pytest.mark.parametrize(
    ("name", "conversations", "turns"), [("agents.parquet", 420, 15326), ("rag.parquet", 477, 4440)]
)
def test_real_chat_logs_import_as_they_are(tmp_path: Path, name: str, conversations: int, turns: int) -> None:
    manifest = import_paths(tmp_path, real_log(name)).manifest
    assert (manifest.conversations, manifest.turns, manifest.rows_rejected) == (conversations, turns, 0)


def test_a_failed_check_on_the_users_own_device_belongs_to_the_user(tmp_path: Path) -> None:
    log = import_paths(tmp_path, real_log("agents.parquet"))
    callers: set[Any] = {turn.caller for each in log.conversations for turn in each.turns if turn.role == "tool"}
    assert callers == {"assistant", "user"}

"""A message says the same in whatever shape it was logged: in chat, in turns, with the words of any provider."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.imported import Imported, import_paths, import_rows, message, write
from workbench.conversation.model import ToolCall, Turn
from workbench.errors import UserError

ASKED = {"role": "user", "content": "Where is order 7?"}
CALLED = Turn(1, "assistant", tool_calls=[ToolCall("get_order", '{"order": 7}', "call_1", result_position=2)])
FAILED = Turn(
    2,
    "tool",
    "Error: 503",
    name="get_order",
    tool_call_id="call_1",
    caller="assistant",
    call_position=1,
    error="Error: 503",
)


def imported(folder: Path, *messages: Any, **columns: Any) -> Imported:
    return import_paths(folder, write(folder / "log.jsonl", [{"id": "t1", "messages": list(messages), **columns}]))


def turns_of(folder: Path, *messages: Any) -> list[Turn]:
    return imported(folder, *messages).only.turns


# --- words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        {"role": "assistant", "content": "At home"},
        {"role": "assistant", "text": "At home"},
        {"role": "assistant", "value": "At home"},
        {"role": "assistant", "content": None, "text": "At home"},
        {"role": "assistant", "parts": [{"text": "At home"}]},
        {"role": "assistant", "contents": [{"type": "text", "text": "At home"}]},
        {"role": "assistant", "content": '[{"type": "text", "text": "At home"}]'},
        {"role": "assistant", "content": [{"type": {"name": "text"}, "text": "At home"}]},
        {"role": "assistant", "content": None, "audio": {"id": "a", "transcript": "At home"}},
        {"role": "assistant", "content": [{"type": "audio", "transcript": "At home"}]},
        {"type": "ai", "content": "At home"},
        {"type": "ai", "data": {"content": "At home", "additional_kwargs": {}, "example": False}},
        {
            "lc": 1,
            "type": "constructor",
            "id": ["langchain", "schema", "messages", "AIMessage"],
            "kwargs": {"content": "At home", "type": "ai", "tool_calls": []},
        },
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "At home"}]},
        {"index": 0, "message": {"role": "assistant", "content": "At home"}},
        {"from": "gpt", "value": "At home"},
        {"from": "gpt", "content": "At home"},
    ],
)
def test_a_reply_says_the_same_in_whatever_shape_it_was_logged(tmp_path: Path, reply: dict[str, Any]) -> None:
    assert turns_of(tmp_path, ASKED, reply) == [Turn(0, "user", "Where is order 7?"), Turn(1, "assistant", "At home")]


def test_a_role_stays_as_logged_and_a_langchain_type_becomes_its_role(tmp_path: Path) -> None:
    messages = [
        {"role": "human", "content": "a"},
        {"role": "model", "parts": [{"text": "b"}]},
        {"type": "human", "content": "c"},
        {"type": "AIMessageChunk", "content": "d"},
        {"type": "system", "data": {"content": "e"}},
        {"type": "chat", "data": {"content": "f", "role": "agent"}},
    ]
    assert turns_of(tmp_path, *messages) == [
        Turn(0, "human", "a"),
        Turn(1, "model", "b"),
        Turn(2, "user", "c"),
        Turn(3, "assistant", "d"),
        Turn(4, "system", "e"),
        Turn(5, "agent", "f"),
    ]


@pytest.mark.parametrize(
    "refusal",
    [
        {"content": None, "refusal": "I can't help with that."},
        {"content": [{"type": "refusal", "refusal": "I can't help with that."}]},
    ],
)
def test_a_refusal_is_what_the_bot_said_and_why_it_ended(tmp_path: Path, refusal: dict[str, Any]) -> None:
    assert turns_of(tmp_path, ASKED, {"role": "assistant", **refusal})[1:] == [
        Turn(1, "assistant", "I can't help with that.", finish_reason="refusal")
    ]


@pytest.mark.parametrize(
    ("logged", "finish_reason"),
    [
        ({"stop_reason": "max_tokens"}, "max_tokens"),
        ({"finish_reason": "stop", "stop_reason": "end_turn"}, "stop"),
        ({"response_metadata": {"finish_reason": "length"}}, "length"),
        ({"refusal": None}, None),
    ],
)
def test_why_a_reply_ended_is_read_by_the_names_of_the_providers(
    tmp_path: Path, logged: dict[str, Any], finish_reason: str | None
) -> None:
    (_, reply) = turns_of(tmp_path, ASKED, {"role": "assistant", "content": "ok", **logged})
    assert reply == Turn(1, "assistant", "ok", finish_reason=finish_reason)


@pytest.mark.parametrize(
    "text",
    [
        '[{"type": "flight", "id": 7}]',
        '[{"type": "file", "name": "a.txt"}]',
        '[{"type": "text"}]',
        '[{"type": "text", "text": "a"}, 7]',
        "[1] see the type",
        "[]",
    ],
)
def test_a_text_that_only_looks_like_parts_stays_as_it_is(tmp_path: Path, text: str) -> None:
    assert turns_of(tmp_path, {"role": "tool", "content": text}) == [Turn(0, "tool", text)]


def test_fields_that_say_nothing_known_stay_beside_the_turn(tmp_path: Path) -> None:
    log = imported(
        tmp_path,
        {"type": "human", "data": {"content": "hi", "id": "run-1", "name": None, "additional_kwargs": {}}},
        {"role": "assistant", "content": "ok", "text": "other", "refusal": ""},
    )
    assert log.only.metadata == {
        "turns.id": ["run-1", None],
        "turns.text": [None, "other"],
        "turns.refusal": [None, ""],
    }


# --- calls and results ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "calling",
    [
        {"tool_calls": [{"id": "call_1", "name": "get_order", "args": {"order": 7}, "type": "tool_call"}]},
        {"tool_calls": [{"id": "call_1", "name": "get_order", "input": {"order": 7}}]},
        {"tool_calls": [{"id": "call_1", "name": "get_order", "parameters": {"order": 7}}]},
        {"tool_calls": [{"id": "fc_1", "call_id": "call_1", "name": "get_order", "arguments": '{"order": 7}'}]},
        {"tool_calls": json.dumps([{"id": "call_1", "name": "get_order", "args": {"order": 7}}])},
        {"tool_calls": [{"toolCallId": "call_1", "toolName": "get_order", "args": {"order": 7}}]},
        {"additional_kwargs": {"tool_calls": [{"id": "call_1", "function": {"name": "get_order", "arguments": '{"order": 7}'}}]}},
        {"content": [{"type": "tool_use", "id": "call_1", "name": "get_order", "input": {"order": 7}}]},
        {"content": [{"type": "tool-call", "toolCallId": "call_1", "toolName": "get_order", "args": {"order": 7}}]},
        {"content": [{"toolUse": {"toolUseId": "call_1", "name": "get_order", "input": {"order": 7}}}]},
        {"parts": [{"functionCall": {"id": "call_1", "name": "get_order", "args": {"order": 7}}}]},
        {
            "content": [{"type": "tool_use", "id": "call_1", "name": "get_order", "input": {"order": 7}}],
            "tool_calls": [{"id": "call_1", "name": "get_order", "args": {"order": 7}}],
        },
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "answer",
    [
        {"role": "tool", "tool_call_id": "call_1", "content": "Error: 503", "status": "error"},
        {"role": "tool", "tool_call_id": "call_1", "content": [{"type": "text", "text": "Error: 503"}], "is_error": True},
        {"type": "tool", "data": {"tool_call_id": "call_1", "content": "Error: 503", "status": "error"}},
        {"role": "user", "content": [{"type": "tool_result", "tool_use_id": "call_1", "is_error": True, "content": "Error: 503"}]},
        {"role": "user", "content": [{"toolResult": {"toolUseId": "call_1", "status": "error", "content": [{"text": "Error: 503"}]}}]},
    ],
)  # fmt: skip
def test_a_call_and_its_result_are_the_same_in_whatever_shape(
    tmp_path: Path, calling: dict[str, Any], answer: dict[str, Any]
) -> None:
    assert turns_of(tmp_path, ASKED, {"role": "assistant", **calling}, answer)[1:] == [CALLED, FAILED]


ANTHROPIC = [
    ASKED,
    {
        "role": "assistant",
        "stop_reason": "tool_use",
        "content": [
            {"type": "thinking", "thinking": "Order 7.", "signature": "x"},
            {"type": "text", "text": "Let me look."},
            {"type": "tool_use", "id": "toolu_1", "name": "get_order", "input": {"order": 7}},
        ],
    },
    {
        "role": "user",
        "content": [
            {
                "type": "tool_result",
                "tool_use_id": "toolu_1",
                "is_error": True,
                "content": [{"type": "text", "text": "Error: 503"}],
            },
            {"type": "text", "text": "Well?"},
        ],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "It is down."}], "stop_reason": "end_turn"},
]
CALL = ToolCall("get_order", '{"order": 7}', "toolu_1", result_position=2)
RESULT = Turn(
    2,
    "tool",
    "Error: 503",
    name="get_order",
    tool_call_id="toolu_1",
    caller="assistant",
    call_position=1,
    error="Error: 503",
)
ANTHROPIC_TURNS = [
    Turn(0, "user", "Where is order 7?"),
    Turn(1, "assistant", "Let me look.", tool_calls=[CALL], finish_reason="tool_use"),
    RESULT,
    Turn(3, "user", "Well?"),
    Turn(4, "assistant", "It is down.", finish_reason="end_turn"),
]


def test_a_result_among_a_users_parts_is_a_turn_of_the_tool_before_the_users_words(tmp_path: Path) -> None:
    log = imported(tmp_path, *ANTHROPIC).only
    assert log.turns == ANTHROPIC_TURNS
    assert log.metadata == {"turns.reasoning": [None, "Order 7.", None, None, None]}


@pytest.mark.parametrize("name", ["log.jsonl", "log.parquet"])
def test_in_turns_the_parts_of_a_row_are_several_turns_and_one_row(tmp_path: Path, name: str) -> None:
    rows = [
        {
            **message("c1", place, logged["role"], json.dumps(logged["content"]) if place else logged["content"]),
            "stop_reason": logged.get("stop_reason"),
            "channel": "web",
        }
        for place, logged in enumerate(ANTHROPIC)
    ]
    log = import_paths(tmp_path, write(tmp_path / name, rows[::-1]))
    assert (log.only.turns, log.only.channel, log.rows) == (ANTHROPIC_TURNS, "web", (4, 4, 0, 0))
    assert log.only.metadata == {
        "turns.reasoning": [None, "Order 7.", None, None, None],
        "turns.stop_reason": [None, "tool_use", None, None, "end_turn"],
    }


def test_what_stands_beside_the_parts_goes_to_the_last_turn_of_a_message_and_its_time_to_all(tmp_path: Path) -> None:
    server = {
        "role": "assistant",
        "timestamp": "2026-03-02T09:00:00Z",
        "latency_ms": 900,
        "feedback": 1,
        "content": [
            {"type": "server_tool_use", "id": "s1", "name": "web_search", "input": {"query": "hours"}},
            {"type": "web_search_tool_result", "tool_use_id": "s1", "content": "From nine."},
            {"type": "text", "text": "We open at nine."},
        ],
    }
    turns = turns_of(tmp_path, server)
    assert [(t.role, t.content, t.latency_ms, t.feedback, t.name, str(t.timestamp)) for t in turns] == [
        ("assistant", "", None, None, None, "2026-03-02 09:00:00"),
        ("tool", "From nine.", None, None, "web_search", "2026-03-02 09:00:00"),
        ("assistant", "We open at nine.", 900, 1, None, "2026-03-02 09:00:00"),
    ]


def test_a_column_of_texts_may_hold_lists_of_parts_in_parquet(tmp_path: Path) -> None:
    messages = [{"role": message["role"], "content": json.dumps(message["content"])} for message in ANTHROPIC[1:]]
    table = pa.table({"conversation_id": ["c1"], "messages": [[{"role": "user", "content": "hi"}, *messages]]})
    pq.write_table(table, tmp_path / "log.parquet")
    log = import_paths(tmp_path, tmp_path / "log.parquet").only
    assert [(turn.role, turn.content) for turn in log.turns] == [
        ("user", "hi"),
        ("assistant", "Let me look."),
        ("tool", "Error: 503"),
        ("user", "Well?"),
        ("assistant", "It is down."),
    ]


def test_items_of_openais_responses_are_calls_and_results(tmp_path: Path) -> None:
    log = imported(
        tmp_path,
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Where is order 7?"}]},
        {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "Look it up."}]},
        {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "get_order", "arguments": '{"order": 7}'},
        {"type": "function_call_output", "id": "fo_1", "call_id": "call_1", "output": "lost"},
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"query": "lost parcels"}},
        {"type": "mcp_call", "id": "mcp_1", "name": "refund", "arguments": "{}", "error": "denied"},
    ).only
    assert log.turns == [
        Turn(0, "user", "Where is order 7?"),
        Turn(1, "assistant", tool_calls=[ToolCall("get_order", '{"order": 7}', "call_1", 2)]),
        Turn(2, "tool", "lost", name="get_order", tool_call_id="call_1", caller="assistant", call_position=1),
        Turn(3, "assistant", tool_calls=[ToolCall("web_search", '{"query": "lost parcels"}', "ws_1")]),
        Turn(4, "assistant", tool_calls=[ToolCall("refund", "{}", "mcp_1", 5)]),
        Turn(
            5,
            "tool",
            "denied",
            name="refund",
            tool_call_id="mcp_1",
            caller="assistant",
            call_position=4,
            error="denied",
        ),
    ]
    assert log.metadata["turns.reasoning"] == [None, "Look it up.", None, None, None, None]


def test_the_older_function_call_is_answered_by_name(tmp_path: Path) -> None:
    assert turns_of(
        tmp_path,
        {"role": "assistant", "content": None, "function_call": {"name": "get_order", "arguments": '{"order": 7}'}},
        {"role": "function", "name": "get_order", "content": "lost"},
    ) == [
        Turn(0, "assistant", tool_calls=[ToolCall("get_order", '{"order": 7}', None, 1)]),
        Turn(1, "function", "lost", name="get_order", caller="assistant", call_position=0),
    ]


def test_parallel_calls_without_ids_and_names_are_answered_in_their_order(tmp_path: Path) -> None:
    calls = [{"name": "get_order", "args": {"order": 7}}, {"name": "get_order", "args": {"order": 8}}]
    turns = turns_of(
        tmp_path,
        {"role": "assistant", "tool_calls": calls},
        {"role": "tool", "content": "lost"},
        {"role": "tool", "content": "sent"},
    )
    assert [(call.arguments, call.result_position) for call in turns[0].tool_calls] == [
        ('{"order": 7}', 1),
        ('{"order": 8}', 2),
    ]


# --- what is no message ---------------------------------------------------------------------------------------------


def test_a_log_whose_messages_have_no_content_is_refused_and_told_how_to_name_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        imported(tmp_path, {"role": "user", "says": "hi"}, {"role": "assistant", "says": "ok"})
    assert (
        "as a chat log it lacks messages.content (they have role, says; "
        'a mapping says what is meant: [message] content = "…")'
    ) in str(refused.value)
    assert "--mapping FILE.toml" in str(refused.value)


def test_a_log_whose_messages_have_no_role_is_refused_and_told_how_to_name_it(tmp_path: Path) -> None:
    with pytest.raises(UserError) as refused:
        imported(tmp_path, {"voice": "bot", "says": "hi"})
    assert (
        "as a chat log it lacks messages.role and messages.content (they have says, voice; "
        'a mapping says what is meant: [message] role = "…", content = "…")'
    ) in str(refused.value)


def test_where_only_the_rows_tell_a_conversation_without_any_content_is_rejected(tmp_path: Path) -> None:
    silent = [{"role": "user", "says": "hi"}]
    rows = [{"conversation_id": "c1", "messages": json.dumps(silent)}]
    rows += [{"conversation_id": "c2", "messages": json.dumps([ASKED])}]
    log = import_rows(tmp_path, rows)
    assert (log.ids, log.rows) == (["c2"], (2, 1, 1, 0))
    assert [(each.row, each.column, each.reason) for each in log.rejects] == [
        (
            1,
            "messages.content",
            'is in no message: they have role, says; a mapping says what is meant: [message] content = "…"',
        )
    ]


def test_a_null_content_is_an_empty_message_where_others_have_one(tmp_path: Path) -> None:
    assert turns_of(tmp_path, {"role": "user", "content": "hi"}, {"role": "assistant", "content": None}) == [
        Turn(0, "user", "hi"),
        Turn(1, "assistant", ""),
    ]


@pytest.mark.parametrize(
    ("row", "hint"),
    [
        (
            {"custom_id": "r1", "response": {"body": {"choices": [{"message": ASKED}]}}},
            "replies without what was asked",
        ),
        ({"custom_id": "r1", "method": "POST", "body": {"messages": [ASKED]}}, "without the replies"),
    ],
)
def test_batch_files_of_openai_are_refused_with_what_to_do(tmp_path: Path, row: dict[str, Any], hint: str) -> None:
    with pytest.raises(UserError, match=hint):
        import_paths(tmp_path, write(tmp_path / "batch.jsonl", [row]))


@pytest.mark.parametrize("layout", ["chat", "turns"])
def test_a_shape_that_nobody_foresaw_rejects_its_row_alone_and_leaves_a_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, layout: str
) -> None:
    from workbench.logs.values import messages

    def surprised(fields: Any, *rest: Any) -> Any:
        if fields.get("content") == "odd":
            raise TypeError("unhashable type: 'dict'")
        return spoken(fields, *rest)

    spoken = messages.spoken
    monkeypatch.setattr(messages, "spoken", surprised)
    contents = ["odd", "hi"]
    rows = (
        [{"conversation_id": content, "messages": [{"role": "user", "content": content}]} for content in contents]
        if layout == "chat"
        else [message(content, 0, "user", content) for content in contents]
    )
    log = import_rows(tmp_path, rows)
    assert (log.ids, log.rows) == (["hi"], (2, 1, 1, 0))
    (reject,) = log.rejects
    assert reject.reason == "has a shape that is not understood: TypeError: unhashable type: 'dict'"
    assert "in surprised" in caplog.text


def test_rows_that_make_no_sense_together_are_all_rejected_and_the_others_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.logs.formats import turns

    def surprised(messages: Any) -> Any:
        if messages[0].turn.content == "odd":
            raise KeyError("order")
        return together(messages)

    together = turns._together
    monkeypatch.setattr(turns, "_together", surprised)
    log = import_rows(tmp_path, [message("c1", 0, content="odd"), message("c2", 0), message("c1", 1)])
    assert (log.ids, log.rows) == (["c2"], (3, 1, 2, 0))
    assert {each.reason for each in log.rejects} == {"has a shape that is not understood: KeyError: 'order'"}


def test_spans_that_nobody_foresaw_reject_their_conversation_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from workbench.logs.spans import one_conversation

    def surprised(spans: Any) -> Any:
        if spans[0].trace == "odd":
            raise AttributeError("'int' object has no attribute 'get'")
        return dialogue_of(spans)

    dialogue_of = one_conversation.dialogue_of
    monkeypatch.setattr(one_conversation, "dialogue_of", surprised)
    runs = [
        {"id": trace, "trace_id": trace, "run_type": "llm", "start_time": "2026-03-02T09:00:00Z", "inputs": "hi"}
        for trace in ("odd", "even")
    ]
    log = import_paths(tmp_path, write(tmp_path / "runs.jsonl", runs))
    assert (log.ids, log.rows) == (["even"], (2, 1, 1, 0))
    assert [each.reason for each in log.rejects] == [
        "conversation odd: has a shape that is not understood: AttributeError: 'int' object has no attribute 'get'"
    ]

"""*pairs*: a request and its reply beside it are one exchange, whoever logged it and however it was streamed."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths, write
from workbench.conversation.model import ToolCall, Turn

ASKED = {"role": "user", "content": "Is room 4 free?"}
ANSWER = {"role": "assistant", "content": "Until noon."}
EXCHANGE = [("user", "Is room 4 free?"), ("assistant", "Until noon.")]


def imported(folder: Path, *rows: dict[str, Any], name: str = "log.jsonl") -> Imported:
    return import_paths(folder, write(folder / name, list(rows)))


def words(turns: list[Turn]) -> list[tuple[str, str]]:
    """Who says what; Gemini's bot is called `model`, which stays as logged."""
    return [("assistant" if turn.role == "model" else turn.role, turn.content) for turn in turns]


REPLIES: dict[str, Any] = {
    "text": "Until noon.",
    "message": ANSWER,
    "messages": [ANSWER],
    "chat completion": {"choices": [{"index": 0, "message": ANSWER, "finish_reason": "stop"}]},
    "older completion": {"choices": [{"index": 0, "text": "Until noon."}]},
    "json text": json.dumps({"choices": [{"message": ANSWER}]}),
    "responses": {"output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Until noon."}]}]},
    "anthropic": {"type": "message", "role": "assistant", "content": [{"type": "text", "text": "Until noon."}], "stop_reason": "end_turn"},
    "gemini": {"candidates": [{"content": {"role": "model", "parts": [{"text": "Until noon."}]}, "finishReason": "STOP"}]},
    "bedrock converse": {"output": {"message": {"role": "assistant", "content": [{"text": "Until noon."}]}}, "stopReason": "end_turn"},
    "titan": {"results": [{"outputText": "Until noon.", "completionReason": "FINISH"}]},
    "llama": {"generation": "Until noon.", "stop_reason": "stop"},
    "ollama": {"message": ANSWER, "done": True},
    "in a body": {"status_code": 200, "body": {"choices": [{"message": ANSWER}]}},
    "chunks": [{"choices": [{"index": 0, "delta": {"role": "assistant", "content": "Until "}}]}, {"choices": [{"index": 0, "delta": {"content": "noon."}, "finish_reason": "stop"}]}],
    "anthropic events": [
        {"type": "message_start", "message": {"role": "assistant", "content": []}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Until "}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "noon."}},
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ],
    "bedrock stream": [
        {"messageStart": {"role": "assistant"}},
        {"contentBlockDelta": {"delta": {"text": "Until "}, "contentBlockIndex": 0}},
        {"contentBlockDelta": {"delta": {"text": "noon."}, "contentBlockIndex": 0}},
        {"messageStop": {"stopReason": "end_turn"}},
    ],
    "bedrock bytes": [
        {"chunk": {"bytes": base64.b64encode(json.dumps(event).encode()).decode()}}
        for event in (
            {"type": "message_start", "message": {"role": "assistant"}},
            {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Until noon."}},
        )
    ],
    "gemini stream": [{"candidates": [{"content": {"parts": [{"text": piece}], "role": "model"}}]} for piece in ("Until ", "noon.")],
    "ollama stream": [{"message": {"role": "assistant", "content": piece}, "done": piece == "noon."} for piece in ("Until ", "noon.")],
    "responses events": [{"type": "response.output_text.delta", "delta": piece} for piece in ("Until ", "noon.")],
    "server-sent events": 'data: {"choices": [{"delta": {"content": "Until "}}]}\n\ndata: {"choices": [{"delta": {"content": "noon."}}]}\n\ndata: [DONE]\n\n',
}  # fmt: skip


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
@pytest.mark.parametrize("column", ["response", "output", "completion"])
def test_a_reply_beside_the_messages_is_the_last_turn_in_whatever_shape(
    tmp_path: Path, column: str, reply: Any
) -> None:
    every = imported(tmp_path, {"conversation_id": "c", "messages": [ASKED], column: reply})
    assert (words(every.only.turns), every.manifest.format) == (EXCHANGE, "pairs")


@pytest.mark.parametrize("reply", REPLIES.values(), ids=REPLIES.keys())
def test_a_mapping_that_names_the_messages_loses_no_reply(tmp_path: Path, reply: Any) -> None:
    (tmp_path / "m.toml").write_text('layout = "chat"\n[columns]\nconversation_id = "key"\nmessages = "ask.list"\n')
    log = write(tmp_path / "log.jsonl", [{"key": "c", "ask": {"list": [ASKED]}, "response": reply}])
    assert words(import_paths(tmp_path, log, mapping=tmp_path / "m.toml").only.turns) == EXCHANGE


@pytest.mark.parametrize(
    ("asked", "answered"),
    [("request", "response"), ("request_body", "response_body"), ("requestBody", "responseBody"), ("input", "output")],
)
@pytest.mark.parametrize("as_text", [False, True])
def test_two_bodies_are_one_exchange(tmp_path: Path, asked: str, answered: str, as_text: bool) -> None:
    bodies = {asked: {"model": "m", "messages": [ASKED]}, answered: {"choices": [{"message": ANSWER}]}}
    if as_text and asked in ("request", "input"):
        pytest.skip("text in these columns may be anything")
    row = {name: json.dumps(body) if as_text else body for name, body in bodies.items()}
    only = imported(tmp_path, {"id": "q", **row}).only
    assert (only.conversation_id, only.model, words(only.turns)) == ("q", "m", EXCHANGE)


@pytest.mark.parametrize(
    ("request_", "role"),
    [
        ({"messages": [ASKED], "system": "Be brief."}, "system"),
        ({"input": [ASKED], "instructions": "Be brief."}, "system"),
        ({"input": "Is room 4 free?", "instructions": "Be brief."}, "system"),
        ({"contents": [{"role": "user", "parts": [{"text": "Is room 4 free?"}]}], "systemInstruction": {"parts": [{"text": "Be brief."}]}}, "system"),
    ],
)  # fmt: skip
def test_instructions_beside_the_request_stand_first(tmp_path: Path, request_: dict[str, Any], role: str) -> None:
    only = imported(tmp_path, {"id": "q", "request": request_, "response": {"choices": [{"message": ANSWER}]}}).only
    assert words(only.turns) == [(role, "Be brief."), *EXCHANGE]


@pytest.mark.parametrize(
    "about",
    [
        {"conversation_id": "s"},
        {"session_id": "s"},
        {"trace_id": "s"},
        {"metadata": {"session": "s"}},
        {"request_properties": {"Helicone-Session-Id": "s"}},
        {"requestMetadata": {"thread_id": "s"}},
        {"metadata": {"requester_metadata": {"session_id": "s"}}},
        {"trace_id": "t", "metadata": {"session_id": "s"}},
    ],
)
@pytest.mark.parametrize("history", [True, False], ids=["with the history", "new words only"])
def test_requests_of_one_session_are_one_conversation_in_order_of_time(
    tmp_path: Path, about: dict[str, Any], history: bool
) -> None:
    more = {"role": "user", "content": "And room 5?"}
    rows = [
        {"id": "2", "startTime": 1772442010.0, "endTime": 1772442012.0, "messages": [*([ASKED, ANSWER] if history else []), more], "response": "No.", **about},
        {"id": "1", "startTime": 1772442000.0, "endTime": 1772442002.0, "messages": [ASKED], "response": "Until noon.", **about},
    ]  # fmt: skip
    every = imported(tmp_path, *rows)
    assert (every.only.conversation_id, every.rows) == ("s", (2, 2, 0, 0))
    assert [(turn.role, turn.content, turn.timestamp) for turn in every.only.turns] == [
        ("user", "Is room 4 free?", datetime(2026, 3, 2, 9)),
        ("assistant", "Until noon.", datetime(2026, 3, 2, 9, 0, 2)),
        ("user", "And room 5?", datetime(2026, 3, 2, 9, 0, 10)),
        ("assistant", "No.", datetime(2026, 3, 2, 9, 0, 12)),
    ]


def test_no_time_in_the_log_is_no_time(tmp_path: Path) -> None:
    only = imported(tmp_path, {"conversation_id": "c", "messages": [ASKED], "output": "Until noon."}).only
    assert (only.started_at, only.ended_at, [turn.timestamp for turn in only.turns]) == (None, None, [None, None])


def test_a_reply_that_stands_among_the_messages_already_counts_once(tmp_path: Path) -> None:
    only = imported(tmp_path, {"conversation_id": "c", "messages": [ASKED, ANSWER], "response": ANSWER}).only
    assert words(only.turns) == EXCHANGE


def test_what_is_no_reply_stays_as_metadata(tmp_path: Path) -> None:
    only = imported(tmp_path, {"conversation_id": "c", "messages": [ASKED, ANSWER], "output": {"score": 3}}).only
    assert (words(only.turns), only.metadata) == (EXCHANGE, {"output": {"score": 3}})


def test_streamed_calls_are_put_together(tmp_path: Path) -> None:
    pieces = [
        {"tool_calls": [{"index": 0, "id": "k", "function": {"name": "book", "arguments": ""}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": '{"room":'}}]},
        {"tool_calls": [{"index": 0, "function": {"arguments": " 4}"}}]},
    ]
    chunks = [{"choices": [{"index": 0, "delta": piece}]} for piece in pieces]
    only = imported(tmp_path, {"conversation_id": "c", "messages": [ASKED], "response": chunks}).only
    assert only.turns[1].tool_calls == [ToolCall("book", '{"room": 4}', "k")]


def test_a_failed_request_is_a_turn_with_its_error(tmp_path: Path) -> None:
    row = {"id": "q", "request_body": {"messages": [ASKED]}, "response_body": {"error": {"message": "overloaded"}}}
    only = imported(tmp_path, row | {"response_status": 529}).only
    assert [(turn.role, turn.content, turn.error) for turn in only.turns] == [
        ("user", "Is room 4 free?", None),
        ("assistant", "", "overloaded"),
    ]


def test_a_body_in_s3_is_rejected_with_what_to_do(tmp_path: Path) -> None:
    good = {
        "requestId": "a",
        "input": {"inputBodyJson": {"messages": [ASKED]}},
        "output": {"outputBodyJson": {"completion": "Yes."}},
    }
    every = imported(tmp_path, good, {"requestId": "b", "input": {"inputBodyS3Path": "s3://x"}, "output": {"outputBodyS3Path": "s3://y"}})  # fmt: skip
    assert (every.ids, every.rejects[0].row) == (["a"], 2)
    assert every.rejects[0].reason.startswith("its body lies in S3 (inputBodyS3Path): put the body into its row")


def test_a_row_again_in_another_file_is_a_repeat(tmp_path: Path) -> None:
    row = {"id": "q", "session_id": "s", "messages": [ASKED], "response": "Until noon."}
    files = [write(tmp_path / name, [row]) for name in ("a.jsonl", "b.jsonl")]
    assert import_paths(tmp_path, *files).rows == (2, 1, 0, 1)

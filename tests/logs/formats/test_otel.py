"""OpenTelemetry's GenAI spans: OTLP JSON lines and flat tables, current and older names."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import import_paths, write
from tests.support.otel import NOON, at, batch, imported, pairs, span
from workbench.conversation.model import Conversation, Document, ToolCall, Turn
from workbench.logs.files import shards


def text(role: str, words: str) -> dict[str, Any]:
    return {"role": role, "parts": [{"type": "text", "content": words}]}


CALL = {"role": "assistant", "parts": [{"type": "tool_call", "id": "c1", "name": "look", "arguments": {"id": 7}}]}
RESULT = {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "response": "Ashford"}]}
QUESTION = text("user", "Where is parcel 7?")
ROOT = {"gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "parcel-care", "gen_ai.agent.version": "r7"}
CHAT = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1", "gen_ai.response.model": "m-1-0304"}
SPANS = [
    span("root", 0, {**ROOT, "gen_ai.conversation.id": "s1", "user.id": "u1"}),
    span(
        *("llm1", 1),
        {
            **CHAT,
            "gen_ai.prompt.name": "parcel",
            "gen_ai.prompt.version": "p3",
            "gen_ai.system_instructions": json.dumps([{"type": "text", "content": "Be kind."}]),
            "gen_ai.input.messages": json.dumps([QUESTION]),
            "gen_ai.output.messages": json.dumps([{**CALL, "finish_reason": "tool_call"}]),
        },
    ),
    span(
        *("execute_tool look", 3),
        {
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": "look",
            "gen_ai.tool.call.id": "c1",
            "gen_ai.tool.call.arguments": '{"id": 7}',
            "gen_ai.tool.call.result": "Ashford",
        },
    ),
    span(
        *("find", 4),
        {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.retrieval.documents": json.dumps([{"id": "d1", "score": 0.5, "content": "Ashford."}]),
        },
    ),
    span(
        *("llm2", 5),
        {
            **CHAT,
            "gen_ai.input.messages": json.dumps([QUESTION, CALL, RESULT]),
            "gen_ai.output.messages": json.dumps([text("assistant", "In Ashford.")]),
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.output_tokens": 5,
        },
        events=[
            {
                "name": "gen_ai.evaluation.result",
                "attributes": pairs({"gen_ai.evaluation.name": "relevance", "gen_ai.evaluation.score.value": 0.25}),
            }
        ],
    ),
]
TURNS = [
    Turn(0, "system", "Be kind."),
    Turn(1, "user", "Where is parcel 7?", timestamp=at(0)),
    Turn(
        *(2, "assistant"),
        tool_calls=[ToolCall("look", '{"id": 7}', "c1", 3)],
        timestamp=at(2),
        latency_ms=1000.0,
        finish_reason="tool_call",
    ),
    Turn(
        *(3, "tool", "Ashford", "look"),
        tool_call_id="c1",
        caller="assistant",
        call_position=2,
        timestamp=at(4),
        latency_ms=1000.0,
    ),
    Turn(
        *(4, "assistant", "In Ashford."),
        timestamp=at(6),
        latency_ms=1000.0,
        finish_reason="stop",
        retrieved=[Document("d1", text="Ashford.", score=0.5)],
    ),
]


def described(conversation: Conversation) -> tuple[Any, ...]:
    return (
        conversation.bot,
        conversation.conversation_id,
        conversation.user_id,
        conversation.model,
        conversation.model_version,
        conversation.prompt_version,
        conversation.release,
    )


def test_batches_of_spans_become_the_conversation_that_the_user_saw(tmp_path: Path) -> None:
    log = imported(tmp_path, batch(*SPANS[:2]), batch(*SPANS[2:]))
    conversation = log.only
    assert log.rows == (5, 5, 0, 0)
    assert described(conversation) == ("parcel-care", "s1", "u1", "m-1", "m-1-0304", "p3", "r7")
    assert conversation.turns == TURNS
    assert conversation.metadata == {
        "service.name": "parcel-service",
        "prompt_name": "parcel",
        "gen_ai.usage.output_tokens": 5,
        "relevance": 0.25,
        "turns.relevance": [None, None, None, None, 0.25],
    }
    assert log.manifest.files[0]["why"] == "its lines hold resourceSpans, as OpenTelemetry's collector writes them"


def test_one_object_and_gzip_say_the_same(tmp_path: Path) -> None:
    whole = json.dumps(batch(*SPANS), indent=1).encode()
    (tmp_path / "a.json").write_bytes(whole)
    (tmp_path / "b.json.gz").write_bytes(gzip.compress(whole))
    assert import_paths(tmp_path, tmp_path / "a.json").only.turns == TURNS
    assert import_paths(tmp_path, tmp_path / "b.json.gz").only.turns == TURNS


def test_structured_values_say_the_same_as_json_text(tmp_path: Path) -> None:
    rows = [
        {**each, "attributes": pairs({item["key"]: _structured(item) for item in each["attributes"]})} for each in SPANS
    ]
    assert imported(tmp_path, batch(*rows)).only.turns == TURNS


def _structured(item: dict[str, Any]) -> Any:
    value = next(iter(item["value"].values()))
    if item["key"].endswith((".messages", ".documents", "instructions")):
        return json.loads(value)
    return ["stop"] if item["key"].endswith("reasons") else value


@pytest.mark.parametrize("column", ["attributes", "SpanAttributes", ""])
def test_a_flat_table_of_spans_says_the_same(tmp_path: Path, column: str) -> None:
    rows = []
    for each in SPANS:
        attributes = {item["key"]: _structured(item) for item in each["attributes"]}
        own = {
            "trace_id": each["traceId"],
            "span_id": each["spanId"],
            "parent_span_id": each["parentSpanId"],
            "name": each["name"],
            "start_time": int(each["startTimeUnixNano"]),
            "end_time": int(each["endTimeUnixNano"]),
            "status_code": "STATUS_CODE_OK",
        }
        rows.append({**own, column: json.dumps(attributes)} if column else {**own, **attributes})
    path = tmp_path / "spans.jsonl"
    path.write_text("\n".join(map(json.dumps, rows)))
    log = import_paths(tmp_path, path)
    assert (log.manifest.format, log.only.turns) == ("otel", TURNS)
    if column:
        assert import_paths(tmp_path, write(tmp_path / "spans.parquet", rows)).only.turns == TURNS


CHAT_TEXT = {"gen_ai.operation.name": "chat", "gen_ai.prompt": "hi", "gen_ai.completion": "hello"}
OLDER = {"gen_ai.system": "openai", "gen_ai.request.model": "m-1"}
OLDER_FORMS = {
    "json": span(
        *("root", 0),
        {
            **OLDER,
            "gen_ai.prompt": '[{"role": "user", "content": "hi"}]',
            "gen_ai.completion": '[{"role": "assistant", "content": "hello", "finish_reason": "stop"}]',
        },
    ),
    "indexed": span(
        *("root", 0),
        {
            **OLDER,
            "gen_ai.prompt.0.role": "user",
            "gen_ai.prompt.0.content": "hi",
            "gen_ai.completion.0.role": "assistant",
            "gen_ai.completion.0.content": "hello",
            "gen_ai.completion.0.finish_reason": "stop",
        },
    ),
    "content events": span(
        *("root", 0, OLDER),
        events=[
            {
                "name": "gen_ai.content.prompt",
                "attributes": pairs({"gen_ai.prompt": '[{"role": "user", "content": "hi"}]'}),
            },
            {
                "name": "gen_ai.content.completion",
                "attributes": pairs(
                    {"gen_ai.completion": '[{"role": "assistant", "content": "hello", "finish_reason": "stop"}]'}
                ),
            },
        ],
    ),
    "message events": span(
        *("root", 0, OLDER),
        events=[
            {"name": "gen_ai.user.message", "attributes": pairs({"content": "hi"})},
            {
                "name": "gen_ai.choice",
                "attributes": pairs({"index": 0, "finish_reason": "stop", "message": '{"content": "hello"}'}),
            },
        ],
    ),
    "openinference": span(
        *("root", 0),
        {
            "openinference.span.kind": "LLM",
            "llm.input_messages.0.message.role": "user",
            "llm.input_messages.0.message.content": "hi",
            "llm.output_messages.0.message.role": "assistant",
            "llm.output_messages.0.message.content": "hello",
            "llm.finish_reason": "stop",
        },
    ),
}


@pytest.mark.parametrize("form", OLDER_FORMS)
def test_older_and_foreign_names_say_the_same(tmp_path: Path, form: str) -> None:
    assert imported(tmp_path, batch(OLDER_FORMS[form])).only.turns == [
        Turn(0, "user", "hi", timestamp=at(0)),
        Turn(1, "assistant", "hello", timestamp=at(1), latency_ms=1000.0, finish_reason="stop"),
    ]


def test_an_error_is_named_by_its_type_and_its_message(tmp_path: Path) -> None:
    tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "look", "error.type": "timeout"}
    spans = [span("a", 0, tool), span("b", 2, tool, status={"code": 2, "message": "too slow"})]
    log = imported(tmp_path, batch(*spans)).only
    assert [turn.error for turn in log.turns if turn.role == "tool"] == ["timeout", "timeout: too slow"]


def test_evaluations_may_come_as_log_records(tmp_path: Path) -> None:
    def record(name: str, span_id: str) -> dict[str, Any]:
        label = {"gen_ai.evaluation.name": "user_feedback", "gen_ai.evaluation.score.label": "thumbs_down"}
        stamp = {"timeUnixNano": str((NOON + 60) * 10**9), "eventName": name}
        return {**stamp, "traceId": "t1", "spanId": span_id, "attributes": pairs(label)}

    records = [record("gen_ai.evaluation.result", "llm2"), record("gen_ai.user.message", "llm2")]
    logs = {"resourceLogs": [{"scopeLogs": [{"logRecords": records}]}]}
    log = imported(tmp_path, batch(*SPANS), logs)
    assert (log.rows, log.only.turns[4].feedback) == ((7, 6, 1, 0), -1)


def test_lines_that_are_no_batch_are_rejected_with_their_number(tmp_path: Path) -> None:
    lost = span("x", 0, {})
    log = imported(tmp_path, batch(*SPANS), '{"resourceSpans": 7}', "{broken", batch({**lost, "traceId": ""}))
    assert log.rows == (8, 5, 3, 0)
    assert sorted((each.row, each.column) for each in log.rejects if each.column) == [
        (2, "resourceSpans"),
        (4, "trace_id"),
    ]
    assert [each.row for each in log.rejects if each.column is None] == [3]


def test_spans_of_other_services_alone_hold_no_conversation(tmp_path: Path) -> None:
    log = imported(tmp_path, batch(span("root", 0, {"http.route": "/health"})))
    assert (log.rows, log.conversations) == ((1, 0, 1, 0), [])


def test_text_under_names_that_nobody_here_knows_is_named_and_not_called_switched_off(tmp_path: Path) -> None:
    own = {"my.first_message": "Hi there", "my.said": "Where is my parcel?", "my.last_message": '[{"text": "hi"}]'}
    other = {"my.id": "a-b c", "my.response.model": "m-1", "http.user_agent": "a browser of mine", "my.count": 3}
    log = imported(tmp_path, batch(span("root", 0, {**own, **other}), span("child", 1, {})))
    (reject,) = log.rejects
    assert (log.rows, reject.rows, reject.reason) == (
        (2, 0, 2, 0),
        2,
        "conversation t1: its spans hold no message under a name that is known here. These attributes look like text: "
        "my.first_message, my.said, my.last_message",
    )
    assert log.manifest.notes == []


@pytest.mark.parametrize("share", [1, 1 << 30])
def test_a_line_may_hold_spans_of_many_conversations(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, share: int
) -> None:
    monkeypatch.setattr(shards, "SHARE", share)
    mixed = [
        span(
            f"{n}",
            n % 30,
            {"gen_ai.conversation.id": f"s{n % 3}", "gen_ai.prompt": f"q{n}", "gen_ai.completion": f"a{n}"},
            traceId=f"t{n}",
        )
        for n in range(12)
    ]
    log = imported(tmp_path, batch(*mixed[6:]), batch(*mixed[:6]))
    assert log.rows == (12, 12, 0, 0)
    assert {each.conversation_id: [turn.content for turn in each.turns] for each in log.conversations} == {
        f"s{n}": [f"{who}{number}" for number in range(n, 12, 3) for who in "qa"] for n in range(3)
    }


def test_an_array_that_is_none_is_empty(tmp_path: Path) -> None:
    broken = span("root", 0, CHAT_TEXT)
    broken["attributes"].append({"key": "numbers", "value": {"arrayValue": {"values": -1}}})
    log = imported(tmp_path, batch(broken))
    assert (log.rows, log.only.metadata["numbers"]) == ((1, 1, 0, 0), [])


@pytest.mark.parametrize("model", [["a", "b"], 7])
def test_a_model_that_is_no_text_is_kept_beside_its_turn_and_names_none(tmp_path: Path, model: Any) -> None:
    only = imported(tmp_path, batch(span("root", 0, {**CHAT_TEXT, "model": model}))).only
    assert (only.model, [turn.content for turn in only.turns]) == (None, ["hi", "hello"])
    assert only.metadata["turns.model"] == [None, model]

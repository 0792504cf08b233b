"""OpenTelemetry spans of frameworks that name things their own way: the AI SDK of Vercel, and Pydantic AI."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import import_paths
from tests.support.otel import batch, imported, pairs, span
from workbench.conversation.model import Conversation

ASKED = {"role": "user", "content": [{"type": "text", "text": "Where is parcel 7?"}]}
CALL = {"type": "tool-call", "toolCallId": "c1", "toolName": "look", "input": {"id": 7}}
RESULT = {"type": "tool-result", "toolCallId": "c1", "toolName": "look", "output": {"type": "text", "value": "Ashford"}}
METADATA = {"ai.telemetry.metadata.sessionId": "s1", "ai.telemetry.metadata.userId": "u1"}
GENERATE = {
    "ai.operationId": "ai.generateText.doGenerate",
    "ai.model.id": "m-1",
    "gen_ai.request.model": "m-1",
    **METADATA,
}
VERCEL = [
    span(
        *("root", 0),
        {
            "ai.operationId": "ai.generateText",
            "ai.prompt": json.dumps({"system": "Be kind.", "messages": [ASKED]}),
            "ai.response.text": "In Ashford.",
            **METADATA,
        },
    ),
    span(
        *("ai.generateText.doGenerate", 1),
        {
            **GENERATE,
            "ai.prompt.messages": json.dumps([{"role": "system", "content": "Be kind."}, ASKED]),
            "ai.response.toolCalls": json.dumps([CALL]),
            "ai.response.finishReason": "tool-calls",
        },
    ),
    span(
        *("ai.toolCall", 3),
        {
            "ai.operationId": "ai.toolCall",
            "ai.toolCall.name": "look",
            "ai.toolCall.id": "c1",
            "ai.toolCall.args": '{"id": 7}',
            "ai.toolCall.result": '"Ashford"',
        },
    ),
    span(
        *("again", 5),
        {
            **GENERATE,
            "ai.prompt.messages": json.dumps(
                [ASKED, {"role": "assistant", "content": [CALL]}, {"role": "tool", "content": [RESULT]}]
            ),
            "ai.response.text": "In Ashford.",
            "ai.response.finishReason": "stop",
        },
    ),
]


def event(name: str, /, **body: Any) -> dict[str, Any]:
    return {"event.name": f"gen_ai.{name}", "gen_ai.message.index": 0, **body}


OPENAI_CALL = {"id": "c1", "type": "function", "function": {"name": "look", "arguments": '{"id":7}'}}
EVENTS = [
    event("system.message", role="system", content="Be kind."),
    event("user.message", role="user", content="Where is parcel 7?"),
]
CALLED = event("assistant.message", role="assistant", tool_calls=[OPENAI_CALL])
RETURNED = event("tool.message", role="tool", id="c1", name="look", content="Ashford")
ANSWERED = event("assistant.message", role="assistant", content="In Ashford.")
RUN = {"agent_name": "parcel-care", "model_name": "m-1", "gen_ai.conversation.id": "s1"}
MODEL = {"gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1"}
TOOL = span(
    *("running tool", 3),
    {"gen_ai.tool.name": "look", "gen_ai.tool.call.id": "c1", "tool_arguments": '{"id":7}', "tool_response": "Ashford"},
)
PYDANTIC = [
    span("root", 0, {**RUN, "all_messages_events": json.dumps([*EVENTS, CALLED, RETURNED, ANSWERED]), "final_result": "In Ashford."}),
    span(
        *("chat m-1", 1),
        {**MODEL, "events": json.dumps([*EVENTS, event("choice", index=0, message={"role": "assistant", "tool_calls": [OPENAI_CALL]})])},
    ),
    TOOL,
    span(
        *("again", 5),
        {
            **MODEL,
            "events": json.dumps(
                [*EVENTS, CALLED, RETURNED, event("choice", index=0, message={"role": "assistant", "content": "In Ashford."})]
            ),
        },
    ),
]  # fmt: skip


def part(role: str, /, **part: Any) -> dict[str, Any]:
    return {"role": role, "parts": [part]}


WHOLE = [
    part("system", type="text", content="Be kind."),
    part("user", type="text", content="Where is parcel 7?"),
    part("assistant", type="tool_call", id="c1", name="look", arguments={"id": 7}),
    part("user", type="tool_call_response", id="c1", name="look", result="Ashford"),
    part("assistant", type="text", content="In Ashford."),
]
NEWER = [
    span("root", 0, {**RUN, "pydantic_ai.all_messages": json.dumps(WHOLE)}),
    span("a", 1, {**MODEL, "gen_ai.input.messages": json.dumps(WHOLE[:2]), "gen_ai.output.messages": json.dumps(WHOLE[2:3])}),
    TOOL,
    span("b", 5, {**MODEL, "gen_ai.input.messages": json.dumps(WHOLE[:4]), "gen_ai.output.messages": json.dumps(WHOLE[4:])}),
]  # fmt: skip
LOGS = {"ai sdk": VERCEL, "pydantic ai": PYDANTIC, "pydantic ai, newer": NEWER}


def described(conversation: Conversation) -> list[tuple[str, str, list[tuple[str, str, str | None]]]]:
    return [
        (turn.role, turn.content.strip('"'), [(call.name, call.arguments.replace(" ", ""), call.id) for call in turn.tool_calls])
        for turn in conversation.turns
    ]  # fmt: skip


EXPECTED = [
    ("system", "Be kind.", []),
    ("user", "Where is parcel 7?", []),
    ("assistant", "", [("look", '{"id":7}', "c1")]),
    ("tool", "Ashford", []),
    ("assistant", "In Ashford.", []),
]


@pytest.mark.parametrize("framework", LOGS)
def test_a_framework_s_own_names_say_what_was_said_and_done(tmp_path: Path, framework: str) -> None:
    log = imported(tmp_path, batch(*LOGS[framework]))
    assert (described(log.only), log.rows) == (EXPECTED, (4, 4, 0, 0))
    assert (log.only.conversation_id, log.only.model) == ("s1", "m-1")


@pytest.mark.parametrize("framework", LOGS)
def test_the_outermost_span_tells_it_where_the_others_show_nothing(tmp_path: Path, framework: str) -> None:
    expected = EXPECTED if framework != "ai sdk" else [EXPECTED[0], EXPECTED[1], EXPECTED[4]]
    assert described(imported(tmp_path, batch(LOGS[framework][0])).only) == expected


@pytest.mark.parametrize("framework", LOGS)
def test_the_model_calls_tell_it_where_the_outermost_span_is_not_there(tmp_path: Path, framework: str) -> None:
    log = imported(tmp_path, batch(*LOGS[framework][1:]))
    assert described(log.only) == EXPECTED


@pytest.mark.parametrize("framework", LOGS)
def test_structured_values_say_the_same_as_json_text(tmp_path: Path, framework: str) -> None:
    rows = []
    for each in LOGS[framework]:
        values = {item["key"]: item["value"].get("stringValue") for item in each["attributes"]}
        opened = {name: json.loads(value) if value[0] in "[{" else value for name, value in values.items() if value}
        rows.append(
            {**each, "attributes": pairs({name: value for name, value in opened.items() if "args" not in name})}
        )
    assert described(imported(tmp_path, batch(*rows)).only)[-2:] == EXPECTED[-2:]


@pytest.mark.parametrize("odd", [7, "x", {"a": 1}, [7], [[]]])
def test_odd_values_under_these_names_end_no_import(tmp_path: Path, odd: Any) -> None:
    names = (
        "ai.prompt",
        "ai.prompt.messages",
        "ai.response.toolCalls",
        "events",
        "all_messages_events",
        "ai.operationId",
    )
    spans = [span(f"s{n}", n, {name: odd}, traceId=f"t{n}") for n, name in enumerate(names)]
    read, kept, rejected, _ = imported(tmp_path, batch(*spans)).rows
    assert (read, kept + rejected) == (6, 6)


def test_what_else_a_prompt_says_stays(tmp_path: Path) -> None:
    attributes = {
        "ai.prompt.messages": json.dumps([ASKED]),
        "ai.response.text": "In Ashford.",
        "ai.prompt.toolChoice": "auto",
    }
    only = imported(tmp_path, batch(span("root", 0, {**GENERATE, **attributes}))).only
    assert only.metadata["ai.prompt.toolChoice"] == "auto"


def test_a_flat_table_of_these_spans_says_the_same(tmp_path: Path) -> None:
    rows = [
        {
            "trace_id": each["traceId"], "span_id": each["spanId"], "parent_span_id": each["parentSpanId"],
            "name": each["name"], "start_time": int(each["startTimeUnixNano"]), "end_time": int(each["endTimeUnixNano"]),
            "attributes": {item["key"]: next(iter(item["value"].values())) for item in each["attributes"]},
        }
        for each in VERCEL
    ]  # fmt: skip
    (tmp_path / "spans.jsonl").write_text("\n".join(map(json.dumps, rows)))
    conversation = import_paths(tmp_path, tmp_path / "spans.jsonl").only
    assert (conversation.conversation_id, conversation.user_id, described(conversation)) == ("s1", "u1", EXPECTED)

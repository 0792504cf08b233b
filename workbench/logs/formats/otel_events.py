"""The events of OpenTelemetry's GenAI conventions: a message an event, on a span or as a log record beside it.

Instrumentations of before 2026 write them as log records (opentelemetry-instrumentation-openai-v2), which name their span; later ones as
`gen_ai.client.inference.operation.details`, with all messages of a call.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.conversation import Turn
from workbench.logs.files.otlp import plain
from workbench.logs.spans.messages import indexed, lines, messages, nested, take
from workbench.logs.spans.spans import EVENT, Span
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.messages import Line
from workbench.logs.values.records import BadValue

_OF_ROLES = re.compile(r"^(system|user|assistant|tool): ", re.MULTILINE)


def heard(span: Span, name: Any, attributes: JsonObject, body: Any) -> Span:
    """A log record that says a message of a span, as a piece of it; BadValue for any other."""
    if not isinstance(name, str) or not name.startswith("gen_ai.") or not (span.trace and span.id):
        raise BadValue("eventName", "is a log record that is neither a message of a span nor an evaluation", name)
    body = decoded(body)
    hear(span, name, nested({**attributes, **plain(body)}) if isinstance(body, Mapping) else attributes)
    if not any(line.turn.content or line.turn.tool_calls for line in [*span.input, *span.output]):
        raise BadValue("body", "says nothing: is the capture of inputs and outputs switched off?", body)
    span.kind = EVENT
    return span


def hear(span: Span, name: str, attributes: JsonObject) -> None:
    """The older events: a whole prompt or completion, or one message each."""
    if name == "gen_ai.content.prompt":
        span.input = span.input or lines(_said_by_roles(indexed(take(attributes, "gen_ai.prompt"))), "user")
    elif name == "gen_ai.content.completion":
        span.output = span.output or lines(indexed(take(attributes, "gen_ai.completion")), "assistant")
    elif name == "gen_ai.client.inference.operation.details":
        inputs, outputs = take(attributes, "gen_ai.input.messages"), take(attributes, "gen_ai.output.messages")
        span.input = span.input or messages(inputs, "user", "gen_ai.input.messages")
        span.output = span.output or messages(outputs, "assistant", "gen_ai.output.messages")
    elif name == "gen_ai.choice":
        body = _body(attributes)
        message = decoded(body.get("message"))
        whole = {
            "role": "assistant",
            **(message if isinstance(message, Mapping) else {"content": message or body.get("content")}),
        }
        reason = body.get("finish_reason")
        calls = body.get("tool_calls")
        span.output += lines(
            {**whole, "finish_reason": reason, **({"tool_calls": calls} if calls else {})}, "assistant"
        )
    elif name.startswith("gen_ai.") and name.endswith(".message"):
        role = name.split(".")[1]
        body = {"role": role, **_body(attributes)}
        if role == "tool" and "tool_call_id" not in body:
            body["tool_call_id"] = body.get("id")
        span.input += lines({"content": "", **body}, role) or [Line(Turn(0, role))]


def _said_by_roles(prompt: Any) -> Any:
    """The messages of a prompt that was written as one text, `user: …` a line, as OpenLIT does; any other as it is."""
    pieces = _OF_ROLES.split(prompt) if isinstance(prompt, str) else []
    if len(pieces) < 3 or pieces[0].strip():
        return prompt
    return [{"role": role, "content": words.strip()} for role, words in zip(pieces[1::2], pieces[2::2], strict=True)]


def _body(attributes: JsonObject) -> JsonObject:
    body = decoded(take(attributes, "gen_ai.event.content"))
    return {str(name): value for name, value in body.items()} if isinstance(body, Mapping) else attributes

"""Conversations written as tracing tools log them: an exchange a trace, a chain over model calls, tools and a search.

Every model call repeats the whole history, as they do. `Step` is what the four dialects have in common.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from workbench.conversation.model import Conversation, Document, ToolCall, Turn

Row = dict[str, Any]
METADATA = ("channel", "model_version", "prompt_version", "release", "outcome", "reward", "feedback_text")


@dataclass
class Step:
    """One span of an exchange."""

    kind: str
    name: str
    start: datetime
    end: datetime
    heard: list[Turn] = field(default_factory=list)
    said: Turn = field(default_factory=lambda: Turn(0, ""))
    asked: str | None = None
    replied: str | None = None
    call: ToolCall = field(default_factory=lambda: ToolCall(""))
    documents: list[Document] = field(default_factory=list)
    error: str | None = None
    id: str = ""
    parent: str | None = None


@dataclass
class Exchange:
    """One trace: its root first."""

    trace: str
    conversation: Conversation
    steps: list[Step]
    feedback: int | None = None


def exchanges(conversation: Conversation) -> Iterator[Exchange]:
    """One exchange for each thing that the user said."""
    turns = list(conversation.turns)
    starts = [turn.position for turn in turns if turn.role == "user"]
    if not starts or starts[0] > 0:
        starts.insert(0, 0)
    for number, start in enumerate(starts):
        own = turns[start : starts[number + 1] if number + 1 < len(starts) else len(turns)]
        trace = hashlib.md5(f"{conversation.key}/{number}".encode()).hexdigest()
        yield Exchange(trace, conversation, _steps(conversation, own, trace), _feedback(own))


def _feedback(turns: Sequence[Turn]) -> int | None:
    return next((turn.feedback for turn in turns if turn.feedback is not None), None)


def _steps(conversation: Conversation, own: list[Turn], trace: str) -> list[Step]:
    replies = [turn for turn in own if turn.role == "assistant" and not turn.tool_calls]
    asked = own[0].content if own[0].role == "user" else None
    replied = replies[-1].content if replies else None
    times = [turn.timestamp for turn in own if turn.timestamp]
    root = Step("chain", "turn", min(times), max(times), asked=asked, replied=replied, id=_id(trace, 0))
    steps = [root]
    calls = {call.id: call for turn in conversation.turns for call in turn.tool_calls}
    for turn in own:
        if turn.role == "user":
            continue
        assert turn.timestamp is not None
        start = turn.timestamp - timedelta(milliseconds=turn.latency_ms or 0)
        if turn.retrieved:
            search = Step("retriever", "search", start - timedelta(milliseconds=1), start, documents=turn.retrieved)
            steps.append(search)
        if turn.role == "tool":
            call = calls[turn.tool_call_id]
            steps.append(Step("tool", call.name, start, turn.timestamp, said=turn, call=call, error=turn.error))
        else:
            heard = list(conversation.turns[: turn.position])
            steps.append(Step("llm", "chat", start, turn.timestamp, heard=heard, said=turn, error=turn.error))
    for number, step in enumerate(steps[1:], 1):
        step.id, step.parent = _id(trace, number), root.id
    return steps


def _id(trace: str, number: int) -> str:
    return hashlib.md5(f"{trace}/{number}".encode()).hexdigest()[:16]


def metadata(conversation: Conversation) -> Row:
    """What has no place of its own in any dialect."""
    found = {name: getattr(conversation, name) for name in METADATA}
    return {name: value for name, value in {**found, **conversation.metadata}.items() if value is not None}


def openai(turn: Turn) -> Row:
    """A message as OpenAI writes it."""
    calls = [
        {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
        for call in turn.tool_calls
    ]
    found = {"role": turn.role, "content": turn.content, "tool_calls": calls, "tool_call_id": turn.tool_call_id}
    return {name: value for name, value in found.items() if value not in (None, [])}


# --- openinference --------------------------------------------------------------------------------------------------


def openinference(conversation: Conversation, traces: Sequence[Exchange] | None = None) -> tuple[list[Row], list[Row]]:
    """Spans and annotations as Phoenix's dataframes have them."""
    spans, annotations = [], []
    for exchange in traces or exchanges(conversation):
        for step in exchange.steps:
            spans.append(
                {
                    "name": step.name,
                    "span_kind": step.kind.upper(),
                    "parent_id": step.parent,
                    "start_time": step.start.isoformat() + "+00:00",
                    "end_time": step.end.isoformat() + "+00:00",
                    "status_code": "ERROR" if step.error else "OK",
                    "status_message": step.error or "",
                    "context.span_id": step.id,
                    "context.trace_id": exchange.trace,
                    "attributes.session.id": conversation.conversation_id,
                    "attributes.user.id": conversation.user_id,
                    "attributes.metadata": json.dumps({"bot": conversation.bot, **metadata(conversation)}),
                    **{f"attributes.{name}": value for name, value in _openinference(step, conversation).items()},
                }
            )
        if exchange.feedback is not None:
            annotations.append(
                {
                    "span_id": exchange.steps[0].id,
                    "annotation_name": "user_feedback",
                    "annotator_kind": "HUMAN",
                    "result.label": "thumbs-up" if exchange.feedback > 0 else "thumbs-down",
                    "result.score": float(exchange.feedback > 0),
                }
            )
    return spans, annotations


def _openinference(step: Step, conversation: Conversation) -> Row:
    if step.kind == "llm":
        return {
            "llm.model_name": conversation.model,
            "llm.input_messages": [_dotted(turn) for turn in step.heard],
            "llm.output_messages": [_dotted(step.said)],
            "llm.finish_reason": step.said.finish_reason,
        }
    if step.kind == "tool":
        said = {"input.value": step.call.arguments, "output.value": step.said.content}
        return {"tool.name": step.call.name, "tool.id": step.call.id, **said}
    if step.kind == "retriever":
        documents = [
            {
                "document.id": each.id,
                "document.content": each.text,
                "document.score": each.score,
                "document.metadata": json.dumps({"title": each.title}),
            }
            for each in step.documents
        ]
        return {"retrieval.documents": documents}
    return {"input.value": step.asked, "output.value": step.replied}


def _dotted(turn: Turn) -> Row:
    calls = [
        {
            "tool_call.id": call.id,
            "tool_call.function.name": call.name,
            "tool_call.function.arguments": call.arguments,
        }
        for call in turn.tool_calls
    ]
    found = {"role": turn.role, "content": turn.content, "tool_calls": calls or None, "tool_call_id": turn.tool_call_id}
    return {f"message.{name}": value for name, value in found.items()}


# --- otel -----------------------------------------------------------------------------------------------------------

_OPERATIONS = {"chain": "invoke_agent", "llm": "chat", "tool": "execute_tool", "retriever": "retrieval"}


def otlp(conversation: Conversation, traces: Sequence[Exchange] | None = None) -> list[Row]:
    """OTLP batches, one an exchange."""
    batches = []
    for exchange in traces or exchanges(conversation):
        spans = []
        for step in exchange.steps:
            events = []
            if step.parent is None and exchange.feedback is not None:
                label = "thumbs_up" if exchange.feedback > 0 else "thumbs_down"
                judged = {"gen_ai.evaluation.name": "user_feedback", "gen_ai.evaluation.score.label": label}
                events.append({"name": "gen_ai.evaluation.result", "attributes": _key_values(judged)})
            attributes = {
                "gen_ai.conversation.id": conversation.conversation_id,
                "user.id": conversation.user_id,
                "metadata": json.dumps(metadata(conversation)),
                **_otel(step, conversation),
            }
            spans.append(
                {
                    "traceId": exchange.trace,
                    "spanId": step.id,
                    "parentSpanId": step.parent or "",
                    "name": step.name,
                    "startTimeUnixNano": _nanoseconds(step.start),
                    "endTimeUnixNano": _nanoseconds(step.end),
                    "attributes": _key_values(attributes),
                    "events": events,
                    "status": {"code": 2, "message": step.error} if step.error else {},
                }
            )
        resource = {"attributes": _key_values({"service.name": "chat-service"})}
        batches.append({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": spans}]}]})
    return batches


def _nanoseconds(time: datetime) -> str:
    return str((time - datetime(1970, 1, 1)) // timedelta(microseconds=1) * 1000)


def _key_values(attributes: Row) -> list[Row]:
    return [{"key": name, "value": _typed(value)} for name, value in attributes.items() if value is not None]


def _typed(value: Any) -> Row:
    if isinstance(value, list):
        return {"arrayValue": {"values": [_typed(item) for item in value]}}
    return {"stringValue": value if isinstance(value, str) else json.dumps(value)}


def _otel(step: Step, conversation: Conversation) -> Row:
    found: Row = {"gen_ai.operation.name": _OPERATIONS[step.kind]}
    if step.kind == "llm":
        found["gen_ai.request.model"] = conversation.model
        found["gen_ai.input.messages"] = json.dumps([_parts(turn) for turn in step.heard])
        found["gen_ai.output.messages"] = json.dumps([{**_parts(step.said), "finish_reason": step.said.finish_reason}])
    elif step.kind == "tool":
        found["gen_ai.tool.name"], found["gen_ai.tool.call.id"] = step.call.name, step.call.id
        found["gen_ai.tool.call.arguments"] = step.call.arguments
        found["gen_ai.tool.call.result"] = step.said.content
    elif step.kind == "retriever":
        found["gen_ai.retrieval.documents"] = json.dumps([asdict(each) for each in step.documents])
    else:
        found["gen_ai.agent.name"] = conversation.bot
        for side, role, text in (("input", "user", step.asked), ("output", "assistant", step.replied)):
            if text is not None:
                message = {"role": role, "parts": [{"type": "text", "content": text}]}
                found[f"gen_ai.{side}.messages"] = json.dumps([message])
    return found


def _parts(turn: Turn) -> Row:
    if turn.role == "tool":
        part = {"type": "tool_call_response", "id": turn.tool_call_id, "response": turn.content}
        return {"role": "tool", "parts": [part]}
    calls = [
        {"type": "tool_call", "id": call.id, "name": call.name, "arguments": json.loads(call.arguments)}
        for call in turn.tool_calls
    ]
    return {"role": turn.role, "parts": [{"type": "text", "content": turn.content}, *calls]}


# --- langfuse -------------------------------------------------------------------------------------------------------

_TYPES = {"chain": "SPAN", "llm": "GENERATION", "tool": "TOOL", "retriever": "RETRIEVER"}


def langfuse(conversation: Conversation, traces: Sequence[Exchange] | None = None) -> tuple[list[Row], list[Row]]:
    """Observations and scores of a blob export."""
    observations, scores = [], []
    for exchange in traces or exchanges(conversation):
        for step in exchange.steps:
            said, got = _langfuse(step)
            calls = step.said.tool_calls if step.kind == "llm" else []
            own = {"tool_call_id": step.call.id} if step.call.id else {}
            observations.append(
                {
                    "id": step.id,
                    "trace_id": exchange.trace,
                    "type": _TYPES[step.kind],
                    "parent_observation_id": step.parent or "",
                    "start_time": step.start.isoformat(sep=" ", timespec="microseconds"),
                    "end_time": step.end.isoformat(sep=" ", timespec="microseconds"),
                    "name": step.name,
                    "metadata": json.dumps({**(metadata(conversation) if step.parent is None else {}), **own}),
                    "level": "ERROR" if step.error else "DEFAULT",
                    "status_message": step.error or "",
                    "input": said,
                    "output": got,
                    "provided_model_name": (conversation.model or "") if step.kind == "llm" else "",
                    "tool_calls": [
                        json.dumps(openai(Turn(0, "", tool_calls=[call]))["tool_calls"][0]) for call in calls
                    ],
                    "user_id": conversation.user_id or "",
                    "session_id": conversation.conversation_id,
                    "trace_name": conversation.bot,
                    "tags": [],
                    "release": "",
                }
            )
        if exchange.feedback is not None:
            scores.append(
                {
                    "id": f"score-{exchange.trace}",
                    "timestamp": exchange.steps[0].end.isoformat(sep=" ", timespec="microseconds"),
                    "trace_id": exchange.trace,
                    "observation_id": None,
                    "session_id": None,
                    "name": "user-feedback",
                    "value": float(exchange.feedback > 0),
                    "string_value": None,
                    "data_type": "NUMERIC",
                    "source": "API",
                    "comment": None,
                }
            )
    return observations, scores


def _langfuse(step: Step) -> tuple[str, str]:
    if step.kind == "llm":
        return json.dumps([openai(turn) for turn in step.heard]), json.dumps(openai(step.said))
    if step.kind == "tool":
        return step.call.arguments, step.said.content
    if step.kind == "retriever":
        return "", json.dumps([asdict(each) for each in step.documents])
    return step.asked or "", step.replied or ""


# --- langsmith ------------------------------------------------------------------------------------------------------


def langsmith(conversation: Conversation, traces: Sequence[Exchange] | None = None) -> list[Row]:
    """Runs of a bulk export, messages as LangChain serialises them."""
    runs = []
    for exchange in traces or exchanges(conversation):
        for step in exchange.steps:
            own: Row = {"thread_id": conversation.conversation_id}
            if step.parent is None:
                own |= {"bot": conversation.bot, "user_id": conversation.user_id, **metadata(conversation)}
            if step.kind == "llm":
                own["ls_model_name"] = conversation.model
            stats = {}
            if step.parent is None and exchange.feedback is not None:
                stats = {"user_feedback": {"n": 1, "avg": float(exchange.feedback > 0)}}
            inputs, outputs = _langsmith(step)
            runs.append(
                {
                    "id": step.id,
                    "trace_id": exchange.trace,
                    "parent_run_id": step.parent,
                    "name": step.name,
                    "run_type": step.kind,
                    "start_time": step.start,
                    "end_time": step.end,
                    "status": "error" if step.error else "success",
                    "error": step.error,
                    "is_root": step.parent is None,
                    "session_id": "4a2c9f9e-project",
                    "inputs": json.dumps(inputs),
                    "outputs": None if outputs is None else json.dumps(outputs),
                    "extra": json.dumps({"metadata": own}),
                    "feedback_stats": json.dumps(stats),
                }
            )
    return runs


_CLASSES = {"user": "HumanMessage", "assistant": "AIMessage", "tool": "ToolMessage", "system": "SystemMessage"}


def _serialised(turn: Turn) -> Row:
    calls = [
        {"id": call.id, "name": call.name, "args": json.loads(call.arguments), "type": "tool_call"}
        for call in turn.tool_calls
    ]
    kwargs: Row = {"content": turn.content, "tool_calls": calls, "tool_call_id": turn.tool_call_id}
    kwargs["response_metadata"] = {"finish_reason": turn.finish_reason}
    path = ["langchain", "schema", "messages", _CLASSES[turn.role]]
    return {"lc": 1, "type": "constructor", "id": path, "kwargs": kwargs}


def _langsmith(step: Step) -> tuple[Row, Row | None]:
    if step.kind == "llm":
        generation = {"text": step.said.content, "message": _serialised(step.said), "type": "ChatGeneration"}
        return {"messages": [[_serialised(turn) for turn in step.heard]]}, {"generations": [[generation]]}
    if step.kind == "tool":
        return {"input": step.call.arguments}, {
            "output": {"type": "tool", "content": step.said.content, "tool_call_id": step.call.id}
        }
    if step.kind == "retriever":
        documents = [
            {
                "page_content": each.text,
                "metadata": {"id": each.id, "title": each.title, "score": each.score},
                "type": "Document",
            }
            for each in step.documents
        ]
        return {"query": "?"}, {"documents": documents}
    return ({"input": step.asked} if step.asked is not None else {}), None if step.replied is None else {
        "output": step.replied
    }

"""*steps*: a row a step of a trace, as tracing tools export it that have no reader of their own: what it was given, and what it gave.

Weights & Biases' Weave (calls), Braintrust (logs), Datadog (LLM Observability), OpenAI's Agents SDK (spans), and any other whose
rows name themselves, their trace and the step above, with an input and an output. What a step is called and where it keeps these is
found by usual names; the fields of an object that all rows have (`span_data`, `meta`, `attributes`) count as the row's own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import documents, lines, result_text
from workbench.logs.spans.spans import TRACE, Score, Span
from workbench.logs.spans.tools import call_of
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "steps"
WHAT = "one row a step of a trace: its id, its trace's and that of the step above, an input and an output"
REQUIRED = ("id or span_id", "trace_id or root_span_id", "parent_id or span_parents", "input", "output")
TIMES = ("started_at", "ended_at", "created", "start_time", "end_time", "created_at", "start", "end")
_INNER = ("span_data", "meta", "span_attributes", "attributes", "metrics")
"""Objects whose fields count as the row's own."""
_NAMES: dict[str, tuple[str, ...]] = {
    "id": ("span_id", "spanId", "id"),
    "trace": ("root_span_id", "trace_id", "traceId"),
    "parent": ("parent_id", "parentId", "parent_span_id", "span_parents"),
    "input": ("input", "inputs"),
    "output": ("output", "outputs"),
    "kind": ("span_kind", "kind", "span_type", "type"),
    "name": ("name", "display_name", "op_name"),
    "start": ("started_at", "start_time", "start_ns", "start_ms", "start", "created", "created_at"),
    "end": ("ended_at", "end_time", "end"),
    "session": ("session_id", "thread_id", "conversation_id", "group_id"),
    "user": ("user_id", "wb_user_id", "user"),
    "bot": ("ml_app", "workflow_name"),
    "model": ("model", "model_name"),
    "error": ("error", "exception", "status_message"),
}
_KINDS = {
    **dict.fromkeys(("llm", "generation", "response", "chat", "completion"), "llm"),
    **dict.fromkeys(("tool", "function", "mcp_tools"), "tool"),
    **dict.fromkeys(("retrieval", "retriever"), "retriever"),
    **dict.fromkeys(("agent",), "agent"),
    **dict.fromkeys(("score", "scorer", "evaluation", "eval"), judges.EVALUATOR),
}
_NOWHERE = ("undefined", "0", "")
"""What some write for no parent."""
_CALLS = ("chat.completions", "messages.create", "responses.create", "generate_content", "completion")
"""What the functions of providers' clients are called that call a model."""


def missing(source: Source) -> list[str]:
    """What rows lack of a step: its own id, its trace's, its parent's, what it was given and gave."""
    fields = {*source.columns, *_inside(source.outline)}
    needed = zip(REQUIRED, ("id", "trace", "parent", "input", "output"), strict=True)
    return [name for name, ours in needed if fields.isdisjoint(_NAMES[ours])]


def recognises(source: Source) -> str | None:
    """Why these are steps of a trace, or None."""
    if missing(source) or {"messages", "role"} & {*source.columns}:
        return None
    return "its rows name a trace, the step above, an input and an output, as tracing tools export steps"


def _inside(outline: frozenset[str]) -> set[str]:
    parts = (name.partition(".") for name in outline)
    return {rest.partition(".")[0] for head, _, rest in parts if head in _INNER and rest}


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all traces: by session, else each trace is one."""
    columns = [*_INNER, "metadata", "object", *(name for names in _NAMES.values() for name in names)]
    yield from traces.read(
        sources, options, scratch, traces.Layout(columns, _place, _record, lambda fields: "scores" in fields)
    )


def _flat(fields: JsonFields) -> JsonObject:
    """The fields of a row with those of its inner objects, of which its own count first."""
    row: JsonObject = {}
    for name in reversed(_INNER):
        inner = decoded(fields.get(name))
        row.update(inner if isinstance(inner, Mapping) else {})
    own = {name: value for name, value in fields.items() if name not in _INNER}
    if "span_data" in fields or "meta" in fields or "span_attributes" in fields:
        own.pop("type", None)  # of the record, not of the step
    return {
        **row,
        **own,
        **({"kind": row["type"]} if "type" in row and "kind" not in row and "type" not in own else {}),
    }


def _value(row: JsonFields, ours: str) -> Any:
    return first(row, *_NAMES[ours])


def _metadata(row: JsonFields) -> JsonObject:
    held = decoded(row.get("metadata"))
    return {str(name): value for name, value in held.items()} if isinstance(held, Mapping) else {}


def _place(fields: JsonObject) -> traces.Place:
    row = _flat(fields)
    session = first(row, *_NAMES["session"]) or first(_metadata(row), *_NAMES["session"])
    own = normalise.text(_value(row, "id"))
    trace = own if fields.get("object") == "trace" else normalise.text(_value(row, "trace"))
    return traces.Place(trace or own, normalise.text(session), own)


def _record(file: int, row_number: int, fields: JsonObject, clock: Clock) -> Span | Score:
    row, place = _flat(fields), _place(fields)
    if place.trace is None:
        raise BadValue("trace_id", "is empty: every step belongs to a trace")
    span = Span(file, row_number, place.trace, place.judged or f"{file}:{row_number}", session=place.session)
    metadata = _metadata(row)
    span.name = normalise.text(_value(row, "name")) or ""
    span.start = clock.utc(_value(row, "start"), "start")
    span.end = clock.utc(_value(row, "end"), "end")
    if span.end is None and span.start is not None and (nanos := normalise.number(row.get("duration"))) is not None:
        span.end = clock.utc(span.start.timestamp() + nanos / 1e9, "duration")
    span.application = normalise.text(_value(row, "bot"))
    span.model = normalise.text(_value(row, "model") or metadata.pop("model_name", None) or metadata.get("model"))
    span.fields = {**metadata, "user_id": normalise.text(_value(row, "user")) or metadata.get("user_id")}
    if fields.get("object") == "trace":
        span.kind, span.id = TRACE, f"trace {span.id}"
        return span
    span.parent = _parent(_value(row, "parent"))
    span.error = _error(row)
    asked, answered = _payload(_value(row, "input")), _payload(_value(row, "output"))
    span.kind = _kind(row, span.name, asked)
    if span.parent is None and span.application is None:
        span.application = _called(span.name)
    if span.kind == "tool":
        span.call, span.result = call_of(_called(span.name), asked, answered, row), result_text(answered)
    else:
        span.documents = documents(answered) or [] if span.kind == "retriever" else []
        span.input, span.output = lines(asked, "user"), lines(answered, "assistant")
        if span.model is None and isinstance(asked, Mapping):
            span.model = normalise.text(asked.get("model"))
        judges.look(span, asked, answered, metadata)
    span.scores = [*_scores(span, row)]
    return span


def _parent(value: Any) -> str | None:
    value = decoded(value)
    value = value[0] if isinstance(value, list) and value else value
    text = normalise.text(None if isinstance(value, list) else value)
    return None if text in _NOWHERE else text


def _payload(value: Any) -> Any:
    """What a step was given or gave, out of `{value}`."""
    value = decoded(value)
    return decoded(value["value"]) if isinstance(value, Mapping) and list(value) == ["value"] else value


def _kind(row: JsonFields, name: str, asked: Any) -> str:
    """What kind of step it is: by its word, else by what it is called and was given."""
    word = str(_value(row, "kind") or "").lower()
    if word in _KINDS:
        return _KINDS[word]
    called = any(each in name for each in _CALLS)
    return "llm" if called and isinstance(asked, Mapping) and "messages" in asked else "chain"


def _called(name: str) -> str:
    """The name of a function, without the address that Weave writes around it."""
    return name.rpartition("/")[2].partition(":")[0] if name.startswith("weave:///") else name


def _error(row: JsonFields) -> str | None:
    problem = decoded(_value(row, "error"))
    if isinstance(problem, Mapping):
        return normalise.text(problem.get("message")) or normalise.json_text(problem) if problem else None
    return normalise.text(problem) if problem else None


def _scores(span: Span, row: JsonFields) -> Iterator[Score]:
    held = decoded(row.get("scores"))
    for name, value in held.items() if isinstance(held, Mapping) else ():
        if value is not None:
            score = Score(
                span.file, span.row, str(name), normalise.number(value), span=span.id, trace=span.trace, at=span.end
            )
            score.label = None if score.value is not None else normalise.text(value)
            yield score

"""*mlflow*: traces of MLflow, as JSON objects (`info`, `data`), rows of `search_traces`, or spans alone.

Attributes stand as JSON text: `mlflow.spanType`, `mlflow.spanInputs`, `mlflow.spanOutputs`. The session and the user are in the trace's
metadata; assessments are scores.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.conversation import ToolCall
from workbench.logs.files.enclosed import AROUND
from workbench.logs.files.source import Source
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import arguments_text, documents, lines, result_text
from workbench.logs.spans.spans import Score, Span
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.replies import decoded
from workbench.logs.values.times import Clock

NAME = "mlflow"
WHAT = "one trace of MLflow a row: info and data.spans, or its spans: span_id, attributes with mlflow.spanInputs"
REQUIRED = ("trace_id", "span_id", "attributes")
TIMES = ("start_time_unix_nano", "end_time_unix_nano")
_MARK = "attributes.mlflow."
_KINDS = {
    "CHAT_MODEL": "llm",
    "LLM": "llm",
    "TOOL": "tool",
    "RETRIEVER": "retriever",
    "AGENT": "agent",
    "EVALUATOR": "evaluator",
}
_TAKEN = ("mlflow.spanType", "mlflow.spanInputs", "mlflow.spanOutputs", "mlflow.traceRequestId", "mlflow.trace.session")


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    lacking = [column for column in REQUIRED if column not in source.columns]
    marked = any(name.startswith(_MARK) for name in source.outline)
    return lacking if marked else [*lacking, "attributes named mlflow.spanInputs and mlflow.spanOutputs"]


def recognises(source: Source) -> str | None:
    """Why these are spans of MLflow, or None."""
    return None if missing(source) else "its spans have attributes named mlflow.…"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all traces: by session, else each trace is one."""
    layout = traces.Layout(["trace_id", "attributes", AROUND], _place, _record, lambda fields: AROUND in fields)
    yield from traces.read(sources, options, scratch, layout)


def _object(value: Any) -> JsonObject:
    value = decoded(value)
    return {str(name): item for name, item in value.items()} if isinstance(value, Mapping) else {}


def _info(fields: JsonFields) -> JsonObject:
    """What is said of the whole trace."""
    around = _object(fields.get(AROUND))
    return {**around, **_object(around.get("info"))}


def _attributes(fields: JsonFields) -> JsonObject:
    """The attributes, each out of its JSON text."""
    return {name: _opened(value) for name, value in _object(fields.get("attributes")).items()}


def _opened(value: Any) -> Any:
    if isinstance(value, str) and value[:1] in ('"', "{", "["):
        try:
            return normalise.parse_json(value, None)
        except BadValue:
            return value
    return value


def _place(fields: JsonObject) -> traces.Place:
    about, attributes = _info(fields), _attributes(fields)
    metadata = _object(about.get("trace_metadata")) or _object(about.get("request_metadata"))
    trace = first(
        {"a": about.get("trace_id"), "b": attributes.get("mlflow.traceRequestId"), "c": fields.get("trace_id")}, *"abc"
    )
    session = first({"a": metadata.get("mlflow.trace.session"), "b": attributes.get("mlflow.trace.session")}, *"ab")
    return traces.Place(normalise.text(trace), normalise.text(session))


def _record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
    place, attributes, about = _place(fields), _attributes(fields), _info(fields)
    span = Span(file, row, place.trace or "", normalise.identifier(fields.get("span_id"), "span_id"))
    span.parent = normalise.text(fields.get("parent_span_id")) or normalise.text(fields.get("parent_id"))
    span.session = place.session
    span.kind = _KINDS.get(str(attributes.get("mlflow.spanType")).upper(), "chain")
    span.name = normalise.text(fields.get("name")) or ""
    span.start = clock.utc(first(fields, "start_time_unix_nano", "start_time"), "start_time_unix_nano")
    span.end = clock.utc(first(fields, "end_time_unix_nano", "end_time"), "end_time_unix_nano")
    status = _object(fields.get("status"))
    if str(status.get("code")) in ("STATUS_CODE_ERROR", "ERROR", "2"):
        span.error = normalise.text(status.get("message")) or "error"
    asked, answered = attributes.get("mlflow.spanInputs"), attributes.get("mlflow.spanOutputs")
    if span.kind == "tool":
        span.call = ToolCall(span.name or "tool", arguments_text(asked))
        span.result = result_text(answered)
    else:
        if span.kind == "retriever":
            span.documents = documents(answered) or []
        span.input, span.output = lines(asked, "user"), lines(answered, "assistant")
        judges.look(span, asked, answered, attributes, about.get("trace_metadata"))
    span.model = normalise.text(_object(asked).get("model"))
    span.attributes = {name: value for name, value in attributes.items() if name not in _TAKEN}
    if span.parent is None:
        _describe(span, about)
    return span


def _describe(span: Span, about: JsonFields) -> None:
    """What is said of the trace goes to the conversation; assessments are scores of it."""
    metadata, tags = _object(about.get("trace_metadata")), _object(about.get("tags"))
    span.application = normalise.text(tags.get("mlflow.traceName"))
    span.fields = {
        "user_id": normalise.text(metadata.get("mlflow.trace.user")),
        **metadata,
        **tags,
        "state": about.get("state"),
    }
    assessments = about.get("assessments")
    for item in assessments if isinstance(assessments, list) else ():
        held = _object(item)
        value = first(_object(held.get("feedback")), "value")
        number = normalise.number(value)
        label = None if number is not None else normalise.text(value)
        name = normalise.text(first(held, "assessment_name", "name")) or "assessment"
        text = normalise.text(held.get("rationale"))
        span.scores.append(
            Score(span.file, span.row, name, number, label, text, span=span.id, trace=span.trace, at=span.end)
        )

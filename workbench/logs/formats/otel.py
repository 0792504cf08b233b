"""*otel*: spans with OpenTelemetry's GenAI attributes, from OTLP JSON lines or a flat table of spans.

Names are those of the GenAI semantic conventions (github.com/open-telemetry/semantic-conventions-genai) and their
older forms: `gen_ai.prompt` and `gen_ai.completion` as JSON, as indexed names or in events, a message an event.
Names of frameworks are put under these first; spans that carry OpenInference's attributes are read by those.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.conversation.roles import is_system
from workbench.logs.files.otlp import BATCHES, plain
from workbench.logs.files.source import Source
from workbench.logs.formats import openinference, otel_dialects, otel_events
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import (
    documents,
    dotted,
    first_of,
    indexed,
    lines,
    messages,
    nested,
    result_text,
    take,
)
from workbench.logs.spans.spans import Score, Span
from workbench.logs.spans.tools import IDS, NAMES, call_of
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "otel"
WHAT = "OTLP JSON lines, or one row a span: trace_id, span_id, start_time, gen_ai.* or attributes"
REQUIRED = ("trace_id", "span_id", "attributes")
TIMES = ("start_time", "Timestamp", "timestamp", "end_time")
EVALUATION = "gen_ai.evaluation.result"
_NAMES: dict[str, tuple[str, ...]] = {
    "trace_id": ("trace_id", "traceId", "TraceId", "traceID", "context.trace_id"),
    "span_id": ("span_id", "spanId", "SpanId", "spanID", "context.span_id"),
    "parent": ("parent_span_id", "parentSpanId", "ParentSpanId", "parent_id", "parentSpanID"),
    "name": ("name", "span_name", "SpanName"),
    "start": (
        *("start_time_unix_nano", "startTimeUnixNano", "start_time", "startTime", "start_timestamp", "Timestamp"),
        *("timestamp", "timeUnixNano"),
    ),
    "end": ("end_time_unix_nano", "endTimeUnixNano", "end_time", "endTime", "end_timestamp"),
    "status": ("status", "status_code", "StatusCode", "status.code", "otel_status_code"),
    "message": ("status_message", "StatusMessage", "status.message", "otel_status_message"),
    "events": ("events", "otel_events"),
    "event_name": ("event_name", "eventName"),
    "attributes": ("attributes", "span_attributes", "SpanAttributes"),
    "resource": ("resource", "resource_attributes", "ResourceAttributes", "otel_resource_attributes"),
}
_COLUMN = {name: field for field, names in _NAMES.items() for name in names}
_RANK = {name: rank for rank, name in enumerate(_COLUMN)}
_SESSIONS = (
    *("gen_ai.conversation.id", "session.id", "traceloop.association.properties.session_id", "mlflow.trace.session"),
    *otel_dialects.SESSIONS,
)
_EVENT_COLUMNS = {"Events.Name": "name", "Events.Attributes": "attributes", "Events.Timestamp": "timestamp"}
_PLUMBING = frozenset(
    "context Events.Name Events.Attributes Events.Timestamp Links.TraceId Links.SpanId Links.TraceState "
    "Links.Attributes TraceState ScopeName ScopeVersion SpanKind trace_state created_at otel_scope_name "
    "otel_scope_version kind flags traceState links scope droppedAttributesCount droppedEventsCount droppedLinksCount".split()
)
_KINDS = {
    **dict.fromkeys(("chat", "text_completion", "generate_content", "completion"), "llm"),
    **dict.fromkeys(("invoke_agent", "create_agent", "invoke_workflow"), "agent"),
    "execute_tool": "tool",
    "retrieval": "retriever",
    "embeddings": "embedding",
}
_EVALUATES = ("evaluate", "evaluation", "evaluator")
_LOOP_KINDS = {"workflow": "chain", "task": "chain", "agent": "agent", "tool": "tool"}


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    if set(BATCHES) & set(source.columns) or source.log.container == "otlp":
        return []
    there = {_COLUMN.get(column, column) for column in source.columns}
    there |= {_COLUMN[name] for name in ("context.trace_id", "context.span_id") if name in source.outline}
    if any("gen_ai" in column for column in source.columns):
        there.add("attributes")
    return [column for column in REQUIRED if column not in there]


def recognises(source: Source) -> str | None:
    """Why these are spans of OpenTelemetry, or None."""
    if source.log.container == "otlp":
        return "its lines hold resourceSpans, as OpenTelemetry's collector writes them"
    if missing(source):
        return None
    named = [column for column in [*source.columns, *sorted(source.outline)] if "gen_ai." in column]
    return f"it has trace and span ids and {named[0] if named else 'their attributes'}, as OpenTelemetry logs spans"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all spans."""
    columns = [
        "context",
        *_COLUMN,
        *_SESSIONS,
        *(f"{column}.{name}" for column in _NAMES["attributes"] for name in _SESSIONS),
    ]
    yield from traces.read(sources, options, scratch, traces.Layout(columns, _place, _record, _may_judge))


def _may_judge(fields: JsonFields) -> bool:
    return any(name in fields for name in ("eventName", "event_name", "timeUnixNano")) or EVALUATION in str(
        fields.get("events")
    )


# --- rows -----------------------------------------------------------------------------------------------------------


def _own(fields: JsonFields) -> JsonObject:
    """The columns of a span under our names; of several that mean the same the first in `_NAMES` counts."""
    own: JsonObject = dict.fromkeys(_NAMES)
    fields = _unfolded(fields)
    logged = [name for name in fields if name in _COLUMN and fields[name] not in (None, "")]
    for name in sorted(logged, key=_RANK.__getitem__, reverse=True):
        own[_COLUMN[name]] = fields[name]
    return own


def _unfolded(fields: JsonFields) -> JsonFields:
    """A row with its ids out of the `context` of OpenTelemetry's console exporter, ClickHouse's columns of events as events."""
    context = fields.get("context")
    if isinstance(context, Mapping):
        ids = {f"context.{name}": _hex(context.get(name)) for name in ("trace_id", "span_id")}
        fields = {**fields, **ids, "parent_id": _hex(fields.get("parent_id"))}
    if isinstance(names := fields.get("Events.Name"), list) and "events" not in fields:
        columns = {ours: fields.get(name) for name, ours in _EVENT_COLUMNS.items()}
        lists = {ours: value for ours, value in columns.items() if isinstance(value, list) and len(value) == len(names)}
        fields = {**fields, "events": [{ours: lists[ours][n] for ours in lists} for n in range(len(names))]}
    return fields


def _hex(identity: Any) -> Any:
    return identity.removeprefix("0x") if isinstance(identity, str) else identity


def _attributes(fields: JsonFields, own: JsonFields) -> JsonObject:
    flat = dict(plain(decoded(own["attributes"])))
    for name, value in fields.items():
        column, _, rest = name.partition(".")
        if rest and column in _NAMES["attributes"]:
            flat[rest] = value
        elif name not in _COLUMN and name not in _PLUMBING:
            flat[name] = value
    return flat


def _place(fields: JsonObject) -> traces.Place:
    own = _own(fields)
    flat = _attributes(fields, own)
    session = first_of([flat.get(name) for name in _SESSIONS])
    if session is None and any(isinstance(flat.get(name), Mapping) for name in ("gen_ai", "session", "ai")):
        attributes = nested(flat)
        session = first_of([take(attributes, name) for name in _SESSIONS])
    return traces.Place(normalise.text(own["trace_id"]), normalise.text(session), normalise.text(own["span_id"]))


def _record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
    for batch in BATCHES:
        if batch in fields:
            raise BadValue(batch, "is no list of batches of spans, as OTLP has there", fields[batch])
    own = _own(fields)
    trace, session, span_id = _place(fields)
    attributes = nested(_attributes(fields, own))
    start = clock.utc(own["start"], "start_time")
    if (own["event_name"] or "timeUnixNano" in fields) and (trace or session):
        event = own["event_name"] or take(attributes, "event.name")
        score = _score(file, row, event, attributes)
        if score is None:
            return otel_events.heard(
                Span(file, row, trace or "", span_id or "", session=session, start=start),
                event,
                attributes,
                fields.get("body"),
            )
        score.span, score.trace, score.session, score.at = span_id, trace, session, start
        return score
    if trace is None:
        raise BadValue("trace_id", "is empty: every span belongs to a trace")
    span = Span(file, row, trace, span_id or f"{file}:{row}", normalise.text(own["parent"]), session=session)
    span.name, span.start = normalise.text(own["name"]) or "", start
    span.end = clock.utc(own["end"], "end_time")
    if span.end is None and span.start is not None and (nanos := normalise.number(fields.get("Duration"))) is not None:
        span.end = clock.utc(span.start.timestamp() + nanos / 1e9, "Duration")
    events = decoded(own["events"])
    events = [event for event in events if isinstance(event, Mapping)] if isinstance(events, list) else []
    resource = decoded(own["resource"])
    held = resource.get("attributes") if isinstance(resource, Mapping) else None
    resource = nested(plain(held if isinstance(held, (Mapping, list)) else resource))
    if "openinference" in attributes or {"input_messages", "output_messages"} & set(attributes.get("llm") or ()):
        openinference.fill(span, attributes)
    else:
        _fill(span, attributes, events)
    span.error = _error(own, span, events)
    for name, value in dotted(resource):
        span.fields.setdefault(name, value)
    span.application = normalise.text(
        first_of([span.fields.get("service.name"), fields.get("ServiceName"), fields.get("service_name")])
    )
    span.scores = list(_scores(span, events))
    return span


def _error(own: JsonFields, span: Span, events: Sequence[JsonFields]) -> str | None:
    status, message = own["status"], own["message"]
    if isinstance(status, Mapping):
        message = status.get("message") or message
        status = status.get("code")
    kind = normalise.text(span.attributes.pop("error.type", None))
    failed = str(status).upper().removeprefix("STATUS_CODE_") in ("ERROR", "2", "2.0")
    if not failed and kind is None:
        return None
    description = normalise.text(message) or openinference.exception(list(events))
    return ": ".join(part for part in dict.fromkeys([kind, description]) if part) or "error"


def _scores(span: Span, events: Sequence[JsonFields]) -> Iterator[Score]:
    for event in events:
        score = _score(span.file, span.row, event.get("name"), nested(plain(decoded(event.get("attributes")))))
        if score is not None:
            score.span, score.trace, score.at = span.id, span.trace, span.end
            yield score


def _score(file: int, row: int, name: Any, attributes: JsonObject) -> Score | None:
    if name != EVALUATION:
        return None
    evaluation = take(attributes, "gen_ai.evaluation")
    evaluation = evaluation if isinstance(evaluation, Mapping) else {}
    score = evaluation.get("score")
    score = score if isinstance(score, Mapping) else {"value": score}
    label = normalise.text(score.get("label"))
    text = normalise.text(first_of([evaluation.get("explanation"), score.get("explanation")]))
    name = normalise.identifier(evaluation.get("name"), "gen_ai.evaluation.name")
    by = take(attributes, "triage.by")  # as `export scores` writes it
    value = normalise.number(score.get("value"))
    return Score(file, row, name, value, label, text, by=by if by in ("code", "model", "person") else None)


# --- semantic conventions -------------------------------------------------------------------------------------------


def _fill(span: Span, attributes: JsonObject, events: Sequence[JsonFields]) -> None:
    for name in _SESSIONS:
        take(attributes, name)
    otel_dialects.translate(attributes)
    span.kind = _kind(attributes)
    requested, responded = (
        normalise.text(take(attributes, f"gen_ai.{side}.model")) for side in ("request", "response")
    )
    span.model = requested or responded
    if responded is not None and responded != requested:
        span.fields["model_version"] = responded
    prompt = _prompt(span, attributes)
    for name, path in (
        ("bot", "gen_ai.agent.name"),
        ("release", "gen_ai.agent.version"),
        ("user_id", "user.id"),
        ("user_id", "enduser.id"),
    ):
        if (value := normalise.text(take(attributes, path))) is not None:
            span.fields[name] = value
    reasons = decoded(take(attributes, "gen_ai.response.finish_reasons"))
    if span.kind == "tool":
        _fill_tool(span, attributes)
    else:
        _fill_messages(span, attributes, prompt, events)
    openinference.finish(span, reasons)
    span.documents = documents(take(attributes, "gen_ai.retrieval.documents")) or []
    metadata = decoded(take(attributes, "metadata"))
    span.fields.update(metadata if isinstance(metadata, Mapping) else {})
    span.attributes = dict(dotted(attributes))


def _kind(attributes: JsonObject) -> str:
    operation = normalise.text(take(attributes, "gen_ai.operation.name"))
    looped = normalise.text(take(attributes, "traceloop.span.kind"))
    if operation in _KINDS:
        return _KINDS[operation]
    if looped in _LOOP_KINDS:
        return _LOOP_KINDS[looped]
    if operation in _EVALUATES or looped == judges.EVALUATOR:
        return judges.EVALUATOR
    gen_ai = set(attributes.get("gen_ai") or ())
    if "tool" in gen_ai:
        return "tool"
    if "retrieval" in gen_ai:
        return "retriever"
    return "llm" if {"input", "output", "prompt", "completion", "request"} & gen_ai else "chain"


def _prompt(span: Span, attributes: JsonObject) -> Any:
    """The older `gen_ai.prompt`, which shares its name with the newer `gen_ai.prompt.name` and `.version`."""
    prompt = take(attributes, "gen_ai.prompt")
    if not isinstance(prompt, dict):
        return prompt
    name, version = normalise.text(prompt.pop("name", None)), normalise.text(prompt.pop("version", None))
    span.fields.update({key: value for key, value in (("prompt_name", name), ("prompt_version", version)) if value})
    return indexed(prompt)


def _fill_messages(span: Span, attributes: JsonObject, prompt: Any, events: Sequence[JsonFields]) -> None:
    system = lines(_instructions(take(attributes, "gen_ai.system_instructions")), "system")
    inputs, outputs = take(attributes, "gen_ai.input.messages"), take(attributes, "gen_ai.output.messages")
    span.input = messages(inputs, "user", "gen_ai.input.messages") or lines(prompt, "user")
    span.output = messages(outputs, "assistant", "gen_ai.output.messages") or lines(
        indexed(take(attributes, "gen_ai.completion")), "assistant"
    )
    entity = [decoded(take(attributes, f"traceloop.entity.{side}")) for side in ("input", "output")]
    if not span.input and not span.output:
        span.input, span.output = (
            lines(_inside(entity[0], "inputs"), "user"),
            lines(_inside(entity[1], "outputs"), "assistant"),
        )
    for event in events:
        otel_events.hear(span, str(event.get("name")), nested(plain(decoded(event.get("attributes")))))
    if system and not any(is_system(line.turn.role) for line in span.input):
        span.input = [*system, *span.input]
    judges.look(span, first_of([inputs, prompt, entity[0]]), first_of([outputs, entity[1]]), attributes)


def _inside(value: Any, name: str) -> Any:
    return value[name] if isinstance(value, Mapping) and name in value else value


def _instructions(value: Any) -> Any:
    """System instructions are a list of parts: one message."""
    value = decoded(value)
    return {"role": "system", "content": value} if isinstance(value, list) else value


def _fill_tool(span: Span, attributes: JsonObject) -> None:
    declared = {name: take(attributes, name) for name in (*NAMES, *IDS)}
    arguments = first_of([take(attributes, "gen_ai.tool.call.arguments"), take(attributes, "traceloop.entity.input")])
    result = first_of([take(attributes, "gen_ai.tool.call.result"), take(attributes, "traceloop.entity.output")])
    span.call, span.result = call_of(span.name, arguments, result, declared), result_text(result)

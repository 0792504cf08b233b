"""*openinference*: spans as Phoenix exports them (a dataframe's Parquet or JSON), and the annotations beside them.

The attributes follow OpenInference's semantic conventions (github.com/Arize-ai/openinference, spec), as columns
`attributes.*` or in one column, with dotted, nested or indexed names.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import (
    documents,
    dotted,
    first_of,
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

NAME = "openinference"
WHAT = "one row a span of Phoenix: context.trace_id, context.span_id, parent_id, start_time, attributes.*"
REQUIRED = ("context.trace_id", "context.span_id", "name", "start_time")
TIMES = ("start_time", "end_time")
DEFAULT_LIMIT = 1000
_HINTS = {
    "context.span_id": "context.span_id (pandas leaves the index out of JSON records: df.reset_index().to_json(…) writes it)"
}
_ANNOTATIONS = (
    {"annotation_name", "name"},
    {"annotator_kind", "annotation_name"},
    {"span_id", "trace_id", "session_id"},
)
"""What tells annotations: a name, who gave it, and what it is of; one of each."""
_COLUMNS = ["context.trace_id", "context.span_id", "context", "attributes.session.id", "attributes", "span_id"]
_BY = {"LLM": "model", "CODE": "code", "HUMAN": "person"}
_KINDS = {"LLM": "llm", "TOOL": "tool", "RETRIEVER": "retriever", "RERANKER": "retriever", "AGENT": "agent"}
_KEPT_APART = (
    "id",
    "span_kind",
    "parent_id",
    "name",
    "start_time",
    "end_time",
    "status_code",
    "status_message",
    "events",
)


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    if _are_annotations(source.columns):
        return []
    there = set(source.columns) | source.outline
    lacking = [_HINTS.get(column, column) for column in REQUIRED if column not in there]
    has_attributes = any(column.split(".")[0] == "attributes" for column in source.columns)
    return lacking if has_attributes else [*lacking, "attributes.*"]


def recognises(source: Source) -> str | None:
    """Why these are spans or annotations of Phoenix, or None."""
    if missing(source) or {"resource", "links"} <= set(source.columns):  # the latter is OpenTelemetry's console
        return None
    if _are_annotations(source.columns):
        return (
            "it has annotation_name or annotator_kind beside the id of a span, trace or session: annotations of Phoenix"
        )
    return "it has context.trace_id and attributes, as Phoenix exports spans"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all spans, with the annotations as feedback and scores."""
    for source in sources:
        if source.log.rows == DEFAULT_LIMIT and not _judges(source):
            source.notes.append(
                f"{source.name}: exactly {DEFAULT_LIMIT:,} spans, which is where Phoenix stops unless told otherwise: "
                "some are probably missing, and with them turns. Export again with a higher limit."
            )
    yield from traces.read(
        sources, options, scratch, traces.Layout(_COLUMNS, _place, _record, _is_annotation, _judges, _is_evaluator)
    )


def _is_annotation(fields: JsonFields) -> bool:
    return "annotation_name" in fields or "annotator_kind" in fields


def _is_evaluator(fields: JsonFields) -> bool:
    return str(fields.get("span_kind")).upper() == "EVALUATOR" and not fields.get("parent_id")


def _are_annotations(columns: Collection[str]) -> bool:
    return all(set(columns) & each for each in _ANNOTATIONS)


def _judges(source: Source) -> bool:
    return _are_annotations(source.columns)


def _place(fields: JsonObject) -> traces.Place:
    context = fields.get("context")
    context = context if isinstance(context, Mapping) else {}
    if _is_annotation(fields):
        return traces.Place(*(normalise.text(fields.get(name)) for name in ("trace_id", "session_id", "span_id")))
    trace = normalise.text(first_of([fields.get("context.trace_id"), context.get("trace_id")]))
    span = first_of([fields.get("context.span_id"), context.get("span_id"), fields.get("span_id")])
    attributes = decoded(fields.get("attributes"))
    inside = nested(attributes).get("session") if isinstance(attributes, Mapping) else None
    session = first_of([fields.get("attributes.session.id"), inside.get("id") if isinstance(inside, Mapping) else None])
    return traces.Place(trace, normalise.text(session), normalise.text(span))


def _record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
    if _is_annotation(fields):
        return _annotation(file, row, fields, clock)
    trace, session, span_id = _place(fields)
    if trace is None:
        raise BadValue("context.trace_id", "is empty: every span belongs to a trace")
    if span_id is None:
        raise BadValue(
            "context.span_id", "is empty: without it a span can't be told from its parts, nor be known again"
        )
    span = Span(file, row, trace, span_id, normalise.text(fields.get("parent_id")), session=session)
    span.name = normalise.text(fields.get("name")) or ""
    span.start, span.end = (clock.utc(fields.get(name), name) for name in ("start_time", "end_time"))
    flat = {name.removeprefix("attributes."): value for name, value in fields.items() if name.startswith("attributes.")}
    whole = decoded(fields.get("attributes"))
    attributes = nested({**(whole if isinstance(whole, Mapping) else {}), **flat})
    fill(span, attributes, normalise.text(fields.get("span_kind")))
    if (normalise.text(fields.get("status_code")) or "").upper().endswith("ERROR"):
        span.error = normalise.text(fields.get("status_message")) or exception(fields.get("events")) or "error"
    handled = {*_COLUMNS, *_KEPT_APART}
    rest = {name: value for name, value in fields.items() if name not in handled and not name.startswith("attributes.")}
    span.attributes.update(rest)
    return span


def _annotation(file: int, row: int, fields: JsonObject, clock: Clock) -> Score:
    result = nested({name: value for name, value in fields.items() if name.split(".")[0] == "result"}).get("result")
    result = result if isinstance(result, Mapping) else {}
    place = _place(fields)
    if place == (None, None, None):
        raise BadValue("span_id", "is empty, and so are trace_id and session_id: it judges nothing")
    return Score(
        file,
        row,
        normalise.identifier(first_of([fields.get("annotation_name"), fields.get("name")]), "annotation_name"),
        value=normalise.number(result.get("score")),
        label=normalise.text(result.get("label")),
        text=normalise.text(result.get("explanation")),
        span=place.judged,
        trace=place.trace,
        session=place.session,
        by=_BY.get(str(fields.get("annotator_kind")).upper()),
        at=clock.utc(first_of([fields.get("updated_at"), fields.get("created_at")]), "updated_at"),
    )


def exception(events: Any) -> str | None:
    """What the exception event of a span says."""
    events = decoded(events)
    for event in events if isinstance(events, list) else ():
        attributes = decoded(event.get("attributes")) if isinstance(event, Mapping) else None
        if isinstance(attributes, Mapping) and (details := nested(attributes).get("exception")):
            return normalise.text(details.get("message")) or normalise.text(details.get("type"))
    return None


# --- semantic conventions -------------------------------------------------------------------------------------------


def fill(span: Span, attributes: JsonObject, kind: str | None = None) -> None:
    """Fill a span from its nested attributes, taking out of them what has a place of its own."""
    kind = normalise.text(take(attributes, "openinference.span.kind")) or kind or "CHAIN"
    span.kind = _KINDS.get(kind.upper(), "chain" if kind.upper() in ("CHAIN", "UNKNOWN") else kind.lower())
    span.session = span.session or normalise.text(take(attributes, "session.id"))
    take(attributes, "session.id")
    span.model = normalise.text(take(attributes, "llm.model_name"))
    span.fields = {
        **_metadata(take(attributes, "metadata")),
        "tags": decoded(take(attributes, "tag.tags")),
    }
    for name, path in (
        ("user_id", "user.id"),
        ("prompt_version", "llm.prompt_template.version"),
        ("bot", "agent.name"),
    ):
        if (value := normalise.text(take(attributes, path))) is not None:
            span.fields[name] = value
    input_value, output_value = take(attributes, "input.value"), take(attributes, "output.value")
    for path in ("input.mime_type", "output.mime_type"):
        take(attributes, path)
    if span.kind == "llm":
        _fill_model(span, attributes, input_value, output_value)
    elif span.kind == "tool":
        _fill_tool(span, attributes, input_value, output_value)
    else:
        retrieved = first_of([take(attributes, "retrieval.documents"), take(attributes, "reranker.output_documents")])
        if span.kind == "retriever":
            span.documents = documents(first_of([retrieved, output_value])) or []
        span.input, span.output = lines(input_value, "user"), lines(output_value, "assistant")
    if span.kind != "tool":
        judges.look(span, input_value, output_value, span.fields)
    span.attributes = dict(dotted(attributes))


def _fill_model(span: Span, attributes: JsonObject, input_value: Any, output_value: Any) -> None:
    column = "attributes.llm.{}"
    for name, role, plain in (("input_messages", "user", input_value), ("output_messages", "assistant", output_value)):
        message_lines = messages(take(attributes, f"llm.{name}"), role, column.format(name)) or lines(plain, role)
        if role == "user":
            span.input = message_lines
        else:
            span.output = message_lines
    reasons = decoded(first_of([take(attributes, "llm.finish_reason"), take(attributes, "llm.finish_reasons")]))
    finish(span, reasons)


def finish(span: Span, reasons: Any) -> None:
    """Set the finish reason of what a model said, where its messages carry none."""
    reason = normalise.text(
        reasons[0] if isinstance(reasons, list) and reasons else reasons if isinstance(reasons, str) else None
    )
    for line in span.output:
        line.turn.finish_reason = line.turn.finish_reason or reason


def _fill_tool(span: Span, attributes: JsonObject, input_value: Any, output_value: Any) -> None:
    arguments = first_of([input_value, take(attributes, "tool.parameters")])
    declared = {name: take(attributes, name) for name in (*NAMES, *IDS)}
    span.call = call_of(span.name, arguments, output_value, declared, span.fields)
    span.result = result_text(output_value)


def _metadata(value: Any) -> JsonObject:
    value = decoded(value)
    if isinstance(value, Mapping):
        return {str(name): item for name, item in value.items()}
    return {} if value is None or value == "" else {"metadata": value}

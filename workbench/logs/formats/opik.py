"""*opik*: traces, spans and threads of Opik, as its API, SDK, command line and pages export them.

Fields as in Opik's REST reference (comet.com/docs/opik). A trace is the root of its spans; `thread_id` joins traces to a conversation. Scores
lie in `feedback_scores`, in the files of the pages in a column each (`feedback_scores.NAME`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import documents, lines, result_text
from workbench.logs.spans.spans import SESSION, Score, Span
from workbench.logs.spans.tools import call_of
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.message_parts import first
from workbench.logs.values.messages import Line
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "opik"
WHAT = "one row a trace, span or thread of Opik: id, start_time, input, output, thread_id, feedback_scores"
REQUIRED = ("id", "start_time", "input", "feedback_scores")
RECOGNISED_BY = "thread_id, feedback_scores, error_info or usage with duration, which tell traces of Opik from others"
TIMES = ("start_time", "end_time", "created_at", "last_updated_at")
_SCORES = "feedback_scores"
_MARKS = frozenset("error_info total_estimated_cost llm_span_count span_feedback_scores visibility_mode".split())
_OTHERS = frozenset("run_type span_id spanId parent_observation_id parentObservationId messages role".split())
_THREAD = frozenset({"first_message", "last_message", "number_of_messages"})
_HISTORY = "conversation_history"
_KINDS = {"general": "chain", "guardrail": "chain"}
_BY = {"ui": "person", "sdk": "code", "online_scoring": "model"}
_READ_FIELDS = frozenset(
    "id trace_id parent_span_id thread_id name type start_time end_time input output metadata model tags error_info "
    "created_at last_updated_at created_by last_updated_by duration feedback_scores project_name".split()
)


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    columns = set(source.columns)
    if _is_thread(columns):
        return []
    lacking = [name for name in REQUIRED[:3] if name not in columns]
    marked = _MARKS & columns or {"usage", "duration"} <= columns or any(map(_is_score, columns))
    return lacking if marked or {"trace_id", "parent_span_id"} <= columns else [*lacking, _SCORES]


def recognises(source: Source) -> str | None:
    """Why these are traces, spans or threads of Opik, or None."""
    columns = set(source.columns)
    if missing(source) or _OTHERS & columns:
        return None
    if _is_thread(columns):
        return "it has conversation_history or the first and last message of threads, as Opik exports them"
    return "it has the columns id, start_time and input beside scores, usage or costs, as Opik exports traces and spans"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all traces: by thread, else each trace is one. Of threads alone, what their rows say."""
    columns = ["id", "trace_id", "thread_id", _HISTORY, *_THREAD]
    yield from traces.read(
        sources, options, scratch, traces.Layout(columns, _place, _record, lambda fields: any(map(_is_score, fields)))
    )


def _is_thread(columns: set[str]) -> bool:
    return "id" in columns and (_HISTORY in columns or columns >= _THREAD) and "input" not in columns


def _is_score(column: str) -> bool:
    return column == _SCORES or column.startswith(f"{_SCORES}.")


def _place(fields: dict[str, Any]) -> traces.Place:
    own = normalise.text(fields.get("id"))
    if _is_thread(set(fields)):
        return traces.Place(f"thread {own}", own)
    return traces.Place(normalise.text(fields.get("trace_id")) or own, normalise.text(fields.get("thread_id")))


def _object(value: Any) -> Mapping[str, Any]:
    value = decoded(value)
    return value if isinstance(value, Mapping) else {}


def _record(file: int, row: int, fields: dict[str, Any], clock: Clock) -> Span | Score:
    place, identity = _place(fields), normalise.identifier(fields.get("id"), "id")
    trace = place.trace or identity
    span = Span(file, row, trace, identity, session=place.session, name=normalise.text(fields.get("name")) or "")
    span.start, span.end, span.state = (
        clock.utc(fields.get(name), name) for name in ("start_time", "end_time", "last_updated_at")
    )
    span.scores = [*_scores(span, fields)]
    if _is_thread(set(fields)):
        span.kind = SESSION
        _fill_thread(span, fields)
        return span
    metadata = _object(fields.get("metadata"))
    if trace != identity:
        kind = (normalise.text(fields.get("type")) or "general").lower()
        span.kind = _KINDS.get(kind, kind)
        span.parent = normalise.text(fields.get("parent_span_id")) or trace
    else:
        span.application = normalise.text(first(fields, "project_name", "name"))
        span.fields = {**metadata, "tags": decoded(fields.get("tags"))}
    error = _object(fields.get("error_info"))
    if error:
        span.error = normalise.text(first(error, "message", "traceback", "exception_type")) or "error"
    span.model = normalise.text(first({"own": fields.get("model"), "beside": metadata.get("model")}, "own", "beside"))
    span.attributes = {
        name: value for name, value in fields.items() if name not in _READ_FIELDS and not _is_score(name) and value not in ({}, [])
    }  # fmt: skip
    if metadata and span.parent is not None:
        span.attributes["metadata"] = metadata
    _fill(span, fields, metadata)
    return span


def _fill(span: Span, fields: Mapping[str, Any], metadata: Mapping[str, Any]) -> None:
    asked, answered = decoded(fields.get("input")), decoded(fields.get("output"))
    if span.kind != "tool":
        if span.kind == "retriever":
            span.documents = documents(answered) or []
        span.input, span.output = lines(asked, "user"), lines(answered, "assistant")
        judges.look(span, asked, answered, metadata)
        return
    alone = isinstance(answered, Mapping) and list(answered) == ["output"]
    result = answered["output"] if alone else answered
    span.call = call_of(span.name, asked, result, metadata)
    span.result = result_text(result)


def _fill_thread(span: Span, fields: Mapping[str, Any]) -> None:
    """What a thread says: its exchanges, else all that its row has, the first and the last message."""
    exchanges = decoded(fields.get(_HISTORY))
    spoken: list[Line] = []
    for exchange in exchanges if isinstance(exchanges, list) else [_ends(fields)]:
        if not isinstance(exchange, Mapping):
            raise BadValue(_HISTORY, "holds no exchanges of input and output", exchange)
        spoken += [*lines(exchange.get("input"), "user"), *lines(exchange.get("output"), "assistant")]
    span.input, span.output = spoken[:1], spoken[1:]
    span.fields = {
        name: decoded(value) for name, value in fields.items()
        if name not in {*_READ_FIELDS, *_THREAD, _HISTORY} and not _is_score(name)
    }  # fmt: skip
    count = normalise.number(fields.get("number_of_messages"))
    if not isinstance(exchanges, list) and count is not None and count > len(spoken):
        span.fields["messages_not_in_the_export"] = int(count) - len(spoken)


def _ends(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {"input": fields.get("first_message"), "output": fields.get("last_message")}


def _scores(span: Span, fields: Mapping[str, Any]) -> Iterator[Score]:
    """The scores in a list of objects, or in a column each with its reason in another."""
    on = {"session": span.session} if span.trace.startswith("thread ") else {"span": span.id, "trace": span.trace}
    at = span.end or span.start
    listed = decoded(fields.get(_SCORES))
    for item in listed if isinstance(listed, list) else ():
        held = _object(item)
        score = Score(span.file, span.row, normalise.identifier(held.get("name"), "name"), **on)
        score.value, score.label = normalise.number(held.get("value")), normalise.text(held.get("category_name"))
        score.text, score.by, score.at = normalise.text(held.get("reason")), _BY.get(str(held.get("source"))), at
        yield score
    columns = {
        name.removeprefix(f"{_SCORES}."): value for name, value in fields.items() if name.startswith(f"{_SCORES}.")
    }
    for name, value in columns.items():
        if name.removesuffix("_reason") != name and name.removesuffix("_reason") in columns:
            continue
        score = Score(span.file, span.row, name, normalise.number(value), **on)
        score.label = None if score.value is not None else normalise.text(value)
        score.text, score.at = normalise.text(columns.get(f"{name}_reason")), at
        if score.value is not None or score.label is not None:
            yield score

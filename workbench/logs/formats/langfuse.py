"""*langfuse*: the blob storage export, `observations_v2` (one row an observation) and `scores` beside it; of the older
export also `traces`, which alone knows the session, the user and the release of its `observations`.

Fields as in Langfuse's export field reference (langfuse.com/docs, blob-storage-export-fields): an empty text means
unset, groups of columns may be missing, times are UTC, `input` and `output` are plain text or JSON.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from workbench.conversation import Turn
from workbench.logs.files.source import Source
from workbench.logs.formats.openinference import finish
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import documents, first_of, lines, result_text, tool_calls
from workbench.logs.spans.spans import TRACE, Score, Span
from workbench.logs.spans.tools import call_of
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import Line
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "langfuse"
WHAT = "one row an observation of Langfuse: id, trace_id, type, start_time, input, output"
REQUIRED = ("id", "trace_id", "type", "start_time")
RECOGNISED_BY = (
    "parent_observation_id (of scores: source), which tells it from others; --format langfuse reads it nevertheless"
)
TIMES = ("start_time", "startTime", "end_time", "endTime", "timestamp")
_TELLING = ("type", "data_type", "dataType")  # an observation, or a score; a trace has neither
_SCORES = ("name", "value", "data_type")
_TRACES = {"id", "timestamp", "name", "session_id"}
_ABOUT_TRACES = frozenset(
    "user_id release tags version public bookmarked html_path environment observations total_cost observation_count".split()
)
"""Columns of which a row of a trace has at least two."""
_KINDS = {"GENERATION": "llm", "SPAN": "chain"}
_COLUMNS = ["trace_id", "session_id", "observation_id", "traceId", "sessionId", "observationId", "id", *_TELLING]
_COLUMNS += ["name", "trace_name", "traceName", "environment", "metadata"]
_READ_FIELDS = frozenset(
    "id trace_id parent_observation_id type name start_time end_time level status_message input output tool_calls "
    "tool_call_names provided_model_name model prompt_version session_id metadata created_at updated_at latency".split()
)
_OF_TRACES_ROW = frozenset("id timestamp name session_id input output metadata created_at updated_at html_path".split())
_LISTS = frozenset("tags trace_tags tool_calls tool_call_names prompt_tags".split())
"""Columns of lists that are no scores; in a table that Langfuse's pages export, every other one is."""
_JUDGES = "langfuse-"
"""How the environments begin in which Langfuse runs its evaluators and experiments."""
_EVALUATOR = re.compile(r"(?:execute )?evaluator: *(.*)", re.IGNORECASE | re.DOTALL)
_TOOL_KINDS = (
    ("gen_ai.operation.name", ("execute_tool",)),
    ("openinference.span.kind", ("tool",)),
    ("traceloop.span.kind", ("tool",)),
)
_BY = {"EVAL": "model", "ANNOTATION": "person", "API": "code"}
_OF_TRACE = ("user_id", "release", "tags", "trace_name", "environment", "version", "project_id", "bookmarked", "public")
_OF_CALL = ("tool_call_id", "tool_use_id")


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    columns = {_snake(column) for column in source.columns}
    if columns >= set(_SCORES) or _are_traces(columns):
        return []
    return [column for column in REQUIRED if column not in columns]


def recognises(source: Source) -> str | None:
    """Why these are observations or scores of Langfuse, or None."""
    columns = {_snake(column) for column in source.columns}
    if columns >= {*_SCORES} and columns & {"trace_id", "session_id", "observation_id"} and "type" not in columns:
        return "it has the columns name, value and data_type: scores of Langfuse"
    if _are_traces(columns):
        return "it has the columns id, session_id and what is said of a trace, but no trace_id: traces of Langfuse"
    if missing(source) or not ("parent_observation_id" in columns or "traceName" in source.columns):
        return None
    return "it has the columns trace_id, type and parent_observation_id, as Langfuse exports observations"


def _are_traces(columns: Collection[str]) -> bool:
    there = set(columns)
    about = len(there & _ABOUT_TRACES) > 1
    return there >= _TRACES and about and not {"trace_id", "type", "messages", "role", "run_type"} & there


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all observations, with the scores as feedback and scores."""
    for source in sources:
        if {"observations", "scores"} <= set(source.columns) and _are_traces({_snake(name) for name in source.columns}):
            source.notes.append(
                f"{source.name}: its traces name their observations and scores by id alone, so models, tools, latencies and "
                "feedback are not in it. GET /api/public/traces/{id} gives a trace with them."
            )
    yield from traces.read(
        sources, options, scratch, traces.Layout(_COLUMNS, _place, _record, _is_score, judge=_is_run)
    )


def _is_score(fields: JsonFields) -> bool:
    return "data_type" in fields or "dataType" in fields or bool(_score_columns(fields))


@lru_cache(1000)
def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def _is_run(fields: JsonObject) -> bool:
    return (
        _judge({_snake(name): fields.get(name) for name in ("name", "trace_name", "traceName", "environment")})
        is not None
    )


def _place(fields: JsonObject) -> traces.Place:
    own = {_snake(name): value for name, value in fields.items() if name in _COLUMNS}
    if _judge(own) is not None and (target := _target(own)) != (None, None):
        return traces.Place(target[0], None, target[1])
    if _is_trace(own):
        own["trace_id"] = own.get("id")
    return traces.Place(*(normalise.text(own.get(name)) for name in ("trace_id", "session_id", "observation_id")))


def _is_trace(fields: JsonFields) -> bool:
    return not any(fields.get(name) for name in ("trace_id", "type", "data_type"))


def _record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
    columns = _score_columns(fields)
    fields = {
        _snake(name): value for name, value in fields.items() if value not in ("", [], {}) and name not in columns
    }
    if "data_type" in fields and "type" not in fields:
        return _score(file, row, fields, clock)
    judge = _judge(fields)
    if _is_trace(fields):
        span = _trace(file, row, fields, clock)
        span.scores = [*_of_columns(span, columns, None)]
        return _as_run(span, judge, fields)
    trace, identity = (normalise.identifier(fields.get(name), name) for name in ("trace_id", "id"))
    parent = normalise.text(fields.get("parent_observation_id"))
    span = Span(file, row, trace, identity, parent, session=normalise.text(fields.get("session_id")))
    kind = (normalise.text(fields.get("type")) or "SPAN").upper()
    span.kind, span.name = _KINDS.get(kind, kind.lower()), normalise.text(fields.get("name")) or ""
    span.start, span.end = (clock.utc(fields.get(name), name) for name in ("start_time", "end_time"))
    span.state = clock.utc(fields.get("updated_at"), "updated_at")
    span.model = normalise.text(first_of([fields.get("provided_model_name"), fields.get("model")]))
    span.scores = [*_of_columns(span, columns, identity)]
    span.application = normalise.text(fields.get("trace_name"))
    if fields.get("level") == "ERROR":
        span.error = normalise.text(fields.get("status_message")) or "error"
    metadata = decoded(fields.get("metadata"))
    if span.kind == "chain" and isinstance(metadata, Mapping) and _carries_tool_out(metadata.get("attributes")):
        span.kind = "tool"
    _fill(span, fields, metadata if isinstance(metadata, Mapping) else {})
    if isinstance(metadata, Mapping):
        metadata = {str(name): value for name, value in metadata.items() if name not in _OF_CALL}
    span.fields.update({name: decoded(fields[name]) for name in _OF_TRACE if name in fields})
    if (version := normalise.text(fields.get("prompt_version"))) is not None:
        span.fields["prompt_version"] = version
    if metadata and parent is None:
        span.fields.update(metadata if isinstance(metadata, Mapping) else {"metadata": metadata})
    elif metadata:
        span.attributes["metadata"] = metadata
    rest = {name: value for name, value in fields.items() if name not in _READ_FIELDS and name not in _OF_TRACE}
    span.attributes.update(rest)
    return _as_run(span, judge, fields)


def _as_run(span: Span, judge: str | None, fields: JsonFields) -> Span:
    """A span with what it judges, where it is a run of an evaluator."""
    span.judge = judge
    if span.kind != "tool":
        judges.look(span, fields.get("input"), fields.get("output"), fields.get("metadata"))
    return span


def _trace(file: int, row: int, fields: JsonFields, clock: Clock) -> Span:
    """A row of a trace: what it says of all its observations."""
    trace = normalise.identifier(fields.get("id"), "id")
    span = Span(file, row, trace, f"trace {trace}", kind=TRACE, session=normalise.text(fields.get("session_id")))
    span.start, span.state = (clock.utc(fields.get(name), name) for name in ("timestamp", "updated_at"))
    span.name = span.application = normalise.text(fields.get("name")) or ""
    span.input, span.output = lines(fields.get("input"), "user"), lines(fields.get("output"), "assistant")
    metadata = decoded(fields.get("metadata"))
    own = {name: decoded(value) for name, value in fields.items() if name not in _OF_TRACES_ROW}
    span.fields = {**own, "trace_name": span.name, **(metadata if isinstance(metadata, Mapping) else {})}
    return span


# --- scores in columns, judges --------------------------------------------------------------------------------------


def _score_columns(fields: JsonFields) -> dict[str, list[Any]]:
    """The scores of a row of a table that Langfuse's pages export: each name is a column of lists."""
    if not ({"traceName", "observationCount", "bookmarked"} & fields.keys()):
        return {}
    columns: dict[str, list[Any]] = {}
    for name, value in fields.items():
        value = decoded(value) if isinstance(value, str) and value.startswith("[") else value  # in CSV it is text
        is_list = isinstance(value, list) and bool(value) and all(isinstance(item, (int, float, str)) for item in value)
        if is_list and _snake(name) not in _LISTS | {"input", "output", "metadata"}:
            columns[name] = value
    return columns


def _of_columns(span: Span, columns: Mapping[str, list[Any]], identity: str | None) -> Iterator[Score]:
    for name, values in columns.items():
        for item in values:
            value, label = (None, item) if isinstance(item, str) else (normalise.number(item), None)
            yield Score(
                span.file, span.row, name, value, label, span=identity, trace=span.trace, at=span.end or span.start
            )


def _judge(fields: JsonFields) -> str | None:
    """The name of the evaluator of which this is a run, None where it is none."""
    names = [normalise.text(fields.get(name)) or "" for name in ("trace_name", "name")]
    match = next(filter(None, map(_EVALUATOR.match, names)), None)
    in_judges = (normalise.text(fields.get("environment")) or "").startswith(_JUDGES)
    if not in_judges and match is None:
        return None
    return (match[1] if match is not None else next(filter(None, names), "")) or "evaluator"


def _target(fields: JsonFields) -> tuple[str | None, str | None]:
    """The trace and the observation that a run of an evaluator names."""
    return judges.named_target(fields.get("metadata"))


# --- rows -----------------------------------------------------------------------------------------------------------


def _carries_tool_out(attributes: Any) -> bool:
    """Whether the attributes that Langfuse got by OpenTelemetry say that a span is a tool's."""
    own = decoded(attributes)
    return isinstance(own, Mapping) and any(str(own.get(name)).lower() in kinds for name, kinds in _TOOL_KINDS)


def _fill(span: Span, fields: JsonFields, metadata: JsonFields) -> None:
    input_value, output_value = fields.get("input"), fields.get("output")
    if span.kind == "tool":
        span.call = call_of(span.name, input_value, output_value, metadata)
        span.result = result_text(output_value)
        return
    if span.kind == "retriever":
        span.documents = documents(output_value) or []
    span.input, span.output = lines(input_value, "user"), lines(output_value, "assistant")
    spans_own = decoded(metadata.get("attributes"))  # where Langfuse was fed by OpenTelemetry
    reasons = spans_own.get("gen_ai.response.finish_reasons") if isinstance(spans_own, Mapping) else None
    if not span.output and isinstance(spans_own, Mapping):
        span.output = lines(spans_own.get("final_result"), "assistant")
    finish(span, decoded(first_of([metadata.get("finish_reason"), reasons])))
    calls = tool_calls(fields.get("tool_calls")) if span.kind == "llm" else []
    if calls and not any(line.turn.tool_calls for line in span.output):
        if not span.output or span.output[-1].guess:  # the output was the calls themselves
            span.output = [Line(Turn(0, "assistant"))]
        span.output[-1].turn.tool_calls = calls


def _score(file: int, row: int, fields: JsonFields, clock: Clock) -> Score:
    kind = fields.get("data_type")
    logged = normalise.text(fields.get("value")) if kind in ("CATEGORICAL", "TEXT") else None
    words = (
        normalise.text(fields.get("string_value")) or logged
    )  # in the body of a request the value itself is the word
    metadata = decoded(fields.get("metadata"))
    by = metadata.get("by") if isinstance(metadata, Mapping) else None
    score = Score(
        file,
        row,
        normalise.identifier(fields.get("name"), "name"),
        value=normalise.number(fields.get("value")) if kind in ("NUMERIC", "BOOLEAN") else None,
        label=words if kind == "CATEGORICAL" else None,
        text=words if kind == "TEXT" else normalise.text(fields.get("comment")),
        span=normalise.text(fields.get("observation_id")),
        trace=normalise.text(fields.get("trace_id")),
        session=normalise.text(fields.get("session_id")),
        at=clock.utc(fields.get("timestamp"), "timestamp"),
        by=_BY.get(str(fields.get("source"))) or (by if by in _BY.values() else None),
    )
    if score.span is None and score.trace is None and score.session is None:
        raise BadValue("trace_id", "is empty, and so are observation_id and session_id: it judges nothing", score.name)
    return score

"""*langsmith*: runs as LangSmith's bulk export writes them (Parquet in hive folders, JSON in its columns).

Fields as in LangSmith's run data format (docs.langchain.com/langsmith). `session_id` is the tracing project there; a
conversation is what the metadata under `extra` calls thread_id, session_id or conversation_id.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.spans import judges, traces
from workbench.logs.spans.messages import documents, first_of, lines, result_text
from workbench.logs.spans.spans import Score, Span
from workbench.logs.spans.tools import call_of
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock

NAME = "langsmith"
WHAT = "one row a run of LangSmith: id, trace_id, run_type, start_time, inputs, outputs"
REQUIRED = ("id", "run_type", "start_time", "trace_id")
TIMES = ("start_time", "end_time")
_KINDS = {"llm": "llm", "tool": "tool", "retriever": "retriever"}
_THREAD = ("thread_id", "session_id", "conversation_id")
_COLUMNS = ["trace_id", "dotted_order", "extra"]
_READ_FIELDS = frozenset(
    "id trace_id parent_run_id parent_run_ids child_run_ids direct_child_run_ids dotted_order is_root name run_type "
    "start_time end_time status error inputs outputs extra feedback_stats session_id tags tenant_id events "
    "export_id year month day child_runs".split()  # the folders of an export: the same run exported again is the same
)


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are runs of LangSmith, or None."""
    return None if missing(source) else "it has the columns trace_id and run_type, as LangSmith exports runs"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all runs."""
    yield from traces.read(
        sources, options, scratch, traces.Layout(_COLUMNS, _place, _record, lambda fields: "feedback_stats" in fields)
    )


def _json(value: Any) -> Any:
    """What a column of JSON text says; another value, or text that is no JSON, as it is."""
    try:
        return normalise.parse_json(value, None) if isinstance(value, str) else value
    except BadValue:
        return value


def _object(value: Any) -> JsonObject:
    value = _json(value)
    return {str(name): item for name, item in value.items()} if isinstance(value, Mapping) else {}


def _path(fields: JsonFields) -> list[str]:
    """The ids from the root to the run, from its dotted order: `<time>Z<id>.<time>Z<id>`."""
    order = normalise.text(fields.get("dotted_order")) or ""
    return [step.partition("Z")[2] for step in order.split(".") if "Z" in step]


def _place(fields: JsonObject) -> traces.Place:
    metadata = _object(_object(fields.get("extra")).get("metadata"))
    thread = normalise.text(first_of([metadata.get(name) for name in _THREAD]))
    return traces.Place(normalise.text(fields.get("trace_id")) or first_of(_path(fields)), thread)


def _record(file: int, row: int, fields: JsonObject, clock: Clock) -> Span | Score:
    trace, thread, _ = _place(fields)
    if trace is None:
        raise BadValue("trace_id", "is empty: every run belongs to a trace")
    path = _path(fields)
    parent = normalise.text(fields.get("parent_run_id")) or (path[-2] if len(path) > 1 else None)
    span = Span(file, row, trace, normalise.identifier(fields.get("id"), "id"), parent, session=thread)
    kind = normalise.text(fields.get("run_type")) or "chain"
    span.kind = _KINDS.get(kind, "chain" if kind in ("chain", "prompt", "parser") else kind)
    span.name = normalise.text(fields.get("name")) or ""
    span.start, span.end = (clock.utc(fields.get(name), name) for name in ("start_time", "end_time"))
    span.error = normalise.text(fields.get("error")) or ("error" if fields.get("status") == "error" else None)
    extra = _object(fields.get("extra"))
    metadata = _object(extra.pop("metadata", None))
    span.model = normalise.text(metadata.get("ls_model_name"))
    span.application = normalise.text(metadata.get("graph_id"))
    _fill(span, fields, {**extra, **metadata})
    _describe(span, fields, metadata)
    rest = {name: value for name, value in fields.items() if name not in _READ_FIELDS}
    span.attributes.update({**rest, **({"extra": extra} if extra else {})})
    span.scores = list(_feedback(span, fields))
    return span


def _describe(span: Span, fields: JsonFields, metadata: JsonObject) -> None:
    """What a root says is said of the conversation, what a run under it says of its turn."""
    own = {name: value for name, value in metadata.items() if name not in (*_THREAD, "ls_model_name")}
    if span.parent is None:
        own.setdefault("release", metadata.get("revision_id"))
        own.setdefault("prompt_version", metadata.get("lc_hub_commit_hash"))
        span.fields = {**own, "tags": decoded(fields.get("tags")), "project_id": fields.get("session_id")}
    elif own:
        span.attributes["metadata"] = own


def _fill(span: Span, fields: JsonFields, extra: JsonFields) -> None:
    inputs, outputs = _json(fields.get("inputs")), _json(fields.get("outputs"))
    if span.kind != "tool":
        if span.kind == "retriever":
            span.documents = documents(outputs) or []
        if not (span.kind == "chain" and fields.get("run_type") in ("prompt", "parser")):
            span.input, span.output = lines(inputs, "user"), lines(outputs, "assistant")
            judges.look(span, inputs, outputs, extra)
        return
    arguments, result = (
        value[name] if isinstance(value, Mapping) and list(value) == [name] else value
        for name, value in (("input", inputs), ("output", outputs))
    )
    span.call = call_of(span.name, arguments, result, extra)
    span.result = result_text(result)


def _feedback(span: Span, fields: JsonFields) -> Iterator[Score]:
    """The feedback of a run: its average, or its only label."""
    for name, stats in _object(fields.get("feedback_stats")).items():
        stats = _object(stats)
        labels = list(_object(stats.get("values")))
        value = normalise.number(stats.get("avg"))
        label = labels[0] if len(labels) == 1 and value is None else None
        comments = stats.get("comments")
        text = "\n".join(item for item in comments if isinstance(item, str)) if isinstance(comments, list) else None
        yield Score(span.file, span.row, name, value, label, text or None, span=span.id, trace=span.trace, at=span.end)

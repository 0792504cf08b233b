"""JSON whose rows hold their steps inside them: a trace of Langfuse with its observations and scores, as its API and its
pages give one, a run of LangSmith with its child runs, a trace of Jaeger or Opik with its spans."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from workbench.logs.files.json_lines import JsonLog, outline
from workbench.logs.files.wrapped import ItemsLog, WrappedLog
from workbench.logs.values.json_object import JsonObject

Fields = JsonObject
_MOST_STEPS = 100_000


class NestedLog(WrappedLog):
    """A JSON file whose rows are what lies inside its objects; a row's number is that of the object around it."""

    def __init__(self, log: JsonLog | ItemsLog, rows: Callable[[Fields], Iterable[Fields]], sample: Sequence[Fields]):
        self._rows = rows
        first = [row for fields in sample for row in rows(fields)]
        super().__init__(log, "json", dict.fromkeys(name for row in first for name in row), outline(first))

    def inside(self, fields: Fields) -> Iterable[Fields]:
        """The object's own row and those of its steps, their nulls left out."""
        return [{name: value for name, value in row.items() if value is not None} for row in self._rows(fields)]


def nested_log(log: JsonLog | ItemsLog, sample: Sequence[Fields]) -> NestedLog | None:
    """The log of the steps inside, None where these rows hold none."""
    kinds = (
        (_is_langfuse, _of_langfuse),
        (_is_langsmith, _of_langsmith),
        (_is_jaeger, _of_jaeger),
        (_is_opik, _of_opik),
        (_is_trackers, _of_trackers),
        (_is_datadog, _of_datadog),
    )
    for holds, rows in kinds:
        if any(map(holds, sample)):
            return NestedLog(log, rows, sample)
    return None


def _objects(value: Any) -> list[Fields]:
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


# --- Langfuse -------------------------------------------------------------------------------------------------------


def _is_langfuse(row: Fields) -> bool:
    whole = row["trace"] if isinstance(row.get("trace"), Mapping) else row
    if not isinstance(whole.get("id"), str) or "timestamp" not in whole:
        return False
    steps, scores = _objects(row.get("observations")), _objects(row.get("scores") or whole.get("scores"))
    return any("type" in step and "id" in step for step in steps) or any("dataType" in score for score in scores)


def _of_langfuse(row: Fields) -> Iterator[Fields]:
    whole = row["trace"] if isinstance(row.get("trace"), Mapping) else row
    inside = {"observations", "scores"}
    yield {name: value for name, value in whole.items() if name not in inside}
    for step in _objects(row.get("observations") or whole.get("observations")):
        yield {"traceId": whole.get("id"), "parentObservationId": None, **step}
    for score in [*_objects(whole.get("scores")), *(_objects(row.get("scores")) if whole is not row else [])]:
        on = {} if score.get("observationId") else {"traceId": score.get("traceId") or whole.get("id")}
        yield {**score, **on}


# --- LangSmith ------------------------------------------------------------------------------------------------------


def _is_langsmith(row: Fields) -> bool:
    return "run_type" in row and "id" in row and ("trace_id" not in row or bool(_objects(row.get("child_runs"))))


def _of_langsmith(row: Fields) -> Iterator[Fields]:
    """The run and all under it, which know their trace and their parent by where they stand."""
    waiting: list[tuple[Fields, Any, Any]] = [(row, row.get("trace_id") or row.get("id"), row.get("parent_run_id"))]
    metadata = (row.get("extra") or {}).get("metadata") if isinstance(row.get("extra"), Mapping) else None
    count = 0
    while waiting and count < _MOST_STEPS:
        run, trace, parent = waiting.pop(0)
        count += 1
        own = {name: value for name, value in run.items() if name != "child_runs"}
        extra = {} if own.get("extra") or metadata is None else {"extra": {"metadata": metadata}}
        yield {
            **own,
            **extra,
            "trace_id": run.get("trace_id") or trace,
            "parent_run_id": run.get("parent_run_id") or parent,
        }
        waiting += [(child, trace, run.get("id")) for child in _objects(run.get("child_runs"))]


# --- Jaeger ---------------------------------------------------------------------------------------------------------


def _is_jaeger(row: Fields) -> bool:
    return any("spanID" in span and "operationName" in span for span in _objects(row.get("spans")))


def _of_jaeger(row: Fields) -> Iterator[Fields]:
    """The spans of a trace as spans of OpenTelemetry: tags as attributes; a row without spans as it is."""
    if not _objects(row.get("spans")):
        yield row
    processes = row.get("processes") if isinstance(row.get("processes"), Mapping) else {}
    for span in _objects(row.get("spans")):
        process = (processes or {}).get(span.get("processID"))
        process = process if isinstance(process, Mapping) else {}
        parents = [each for each in _objects(span.get("references")) if each.get("refType", "CHILD_OF") == "CHILD_OF"]
        start, duration = span.get("startTime"), span.get("duration")
        tags = _tags(span.get("tags"))
        failed = tags.get("error") is True or tags.get("otel.status_code") == "ERROR"
        yield {
            "trace_id": span.get("traceID") or row.get("traceID"),
            "span_id": span.get("spanID"),
            "parent_span_id": span.get("parentSpanID") or (parents[0].get("spanID") if parents else None),
            "name": span.get("operationName"),
            "start_time": start,
            "end_time": start + duration if isinstance(start, int) and isinstance(duration, int) else None,
            "attributes": tags,
            "resource": {"service.name": process.get("serviceName"), **_tags(process.get("tags"))},
            "events": [_event(each) for each in _objects(span.get("logs"))],
            "status": {"code": "ERROR", "message": tags.get("otel.status_description")} if failed else None,
        }


def _tags(tags: Any) -> Fields:
    return {str(tag.get("key")): tag.get("value") for tag in _objects(tags)}


def _event(log: Fields) -> Fields:
    attributes = _tags(log.get("fields"))
    return {"name": attributes.pop("event", None), "attributes": attributes}


# --- Opik -----------------------------------------------------------------------------------------------------------


def _is_opik(row: Fields) -> bool:
    whole = row["trace"] if isinstance(row.get("trace"), Mapping) else row
    spans = _objects(row.get("spans") or whole.get("spans"))
    own = any("id" in span and "type" in span and not {"span_id", "spanID"} & span.keys() for span in spans)
    return own and "id" in whole and "start_time" in whole


def _of_opik(row: Fields) -> Iterator[Fields]:
    """The trace and its spans, which know it by where they stand."""
    whole = row["trace"] if isinstance(row.get("trace"), Mapping) else row
    beside = {"project_name": row.get("project_name")} if whole is not row else {}
    yield {**beside, **{name: value for name, value in whole.items() if name != "spans"}}
    for span in _objects(row.get("spans") or whole.get("spans")):
        yield {**span, "trace_id": span.get("trace_id") or whole.get("id")}


# --- Rasa -----------------------------------------------------------------------------------------------------------


def _is_trackers(row: Fields) -> bool:
    return bool(row) and all(_is_tracker(value) for value in row.values())


def _is_tracker(value: Any) -> bool:
    held = _objects(value.get("events") if isinstance(value, Mapping) else value)
    return bool(held) and all(isinstance(event.get("event"), str) for event in held)


def _of_trackers(row: Fields) -> Iterator[Fields]:
    """Each tracker with the sender whose name it stands under."""
    for sender, value in row.items():
        tracker = value if isinstance(value, Mapping) else {"events": value}
        yield {**tracker, "sender_id": tracker.get("sender_id") or sender}


# --- Datadog --------------------------------------------------------------------------------------------------------


def _is_datadog(row: Fields) -> bool:
    return any("span_id" in span and "meta" in span for span in _objects(_attributes(row).get("spans")))


def _attributes(row: Fields) -> Fields:
    whole = row["data"] if isinstance(row.get("data"), Mapping) else row
    held = whole.get("attributes")
    return dict(held) if isinstance(held, Mapping) else {}


def _of_datadog(row: Fields) -> Iterator[Fields]:
    """The spans of a request to Datadog's API, each with what is said of all of them; a row without spans as it is."""
    around = _attributes(row)
    spans = _objects(around.pop("spans", None))
    if not spans:
        yield row
    for span in spans:
        yield {**around, **span}

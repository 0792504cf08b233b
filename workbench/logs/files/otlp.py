"""OTLP JSON as the OpenTelemetry collector's file exporter writes it: a batch of spans a line, given as one row a span.

The encoding is that of the protocol (opentelemetry.io/docs/specs/otlp): attributes as lists of key and typed value,
times in nanoseconds as text. Log records come as rows too, for the messages and evaluations among them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.logs.files.json_lines import JsonLog
from workbench.logs.files.wrapped import WrappedLog
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue

BATCHES = {
    "resourceSpans": (("scopeSpans", "instrumentationLibrarySpans"), "spans"),
    "resourceLogs": (("scopeLogs", "instrumentationLibraryLogs"), "logRecords"),
    "batches": (("scopeSpans", "instrumentationLibrarySpans"), "spans"),
}
"""Lists of batches with the names of the lists inside: those of today, of older versions, and as Tempo calls them."""
COLUMNS = [
    "traceId",
    "spanId",
    "parentSpanId",
    "name",
    "startTimeUnixNano",
    "endTimeUnixNano",
    "attributes",
    "resource",
]


def holds_batches(log: JsonLog) -> bool:
    """Whether the objects of a file are batches of spans, bare or in Tempo's `trace`."""
    if {"resourceSpans", "resourceLogs"} & set(log.columns):
        return True
    inside = {f"{name}.{scopes}" for name in BATCHES for scopes in BATCHES[name][0]}
    return bool(log.outline & {*inside, *(f"trace.{name}" for name in inside)})


class OtlpLog(WrappedLog):
    """A JSON file of OTLP batches as a log whose rows are spans; a row's number is its line's."""

    def __init__(self, log: JsonLog) -> None:
        super().__init__(log, "otlp", COLUMNS, log.outline)

    def inside(self, fields: JsonObject) -> list[JsonObject]:
        """Each span and log record. A line that is no batch comes as it is."""
        try:
            return list(_records(fields))
        except BadValue:
            return [fields]


def _records(line: JsonFields) -> Iterator[JsonObject]:
    """The spans and log records of a batch, attributes decoded, the resource's beside them; BadValue for no batch."""
    held = line.get("trace")
    line = held if isinstance(held, Mapping) and set(BATCHES) & set(held) else line
    for batch, (scopes, records) in BATCHES.items():
        for resource in _list(line, batch):
            about = resource.get("resource")
            owner = plain(about.get("attributes")) if isinstance(about, Mapping) else {}
            for scope in (scope for name in scopes for scope in _list(resource, name)):
                for record in _list(scope, records):
                    events = [_event(event) for event in _list(record, "events")]
                    own = {name: value for name, value in record.items() if value is not None}
                    if "body" in own:
                        own["body"] = _value(own["body"])
                    yield {**own, "attributes": plain(record.get("attributes")), "events": events, "resource": owner}


def _list(value: JsonFields, name: str) -> list[JsonFields]:
    items = value.get(name)
    if items is None:
        return []
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise BadValue(name, "is no list of objects, as OTLP has there", items)
    return items


def _event(event: JsonFields) -> JsonObject:
    return {**event, "attributes": plain(event.get("attributes"))}


def plain(attributes: Any) -> JsonObject:
    """OTLP attributes as a dictionary; one that is a dictionary already as it is."""
    if isinstance(attributes, Mapping):
        return {str(name): item for name, item in attributes.items()}
    if not isinstance(attributes, list):
        return {}
    return {str(item.get("key")): _value(item.get("value")) for item in attributes if isinstance(item, Mapping)}


def _value(value: Any) -> Any:
    if not isinstance(value, Mapping) or not value:
        return value or None
    kind, inner = next(iter(value.items()))
    if kind == "intValue" and isinstance(inner, str):
        return int(inner) if inner.lstrip("-").isdecimal() and len(inner) < 20 else inner
    if kind == "arrayValue" and isinstance(inner, Mapping):
        values = inner.get("values")
        return [_value(item) for item in values] if isinstance(values, list) else []
    if kind == "kvlistValue" and isinstance(inner, Mapping):
        return plain(inner.get("values"))
    return inner

"""OTLP JSON as the OpenTelemetry collector's file exporter writes it: a batch of spans a line, given as one row a span.

The encoding is that of the protocol (opentelemetry.io/docs/specs/otlp): attributes as lists of key and typed value,
times in nanoseconds as text. Log records come as rows too, for the evaluations among them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from workbench.readers.json_files import JsonLog
from workbench.readers.records import BadValue, Reject

BATCHES = {"resourceSpans": ("scopeSpans", "spans"), "resourceLogs": ("scopeLogs", "logRecords")}
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
Row = tuple[int, dict[str, Any]]


class OtlpLog:
    """A JSON file of OTLP batches as a log whose rows are spans; a row's number is its line's."""

    container = "otlp"

    def __init__(self, log: JsonLog) -> None:
        self.log = log
        self.path, self.name = log.path, log.name
        self.columns = COLUMNS
        self.outline = log.outline
        self.rows = 0

    @property
    def unpacked(self) -> int:
        return self.log.unpacked

    @property
    def rejects(self) -> list[Reject]:
        return self.log.rejects

    def check(self, look: Callable[[Any], None]) -> None:
        """Parse every line once and count its spans; a line that is no batch is one row."""
        self.rows = 0

        def count(line: Mapping[str, Any]) -> None:
            self.rows += len(_rows(line))

        self.log.check(count)
        self.rows += sum(reject.rows for reject in self.log.rejects)

    def read(self) -> Iterator[Row]:
        """Each span and log record with the number of its line. A line that is no batch comes as it is."""
        for number, line in self.log.read():
            for row in _rows(line):
                yield number, row

    def deal(self, columns: Sequence[str], share: Callable[[dict[str, Any]], int], paths: Sequence[Path]) -> None:
        """Write each row to the path that `share` numbers."""
        with ExitStack() as open_files:
            files: dict[int, BinaryIO] = {}
            for number, row in self.read():
                place = share(row)
                if place not in files:
                    files[place] = open_files.enter_context(paths[place].open("wb"))
                files[place].write(json.dumps([number, row]).encode() + b"\n")

    def dealt(self, path: Path) -> Iterator[Row]:
        """The rows that `deal` wrote to a path."""
        with path.open("rb") as file:
            for line in file:
                number, row = json.loads(line)
                yield number, row


def _rows(line: Mapping[str, Any]) -> list[dict[str, Any]]:
    try:
        return list(_records(line))
    except BadValue:
        return [dict(line)]


def _records(line: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """The spans and log records of a batch, attributes decoded, the resource's beside them; BadValue for no batch."""
    for batch, (scopes, records) in BATCHES.items():
        for resource in _list(line, batch):
            about = resource.get("resource")
            owner = plain(about.get("attributes")) if isinstance(about, Mapping) else {}
            for scope in _list(resource, scopes):
                for record in _list(scope, records):
                    events = [_event(event) for event in _list(record, "events")]
                    own = {name: value for name, value in record.items() if value is not None}
                    yield {**own, "attributes": plain(record.get("attributes")), "events": events, "resource": owner}


def _list(value: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = value.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(item, Mapping) for item in found):
        raise BadValue(name, "is no list of objects, as OTLP has there", found)
    return found


def _event(event: Mapping[str, Any]) -> dict[str, Any]:
    return {**event, "attributes": plain(event.get("attributes"))}


def plain(attributes: Any) -> dict[str, Any]:
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
        return [_value(item) for item in inner.get("values") or []]
    if kind == "kvlistValue" and isinstance(inner, Mapping):
        return plain(inner.get("values"))
    return inner

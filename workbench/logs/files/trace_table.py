"""MLflow's table of traces in Parquet, as `search_traces` gives it: one row a trace, its spans in a column."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

import pyarrow as pa

from workbench.logs.files.enclosed import AROUND
from workbench.logs.files.parquet import ParquetLog, python_rows
from workbench.logs.files.wrapped import WrappedLog
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.normalise import number
from workbench.logs.values.replies import decoded

_COLUMNS = ("trace_id", "span_id", "parent_span_id", "name", "start_time_unix_nano", "end_time_unix_nano")
_SAID = ("mlflow.spanInputs", "mlflow.spanOutputs")


def holds_traces(log: ParquetLog) -> bool:
    """Whether the rows of a file are traces of MLflow with their spans."""
    columns = {*log.columns}
    return (
        "spans" in columns
        and bool(columns & {"trace_id", "request_id"})
        and bool({"request", "response"} <= columns or columns & {"trace_metadata", "request_metadata"})
    )


class TraceTable(WrappedLog):
    """A Parquet file of traces as a log of their spans; a row's number is that of its trace, which stands around it."""

    log: Any

    def __init__(self, log: ParquetLog) -> None:
        columns = (*_COLUMNS, "status", "attributes", AROUND)
        super().__init__(log, "parquet", columns, frozenset({*columns, *(f"attributes.{name}" for name in _SAID)}))  # type: ignore[arg-type]

    def inside(self, fields: JsonObject) -> Iterator[JsonObject]:
        """The spans of a trace; of one without any what was asked and answered, as its only span."""
        trace = first(fields, "trace_id", "request_id")
        around = {
            **{name: value for name, value in fields.items() if name not in ("spans", "trace", "request", "response")},
            "trace_id": trace,
            "trace_metadata": first(fields, "trace_metadata", "request_metadata"),
            "state": first(fields, "state", "status"),
            "assessments": decoded(fields.get("assessments")),
        }
        held = decoded(fields.get("spans"))
        spans = [span for item in held if isinstance(span := decoded(item), Mapping)] if isinstance(held, list) else []
        for span in spans or [_whole(fields, trace)]:
            yield {**_span(span, trace), AROUND: around}

    def check(self, look: Callable[[Any], None]) -> None:
        """Decode the whole file once, and look at each span."""
        self.rows = 0

        def count(batch: pa.RecordBatch) -> None:
            for row in python_rows(batch):
                for span in self.inside(row):
                    self.rows += 1
                    look(span)

        self.log.check(count)


def _span(span: JsonFields, trace: Any) -> JsonObject:
    """A span as MLflow 3 writes it; MLflow 2 has its ids in a `context`, its status in two fields."""
    context = decoded(span.get("context"))
    own = {**(context if isinstance(context, Mapping) else {}), **span}
    status = own.get("status") or {"code": own.get("status_code"), "message": own.get("status_message")}
    return {"trace_id": trace, **{name: value for name, value in own.items() if name != "context"}, "status": status}


def _whole(fields: JsonFields, trace: Any) -> JsonObject:
    start = first(fields, "request_time", "timestamp_ms")
    took = number(first(fields, "execution_duration", "execution_time_ms"))
    end: datetime | float | None = None
    if took is not None and isinstance(start, datetime):
        end = start + timedelta(milliseconds=took)
    elif took is not None and isinstance(start, (int, float)):
        end = start + took
    attributes = {"mlflow.spanInputs": fields.get("request"), "mlflow.spanOutputs": fields.get("response")}
    state = str(first(fields, "state", "status")).rpartition(".")[2]
    failed = {"status": {"code": "ERROR"}} if state == "ERROR" else {}
    return {"span_id": trace, "name": "", "start_time": start, "end_time": end, "attributes": attributes, **failed}

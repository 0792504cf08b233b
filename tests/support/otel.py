"""OpenTelemetry spans as exporters write them."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.support.imported import Imported, import_paths

NOON = 1_772_366_400


def at(second: int) -> datetime:
    return datetime(2026, 3, 1, 12, 0, second)


def typed(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, list):
        return {"arrayValue": {"values": [typed(item) for item in value]}}
    if isinstance(value, dict):
        return {"kvlistValue": {"values": pairs(value)}}
    return {"stringValue": value}


def pairs(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": typed(value)} for name, value in attributes.items()]


def span(id: str, second: int, attributes: dict[str, Any], parent: str = "root", **fields: Any) -> dict[str, Any]:
    return {
        "traceId": "t1",
        "spanId": id,
        "parentSpanId": "" if id == "root" else parent,
        "name": id,
        "kind": 1,
        "startTimeUnixNano": str((NOON + second) * 10**9),
        "endTimeUnixNano": str((NOON + second + 1) * 10**9),
        "attributes": pairs(attributes),
        "status": {},
        **fields,
    }


def batch(*spans: dict[str, Any], **resource: Any) -> dict[str, Any]:
    owner = {"attributes": pairs(resource or {"service.name": "parcel-service"})}
    return {"resourceSpans": [{"resource": owner, "scopeSpans": [{"scope": {"name": "x"}, "spans": list(spans)}]}]}


def imported(folder: Path, *batches: Any, **options: Any) -> Imported:
    path = folder / "traces.jsonl"
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in batches))
    return import_paths(folder, path, **options)

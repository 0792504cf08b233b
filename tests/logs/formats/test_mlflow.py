"""MLflow's table of traces in Parquet reads as its JSON does, however the spans stand in their column."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths, write

NANO = 1772442000_000000000
SPAN: dict[str, Any] = {
    "span_id": "s",
    "parent_span_id": None,
    "name": "ask",
    "start_time_unix_nano": NANO,
    "end_time_unix_nano": NANO + 10**9,
    "status": {"code": "STATUS_CODE_OK", "message": ""},
    "attributes": {
        "mlflow.spanType": '"AGENT"',
        "mlflow.spanInputs": '{"question": "Where is it?"}',
        "mlflow.spanOutputs": '"Here."',
    },
}
OLD_SPAN = {
    "context": {"span_id": "s", "trace_id": "x"},
    "parent_id": None,
    "name": "ask",
    "start_time": NANO,
    "end_time": NANO + 10**9,
    "status_code": "OK",
    "status_message": "",
    "attributes": SPAN["attributes"],
}
ROW: dict[str, Any] = {
    "trace_id": "tr-1",
    "state": "OK",
    "request_time": datetime(2026, 3, 2, 9, tzinfo=UTC),
    "execution_duration": 1000,
    "request": '{"question": "Where is it?"}',
    "response": '"Here."',
    "tags": {"mlflow.traceName": "shop"},
    "trace_metadata": {"mlflow.trace.session": "c"},
    "assessments": [{"assessment_name": "right", "feedback": {"value": "no"}, "rationale": "Late."}],
}
OLD_ROW = {
    "request_id": "tr-1",
    "status": "OK",
    "timestamp_ms": NANO // 10**6,
    "execution_time_ms": 1000,
    **{name: ROW[name] for name in ("request", "response", "tags", "assessments")},
    "request_metadata": json.dumps(ROW["trace_metadata"]),
}


def read(folder: Path, row: dict[str, Any]) -> Imported:
    return import_paths(folder, write(folder / "traces.parquet", [row]))


@pytest.mark.parametrize(
    "row",
    [
        {**ROW, "spans": [SPAN]},
        {**ROW, "spans": json.dumps([SPAN])},
        {**ROW, "spans": [json.dumps(SPAN)]},
        {**ROW, "spans": [SPAN], "assessments": json.dumps(ROW["assessments"])},
        {**ROW, "spans": "[]"},
        {**OLD_ROW, "spans": [OLD_SPAN]},
        {**OLD_ROW, "spans": json.dumps([OLD_SPAN])},
        {**OLD_ROW, "spans": "[]"},
    ],
    ids="structs text texts assessments-in-text no-spans old-structs old-text old-without-spans".split(),
)
def test_a_table_of_traces_reads_as_their_json(tmp_path: Path, row: dict[str, Any]) -> None:
    log = read(tmp_path, row)
    only = log.only
    assert (only.conversation_id, only.bot, only.started_at) == ("c", "shop", datetime(2026, 3, 2, 9))
    assert [(turn.role, turn.content) for turn in only.turns] == [("user", "Where is it?"), ("assistant", "Here.")]
    assert [(each.name, each.label, each.explanation) for each in only.evaluations] == [("right", "no", "Late.")]
    assert (log.rows, [file["format"] for file in log.manifest.files]) == ((1, 1, 0, 0), ["mlflow"])

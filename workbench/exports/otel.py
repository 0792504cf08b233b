"""Scores for OpenTelemetry: OTLP JSON Lines of log records, as the collector's `otlpjsonfile` receiver takes them.

Each record is the event `gen_ai.evaluation.result` of the GenAI semantic conventions, in the context of its trace, or with
`gen_ai.conversation.id` where the log knew a session. The conventions have no attribute for who judged: `triage.by` is ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from workbench.exports.scores import NamedScore, score_id, scores_of

if TYPE_CHECKING:
    from workbench.bench.score_rows import ScoreRow

_EVENT = "gen_ai.evaluation.result"
_RESOURCE = {"attributes": [{"key": "service.name", "value": {"stringValue": "triage-workbench"}}]}


def write_otel(rows: Iterable[object], file: BinaryIO) -> None:
    """A line a conversation."""
    for row in cast("Iterable[ScoreRow]", rows):
        records = [_record(row, score) for score in scores_of(row)]
        logs = {"resourceLogs": [{"resource": _RESOURCE, "scopeLogs": [{"logRecords": records}]}]}
        line = json.dumps(logs, ensure_ascii=False, allow_nan=False)
        file.write(line.encode("utf-8", "backslashreplace") + b"\n")


def _record(row: ScoreRow, score: NamedScore) -> dict[str, Any]:
    values: dict[str, str | float | None] = {
        "gen_ai.evaluation.name": score.name,
        "gen_ai.evaluation.score.value": score.value,
        "gen_ai.evaluation.score.label": score.label,
        "gen_ai.evaluation.explanation": score.explanation,
        "gen_ai.conversation.id": row.conversation_id if row.trace_id is None else None,
        "triage.id": score_id(row, score),
        "triage.by": score.by,
    }
    attributes = [
        {"key": name, "value": {"stringValue": value} if isinstance(value, str) else {"doubleValue": value}}
        for name, value in values.items()
        if value is not None
    ]
    context = {} if row.trace_id is None else {"traceId": row.trace_id}
    return {"eventName": _EVENT, "severityNumber": 9, **context, "attributes": attributes}

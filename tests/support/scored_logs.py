"""Logs of one exchange a conversation, as tools hold them, with what other evaluators said."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.bench.score_rows import ScoreRow
from workbench.conversation.model import Evaluation

START = "2026-03-02T09:00:00Z"


@dataclass
class Judged:
    """A conversation with what goes back and what its tool knew before."""

    row: ScoreRow
    """What goes back."""
    before: list[Evaluation]
    """What the log holds of other evaluators: a name with a number."""


def langfuse_log(folder: Path, conversations: Sequence[Judged]) -> list[Path]:
    """Observations, and scores beside them."""
    rows: list[dict[str, Any]] = []
    scores: list[dict[str, Any]] = []
    for place, judged in enumerate(conversations):
        trace, session = _ids(place, judged.row)
        rows.append({
            "id": f"o-{trace}", "trace_id": trace, "type": "GENERATION", "parent_observation_id": "", "session_id": session,
            "start_time": START, "trace_name": "shop", "input": "Where is it?", "output": "I can't say.",
        })  # fmt: skip
        for score in judged.before:
            scores.append({
                "id": f"s-{place}-{score.name}", "traceId": trace, "name": score.name, "value": score.value,
                "dataType": "NUMERIC", "source": "EVAL",
            })  # fmt: skip
    return [_lines(folder / "observations.jsonl", rows), *([_lines(folder / "before.jsonl", scores)] if scores else [])]


def phoenix_log(folder: Path, conversations: Sequence[Judged]) -> list[Path]:
    """Spans, and annotations of their traces beside them."""
    rows: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    for place, judged in enumerate(conversations):
        trace, session = _ids(place, judged.row)
        rows.append({
            "context.trace_id": trace, "context.span_id": f"s-{place}", "name": "turn", "span_kind": "AGENT", "attributes.session.id": session,
            "start_time": START, "attributes.input.value": "Where is it?", "attributes.output.value": "I can't say.",
        })  # fmt: skip
        for score in judged.before:
            result = {"score": score.value}
            annotations.append({"trace_id": trace, "name": score.name, "annotator_kind": "LLM", "result": result, "identifier": f"b-{place}-{score.name}"})  # fmt: skip
    before = folder / "before.json"
    before.write_text(json.dumps({"data": annotations}), "utf-8")
    return [_lines(folder / "spans.jsonl", rows), *([before] if annotations else [])]


def otel_log(folder: Path, conversations: Sequence[Judged]) -> list[Path]:
    """OTLP spans, and evaluation events of their traces beside them."""
    lines: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = []
    for place, judged in enumerate(conversations):
        trace, session = _ids(place, judged.row)
        values = {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": session, "gen_ai.agent.name": "shop", "gen_ai.prompt": "Where is it?", "gen_ai.completion": "I can't say."}  # fmt: skip
        span = {"traceId": trace, "spanId": f"{place + 1:016x}", "name": "chat", "startTimeUnixNano": "1772442000000000000", "attributes": _attributes(values)}  # fmt: skip
        lines.append({"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [span]}]}]})
        for score in judged.before:
            of = {
                "gen_ai.evaluation.name": score.name,
                "gen_ai.evaluation.score.value": score.value,
                "triage.by": "model",
            }
            record = {"eventName": "gen_ai.evaluation.result", "traceId": trace, "attributes": _attributes(of)}
            events.append({"resourceLogs": [{"resource": {}, "scopeLogs": [{"logRecords": [record]}]}]})
    return [_lines(folder / "spans.jsonl", lines), *([_lines(folder / "before.jsonl", events)] if events else [])]


LOGS: dict[str, Callable[[Path, Sequence[Judged]], list[Path]]] = {
    "langfuse": langfuse_log, "phoenix": phoenix_log, "otel": otel_log,
}  # fmt: skip
"""How a tool's log is written, by its name in `export scores --format`."""


def _ids(place: int, row: ScoreRow) -> tuple[str, str | None]:
    """The trace and the session of a conversation."""
    return (f"{place + 1:032x}", row.conversation_id) if row.trace_id is None else (row.trace_id, None)


def _attributes(values: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"key": name, "value": {"stringValue": value} if isinstance(value, str) else {"doubleValue": value}}
        for name, value in values.items()
        if value is not None
    ]


def _lines(path: Path, rows: Sequence[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path

"""Scores go back to the tools that logged: as their files are written, and as they are read in again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import import_paths
from workbench.bench.score_rows import ScoreRow
from workbench.conversation.model import Evaluation
from workbench.exports import export

TRACE = "5b8efff798038103d269b633813fc60c"
FAILED = ScoreRow(
    conversation_id="c-1",
    bot="shop",
    trace_id=None,
    failed=True,
    failed_source="workbench",
    failing_turn=1,
    root_cause="tool-fault",
    root_cause_source="cluster",
    note="The depot (“Köln”)\nis closed.",
    severity="S2",
    severity_source="suggested",
    cluster="FC-0007",
    cluster_name="parcel: find_parcel → error (8/10)",
    ticket="FIX-0001",
)
FINE = ScoreRow(
    TRACE, "shop", TRACE, False, "person", None, None, None, None, None, None, None, None, None
)  # fmt: skip
WANTED = {
    "c-1": [
        Evaluation("triage.cluster", None, "FC-0007", "parcel: find_parcel → error (8/10)", "code"),
        Evaluation("triage.failed", 1.0, None, None, "code"),
        Evaluation("triage.failing_turn", 1.0, None, None, "code"),
        Evaluation("triage.root_cause", None, "tool-fault", "The depot (“Köln”)\nis closed.", "person"),
        Evaluation("triage.severity", None, "S2", None, "code"),
        Evaluation("triage.ticket", None, "FIX-0001", None, "person"),
    ],
    TRACE: [Evaluation("triage.failed", 0.0, None, None, "person")],
}


def langfuse(trace: str, session: str | None) -> dict[str, Any]:
    return {
        "id": f"o-{trace}", "trace_id": trace, "type": "GENERATION", "parent_observation_id": "", "session_id": session,
        "start_time": "2026-03-02T09:00:00Z", "trace_name": "shop", "input": "Where is it?", "output": "I can't say.",
    }  # fmt: skip


def phoenix(trace: str, session: str | None) -> dict[str, Any]:
    return {
        "context.trace_id": trace, "context.span_id": f"s-{trace}", "name": "turn", "span_kind": "AGENT", "attributes.session.id": session,
        "start_time": "2026-03-02T09:00:00Z", "attributes.input.value": "Where is it?", "attributes.output.value": "I can't say.",
    }  # fmt: skip


def otel(trace: str, session: str | None) -> dict[str, Any]:
    values = {"gen_ai.operation.name": "chat", "gen_ai.conversation.id": session, "gen_ai.prompt": "Where is it?", "gen_ai.completion": "I can't say."}  # fmt: skip
    attributes = [{"key": name, "value": {"stringValue": value}} for name, value in values.items() if value]
    span = {"traceId": trace, "spanId": "eee19b7ec3c1b174", "name": "chat", "startTimeUnixNano": "1772442000000000000", "attributes": attributes}  # fmt: skip
    return {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [span]}]}]}


@pytest.mark.parametrize(
    ("format", "logged", "out"),
    [("langfuse", langfuse, "scores.jsonl"), ("phoenix", phoenix, "scores"), ("otel", otel, "scores.jsonl")],
)
def test_what_was_exported_is_read_in_again_as_it_was(format: str, logged: Any, out: str, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(json.dumps(logged(*ids)) for ids in (("1" * 32, "c-1"), (TRACE, None))))
    written = export("scores", format, [FAILED, FINE], tmp_path / out)
    again = import_paths(tmp_path, log, *written)
    assert (again.rejects, again.manifest.notes) == ([], [])
    evaluations = {
        each.conversation_id: sorted(
            (replace(item, position=None) for item in each.evaluations), key=lambda it: it.name
        )
        for each in again.conversations
    }
    assert evaluations == WANTED
    assert [each.metadata.get("trace_id") for each in again.conversations if each.conversation_id == TRACE] == [TRACE]


def test_a_score_has_the_same_id_at_every_export_and_another_for_another_bot(tmp_path: Path) -> None:
    rows = [FAILED, FAILED, replace(FAILED, bot="desk")]
    (path,) = export("scores", "langfuse", rows, tmp_path / "scores.jsonl")
    ids = [json.loads(line)["id"] for line in path.read_text("utf-8").splitlines()]
    assert (ids[:6] == ids[6:12], len(set(ids))) == (True, 12)


def test_langfuse_gets_the_bodies_of_its_api(tmp_path: Path) -> None:
    (path,) = export("scores", "langfuse", [FINE], tmp_path / "scores.jsonl")
    (body,) = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert len(body.pop("id")) == 32
    assert body == {"traceId": TRACE, "name": "triage.failed", "value": 0.0, "dataType": "BOOLEAN", "metadata": {"by": "person"}}  # fmt: skip


def test_phoenix_gets_sessions_and_traces_apart(tmp_path: Path) -> None:
    written = export("scores", "phoenix", [FAILED, FINE], tmp_path / "scores")
    assert [path.name for path in written] == ["session_annotations.json", "trace_annotations.json"]
    (annotation,) = json.loads(written[1].read_text("utf-8"))["data"]
    assert len(annotation.pop("identifier")) == 32
    assert annotation == {"trace_id": TRACE, "name": "triage.failed", "annotator_kind": "HUMAN", "result": {"score": 0.0}}  # fmt: skip

"""Scores for Phoenix: the bodies of `POST /v1/session_annotations` and `POST /v1/trace_annotations`, a file each
(arize.com/docs/phoenix, REST API)."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from workbench.exports.scores import NamedScore, score_id, scores_of

if TYPE_CHECKING:
    from workbench.bench.score_rows import ScoreRow

_KINDS = {"person": "HUMAN", "code": "CODE"}


def phoenix_files(rows: Sequence[object]) -> dict[str, bytes]:
    """The files by name, those with nothing in them left out."""
    bodies: dict[str, list[dict[str, Any]]] = {"session_annotations.json": [], "trace_annotations.json": []}
    for row in cast("Sequence[ScoreRow]", rows):
        listed = bodies["session_annotations.json" if row.trace_id is None else "trace_annotations.json"]
        listed += (_annotation(row, score) for score in scores_of(row))
    return {
        name: (json.dumps({"data": body}, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")
        for name, body in bodies.items()
        if body
    }


def _annotation(row: ScoreRow, score: NamedScore) -> dict[str, Any]:
    target = {"session_id": row.conversation_id} if row.trace_id is None else {"trace_id": row.trace_id}
    result = {"label": score.label, "score": score.value, "explanation": score.explanation}
    return {
        **target,
        "name": score.name,
        "annotator_kind": _KINDS[score.by],
        "result": {name: value for name, value in result.items() if value is not None},
        "identifier": score_id(row, score),
    }

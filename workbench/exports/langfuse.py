"""Scores for Langfuse: JSON Lines, each the body of one `POST /api/public/scores` (langfuse.com/docs, scores via API).

A score is of a session, or of a trace where the log knew no session; its id makes a later export replace it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from workbench.exports.scores import NamedScore, score_id, scores_of

if TYPE_CHECKING:
    from workbench.bench.score_rows import ScoreRow


def write_langfuse(rows: Iterable[object], file: BinaryIO) -> None:
    """A line a score."""
    for row in cast("Iterable[ScoreRow]", rows):
        for score in scores_of(row):
            line = json.dumps(_body(row, score), ensure_ascii=False, allow_nan=False)
            file.write(line.encode("utf-8", "backslashreplace") + b"\n")


def _body(row: ScoreRow, score: NamedScore) -> dict[str, Any]:
    target = {"sessionId": row.conversation_id} if row.trace_id is None else {"traceId": row.trace_id}
    kind = "BOOLEAN" if score.is_yes_or_no else "CATEGORICAL" if score.value is None else "NUMERIC"
    comment = {"comment": score.explanation} if score.explanation else {}
    return {
        "id": score_id(row, score),
        **target,
        "name": score.name,
        "value": score.label if score.value is None else score.value,
        "dataType": kind,
        **comment,
        "metadata": {"by": score.by},
    }

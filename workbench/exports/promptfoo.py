"""Test cases as a promptfoo test file: a JSON array of description, vars, assert and metadata.

promptfoo reads strings that begin with file:// or package: as files to load, and fills in what stands in {{ }}: log text
must do neither, so a word joiner, which nobody sees, parts the two characters.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, BinaryIO, cast

if TYPE_CHECKING:
    from workbench.tickets.regression import EvalRow

_LOADED = re.compile(r"\A(\s*(?:file|package|exec|python|golang|ruby):)(?=\S)", re.IGNORECASE)
_FILLED_IN = re.compile(r"(?<=\{)(?=[{%#])")
_JOINER = "\u2060"
# Observed without reading: these need no grader.
_EMPTY_REPLY = {
    "type": "javascript",
    "value": "(typeof output === 'string' ? output : JSON.stringify(output)).trim().length > 0",
    "metric": "reply is not empty",
}


def write_promptfoo(rows: Iterable[object], file: BinaryIO) -> None:
    """One JSON array of test cases."""
    cases = [test_case(cast("EvalRow", row)) for row in rows]
    file.write((json.dumps(cases, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace"))


def test_case(row: EvalRow) -> dict[str, Any]:
    """One test: `messages` for a prompt that is `{{ messages | dump }}`, and what a grader is to check."""
    what = f": {row.cluster_name}" if row.cluster_name else ""
    rubric = "\n".join(["The answer must not repeat this failure of a chatbot.", *row.check])
    asserts: list[dict[str, Any]] = [{"type": "llm-rubric", "value": rubric, "metric": row.root_cause or "failure"}]
    if "signal:empty-reply" in row.tags:
        asserts.insert(0, _EMPTY_REPLY)
    case = {
        "description": f"{row.bot} {row.conversation_id}{what}",
        "vars": {"messages": row.messages, "documents": [document for document in row.documents if document]},
        "assert": asserts,
        "metadata": {
            "id": row.id, "conversation_id": row.conversation_id, "bot": row.bot, "release": row.release or "",
            "cluster": row.cluster or "", "ticket": row.ticket or "", "severity": row.severity or "", "tags": row.tags,
            "logged": row.logged,
        },
    }  # fmt: skip
    return cast("dict[str, Any]", _inert(case))


def _inert(value: Any) -> Any:
    """The value with all texts in it such that promptfoo neither loads nor fills in anything."""
    if isinstance(value, dict):
        return {name: _inert(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_inert(part) for part in value]
    return _FILLED_IN.sub(_JOINER, _LOADED.sub(r"\1" + _JOINER, value)) if isinstance(value, str) else value

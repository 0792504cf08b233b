"""The table of docs/log-format.md says what each format carries: each cell against the fullest log of that format."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.support.fullest import FULLEST
from tests.support.imported import Imported, import_paths
from tests.support.paths import ROOT
from workbench.logs.formats import READERS

DOC = (ROOT / "docs" / "log-format.md").read_text("utf-8")
COLUMNS = ("messages", "calls", "results", "times", "feedback", "outcome", "evaluator scores")


def carried(log: Imported) -> list[str]:
    """The columns of the table that hold for a log: "yes" or "–"."""
    turns = [turn for each in log.conversations for turn in each.turns]
    calls = [call for turn in turns for call in turn.tool_calls]
    has = (
        any(turn.content for turn in turns),
        bool(calls),
        any(call.result_position is not None for call in calls),
        any(turn.timestamp for turn in turns),
        any(turn.feedback for turn in turns) or any(each.feedback_score is not None for each in log.conversations),
        any(each.outcome or each.reward is not None for each in log.conversations),
        any(each.evaluations for each in log.conversations),
    )
    return ["yes" if holds else "–" for holds in has]


def table() -> dict[str, list[str]]:
    """The cells of each format's row."""
    (header,) = re.findall(r"^\| format \| (.*) \|$", DOC, re.M)
    assert header.split(" | ") == [*COLUMNS, "sessions"]
    rows = DOC.partition(f"| format | {header} |")[2].partition("\n\n")[0]
    return {name: cells.split(" | ") for name, cells in re.findall(r"^\| `([\w-]+)` \| (.*) \|$", rows, re.M)}


def test_every_format_has_its_row() -> None:
    assert sorted(table()) == sorted(FULLEST) == sorted(READERS)


@pytest.mark.parametrize("format", READERS)
def test_the_fullest_log_of_a_format_carries_what_its_row_says(format: str, tmp_path: Path) -> None:
    end = "json" if format in ("tau", "chatgpt", "mlflow", "inspect") else "jsonl"
    paths = []
    for number, rows in enumerate(FULLEST[format]):
        paths.append(tmp_path / f"{number}.{end}")
        lines = [json.dumps(row, default=str) for row in rows]
        listed = lines[0] if format == "inspect" else f"[{','.join(lines)}]"
        paths[-1].write_text(listed if end == "json" else "\n".join(lines))
    log = import_paths(tmp_path, *paths)
    assert (log.rejects, {file["format"] for file in log.manifest.files}) == ([], {format})
    assert carried(log) == table()[format][:-1]


@pytest.mark.parametrize("format", READERS)
def test_a_session_is_named_where_its_row_says(format: str) -> None:
    """The names stand in the section of the format, and in its fullest log or its example."""
    section = DOC.partition(f"### {format}:")[2].partition("\n### ")[0]
    names = re.findall(r"`([\w.]+)`", table()[format][-1])
    assert names
    assert [
        name for name in names if name.rpartition(".")[2] not in section + json.dumps(FULLEST[format], default=str)
    ] == []

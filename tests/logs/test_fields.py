"""Which fields a log has, whatever its columns are called: what a mapping can choose from."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import write
from workbench.errors import UserError
from workbench.logs.fields import sample
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job

ROW = {
    "ref": "A-1",
    "mail": "ann@example.com",
    "payload": json.dumps({"lines": [{"who": "customer", "said": {"text": "hi"}}, {"who": "desk", "tags": [{"a": 1}]}]}),
    "scores": {"quality": 2},
    "empty": None,
}  # fmt: skip


def fields(*paths: Path) -> dict[str, Any]:
    job = Job(store=str(paths[0].parent / "s"), paths=list(map(str, paths)), dry_run=True, fields_only=True)
    return Build(job, lambda stage, done, total: None).run()


@pytest.mark.parametrize("name", ["log.jsonl", "log.jsonl.gz", "log.parquet"])
def test_fields_of_structs_lists_and_json_text_are_told_with_masked_values(tmp_path: Path, name: str) -> None:
    listed = fields(write(tmp_path / name, [ROW, ROW | {"ref": "A-2"}]))["fields"]
    assert [(each["within"], each["path"], each["is_list"], each["seen"], each["values"]) for each in listed] == [
        ("", "ref", False, 2, ["A-1", "A-2"]),
        ("", "mail", False, 2, ["[email]"]),
        ("", "payload", False, 2, []),
        ("", "payload.lines", True, 2, []),
        ("payload.lines", "who", False, 4, ["customer", "desk"]),
        ("payload.lines", "said", False, 2, []),
        ("payload.lines", "said.text", False, 2, ["hi"]),
        ("payload.lines", "tags", True, 2, []),
        ("", "scores", False, 2, []),
        ("", "scores.quality", False, 2, ["2"]),
    ]


def test_values_are_masked_before_they_are_cut() -> None:
    assert sample("note", "call ann@example.com, or anybody", 10) == "call [emai"


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("user.phone", 5551232002, "[phone]"),
        ("phone", "5551232002", "[phone]"),
        ("card", 4111111111111111, "[card]"),
        ("order", 5551232002, "5551232002"),
        ("score", 2.0, "2.0"),
        ("score", float("nan"), "nan"),
        ("solved", True, "True"),
        ("model_version", "2024-05-13", "2024-05-13"),
        ("ann@example.com", "a\n\ud800", "a\n\ud800"),
    ],
)
def test_a_value_is_masked_by_its_name(name: str, value: Any, expected: str) -> None:
    assert sample(name, value, 60) == expected


def test_files_that_can_be_read_are_told_beside_those_that_can_not(tmp_path: Path) -> None:
    good, bad = write(tmp_path / "log.jsonl", [ROW]), tmp_path / "bad.parquet"
    bad.write_text("a,b\n")
    listed = fields(good, bad)
    assert listed["files"] == [{"file": str(good), "rows": 1}]
    assert [refused["file"] for refused in listed["refused"]] == [str(bad)]
    with pytest.raises(UserError, match=r"Nothing could be read.\n.*bad.parquet"):
        fields(bad)

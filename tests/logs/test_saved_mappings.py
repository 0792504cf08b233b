"""Mappings made by hand: written as TOML that reads back, kept under plain names, never overwritten."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from workbench.errors import UserError
from workbench.logs.formats import ColumnMapping, load_mapping
from workbench.logs.saved_mappings import as_toml, draft, is_saved, keep, plain_name, remove, saved
from workbench.store import Store

ODD = 'a"b\\c\x7f\nd = [x]'
MAPPING = ColumnMapping(
    "our.toml",
    "chat",
    columns={"conversation_id": "session.id", "messages": ODD},
    message={"role": "who"},
    roles={ODD: "user", "desk": "assistant"},
    constants={"bot": "billing", "reward": 1e16},
    metadata={"quality": "scores.quality"},
    skip_when={"who": "== system"},
    fails_when={"quality": "< 3"},
    rows="export.chats",
    html=True,
)


def test_a_mapping_reads_back_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "our.toml").write_text(as_toml(MAPPING), encoding="utf-8")
    assert replace(load_mapping(tmp_path / "our.toml"), file="our.toml") == MAPPING


def test_the_text_is_what_a_person_would_write() -> None:
    assert as_toml(ColumnMapping("x", fails_when={"solved": "== no"})) == '[fails_when]\nsolved = "== no"\n'


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Our März log", "our-m-rz-log"),
        ("../../etc/passwd", "etc-passwd"),
        ("x" * 100, "x" * 60),
        ("…", ""),
    ],
)
def test_a_name_is_reduced_to_plain_characters(name: str, expected: str) -> None:
    assert plain_name(name) == expected


def test_the_same_mapping_is_kept_once_and_another_gets_the_next_name(tmp_path: Path) -> None:
    store = Store(tmp_path)
    kept = [keep(store, "Our log", text).name for text in ("a = 1\n", "a = 1\n", "a = 2\n", "a = 2\n")]
    assert kept == ["our-log.toml", "our-log.toml", "our-log-2.toml", "our-log-2.toml"]
    assert [file.name for file in saved(store)] == ["our-log-2.toml", "our-log.toml"]
    assert all(is_saved(store, file) for file in saved(store))


def test_a_name_of_signs_alone_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="with letters or digits"):
        keep(Store(tmp_path), "???", "")


def test_a_deleted_mapping_is_gone_and_its_text_is_given(tmp_path: Path) -> None:
    store = Store(tmp_path)
    keep(store, "Our log", "a = 1\n")
    assert (remove(store, "our-log"), saved(store)) == ("a = 1\n", [])
    for name in ("our-log", "../judgement"):
        with pytest.raises(UserError, match="any more"):
            remove(store, name)


def test_a_draft_stands_with_the_uploads(tmp_path: Path) -> None:
    file = draft(Store(tmp_path), "Our log", "a = 1\n")
    assert (file.name, file.read_text("utf-8"), file.parent.parent.name) == ("our-log.toml", "a = 1\n", "uploads")
    assert not is_saved(Store(tmp_path), file)

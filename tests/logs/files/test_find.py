"""Which files a path means."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import re
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.errors import RefusedFile, UserError
from workbench.logs.formats import find_files, open_source, shown


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for name in (
        "logs/b.parquet",
        "logs/a.parquet",
        "logs/week/c.PQ",
        "logs/notes.txt",
        "logs/.hidden.parquet",
        "out/x.parquet",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    return tmp_path / "logs"


def names(*paths: Path | str) -> list[str]:
    files, refused = find_files(paths)
    assert refused == []
    return [path.name for path in files]


def test_a_folder_means_its_log_files_at_any_depth_but_no_hidden_ones(logs: Path) -> None:
    assert names(logs) == ["a.parquet", "b.parquet", "c.PQ"]


def test_a_file_is_taken_whatever_its_name(logs: Path) -> None:
    assert names(logs / "notes.txt") == ["notes.txt"]


def test_a_glob_means_what_it_matches(logs: Path) -> None:
    assert names(str(logs / "?.parquet")) == ["a.parquet", "b.parquet"]
    assert names(str(logs / "**" / "*.PQ")) == ["c.PQ"]


def test_each_file_counts_once_however_often_it_is_named(logs: Path) -> None:
    assert names(logs / "b.parquet", logs, str(logs / "*.parquet")) == ["b.parquet", "a.parquet", "c.PQ"]


def test_a_folder_that_a_glob_matches_is_searched_like_one_that_is_named(logs: Path) -> None:
    for name in ("day=1.parquet/part-0.parquet", "day=2.parquet/part-0.parquet", "day=2.parquet/_SUCCESS"):
        (logs / "spark" / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / "spark" / name).write_text(name)
    assert names(str(logs / "spark" / "*.parquet")) == ["part-0.parquet", "part-0.parquet"]


def test_a_glob_that_matches_only_folders_without_logs_is_said(logs: Path) -> None:
    (logs / "empty").mkdir()
    with pytest.raises(UserError, match=r"only folders match, and they hold no log file"):
        find_files([str(logs / "emp*")])


def test_of_names_with_an_underscore_only_what_spark_and_delta_keep_for_themselves_is_left_out(logs: Path) -> None:
    for name in ("_export.jsonl", "_week/d.parquet", "_delta_log/0.json", "_temporary/0/e.parquet", "_metadata"):
        (logs / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / name).write_text(name)
    assert names(logs) == ["_export.jsonl", "d.parquet", "a.parquet", "b.parquet", "c.PQ"]


def test_a_file_whose_name_looks_like_a_glob_is_that_file(logs: Path) -> None:
    (logs / "[a].parquet").write_text("x")
    assert names(logs / "[a].parquet") == ["[a].parquet"]


@pytest.mark.parametrize(
    "path", ["nothing.parquet", "none/*.parquet", "ftp://x.test/log.parquet", "https://x.test/log.parquet"]
)
def test_a_path_that_matches_nothing_is_said(logs: Path, path: str) -> None:
    with pytest.raises(UserError, match=r"there is no such file or folder|nothing matches"):
        find_files([path])


@pytest.mark.parametrize("path", ["", " "])
def test_an_empty_path_is_not_the_current_folder(logs: Path, path: str) -> None:
    with pytest.raises(UserError, match="An empty path names no log"):
        find_files([path])


def test_a_folder_without_logs_is_said(logs: Path) -> None:
    (logs / "empty").mkdir()
    with pytest.raises(UserError, match=r"the folder holds no log file \(\.parquet, \.pq, \.jsonl, "):
        find_files([logs / "empty"])


def test_a_link_out_of_the_named_folder_is_refused(logs: Path) -> None:
    (logs / "link").symlink_to(logs.parent / "out", target_is_directory=True)
    (logs / "link.parquet").symlink_to(logs.parent / "out" / "x.parquet")
    (logs / "loop").symlink_to(logs, target_is_directory=True)
    (logs / "gone.parquet").symlink_to(logs / "nowhere")
    files, refused = find_files([logs])
    assert [path.name for path in files] == ["a.parquet", "b.parquet", "c.PQ"]
    assert [(Path(each.file).name, each.reason.split(".")[0]) for each in refused] == [
        ("gone.parquet", "a link that leads nowhere"),
        ("link", "a link that leads out of the named folder"),
        ("link.parquet", "a link that leads out of the named folder"),
    ]


def test_a_link_is_read_where_its_target_inside_the_folder_has_no_log_s_name(logs: Path) -> None:
    for name in ("blobs/abc123", ".cache/def456.jsonl", "snapshots/x/readme.md"):
        (logs / name).parent.mkdir(parents=True, exist_ok=True)
        (logs / name).write_text(name)
    (logs / "snapshots/x/data.jsonl").symlink_to(Path("../../blobs/abc123"))
    (logs / "snapshots/x/more.jsonl").symlink_to(Path("../../.cache/def456.jsonl"))
    (logs / "snapshots/x/again.parquet").symlink_to(Path("../../a.parquet"))
    assert names(logs) == ["a.parquet", "b.parquet", "data.jsonl", "more.jsonl", "c.PQ"]


def test_a_link_that_a_glob_meets_may_not_lead_out_either(logs: Path) -> None:
    (logs / "link").symlink_to(logs.parent / "out", target_is_directory=True)
    files, refused = find_files([str(logs / "*" / "*.parquet")])
    assert (files, [Path(each.file).parts[-2:] for each in refused]) == ([], [("link", "x.parquet")])


def test_a_link_that_is_named_itself_is_followed(logs: Path) -> None:
    (logs / "link.parquet").symlink_to(logs.parent / "out" / "x.parquet")
    assert names(logs / "link.parquet") == ["link.parquet"]


def test_a_pipe_is_refused_and_not_waited_for(logs: Path) -> None:
    os.mkfifo(logs / "pipe.parquet")
    _, refused = find_files([logs])
    assert [each.reason for each in refused] == ["this is no regular file."]


@pytest.mark.parametrize(
    ("name", "head", "refusal"),
    [
        (
            "log.parquet",
            b"conversation_id;role\nc1;user\n",
            "this is no Parquet file: it looks like CSV. Name it .csv",
        ),
        ("log.jsonl", b"id\trole\nc1\tuser\n", "this is no JSON file: it looks like CSV"),
        ("log.jsonl.bz2", bz2.compress(b"{}"), "this is no Parquet file: it is packed with bzip2. Unpack it"),
        ("log.json", lzma.compress(b"{}"), "this is no JSON file: it is packed with xz"),
        ("log.csv.gz", gzip.compress(b"a,b", mtime=0), "this is no Parquet file: it is packed with gzip. Unpack it"),
        ("log.csv", gzip.compress(b"a,b", mtime=0), "this is no Parquet file: it is packed with gzip. Unpack it"),
        ("log.jsonl.gz", gzip.compress(b"{}" * 99, mtime=0)[:20], "the gzip file is damaged, or only a part of one"),
        ("log.xlsx", b"PK\x03\x04....", "it is a zip archive, or a workbook"),
        ("log.parquet", b"PAR1 cut, off", "this is no Parquet file, or only a part of one"),
        ("log.jsonl", b"hello, world", "none of its rows can be read: row 1 is no JSON"),
    ],
)
def test_a_refusal_says_what_the_file_seems_to_be(tmp_path: Path, name: str, head: bytes, refusal: str) -> None:
    (tmp_path / name).write_bytes(head)
    with pytest.raises(RefusedFile, match=re.escape(refusal)):
        open_source(tmp_path / name)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "json.gz", "txt"])
def test_parquet_is_read_whatever_its_name(tmp_path: Path, ending: str) -> None:
    pq.write_table(pa.table({"conversation_id": ["c1"], "messages": ["[]"]}), tmp_path / f"log.{ending}")
    assert open_source(tmp_path / f"log.{ending}").log.container == "parquet"


@pytest.mark.parametrize("ending", ["parquet", "csv", "log"])
def test_json_is_read_whatever_its_name(tmp_path: Path, ending: str) -> None:
    (tmp_path / f"log.{ending}").write_text('{"conversation_id": "c1", "messages": []}\n')
    assert open_source(tmp_path / f"log.{ending}").log.container == "json"


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("log.parquet", "log.parquet"),
        ("Übersicht 数.parquet", "Übersicht 数.parquet"),
        ("a\nINFO all good", "a\\nINFO all good"),
        ("\x1b[31mred\x07", "\\x1b[31mred\\x07"),
        ("abc\u202egnp.parquet", "abc\\u202egnp.parquet"),
        (os.fsdecode(b"\xff.parquet"), "\\udcff.parquet"),
    ],
)
def test_a_file_name_is_shown_without_what_would_break_a_log(name: str, expected: str) -> None:
    assert shown(name) == expected


def test_what_is_packed_in_a_folder_is_told_since_logs_may_lie_in_it(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text("{}")
    (tmp_path / "more.zip").write_bytes(b"PK\x03\x04")
    (tmp_path / "chats.db").write_bytes(b"SQLite format 3\0")
    files, refused = find_files([tmp_path])
    assert [path.name for path in files] == ["log.jsonl"]
    assert [(Path(each.file).name, each.reason) for each in refused] == [
        ("chats.db", "it is not looked into: it is a database of SQLite. Export it as JSON, CSV or Parquet."),
        (
            "more.zip",
            "it is not looked into: it is a zip archive, or a workbook. Unpack it; of what is packed, only gzip of JSON is read.",
        ),
    ]

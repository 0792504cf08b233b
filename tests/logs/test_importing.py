"""A part: what an import writes, and what is read back from it."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from tests.support.imported import HELLO, chat, import_paths, import_rows, message, write
from workbench.conversation.model import Conversation, Document, ToolCall, Turn, attach_tool_results
from workbench.errors import UserError, WorkbenchError
from workbench.logs import parts as part_files
from workbench.logs import running_import
from workbench.logs.formats import ReadOptions
from workbench.logs.gaps import GAPS
from workbench.logs.importing import write_part
from workbench.logs.parts import SCHEMA, read_manifest, read_part, read_rejects, run_files

FULL = {
    "conversation_id": "c1",
    "bot": "shop",
    "channel": "web",
    "started_at": "2025-07-01T10:00:00Z",
    "ended_at": "2025-07-01T10:05:00Z",
    "model": "m",
    "model_version": "2",
    "prompt_version": "9",
    "release": "r1",
    "outcome": "failed",
    "feedback_score": 2.0,
    "feedback_text": "bad",
    "reward": 0.0,
    "user_id": "u",
    "retrieved": [{"id": "d", "title": "t", "text": "x", "score": 0.5, "url": "https://x.test"}],
    "region": {"code": "EU"},
    "messages": json.dumps(
        [
            {
                "role": "assistant",
                "content": "one \x00 two",
                "name": "n",
                "tool_calls": [{"id": "1", "name": "f", "arguments": "{}"}],
                "timestamp": "2025-07-01T10:01:00Z",
                "latency_ms": 12.5,
                "finish_reason": "stop",
                "error": "timeout",
                "citations": [{"id": "d"}],
                "retrieved": [{"text": "y"}],
                "feedback": 1,
            },
            {"role": "tool", "content": "done", "tool_call_id": "1"},
        ]
    ),
}


def whole() -> Conversation:
    turns = [
        Turn(
            0,
            "assistant",
            "one \x00 two",
            name="n",
            tool_calls=[ToolCall("f", "{}", "1")],
            timestamp=datetime(2025, 7, 1, 10, 1),
            latency_ms=12.5,
            finish_reason="stop",
            error="timeout",
            citations=[Document(id="d")],
            retrieved=[Document(text="y")],
            feedback=1,
        ),
        Turn(1, "tool", "done", tool_call_id="1"),
    ]
    attach_tool_results(turns)
    return Conversation(
        "c1",
        "shop",
        turns,
        "web",
        datetime(2025, 7, 1, 10),
        datetime(2025, 7, 1, 10, 5),
        "m",
        "2",
        "9",
        "r1",
        "failed",
        2.0,
        "bad",
        0.0,
        "u",
        [Document("d", "t", "x", 0.5, "https://x.test")],
        {"region": {"code": "EU"}},
    )


def test_what_is_read_back_is_what_was_logged(tmp_path: Path) -> None:
    assert import_rows(tmp_path, [FULL]).only == whole()


def test_the_stored_key_and_hash_are_those_of_the_conversation(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [FULL])
    assert (log.only.key, log.only.content_hash) == (whole().key, whole().content_hash)
    (file,) = run_files(tmp_path / "part-0")
    row = pq.read_table(file).to_pylist()[0]
    assert (row["key"], row["content_hash"]) == (whole().key, whole().content_hash)
    assert (row["source_file"], row["source_row"]) == (str(tmp_path / "log.parquet"), 1)
    assert pq.read_schema(file) == SCHEMA


def test_a_part_is_written_in_runs_and_read_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_files, "GROUP", 2)
    monkeypatch.setattr(part_files, "RUN", 4)
    log = import_rows(tmp_path, [chat(f"c{n}") for n in range(9)])
    assert log.ids == [f"c{n}" for n in range(9)]
    assert [pq.read_metadata(file).num_rows for file in run_files(tmp_path / "part-0")] == [4, 4, 1]


def test_the_manifest_says_what_was_read(tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [chat("c1", bot="b"), chat(None), chat("c1", bot="b"), chat("c2", bot="b")])
    manifest = import_paths(tmp_path, path, bot="x").manifest
    assert read_manifest(tmp_path / "part-0") == manifest
    assert (manifest.import_id, manifest.actor, manifest.format) == ("part-0", "tester", "chat")
    assert manifest.options == {"format": "auto", "bot": "x", "timezone": None, "mapping": None}
    (file,) = manifest.files
    assert (file["name"], file["rows"], file["bytes"]) == (str(path), 4, path.stat().st_size)
    assert (len(file["sha256"]), file["why"]) == (64, "it has the columns conversation_id and messages")
    assert (manifest.rows_read, manifest.rows_kept, manifest.rows_rejected, manifest.rows_duplicate) == (4, 2, 1, 1)
    assert (manifest.conversations, manifest.turns, manifest.duplicates) == (2, 2, 1)


def test_gaps_are_the_shares_of_conversations_that_lack_something(tmp_path: Path) -> None:
    rows = [{**dict.fromkeys(FULL), "conversation_id": f"c{n}", "messages": json.dumps(HELLO)} for n in range(3)]
    assert import_rows(tmp_path, [FULL, *rows]).manifest.gaps == dict.fromkeys(GAPS, 0.75) | {
        "session": 0.0,
        "user_words": 0.25,
    }


def test_what_has_no_turn_of_the_users_or_the_bots_lacks_their_words_and_the_roles_are_kept(tmp_path: Path) -> None:
    messages = [{"role": role, "content": "hi"} for role in ("Shopper", "Assistant", "tool_result")]
    mail = [{"role": "ann@example.com", "content": "hi"}, {"role": "User", "content": "hi"}]
    manifest = import_rows(tmp_path, [chat("c1", messages), chat("c2", mail)]).manifest
    assert (manifest.gaps["user_words"], manifest.gaps["bot_words"], manifest.gaps["tool_results"]) == (0.5, 0.5, 0.5)
    assert manifest.roles == ["Assistant", "Shopper", "User", "[email]", "tool_result"]


def test_a_row_without_an_id_and_a_trace_without_a_session_lack_one(tmp_path: Path) -> None:
    span = {"span_id": "1", "start_time": "2026-03-01T12:00:00Z", "name": "chat m"}
    attributes = {"gen_ai.prompt": "hi", "gen_ai.completion": "hello"}
    (tmp_path / "logs").mkdir()
    write(tmp_path / "logs" / "talks.jsonl", [{"messages": HELLO}, {"messages": LONGER}])
    write(tmp_path / "logs" / "spans.jsonl", [
        span | {"trace_id": "t1", "attributes": attributes}, span | {"trace_id": "t2", "attributes": attributes | {"session.id": "s"}},
    ])  # fmt: skip
    log = import_paths(tmp_path, tmp_path / "logs")
    assert (log.rows, log.manifest.gaps["session"]) == ((4, 4, 0, 0), 0.75)


def test_other_content_than_an_earlier_import_is_a_new_version(tmp_path: Path) -> None:
    first = import_rows(tmp_path, [chat("c1")])
    longer = [*HELLO, {"role": "assistant", "content": "hi"}]
    second = import_rows(tmp_path, [chat("c1", longer)], stored=first.stored)
    assert (second.rows, second.manifest.duplicates, len(second.only.turns)) == ((1, 1, 0, 0), 0, 2)


LONGER = [*HELLO, {"role": "assistant", "content": "hi"}]
LONGEST = [*LONGER, {"role": "user", "content": "bye"}]


@pytest.mark.parametrize("older", [HELLO, LONGER])
def test_an_older_state_of_a_known_conversation_is_a_duplicate(tmp_path: Path, older: list[dict[str, str]]) -> None:
    newer = import_rows(tmp_path, [chat("c1", LONGEST, reward=1.0)])
    log = import_rows(tmp_path, [chat("c1", older), chat("c2", older)], stored=newer.stored)
    assert (log.ids, log.rows, log.manifest.duplicates) == (["c2"], (2, 1, 0, 1), 1)
    assert log.manifest.notes == ["1 conversation goes on in the store already: its older state adds nothing."]


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]])
def test_of_a_log_line_a_turn_the_longest_state_counts(tmp_path: Path, order: list[int]) -> None:
    lines = [chat("c1", talk, outcome="failed") for talk in (HELLO, LONGER, LONGEST)]
    log = write(tmp_path / "log.jsonl", [chat("c0"), *(lines[n] for n in order), chat("c2")])
    imported_log = import_paths(tmp_path, log)
    assert (sorted(imported_log.ids), imported_log.rows) == (["c0", "c1", "c2"], (5, 3, 0, 2))
    manifest = imported_log.manifest
    assert (manifest.conversations, manifest.turns, manifest.gaps["outcome"]) == (3, 5, 0.6667)
    assert [len(each.turns) for each in imported_log.conversations if each.conversation_id == "c1"] == [3]


def test_what_goes_on_otherwise_is_no_older_state(tmp_path: Path) -> None:
    other = [*HELLO, {"role": "assistant", "content": "what now"}]
    log = import_rows(tmp_path, [chat("c1", LONGEST), chat("c1", other)])
    assert (log.rows, len(log.only.turns)) == ((2, 1, 1, 0), 3)


@pytest.mark.parametrize(
    ("rules", "again", "rows"),
    [
        ("", None, (1, 0, 0, 1)),
        ("", "", (1, 0, 0, 1)),
        ("", 'solved = "== no"', (1, 1, 0, 0)),
        ('solved = "== no"', 'solved = "== no"', (1, 0, 0, 1)),
        ('solved = "== no"', 'solved = "!= yes"', (1, 1, 0, 0)),
        ('solved = "== no"', "", (1, 1, 0, 0)),
        ('solved = "== no"', None, (1, 0, 0, 1)),
    ],
)
def test_the_same_conversations_are_new_where_other_rules_are_said(
    tmp_path: Path, rules: str, again: str | None, rows: tuple[int, ...]
) -> None:
    (tmp_path / "rules.toml").write_text(f"[fails_when]\n{rules}")
    first = import_rows(tmp_path, [chat("c1", solved="no")], mapping=tmp_path / "rules.toml")
    (tmp_path / "again.toml").write_text(f"[fails_when]\n{again}")
    mapping = None if again is None else tmp_path / "again.toml"
    assert import_rows(tmp_path, [chat("c1", solved="no")], stored=first.stored, mapping=mapping).rows == rows


def test_rules_that_judge_anew_are_told(tmp_path: Path) -> None:
    (tmp_path / "rules.toml").write_text('[fails_when]\nsolved = "== no"')
    first = import_rows(tmp_path, [chat("c1", solved="no")])
    log = import_rows(tmp_path, [chat("c1", solved="no")], stored=first.stored, mapping=tmp_path / "rules.toml")
    assert log.manifest.notes == [
        "1 conversation was there already and is judged anew: failed when solved == no or reward < 0.5."
    ]


def test_a_conversation_in_both_layouts_of_one_import_counts_once(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    write(logs / "chat.parquet", [chat("c1"), chat("c2")])
    write(logs / "turns.parquet", [message("c1", 0), message("c2", 0, content="hi"), message("c2", 1)])
    log = import_paths(tmp_path, logs)
    assert (sorted(log.ids), log.rows) == (["c1", "c2"], (5, 2, 2, 1))
    (reject,) = log.rejects
    assert (reject.file, reject.rows) == (str(logs / "turns.parquet"), 2)


def test_rejects_beyond_the_kept_ones_are_counted_and_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running_import, "MAX_REJECTS_KEPT", 2)
    log = import_rows(tmp_path, [chat("")] * 5)
    assert (len(log.rejects), log.rows) == (2, (5, 0, 5, 0))
    assert log.manifest.notes == ["Of 5 rejected rows, 2 are listed."]


def test_progress_counts_files_then_rows(tmp_path: Path) -> None:
    steps: list[tuple[Any, ...]] = []
    path = write(tmp_path / "log.parquet", [chat("c1"), chat("c2")])
    write_part(tmp_path / "part", [path], ReadOptions(), {}, lambda *step: steps.append(step), "me", "I000001")
    assert steps == [("checking", 0, 1), ("checking", 1, 1), ("reading", 1, 2), ("reading", 2, 2)]


def test_an_import_that_breaks_leaves_nothing(tmp_path: Path) -> None:
    def stop(stage: str, *_: Any) -> None:
        if stage == "reading":
            raise KeyboardInterrupt

    path = write(tmp_path / "log.parquet", [chat("c1")])
    with pytest.raises(KeyboardInterrupt):
        write_part(tmp_path / "part", [path], ReadOptions(), {}, stop, "me", "I000001")
    assert not (tmp_path / "part").exists()


def test_a_full_disk_is_said_and_leaves_nothing(tmp_path: Path) -> None:
    import_with_tiny_disk = f"""
import resource
from pathlib import Path
from workbench.logs.importing import write_part
from workbench.logs.formats import ReadOptions
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
folder = Path({str(tmp_path)!r})
write_part(folder / "part", [folder / "log.parquet"], ReadOptions(), {{}}, lambda *_: None, "me", "I000001")
"""
    noise = random.Random(1).randbytes(200_000).hex()
    write(tmp_path / "log.parquet", [chat("c1", [{"role": "user", "content": noise}])])
    done = subprocess.run([sys.executable, "-c", import_with_tiny_disk], capture_output=True, text=True, timeout=60)
    assert done.stderr.splitlines()[-1].endswith("Is the disk full?")
    assert not (tmp_path / "part").exists()


def test_a_folder_without_manifest_is_no_part(tmp_path: Path) -> None:
    import_rows(tmp_path, [chat("c1")])
    (tmp_path / "part-0" / "manifest.json").unlink()
    with pytest.raises(WorkbenchError, match="is no complete part"):
        read_manifest(tmp_path / "part-0")


def test_a_part_is_never_written_over_another(tmp_path: Path) -> None:
    path = write(tmp_path / "log.parquet", [chat("c1")])
    (tmp_path / "part").mkdir()
    with pytest.raises(FileExistsError):
        write_part(tmp_path / "part", [path], ReadOptions(), {}, lambda *_: None, "me", "I000001")


@pytest.mark.parametrize("options", [{"format": "csv"}, {"timezone": "Mars"}])
def test_options_that_mean_nothing_are_the_users_mistake(tmp_path: Path, options: dict[str, str]) -> None:
    with pytest.raises(UserError):
        import_rows(tmp_path, [chat("c1")], **options)


def test_a_named_format_is_the_only_one_tried(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="as a turns log it lacks role, content, turn_index or timestamp"):
        import_rows(tmp_path, [chat("c1")], format="turns")


def test_rejects_are_read_back_as_written(tmp_path: Path) -> None:
    log = import_rows(tmp_path, [chat("c1", "x" * 5000)])
    assert read_rejects(tmp_path / "part-0") == log.rejects
    assert (len(log.rejects[0].value), log.rejects[0].value[-1]) == (2000, "…")
    assert list(read_part(tmp_path / "part-0")) == []

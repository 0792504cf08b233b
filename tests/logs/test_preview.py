"""See before you commit: a dry run says what an import would take in, and changes nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.imported import chat, write
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.conversation.model import Conversation, Document, ToolCall, Turn
from workbench.errors import UserError
from workbench.logs.preview import as_conversation, in_words
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Store

TALK = [
    {"role": "system", "content": "Be kind."},
    {"role": "user", "content": "I am ann@example.com"},
    {"role": "assistant", "content": "", "tool_calls": [{"name": "transfer_to_human", "arguments": "{}"}]},
]
ROWS = [chat("c1", TALK, quality=1), chat("c2", quality=5), chat("c3"), chat(None)]


def run(store: Path, *paths: Path, **options: Any) -> dict[str, Any]:
    job = Job(store=str(store), paths=[str(path) for path in paths], actor="tests", **options)
    return Build(job, lambda stage, done, total: None, WordHashEncoder()).run()


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "our.toml"
    path.write_text('[fails_when]\nquality = "< 3"\n')
    return path


def test_a_dry_run_says_what_was_understood(tmp_path: Path, mapping: Path) -> None:
    log = write(tmp_path / "log.jsonl", ROWS)
    seen = run(tmp_path / "s", log, mapping=str(mapping), dry_run=True)
    gaps, examples = seen.pop("gaps"), seen.pop("examples")
    assert seen == {
        "dry_run": True,
        "conversations": 3,
        "turns": 5,
        "rows_read": 4,
        "rows_kept": 3,
        "rows_rejected": 1,
        "rows_duplicate": 0,
        "duplicates": 0,
        "rejected": 1,
        "refused": [],
        "format": "chat",
        "files": [
            {
                "file": str(log),
                "format": "chat",
                "why": "it has the columns conversation_id and messages",
                "rows": 4,
            }
        ],
        "notes": [],
        "roles": ["assistant", "system", "user"],
        "fails_when": [
            {"column": "quality", "rule": "< 3", "conversations": 2},
            {"column": "reward", "rule": "< 0.5", "conversations": 0},
        ],
        "columns": [{"column": "quality", "conversations": 2, "values": ["1", "5"]}],
        "outcomes": [
            {"outcome": "failed", "from": "derived from quality", "conversations": 1},
            {"outcome": "contained", "from": "derived from quality and no hand-over", "conversations": 1},
            {"outcome": "unknown", "from": "the log does not say", "conversations": 1},
        ],
        "rejects": [
            {"file": str(log), "row": 4, "column": "conversation_id", "reason": "is empty", "value": "", "rows": 1},
        ],
    }
    assert [(gap["gap"], gap["share"]) for gap in gaps if gap["share"] < 1] == [
        ("Bot's words", 0.6667),
        ("Tool calls", 0.6667),
    ]
    assert [example["conversation_id"] for example in examples] == ["c1", "c2", "c3"]
    assert examples[0]["messages"][1:] == [
        {"role": "user", "name": None, "content": "I am [email]", "calls": [], "error": None, "documents": []},
        {
            "role": "assistant",
            "name": None,
            "content": "",
            "calls": [{"name": "transfer_to_human", "arguments": "{}", "answered_by": None}],
            "error": None,
            "documents": [],
        },
    ]


def test_personal_data_is_masked_wherever_it_was_logged_and_versions_are_not(tmp_path: Path) -> None:
    versions = {"model_version": "m-2024-05-13", "prompt_version": "ann@example.com"}
    rows = [
        chat("c1", phone=5551232002, **versions),
        chat("c2", release="call 555-123-2002", asked_by="ann@example.com"),
    ]
    seen = run(tmp_path / "s", write(tmp_path / "log.jsonl", rows), dry_run=True)
    assert [example["release"] for example in seen["examples"]] == ["m-2024-05-13 · [email]", "call [phone]"]
    assert {each["column"]: each["values"] for each in seen["columns"]} == {
        "phone": ["[phone]"],
        "asked_by": ["[email]"],
    }
    assert "ann@" not in json.dumps(seen)


def test_a_dry_run_changes_nothing_and_knows_what_is_there(tmp_path: Path) -> None:
    store = tmp_path / "s"
    log = write_chat(tmp_path / "log.parquet", small_log())
    run(store, log, analyze=False)
    before = sorted(path for path in store.rglob("*") if path.is_file())
    seen = run(store, log, write(tmp_path / "new.jsonl", [chat("new")]), dry_run=True)
    assert (seen["rows_read"], seen["rows_kept"], seen["rows_duplicate"]) == (49, 1, 48)
    assert sorted(path for path in store.rglob("*") if path.is_file()) == before


def test_of_many_conversations_twenty_are_shown_cut_and_in_their_order(tmp_path: Path) -> None:
    rows = [
        chat(f"c{n:03}", [{"role": "user", "content": "long " * 2000 if n > 90 else "short"}] * 60) for n in range(100)
    ]
    examples = run(tmp_path / "s", write(tmp_path / "log.jsonl", rows), dry_run=True)["examples"]
    shown = [example["conversation_id"] for example in examples]
    assert (len(shown), shown) == (20, sorted(shown))
    assert shown[-1] > "c050"
    assert (examples[0]["turns"], len(examples[0]["messages"])) == (60, 40)
    assert examples[-1]["messages"][0]["content"].endswith("… (10,000 characters)")


def test_an_example_is_a_conversation_again_with_results_at_their_calls(tmp_path: Path) -> None:
    call = {"id": "a", "name": "track", "arguments": "{}"}
    talk = [
        {"role": "assistant", "content": "let me see", "tool_calls": [call]},
        {"role": "tool", "content": "lost", "tool_call_id": "a", "retrieved": [{"id": "d1", "text": "lost and found"}]},
    ]
    seen = run(tmp_path / "s", write(tmp_path / "log.jsonl", [chat("c1", talk, bot="shop")]), dry_run=True)
    assert as_conversation(seen["examples"][0]) == Conversation(
        "c1",
        "shop",
        [
            Turn(0, "assistant", "let me see", tool_calls=[ToolCall("track", "{}", result_position=1)]),
            Turn(1, "tool", "lost", name="track", retrieved=[Document("d1", text="lost and found")]),
        ],
    )


def test_what_cannot_be_read_is_an_error_in_a_dry_run_too(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no such file"):
        run(tmp_path / "s", tmp_path / "none.jsonl", dry_run=True)


def test_a_preview_in_words_tells_gaps_and_outcomes(tmp_path: Path, mapping: Path) -> None:
    text = in_words(run(tmp_path / "s", write(tmp_path / "log.jsonl", ROWS), mapping=str(mapping), dry_run=True))
    for line in [
        "4 rows read: 3 would be kept, 1 rejected, 0 already there. 3 conversations with 5 turns.",
        f"  {tmp_path / 'log.jsonl'}, row 4: conversation_id is empty: ",
        "  A conversation failed when quality < 3; 2 conversations have it.",
        "  A conversation failed when reward < 0.5; no conversation has it.",
        "  unknown: 1 conversation (the log does not say)",
        "  Feedback: missing in 100 %. What users thought of it is unknown. Can't fire there: thumbs-down.",
        "  c1 (unknown, failed: derived from quality 1 (below 3))",
        "    assistant: → transfer_to_human({})",
    ]:
        assert line in text


def test_the_rules_of_a_preview_judge_what_the_import_judges_and_a_rule_that_judges_none_is_said(
    tmp_path: Path,
) -> None:
    mapping = tmp_path / "our.toml"
    rules = ['channel = "== voice"', 'outcome = "== unresolved"', '"scores.quality" = "< 3"', 'csat = "< 3"']
    mapping.write_text("\n".join(["[fails_when]", *rules]))
    rows = [
        chat("c1", channel="voice"),
        chat("c2", outcome="unresolved"),
        chat("c3", metadata={"scores": {"quality": 1}}),
        chat("c4"),
    ]
    log = write(tmp_path / "log.jsonl", rows)
    seen = run(tmp_path / "s", log, mapping=str(mapping), dry_run=True)
    assert {each["column"]: each["conversations"] for each in seen["fails_when"]} == {
        "channel": 1,
        "outcome": 1,
        "scores.quality": 1,
        "csat": 0,
        "reward": 0,
    }
    assert seen["notes"] == [
        "fails_when csat < 3: no conversation has a value there that it could judge, so it makes none fail. Check the column's name."
    ]
    assert run(tmp_path / "s", log, mapping=str(mapping))["failures"] == 3


def test_fails_when_decides_in_the_build_for_its_own_import_only(tmp_path: Path, mapping: Path) -> None:
    store = tmp_path / "s"
    run(store, write(tmp_path / "a.jsonl", [chat("a1", quality=1), chat("a2", quality=5)]), mapping=str(mapping))
    run(store, write(tmp_path / "b.jsonl", [chat("b1", quality=1)]))
    bench = Bench(Store(store))
    try:
        assert [row.conversation_id for row in bench.failures()] == ["a1"]
    finally:
        bench.close()


def test_the_command_prints_one_json_document_and_makes_no_store(tmp_path: Path) -> None:
    log = write(tmp_path / "log.jsonl.gz", ROWS)
    command = [sys.executable, "-m", "workbench", "import", str(log), "--dry-run", "--store", str(tmp_path / "s")]
    done = subprocess.run([*command, "--json"], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["rows_kept"] == 3
    assert not (tmp_path / "s").exists()

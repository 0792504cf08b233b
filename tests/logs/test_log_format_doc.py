"""docs/log-format.md: its columns are those that the readers know, its examples import as it says."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths
from tests.support.paths import ROOT
from workbench.conversation.model import OUTCOMES, Conversation
from workbench.conversation.outcome import derive
from workbench.failures.signals import REGISTRY
from workbench.logs.formats import READERS, chat, load_mapping, turns
from workbench.logs.values import normalise

DOC = (ROOT / "docs" / "log-format.md").read_text("utf-8")
SECTIONS = {section[1]: section[2] for section in re.finditer(r"^#{2,3} (.+?)\n(.*?)(?=^#{2,3} |\Z)", DOC, re.M | re.S)}


def blocks(heading: str, language: str) -> list[str]:
    """The code of a section, in one language."""
    (section,) = (text for name, text in SECTIONS.items() if name.startswith(heading))
    return re.findall(rf"^```{language}\n(.*?)^```$", section, re.M | re.S)


def values(text: str) -> list[Any]:
    """The JSON documents that stand one after the other in a text."""
    documents, at = [], 0
    while at < len(text.rstrip()):
        value, at = json.JSONDecoder().raw_decode(text, len(text) - len(text[at:].lstrip()))
        documents.append(value)
    return documents


def columns(heading: str) -> list[str]:
    return re.findall(r"^\| `(\w+)` \|", SECTIONS[heading], re.M)


def imported(folder: Path, heading: str, **options: Any) -> Imported:
    """What comes of the JSON of a section, a file a block."""
    for number, block in enumerate(blocks(heading, "json")):
        documents = values(block)
        rows = documents[0] if isinstance(documents[0], list) else documents
        end = "json" if isinstance(documents[0], list) else "jsonl"
        text = json.dumps(rows) if end == "json" else "\n".join(map(json.dumps, rows))
        (folder / f"{number}.{end}").write_text(text)
    files = sorted(path for path in folder.iterdir() if path.suffix in (".json", ".jsonl"))
    return import_paths(folder, *files, **options)


def words_of(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in conversation.turns]


ASKED = [("user", "Where is parcel 9?"), ("assistant", "It arrives on Tuesday.")]


def test_the_columns_of_a_conversation_are_those_that_the_readers_know() -> None:
    listed = columns("Columns of a conversation")
    assert len(listed) == len(set(listed))
    assert set(listed) == {*normalise.CONVERSATION_FIELDS, "messages"}


def test_the_columns_of_a_message_are_those_that_the_readers_know() -> None:
    listed = columns("Columns of a message")
    assert len(listed) == len(set(listed))
    assert set(listed) == {*normalise.MESSAGE_FIELDS, "turn_index"}


def test_the_required_columns_are_those_without_which_a_reader_refuses() -> None:
    layouts = SECTIONS["Two layouts"]
    for layout in (chat, turns):
        (stated,) = re.findall(rf"\*\*\*{layout.NAME}\*\*\*(.*?)required", layouts, re.S)
        assert set(layout.REQUIRED) <= set(re.findall(r"`(\w+)`", stated))
    assert set(turns.ORDER) <= set(re.findall(r"`(\w+)`", layouts))


def test_every_signal_stands_beside_the_columns_that_it_needs() -> None:
    tables = SECTIONS["Columns of a conversation"] + SECTIONS["Columns of a message"]
    named = set(re.findall(r"`([a-z]+(?:-[a-z]+)+|escalated|abandoned|refusal|apology|correction|complaint)`", tables))
    assert named == set(REGISTRY)


def test_the_outcomes_are_ours() -> None:
    (row,) = re.findall(r"^\| `outcome` \|.*$", DOC, re.M)
    assert set(re.findall(r"`(\w+)`", row)) >= set(OUTCOMES)


def test_every_format_has_its_example() -> None:
    headings = [name.partition(":")[0] for name in SECTIONS if ": " in name]
    assert sorted(headings) == sorted(READERS)


def test_chat(tmp_path: Path) -> None:
    only = imported(tmp_path, "chat:").only
    assert (only.conversation_id, only.bot, only.outcome) == ("c-1", "shop", "escalated")
    assert only.release_name == "m-2026-02 · 14"
    assert [turn.role for turn in only.turns] == ["user", "assistant", "tool", "assistant"]
    assert (only.turns[1].tool_calls[0].result_position, only.turns[3].feedback) == (2, -1)
    assert [each.id for each in only.turns[3].retrieved] == ["kb-3"]
    assert only.metadata == {}


def test_turns_from_pandas(tmp_path: Path) -> None:
    (code,) = blocks("turns:", "python")
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True, timeout=60)
    only = import_paths(tmp_path, tmp_path / "turns.parquet").only
    assert (only.bot, words_of(only), only.prompt_version) == ("parcels", ASKED, "14")
    assert only.started_at == datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("format", "identity", "bot"),
    [
        ("openinference", "c-3", "shop"),
        ("otel", "c-4", "shop"),
        ("langfuse", "c-5", "shop"),
        ("langsmith", "c-6", "shop"),
        ("opik", "c-16", "shop"),
        ("pairs", "c-7", "shop"),
        ("table", "c-8", "shop"),
        ("mlflow", "c-9", "shop"),
        ("steps", "c-17", "answer"),
        ("chatgpt", "c-10", "unknown"),
        ("rasa", "c-11", "shop"),
        ("botframework", "c-12", "unknown"),
        ("atif", "c-13", "shop"),
        ("inspect", "c-14/1-1", "shop"),
        ("coding-agents", "c-15", "claude-code"),
        ("realtime", "c-18", "unknown"),
    ],
)
def test_exports_of_spans(tmp_path: Path, format: str, identity: str, bot: str) -> None:
    log = imported(tmp_path, f"{format}:")
    assert {file["format"] for file in log.manifest.files} == {format}
    assert (log.only.conversation_id, log.only.bot, log.rejects) == (identity, bot, [])
    assert [turn for turn in words_of(log.only) if turn[1] and turn[0] != "tool"] == ASKED
    assert log.only.started_at == datetime(2026, 3, 2, 9)


def test_a_row_of_two_bots_is_two_conversations_with_the_vote(tmp_path: Path) -> None:
    log = imported(tmp_path, "arena:")
    assert [(each.conversation_id, each.bot, each.feedback_score) for each in log.conversations] == [
        ("c-17-a", "m-1", -1.0),
        ("c-17-b", "m-2", 1.0),
    ]
    assert words_of(log.conversations[1]) == ASKED
    assert log.rows == (1, 1, 0, 0)


def test_a_tool_span_is_a_call_with_its_result(tmp_path: Path) -> None:
    turns = imported(tmp_path, "openinference:").only.turns
    assert [(call.name, call.arguments) for turn in turns for call in turn.tool_calls] == [
        ("find_parcel", '{"parcel": 9}')
    ]
    assert [turn.content for turn in turns if turn.role == "tool"] == ['{"arrives": "Tuesday"}']


@pytest.mark.parametrize("format", ["langfuse", "langsmith", "opik"])
def test_a_score_named_like_feedback_is_a_thumb(tmp_path: Path, format: str) -> None:
    assert [turn.feedback for turn in imported(tmp_path, f"{format}:").only.turns][-1] == -1


def test_tau(tmp_path: Path) -> None:
    log = imported(tmp_path, "tau:", bot="airline")
    assert (log.only.conversation_id, log.only.bot, len(log.only.turns)) == ("3-0", "airline", 2)
    assert derive(log.only).failed


def test_the_mapping_reads_the_in_house_log(tmp_path: Path) -> None:
    (text,) = blocks("A mapping", "toml")
    (tmp_path / "in-house.toml").write_text(text)
    log = imported(tmp_path, "A mapping", mapping=tmp_path / "in-house.toml")
    assert (log.only.conversation_id, log.only.bot) == ("b-17", "billing")
    assert words_of(log.only) == [("user", "Why was I billed twice?"), ("assistant", "You were not.")]
    assert derive(log.only, log.manifest.rules).failed


RECIPES = list(zip(blocks("Recipes", "toml"), blocks("Recipes", "json"), strict=True))


@pytest.mark.parametrize(("mapping", "log"), RECIPES, ids=[f"r-{n}" for n in range(1, len(RECIPES) + 1)])
def test_every_recipe_reads_the_log_beside_it(tmp_path: Path, mapping: str, log: str) -> None:
    (tmp_path / "m.toml").write_text(mapping)
    (tmp_path / "log.jsonl").write_text("\n".join(map(json.dumps, values(log))))
    whole = import_paths(tmp_path, tmp_path / "log.jsonl", mapping=tmp_path / "m.toml")
    assert whole.rejects == []
    assert [turn for turn in words_of(whole.only) if turn[1] and turn[0] != "tool"] == ASKED
    assert [(call.name, call.result_position) for turn in whole.only.turns for call in turn.tool_calls] in (
        [],
        [("find_parcel", 2)],
    )
    assert str(whole.only.started_at).startswith("2026-03-02 09:00:0")


def test_a_file_may_only_say_what_failed(tmp_path: Path) -> None:
    (text,) = blocks("What is meant", "toml")
    (tmp_path / "fails.toml").write_text(text)
    assert load_mapping(tmp_path / "fails.toml").fails_when == {"resolution": "== no", "csat": "<= 2"}
    log = imported(tmp_path, "chat:", mapping=tmp_path / "fails.toml")
    log.only.metadata["csat"] = 1
    assert derive(log.only, log.manifest.rules).reason == "csat 1 (at most 2)"

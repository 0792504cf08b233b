"""The same conversations written in every format come back the same; what a format can't carry stands here as data."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support import span_logs
from tests.support.imported import Imported, import_paths, write
from tests.support.norms import norms_of
from tests.support.paths import ROOT
from workbench.conversation.model import Conversation, Turn
from workbench.failures.analysis import analyse
from workbench.failures.signals import Signal
from workbench.logs.files.parquet import python_rows
from workbench.logs.formats import READERS

DEMO = ROOT / "data" / "demo"
BOTS = ("parcel-care", "bank-help", "clinic-desk")
EACH = 67


@dataclass(frozen=True)
class Loses:
    """What a format can't carry: fields of a conversation, of its turns, a last user message without a text; what it
    has to add to the metadata; and the signals that can't fire for want of what is lost."""

    of_conversation: frozenset[str] = frozenset()
    of_turns: frozenset[str] = frozenset()
    empty_message: bool = False
    adds: frozenset[str] = frozenset()
    blind: frozenset[str] = frozenset()


# Of spans: a conversation begins with its first span, nothing has a place for what a reply cites, plain text can't tell
# an empty text from none. Also lost, and in none of these conversations: a vote of 0 (to these tools 0 is a thumb
# down) and the time of a turn that no span says (a user speaks when the root begins, a bot when its model call ends).
SPANS_LOSE = {"of_conversation": frozenset({"started_at"})}
LOSES = {
    "chat": Loses(),
    "turns": Loses(),
    "openinference": Loses(**SPANS_LOSE, of_turns=frozenset({"citations"}), empty_message=True),
    "otel": Loses(**SPANS_LOSE, of_turns=frozenset({"citations"}), adds=frozenset({"service.name"})),
    "langfuse": Loses(
        **SPANS_LOSE,
        of_turns=frozenset({"citations", "finish_reason"}),
        empty_message=True,
        adds=frozenset({"trace_name"}),
        blind=frozenset({"cut-off", "filter-block"}),
    ),
    "langsmith": Loses(**SPANS_LOSE, of_turns=frozenset({"citations"}), adds=frozenset({"project_id"})),
}

SCORED = ("openinference", "otel", "langfuse", "langsmith")
"""Formats in which a vote is a score, so that it is both the turn's feedback and an evaluation."""


def demo_rows(folder: Path) -> list[dict[str, Any]]:
    """Rows of the demo's chat log, some of each bot, spread over its weeks."""
    rows: list[dict[str, Any]] = []
    for bot in BOTS:
        table = pq.read_table(DEMO / f"{bot}.parquet")
        step = table.num_rows // EACH
        chosen = table.take(pa.array(range(0, EACH * step, step)))
        rows += [row for batch in chosen.to_batches() for row in python_rows(batch)]
    return rows[:200]


def as_json(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    path = folder / name
    path.write_text("\n".join(json.dumps(row, default=lambda time: time.isoformat()) for row in rows))
    return path


def as_parquet(folder: Path, name: str, rows: list[dict[str, Any]]) -> Path:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    return write(folder / name, [{column: row.get(column) for column in columns} for row in rows])


Write = Callable[[Path, str, list[dict[str, Any]]], Path]


def chat(
    folder: Path, rows: list[dict[str, Any]], conversations: list[Conversation], put: Write, end: str
) -> list[Path]:
    return [put(folder, f"chat{end}", rows)]


def turns(
    folder: Path, rows: list[dict[str, Any]], conversations: list[Conversation], put: Write, end: str
) -> list[Path]:
    messages = [
        {**{name: value for name, value in row.items() if name != "messages"}, **message, "turn_index": place}
        for row in rows
        for place, message in enumerate(row["messages"])
    ]
    return [put(folder, f"turns{end}", messages)]


def two_files(make: Callable[[Conversation], tuple[list[Any], list[Any]]]) -> Callable[..., list[Path]]:
    def written(folder: Path, rows: Any, conversations: list[Conversation], put: Write, end: str) -> list[Path]:
        both = [make(each) for each in conversations]
        spans, scores = ([row for pair in both for row in pair[side]] for side in (0, 1))
        return [put(folder, f"scores{end}", scores), put(folder, f"spans{end}", spans)]

    return written


def one_file(make: Callable[[Conversation], list[Any]]) -> Callable[..., list[Path]]:
    def written(folder: Path, rows: Any, conversations: list[Conversation], put: Write, end: str) -> list[Path]:
        return [put(folder, f"spans{end}", [row for each in conversations for row in make(each)])]

    return written


FORMATS: dict[str, Callable[..., list[Path]]] = {
    "chat": chat,
    "turns": turns,
    "openinference": two_files(span_logs.openinference),
    "otel": one_file(span_logs.otlp),
    "langfuse": two_files(span_logs.langfuse),
    "langsmith": one_file(span_logs.langsmith),
}
WRITTEN = [(name, end) for name in FORMATS for end in (".jsonl", ".parquet") if (name, end) != ("otel", ".parquet")]


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, Any]], Imported]:
    folder = tmp_path_factory.mktemp("original")
    rows = demo_rows(folder)
    return rows, import_paths(folder, as_parquet(folder, "chat.parquet", rows))


def judged(conversations: list[Conversation]) -> dict[str, tuple[list[Signal], bool]]:
    """What each conversation is judged by, its bot's norms learned from these conversations."""
    norms = {bot: norms_of(each for each in conversations if each.bot == bot) for bot in BOTS}
    log = {each.key: analyse(each, norms[each.bot]) for each in conversations}
    return {key: (analysis.signals, analysis.failed) for key, analysis in log.items()}


def codes(judgements: dict[str, tuple[list[Signal], bool]]) -> set[str]:
    return {signal.code for signals, _ in judgements.values() for signal in signals}


def carried(conversation: Conversation, loses: Loses) -> Conversation:
    """The conversation without what the format can't carry."""
    nothing, silence = Conversation(""), Turn(0, "")
    turns = [replace(turn, **{name: getattr(silence, name) for name in loses.of_turns}) for turn in conversation.turns]
    if loses.empty_message and turns[-1].role == "user" and not turns[-1].content:
        turns.pop()
    metadata = {name: value for name, value in conversation.metadata.items() if name not in loses.adds}
    lost = {name: getattr(nothing, name) for name in loses.of_conversation}
    return replace(conversation, turns=turns, metadata=metadata, **lost)


def judged_by_users(conversations: list[Conversation]) -> list[tuple[str, int | None, int]]:
    """The evaluations: conversation, turn, and 1 or −1. None but people's may be among them."""
    evaluations = [(each.key, item) for each in conversations for item in each.evaluations]
    assert {item.by for _, item in evaluations} <= {"person"}
    return [(key, item.position, 1 if item.value or item.label == "thumbs_up" else -1) for key, item in evaluations]


def test_the_conversations_have_all_that_a_log_may_have(original: tuple[list[dict[str, Any]], Imported]) -> None:
    conversations = original[1].conversations
    every = [turn for each in conversations for turn in each.turns]
    assert len(conversations) == 200
    for name in ("tool_calls", "error", "citations", "retrieved", "feedback", "finish_reason", "latency_ms"):
        assert any(getattr(turn, name) for turn in every), name
    assert {turn.feedback for turn in every} == {None, -1, 1}
    assert {each.outcome for each in conversations} > {"contained", "escalated", "abandoned"}
    assert any(not turn.content and not turn.tool_calls and turn.role == "assistant" for turn in every)


@pytest.mark.parametrize(("format", "end"), WRITTEN)
def test_every_format_gives_the_same_conversations_and_signals(
    tmp_path: Path, original: tuple[list[dict[str, Any]], Imported], format: str, end: str
) -> None:
    rows, base = original
    paths = FORMATS[format](tmp_path, rows, base.conversations, as_json if end == ".jsonl" else as_parquet, end)
    log = import_paths(tmp_path, *paths)
    read, kept, rejected, duplicate = log.rows
    assert {file["format"] for file in log.manifest.files} == {format}
    assert (read, rejected, duplicate) == (kept, 0, 0)
    by_key = {each.key: each for each in log.conversations}
    assert by_key.keys() == {each.key for each in base.conversations}
    expected = [carried(each, LOSES[format]) for each in base.conversations]
    votes = [
        (each.key, turn.position, turn.feedback) for each in base.conversations for turn in each.turns if turn.feedback
    ]
    assert judged_by_users(log.conversations) == (votes if format in SCORED else [])
    for each in expected:
        assert carried(replace(by_key[each.key], evaluations=[]), LOSES[format]) == each
    judgements = judged(log.conversations)
    assert judgements == judged(expected)
    assert codes(judged(base.conversations)) - codes(judgements) == LOSES[format].blind


def test_every_format_that_can_carry_a_conversation_with_all_it_has_is_here() -> None:
    """The others are of one tool, which has no place for much of it: their examples stand in their own tests."""
    of_one_tool = set(
        "tau arena pairs table opik mlflow inspect chatgpt rasa botframework atif coding-agents realtime steps single".split()
    )
    assert FORMATS.keys() == LOSES.keys() == READERS.keys() - of_one_tool

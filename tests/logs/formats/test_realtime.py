"""Events of the Realtime API: whatever holds them, each item is said once, and what is empty replaces nothing."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import import_paths, write
from workbench.conversation.model import Conversation

AUDIO = {"type": "input_audio", "transcript": None}
EVENTS: list[dict[str, Any]] = [
    {"type": "session.created", "event_id": "1", "session": {"id": "c", "model": "m"}},
    {
        "type": "conversation.item.created",
        "event_id": "2",
        "item": {"id": "a", "type": "message", "role": "user", "content": [AUDIO]},
    },
    {
        "type": "conversation.item.input_audio_transcription.completed",
        "event_id": "3",
        "item_id": "a",
        "content_index": 0,
        "transcript": "Where is it?",
    },
    {
        "type": "response.audio_transcript.done",
        "event_id": "4",
        "item_id": "b",
        "content_index": 0,
        "transcript": "Here.",
    },
]
SAID = [("user", "Where is it?"), ("assistant", "Here.")]


def words(conversation: Conversation) -> list[tuple[str, str]]:
    return [(turn.role, turn.content) for turn in conversation.turns]


def in_text(event: dict[str, Any]) -> dict[str, Any]:
    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in event.items()}


def in_a_field(event: dict[str, Any]) -> dict[str, Any]:
    return {"session_id": "c", "type": event["type"], "event": json.dumps(event)}


@pytest.mark.parametrize("row", [dict, in_text, in_a_field])
def test_parquet_holds_the_events_as_structs_as_text_or_in_a_column(tmp_path: Path, row: Any) -> None:
    columns = list(dict.fromkeys(name for event in EVENTS for name in row(event)))
    path = write(tmp_path / "log.parquet", [{name: row(event).get(name) for name in columns} for event in EVENTS])
    log = import_paths(tmp_path, path)
    assert (log.only.conversation_id, log.only.model, words(log.only)) == ("c", "m", SAID)
    assert [file["format"] for file in log.manifest.files] == ["realtime"]


def test_a_transcript_stands_where_the_item_comes_after_it(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(json.dumps(EVENTS[place]) for place in (0, 2, 1, 3)))
    assert words(import_paths(tmp_path, path).only) == SAID


def test_a_second_export_repeats_its_events(tmp_path: Path) -> None:
    for name in ("1.jsonl", "2.jsonl"):
        (tmp_path / name).write_text("\n".join(map(json.dumps, EVENTS)))
    log = import_paths(tmp_path, tmp_path / "1.jsonl", tmp_path / "2.jsonl")
    assert (log.rows, words(log.only)) == ((8, 4, 0, 4), SAID)


def test_an_unknown_event_and_what_went_wrong_are_kept(tmp_path: Path) -> None:
    more: list[dict[str, Any]] = [
        {"type": "dtmf.pressed", "event_id": "5", "key": "1"},
        {"type": "error", "event_id": "6", "error": {"code": "bad", "message": "No such voice."}},
    ]
    path = tmp_path / "log.jsonl"
    path.write_text("\n".join(map(json.dumps, [*EVENTS, *more])))
    log = import_paths(tmp_path, path)
    assert log.only.turns[-1].error == "bad: No such voice."
    assert log.only.metadata == {
        "errors": [more[1]["error"]],
        "events": [more[0]],
        "turns.id": ["a", "b"],
    }
    assert log.manifest.notes == [
        f"{path}: events of types that are not known here are no turns; they are kept as `events`: dtmf.pressed (1)."
    ]

"""Stored chats: messages of the AI SDK, items of OpenAI's Responses and Realtime, cards. What nobody here knows stays beside the turns."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.imported import Imported, import_paths, write
from workbench.conversation.model import Document, ToolCall, Turn

ASKED = {"role": "user", "content": "Is room 4 free?"}
ANSWERED = {"role": "assistant", "content": "Until noon."}
GIVEN, GOT = {"room": 4}, {"until": "noon"}
CALLED = [
    Turn(0, "user", "Is room 4 free?"),
    Turn(1, "assistant", tool_calls=[ToolCall("look_up", '{"room": 4}', "k", result_position=2)]),
    Turn(2, "tool", '{"until": "noon"}', name="look_up", tool_call_id="k", caller="assistant", call_position=1),
    Turn(3, "assistant", "Until noon."),
]
FAILED = "the calendar is closed"


def imported(folder: Path, *messages: Any) -> Imported:
    return import_paths(folder, write(folder / "log.jsonl", [{"id": "c", "messages": list(messages)}]))


CALLS: dict[str, list[dict[str, Any]]] = {
    "v5, typed": [{"type": "tool-look_up", "toolCallId": "k", "state": "output-available", "input": GIVEN, "output": GOT}],
    "v5, dynamic": [{"type": "dynamic-tool", "toolName": "look_up", "toolCallId": "k", "state": "output-available", "input": GIVEN, "output": GOT}],
    "v5, after a step": [{"type": "step-start"}, {"type": "tool-look_up", "toolCallId": "k", "state": "output-available", "input": GIVEN, "output": GOT}, {"type": "step-start"}],
    "v4": [{"type": "tool-invocation", "toolInvocation": {"state": "result", "toolCallId": "k", "toolName": "look_up", "args": GIVEN, "result": GOT}}],
}  # fmt: skip


@pytest.mark.parametrize("parts", CALLS.values(), ids=CALLS.keys())
@pytest.mark.parametrize("content", [None, "Until noon."], ids=["parts alone", "text beside"])
def test_a_tool_part_is_a_call_with_its_result(tmp_path: Path, parts: list[Any], content: str | None) -> None:
    message = {"role": "assistant", "content": content, "parts": [*parts, {"type": "text", "text": "Until noon."}]}
    assert imported(tmp_path, ASKED, message).only.turns == CALLED


def test_invocations_beside_the_text_are_calls_before_it(tmp_path: Path) -> None:
    held = {"state": "result", "toolCallId": "k", "toolName": "look_up", "args": GIVEN, "result": GOT}
    assert imported(tmp_path, ASKED, {**ANSWERED, "toolInvocations": [held]}).only.turns == CALLED


@pytest.mark.parametrize(
    "part",
    [
        {"type": "tool-look_up", "toolCallId": "k", "state": "output-error", "input": GIVEN, "errorText": FAILED},
        {"type": "dynamic-tool", "toolName": "look_up", "toolCallId": "k", "state": "output-error", "input": GIVEN, "errorText": FAILED},
    ],
)  # fmt: skip
def test_a_failed_tool_part_is_a_result_with_its_error(tmp_path: Path, part: dict[str, Any]) -> None:
    turns = imported(tmp_path, ASKED, {"role": "assistant", "parts": [part]}).only.turns
    assert [(turn.role, turn.content, turn.error) for turn in turns[2:]] == [("tool", FAILED, FAILED)]


def test_a_call_that_waits_has_no_result(tmp_path: Path) -> None:
    part = {"type": "tool-look_up", "toolCallId": "k", "state": "input-available", "input": GIVEN}
    turns = imported(tmp_path, ASKED, {"role": "assistant", "parts": [part]}).only.turns
    assert turns[1:] == [Turn(1, "assistant", tool_calls=[ToolCall("look_up", '{"room": 4}', "k")])]


def test_marks_thoughts_and_sources_are_no_words(tmp_path: Path) -> None:
    parts = [
        {"type": "step-start"},
        {"type": "reasoning", "text": "Look first."},
        {"type": "source-url", "sourceId": "s", "url": "https://example.org", "title": "Plan"},
        {"type": "data-status", "data": {"x": 1}},
        {"type": "text", "text": "Until noon."},
    ]
    only = imported(tmp_path, ASKED, {"role": "assistant", "parts": parts, "createdAt": "2026-03-02T09:00:00Z"}).only
    assert only.turns[1] == Turn(
        1, "assistant", "Until noon.", timestamp=datetime(2026, 3, 2, 9), citations=[Document("s", "Plan", url="https://example.org")]
    )  # fmt: skip
    assert only.metadata == {"turns.reasoning": [None, "Look first."], "turns.parts": [None, [parts[3]]]}


KINDS = ("mcp_list_tools", "item_reference", "mcp_approval_request", "compaction", "a_kind_of_next_year", "x-y.z")


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_an_item_that_nobody_knows_stays_beside_the_turns_wherever_it_stands(
    tmp_path: Path, kind: str, place: int
) -> None:
    item = {"type": kind, "id": "i"}
    messages: list[Any] = [ASKED, ANSWERED]
    messages.insert(place, item)
    only = imported(tmp_path, *messages).only
    assert only.turns == [Turn(0, "user", "Is room 4 free?"), Turn(1, "assistant", "Until noon.")]
    assert only.metadata == {"turns.items": [[item], None] if place == 0 else [None, [item]]}


def test_words_of_an_unknown_kind_stand_under_it_as_a_role(tmp_path: Path) -> None:
    only = imported(tmp_path, ASKED, {"type": "announcement", "text": "Closed on Monday."}).only
    assert only.turns[1] == Turn(1, "announcement", "Closed on Monday.")


@pytest.mark.parametrize(
    ("item", "name", "result"),
    [
        ({"type": "mcp_call", "id": "k", "name": "look_up", "arguments": "{}", "output": "noon"}, "look_up", ("noon", None)),
        ({"type": "mcp_call", "id": "k", "name": "look_up", "arguments": "{}", "output": None, "error": FAILED}, "look_up", (FAILED, FAILED)),
        ({"type": "web_search_call", "id": "k", "status": "completed"}, "web_search", None),
        ({"type": "file_search_call", "id": "k", "queries": ["q"], "results": [{"text": "noon"}]}, "file_search", ("noon", None)),
        ({"type": "code_interpreter_call", "id": "k", "code": "1+1", "outputs": [{"type": "logs", "logs": "2"}]}, "code_interpreter", ("2", None)),
        ({"type": "a_new_call", "call_id": "k"}, "a_new", None),
    ],
)  # fmt: skip
def test_a_built_in_tool_is_a_call(
    tmp_path: Path, item: dict[str, Any], name: str, result: tuple[str, str | None] | None
) -> None:
    turns = imported(tmp_path, ASKED, item, ANSWERED).only.turns
    assert [(call.name, call.id) for call in turns[1].tool_calls] == [(name, "k")]
    assert [(turn.content, turn.error) for turn in turns if turn.role == "tool"] == ([] if result is None else [result])
    assert turns[-1].content == "Until noon."


@pytest.mark.parametrize("kind", ["audio", "input_audio", "output_audio", "a_new_audio"])
def test_audio_says_its_transcript(tmp_path: Path, kind: str) -> None:
    message = {"type": "message", "role": "assistant", "content": [{"type": kind, "transcript": "Until noon."}]}
    assert imported(tmp_path, ASKED, message).only.turns[1].content == "Until noon."


@pytest.mark.parametrize("kind", ["input_audio", "output_audio"])
def test_audio_without_a_transcript_is_called_so(tmp_path: Path, kind: str) -> None:
    message = {"role": "user", "content": [{"type": kind, "audio": "AAAA"}]}
    assert imported(tmp_path, message, ANSWERED).only.turns[0].content == "[audio]"


@pytest.mark.parametrize(
    "card",
    [
        {"attachments": [{"contentType": "application/vnd.microsoft.card.adaptive", "content": {"type": "AdaptiveCard", "body": [{"type": "TextBlock", "text": "Until noon."}]}}]},
        {"data": {"custom": {"card": "Until noon."}, "buttons": None}},
        {"attachments": [{"contentType": "application/vnd.microsoft.card.hero", "content": {"title": "Until noon.", "images": [{"url": "https://example.org/x.png"}]}}]},
        {"content": [{"type": "card", "title": "Until noon.", "id": 7}]},
        {"attachments": [{"content": '{"body": [{"text": "Until noon."}]}'}]},
    ],
)  # fmt: skip
def test_a_card_says_its_words(tmp_path: Path, card: dict[str, Any]) -> None:
    only = imported(tmp_path, ASKED, {"role": "assistant", **card}, ANSWERED).only
    assert only.turns[1].content == "Until noon."


@pytest.mark.parametrize(
    ("vote", "feedback"),
    [("down", -1), ("thumbs_up", 1), ({"rating": "thumbsDown", "tag": "wrong"}, -1), ("👍", 1), ("unsure", None)],
)
def test_a_word_for_a_thumb_is_a_vote(tmp_path: Path, vote: Any, feedback: int | None) -> None:
    assert imported(tmp_path, ASKED, {**ANSWERED, "feedback": vote}).only.turns[1].feedback == feedback

"""A conversation printed for programs and for people."""

from __future__ import annotations

from datetime import datetime

from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results
from workbench.conversation.printed import as_json, as_text

TURNS = [
    Turn(0, "user", "Where is it?\nPlease.", timestamp=datetime(2026, 3, 2, 9)),
    Turn(1, "assistant", tool_calls=[ToolCall("look", '{"id":7}', "c")]),
    Turn(2, "tool", "shut\x1b[31m", tool_call_id="c", error="shut"),
    Turn(3, "assistant", ""),
]
attach_tool_results(TURNS)
CONVERSATION = Conversation("c1", "shop", TURNS, started_at=datetime(2026, 3, 2, 9))


def test_json_has_every_turn_in_order_with_calls_and_times() -> None:
    nothing = {"name": None, "content": "", "tool_calls": [], "tool_call_id": None, "error": None, "timestamp": None}
    assert as_json(CONVERSATION, "unknown") == {
        "conversation_id": "c1",
        "bot": "shop",
        "started_at": "2026-03-02T09:00:00Z",
        "outcome": "unknown",
        "turns": [
            {**nothing, "position": 0, "role": "user", "content": "Where is it?\nPlease.", "timestamp": "2026-03-02T09:00:00Z"},
            {**nothing, "position": 1, "role": "assistant", "tool_calls": [{"id": "c", "name": "look", "arguments": '{"id":7}'}]},
            {**nothing, "position": 2, "role": "tool", "name": "look", "content": "shut\x1b[31m", "tool_call_id": "c", "error": "shut"},
            {**nothing, "position": 3, "role": "assistant"},
        ],
    }  # fmt: skip


def test_text_shows_who_says_what_and_no_control_character() -> None:
    assert as_text(CONVERSATION, "failed").splitlines() == [
        "c1 (shop, 2026-03-02T09:00:00Z, outcome failed)",
        "",
        "0 · user · 09:00:00",
        "  Where is it?",
        "  Please.",
        "",
        "1 · assistant",
        "  → look (result: turn 2)",
        '    {"id": 7}',
        "",
        "2 · tool · look",
        "  shut␛[31m",
        "  error: shut",
        "",
        "3 · assistant",
        "  (empty)",
    ]

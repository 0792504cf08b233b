from dataclasses import replace
from datetime import datetime

import pytest

from workbench.conversation.model import Conversation, Document, ToolCall, Turn, attach_tool_results, conversation_key


def call(position: int, name: str, id: str | None = None, role: str = "assistant") -> Turn:
    return Turn(position, role, tool_calls=[ToolCall(name, id=id)])


def result(position: int, id: str | None = None, name: str | None = None) -> Turn:
    return Turn(position, "tool", "ok", name=name, tool_call_id=id)


def joined(*turns: Turn) -> list[tuple[int, int | None, str | None, str | None]]:
    """Each tool turn's position, its call's turn, its caller and its name."""
    attach_tool_results(list(turns))
    return [(t.position, t.call_position, t.caller, t.name) for t in turns if t.role == "tool"]


@pytest.mark.parametrize(
    ("what", "turns", "expected"),
    [
        ("by id, in any order", [call(0, "a", "1"), call(1, "b", "2"), result(2, "2"), result(3, "1")],
         [(2, 1, "assistant", "b"), (3, 0, "assistant", "a")]),
        ("an id logged again is the latest call's", [call(0, "a", "1"), result(1, "1"), call(2, "a", "1"), result(3, "1")],
         [(1, 0, "assistant", "a"), (3, 2, "assistant", "a")]),
        ("without an id the oldest call of that name", [call(0, "a"), call(1, "a"), result(2, name="a"), result(3, name="a")],
         [(2, 0, "assistant", "a"), (3, 1, "assistant", "a")]),
        ("without id and name the only open call", [call(0, "a"), result(1)], [(1, 0, "assistant", "a")]),
        ("without id and name the oldest open call of the last turn that called", [call(0, "z"), Turn(1, "assistant", tool_calls=[ToolCall("a"), ToolCall("b")]), result(2), result(3), result(4)],
         [(2, 1, "assistant", "a"), (3, 1, "assistant", "b"), (4, 0, "assistant", "z")]),
        ("without id and name and two open calls of older turns: nobody's", [call(0, "y"), call(1, "z"), call(2, "a"), result(3), result(4)],
         [(3, 2, "assistant", "a"), (4, None, None, None)]),
        ("a user's own call is the user's", [call(0, "check_device", "1", role="user"), result(1, "1")],
         [(1, 0, "user", "check_device")]),
        ("an unknown id is nobody's", [call(0, "a", "1"), result(1, "9")], [(1, None, None, None)]),
    ],
)  # fmt: skip
def test_a_result_belongs_to_the_call_that_it_answers(
    what: str, turns: list[Turn], expected: list[tuple[int, int | None, str | None, str | None]]
) -> None:
    assert joined(*turns) == expected, what


def test_the_key_stands_for_bot_and_id_together() -> None:
    assert conversation_key("a", "b/c") != conversation_key("a/b", "c")
    assert Conversation("c", "b").key == conversation_key("b", "c")


def test_the_content_hash_changes_with_anything_logged() -> None:
    base = Conversation("c", "b", [Turn(0, "user", "hi")], metadata={"x": 1, "y": 2})
    same = Conversation("c", "b", [Turn(0, "user", "hi")], metadata={"y": 2, "x": 1})
    others = [
        replace(base, turns=[Turn(0, "user", "hello")]),
        replace(base, turns=[Turn(0, "user", "hi", retrieved=[Document("d")])]),
        replace(base, turns=[Turn(0, "user", "hi", tool_calls=[ToolCall("t")])]),
        replace(base, retrieved=[Document("d")]),
        replace(base, started_at=datetime(2026, 1, 1)),
        replace(base, metadata={"x": 1}),
    ]
    assert base.content_hash == same.content_hash
    assert len({base.content_hash, *(other.content_hash for other in others)}) == 7


def test_a_release_is_what_was_logged_or_model_and_prompt() -> None:
    assert Conversation("c", release="r7", model="m").release_name == "r7"
    assert Conversation("c", model="m", model_version="m-2", prompt_version="p3").release_name == "m-2 · p3"
    assert Conversation("c").release_name is None

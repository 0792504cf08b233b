"""Messages as they are logged, to turns."""

from __future__ import annotations

from typing import Any

import pytest

from workbench.conversation.model import Document, ToolCall
from workbench.logs.values.message_parts import content_text, tool_calls
from workbench.logs.values.normalise import documents, feedback, number, parse_json, text
from workbench.logs.values.records import BadValue


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, ""),
        ("hello", "hello"),
        ([], ""),
        (["a", None, "b"], "a\nb"),
        ([{"type": "text", "text": "a"}, {"type": "input_text", "text": "b"}], "a\nb"),
        ([{"type": "text", "text": {"value": "a", "annotations": []}}], "a"),
        ({"type": "text", "text": "a"}, "a"),
        ([{"text": "a"}], "a"),
        ([{"type": "refusal", "refusal": "I can't."}], "I can't."),
        ([{"type": "image_url", "image_url": {"url": "https://x.test/a.png"}}], "[image: https://x.test/a.png]"),
        ([{"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}], "[image]"),
        ([{"type": "text", "text": "see"}, {"type": "input_audio", "input_audio": {"data": "AAAA"}}], "see\n[audio]"),
        ([{"type": "video", "id": 7}], '{"type": "video", "id": 7}'),
        (12, "12"),
        (b"caf\xc3\xa9", "café"),
    ],
)
def test_content(content: Any, expected: str) -> None:
    assert content_text(content) == expected


@pytest.mark.parametrize(
    "logged",
    [
        [{"id": "1", "name": "f", "arguments": '{"a": 2.0}'}],
        [{"id": "1", "name": "f", "arguments": {"a": 2.0}}],
        [{"id": "1", "type": "function", "function": {"name": "f", "arguments": '{"a": 2.0}'}}],
        {"id": "1", "type": "function", "function": {"name": "f", "arguments": {"a": 2.0}}},
        '[{"id": "1", "function": {"name": "f", "arguments": {"a": 2.0}}}]',
        ['{"id": "1", "name": "f", "arguments": {"a": 2.0}}'],
    ],
)
def test_each_way_to_log_a_tool_call_gives_the_same(logged: Any) -> None:
    assert tool_calls(logged) == [ToolCall("f", '{"a": 2.0}', "1")]


@pytest.mark.parametrize("logged", [None, [], "", "[]", "null", [None]])
def test_no_tool_call(logged: Any) -> None:
    assert tool_calls(logged) == []


def test_arguments_stay_the_text_that_was_logged() -> None:
    assert tool_calls([{"name": "f", "arguments": "{broken"}, {"name": "g"}]) == [
        ToolCall("f", "{broken"),
        ToolCall("g", "{}"),
    ]


@pytest.mark.parametrize("logged", ["{broken", 7, [7], [{"id": "1"}], [[]]])
def test_what_is_no_tool_call_is_a_bad_value(logged: Any) -> None:
    with pytest.raises(BadValue):
        tool_calls(logged)


@pytest.mark.parametrize(
    ("logged", "expected"),
    [
        (None, []),
        ("", []),
        ("A plain passage.", [Document(text="A plain passage.")]),
        (["a", "https://x.test/b"], [Document(text="a"), Document(url="https://x.test/b")]),
        ('[{"id": 7, "score": "0.5"}]', [Document(id="7", score=0.5)]),
        ({"title": "t", "text": None}, [Document(title="t")]),
    ],
)
def test_documents(logged: Any, expected: list[Document]) -> None:
    assert documents(logged, "retrieved") == expected


@pytest.mark.parametrize(
    ("logged", "expected"),
    [(1, 1), (-1, -1), (0, 0), (True, 1), (False, -1), (1.0, 1), ("-1", -1), (5, None), ("good", None), (0.5, None)],
)
def test_feedback(logged: Any, expected: int | None) -> None:
    assert feedback(logged) == expected


@pytest.mark.parametrize(
    ("logged", "expected"),
    [(None, None), ("", None), (" ", None), ("a", "a"), (7, "7"), (7.0, "7"), (float("nan"), None), ([1], "[1]")],
)
def test_short_texts(logged: Any, expected: str | None) -> None:
    assert text(logged) == expected


@pytest.mark.parametrize(
    ("logged", "expected"), [("1e3", 1000.0), ("1e999", None), (10**400, None), ("x", None), (None, None)]
)
def test_numbers(logged: Any, expected: float | None) -> None:
    assert number(logged) == expected


@pytest.mark.parametrize("raw", ["{", "NaN", "[Infinity]", "1e999", "1" * 5000, "[" * 100_000])
def test_json_that_is_none_is_a_bad_value_that_names_its_column(raw: str) -> None:
    with pytest.raises(BadValue) as bad:
        parse_json(raw, "messages")
    assert bad.value.column == "messages"

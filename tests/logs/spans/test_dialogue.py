"""What the spans of a conversation make of turns, whatever tool logged them."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from workbench.conversation.model import Document, ToolCall, Turn
from workbench.logs.spans.dialogue import dialogue_of
from workbench.logs.spans.messages import lines, messages, nested
from workbench.logs.spans.spans import Span
from workbench.logs.values.messages import Line

START = datetime(2026, 3, 1, 12)


def at(second: float) -> datetime:
    return START + timedelta(seconds=second)


def span(kind: str, id: str, second: float, parent: str | None = None, trace: str = "t", **fields: Any) -> Span:
    """A span of one second."""
    row = int(second * 10)
    end = fields.pop("end", second + 1)
    return Span(0, row, trace, id, parent, kind, fields.pop("name", id), at(second), at(end), **fields)


def chain(id: str, second: float, asked: str | None, replied: str | None, **fields: Any) -> Span:
    return span("chain", id, second, input=lines(asked, "user"), output=lines(replied, "assistant"), **fields)


def model(id: str, second: float, heard: list[Any], reply: Any, parent: str | None = None, **fields: Any) -> Span:
    """A model call; what is heard and said are texts (by role) or messages."""
    return span("llm", id, second, parent, input=lines(heard, "user"), output=lines(reply, "assistant"), **fields)


def tool(
    id: str, second: float, name: str, arguments: str, result: str | None, parent: str | None = "r", **fields: Any
) -> Span:
    call = ToolCall(name, arguments, fields.pop("call_id", None))
    return span("tool", id, second, parent, call=call, result=result, **fields)


def user(text: str) -> dict[str, Any]:
    return {"role": "user", "content": text}


def bot(text: str, *calls: tuple[str, str, str]) -> dict[str, Any]:
    made = [{"id": id, "name": name, "arguments": arguments} for id, name, arguments in calls]
    return {"role": "assistant", "content": text, "tool_calls": made}


def result(id: str, text: str) -> dict[str, Any]:
    return {"role": "tool", "tool_call_id": id, "content": text}


SYSTEM = {"role": "system", "content": "Be kind."}


def lines_of(*spans: Span) -> list[Line]:
    return dialogue_of(spans).lines


def in_short(*spans: Span) -> list[str]:
    """Each turn in short: who, what, and the calls."""
    return [
        f"{line.turn.role}: {line.turn.content}{''.join(f'[{call.name} {call.arguments}]' for call in line.turn.tool_calls)}"
        for line in lines_of(*spans)
    ]


# --- model calls alone ----------------------------------------------------------------------------------------------


def test_model_calls_repeat_the_history_and_each_message_counts_once() -> None:
    first = model("1", 0, [SYSTEM, user("hi")], "hello", trace="a")
    second = model("2", 10, [SYSTEM, user("hi"), bot("hello"), user("book")], "done", trace="b")
    assert [line.turn for line in lines_of(first, second)] == [
        Turn(0, "system", "Be kind."),
        Turn(0, "user", "hi", timestamp=at(0)),
        Turn(0, "assistant", "hello", timestamp=at(1), latency_ms=1000.0),
        Turn(0, "user", "book", timestamp=at(10)),
        Turn(0, "assistant", "done", timestamp=at(11), latency_ms=1000.0),
    ]


def test_the_order_of_rows_changes_nothing() -> None:
    def spans() -> list[Span]:
        return [
            chain("r", 0, "weather?", "sunny", end=9),
            model("1", 1, [user("weather?")], bot("", ("c", "look", "{}")), "r"),
            tool("2", 3, "look", "{}", "sun", call_id="c"),
            model("3", 5, [user("weather?"), bot("", ("c", "look", "{}")), result("c", "sun")], "sunny", "r"),
        ]

    expected = ["user: weather?", "assistant: [look {}]", "tool: sun", "assistant: sunny"]
    assert all(in_short(*(spans()[n] for n in order)) == expected for order in permutations(range(4)))


def test_a_history_cut_to_its_last_messages_is_still_known() -> None:
    first = model("1", 0, [user("a")], "A", trace="1")
    second = model("2", 10, [user("a"), bot("A"), user("b")], "B", trace="2")
    third = model("3", 20, [bot("B"), user("c")], "C", trace="3")
    assert in_short(first, second, third) == [
        "user: a",
        "assistant: A",
        "user: b",
        "assistant: B",
        "user: c",
        "assistant: C",
    ]


def test_the_same_words_said_again_without_history_are_a_new_turn() -> None:
    spans = [model(str(n), n * 10, [user("yes")], f"ok {n}", trace=str(n)) for n in range(3)]
    assert in_short(*spans) == [
        "user: yes",
        "assistant: ok 0",
        "user: yes",
        "assistant: ok 1",
        "user: yes",
        "assistant: ok 2",
    ]


def test_a_history_from_before_the_export_is_kept() -> None:
    assert in_short(model("1", 0, [SYSTEM, user("a"), bot("A"), user("b")], "B")) == [
        "system: Be kind.",
        "user: a",
        "assistant: A",
        "user: b",
        "assistant: B",
    ]


def test_another_answer_to_the_whole_context_is_a_further_answer() -> None:
    first = model("1", 0, [user("a")], "A", trace="1")
    second = model("2", 10, [user("a"), bot("A"), user("b")], "B", trace="2")
    again = model("3", 20, [user("a"), bot("A"), user("b")], "B!", trace="3")
    assert in_short(first, second, again) == ["user: a", "assistant: A", "user: b", "assistant: B", "assistant: B!"]


def test_an_empty_reply_is_a_turn_and_a_reply_that_was_not_logged_is_none() -> None:
    empty = model("1", 0, [user("a")], [{"role": "assistant", "content": ""}])
    assert (in_short(empty), in_short(model("1", 0, [user("a")], None))) == (["user: a", "assistant: "], ["user: a"])


# --- roots, tools, documents ----------------------------------------------------------------------------------------


def test_what_the_user_saw_is_the_root_and_a_stuffed_prompt_is_not() -> None:
    root = chain("r", 0, "opening hours?", "From nine.", end=9)
    search = span("retriever", "s", 1, "r", documents=[Document("d1", text="Open from nine.")])
    call = model("1", 3, [SYSTEM, user("Context: Open from nine. Question: opening hours?")], "From nine.", "r")
    log = lines_of(root, search, call)
    assert [line.turn for line in log] == [
        Turn(0, "system", "Be kind."),
        Turn(0, "user", "opening hours?", timestamp=at(0)),
        Turn(
            0,
            "assistant",
            "From nine.",
            timestamp=at(4),
            latency_ms=1000.0,
            retrieved=[Document("d1", text="Open from nine.")],
        ),
    ]


def test_the_reply_is_what_the_root_made_of_the_models_words() -> None:
    root = chain("r", 0, "price?", "It is 5 €.", end=3)
    call = model("1", 1, [user("price?")], '{"price": 5}', "r", model="m")
    following = model("2", 10, [user("price?"), bot('{"price": 5}'), user("thanks")], "Bye", trace="u")
    log = lines_of(root, call, following)
    assert [line.turn.content for line in log] == ["price?", "It is 5 €.", "thanks", "Bye"]
    assert log[1].turn.latency_ms == 3000.0
    assert log[1].more["steps"] == [{"kind": "llm", "name": "1", "output": '{"price": 5}', "latency_ms": 1000.0}]


def test_a_loop_of_the_same_failing_call_stays_visible() -> None:
    heard: list[Any] = [user("pay")]
    spans = [chain("r", 0, "pay", None, end=20, error="gave up")]
    for n in range(3):
        asked = bot("", (f"c{n}", "charge", '{"sum": 5}'))
        spans += [
            model(f"m{n}", 1 + 4 * n, [*heard], asked, "r"),
            tool(f"t{n}", 3 + 4 * n, "charge", '{"sum": 5}', None, call_id=f"c{n}", error="card declined"),
        ]
        heard += [asked, result(f"c{n}", "Error: card declined")]
    log = lines_of(*spans)
    assert [(line.turn.role, line.turn.content, line.turn.error) for line in log] == [
        ("user", "pay", None),
        *[("assistant", "", None), ("tool", "card declined", "card declined")] * 3,
        ("assistant", "", "gave up"),
    ]


def test_a_tool_span_without_ids_belongs_to_the_call_of_its_name_and_arguments() -> None:
    root = chain("r", 0, "both", "ok", end=9)
    call = model("1", 1, [user("both")], bot("", ("x", "look", '{"id": 1}'), ("y", "look", '{"id": 2}')), "r")
    second, first = tool("2", 3, "look", '{"id":2}', "two"), tool("3", 4, "look", '{"id":1}', "one")
    assert [(line.turn.content, line.turn.tool_call_id) for line in lines_of(root, call, second, first)][2:4] == [
        ("two", "y"),
        ("one", "x"),
    ]


def test_a_tool_that_no_model_call_asked_for_gets_a_call_of_its_own() -> None:
    assert in_short(chain("r", 0, "hi", "done", end=9), tool("1", 1, "look", '{"a": 1}', "seen")) == [
        "user: hi",
        'assistant: [look {"a": 1}]',
        "tool: seen",
        "assistant: done",
    ]


def test_results_that_only_the_next_call_repeats_are_turns() -> None:
    first = model("1", 0, [user("w?")], bot("", ("c", "look", "{}")), "r")
    second = model("2", 2, [user("w?"), bot("", ("c", "look", "{}")), result("c", "sun")], "sunny", "r")
    expected = ["user: w?", "assistant: [look {}]", "tool: sun", "assistant: sunny"]
    assert in_short(first, second) == expected
    assert in_short(chain("r", 0, "w?", "sunny", end=5), first, second) == expected


def test_a_router_a_guardrail_and_a_failed_attempt_are_steps_of_the_reply() -> None:
    root = chain("r", 0, "help", "Sure.", end=9)
    router = model("router", 1, [user("Classify: help")], "support", "r")
    guard = span("guardrail", "guard", 2, "r", output=lines("pass", "assistant"))
    failed = model("first", 3, [user("help")], None, "r", error="timeout")
    call = model("second", 5, [user("help")], "Sure.", "r")
    log = lines_of(root, router, guard, failed, call)
    assert [line.turn.content for line in log] == ["help", "Sure."]
    assert log[1].turn.error is None
    assert log[1].more["steps"] == [
        {"kind": "llm", "name": "router", "output": "support", "latency_ms": 1000.0},
        {"kind": "guardrail", "name": "guard", "output": "pass", "latency_ms": 1000.0},
        {"kind": "llm", "name": "first", "latency_ms": 1000.0, "error": "timeout"},
    ]


def test_a_model_call_that_fails_for_good_is_an_empty_reply_with_its_error() -> None:
    (_, reply) = lines_of(model("1", 0, [user("a")], None, error="rate limit"))
    assert reply.turn == Turn(0, "assistant", "", timestamp=at(1), latency_ms=1000.0, error="rate limit")


def test_what_a_sub_agent_does_inside_a_tool_is_a_step() -> None:
    root = chain("r", 0, "plan", "planned", end=9)
    call = model("1", 1, [user("plan")], bot("", ("c", "delegate", "{}")), "r")
    outer = tool("2", 2, "delegate", "{}", "a plan", call_id="c", end=6)
    inner = model("3", 3, [user("make a plan")], bot("", ("d", "search", "{}")), "2")
    inner_tool = tool("4", 4, "search", "{}", "found", parent="2")
    last = model("5", 7, [user("plan"), bot("", ("c", "delegate", "{}")), result("c", "a plan")], "planned", "r")
    log = lines_of(root, call, outer, inner, inner_tool, last)
    assert [line.turn.content for line in log] == ["plan", "", "a plan", "planned"]
    assert [(step["kind"], step["name"]) for step in log[3].more["steps"]] == [("llm", "3"), ("tool", "4")]


def test_a_root_that_holds_all_messages_adds_what_no_call_says() -> None:
    whole = [user("w?"), bot("", ("c", "look", "{}")), result("c", "sun"), bot("sunny")]
    root = span("chain", "r", 0, input=lines([user("w?")], "user"), output=lines({"messages": whole}, "assistant"))
    assert in_short(root) == ["user: w?", "assistant: [look {}]", "tool: sun", "assistant: sunny"]
    assert in_short(root, tool("1", 0.5, "look", "{}", "sun", call_id="c")) == in_short(root)


def test_spans_under_a_parent_that_was_not_exported_belong_together() -> None:
    router = model("router", 0, [user("Classify: help")], "support", "http")
    call = model("call", 2, [SYSTEM, user("help")], "Sure.", "http")
    assert in_short(router, call) == ["system: Be kind.", "user: help", "assistant: Sure."]


def test_agents_under_a_root_that_shows_nothing_are_exchanges() -> None:
    root = span("chain", "r", 0, end=30)
    first, second = (
        span("agent", id, n, "r", input=lines(q, "user"), output=lines(a, "assistant"))
        for id, n, q, a in (("1", 1, "a", "A"), ("2", 9, "b", "B"))
    )
    assert in_short(root, first, second) == ["user: a", "assistant: A", "user: b", "assistant: B"]


def test_spans_in_a_circle_of_parents_are_told_all_the_same() -> None:
    assert in_short(model("1", 0, [user("a")], "A", "2"), span("chain", "2", 0, "1")) == ["user: a", "assistant: A"]


def test_later_instructions_are_kept_beside_the_reply() -> None:
    first = model("1", 0, [SYSTEM, user("a")], "A", trace="1")
    second = model("2", 9, [{"role": "system", "content": "Be short."}, user("a"), bot("A"), user("b")], "B", trace="2")
    log = lines_of(first, second)
    assert [line.turn.role for line in log] == ["system", "user", "assistant", "user", "assistant"]
    assert log[4].more == {"instructions": "Be short."}


# --- payloads -------------------------------------------------------------------------------------------------------

_LC = {"lc": 1, "type": "constructor", "id": ["langchain", "schema", "messages", "AIMessage"]}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        ("hello", Turn(0, "user", "hello")),
        ('{"input": "hello"}', Turn(0, "user", "hello")),
        ({"query": "hello", "user_id": 7}, Turn(0, "user", "hello")),
        ({"anything": "hello"}, Turn(0, "user", "hello")),
        ({"messages": [["user", "hello"]]}, Turn(0, "user", "hello")),
        ([{"type": "text", "text": "hello"}], Turn(0, "user", "hello")),
        ({"type": "human", "content": "hello"}, Turn(0, "user", "hello")),
        ({"type": "ai", "data": {"content": "hello"}}, Turn(0, "assistant", "hello")),
        ({"role": "model", "parts": [{"text": "hello"}]}, Turn(0, "model", "hello")),
        (
            {"choices": [{"message": {"role": "assistant", "content": "hello"}, "finish_reason": "stop"}]},
            None,
        ),
        (
            {**_LC, "kwargs": {"content": "", "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c"}]}},
            Turn(0, "assistant", tool_calls=[ToolCall("f", '{"a": 1}', "c")]),
        ),
        (
            {"role": "assistant", "content": [{"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}]},
            Turn(0, "assistant", tool_calls=[ToolCall("f", '{"a": 1}', "c")]),
        ),
        (
            {
                "role": "user",
                "content": [{"type": "tool_result", "tool_use_id": "c", "content": "no", "is_error": True}],
            },
            Turn(0, "tool", "no", tool_call_id="c", error="no"),
        ),
        (
            {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c", "result": {"a": 1}}]},
            Turn(0, "tool", '{"a": 1}', tool_call_id="c"),
        ),
        (
            {"role": "user", "parts": [{"type": "blob", "modality": "image", "content": "aGk="}]},
            Turn(0, "user", "[image]"),
        ),
    ],
)
def test_payloads_of_many_tools_say_the_same(payload: Any, expected: Turn | None) -> None:
    log = lines(payload, "user")
    if expected is None:  # what only an output has is no input
        assert log[0].guess
        expected, log = Turn(0, "assistant", "hello", finish_reason="stop"), lines(payload, "assistant")
    assert [line.turn for line in log] == [expected]


def test_items_of_openais_responses_are_lines_in_their_order() -> None:
    items = [
        {"role": "user", "content": [{"type": "input_text", "text": "hello"}]},
        {"type": "reasoning", "id": "rs", "summary": []},
        {"type": "function_call", "id": "fc", "call_id": "c", "name": "f", "arguments": '{"a": 1}'},
        {"type": "function_call_output", "call_id": "c", "output": "done"},
    ]
    assert [line.turn for line in lines({"input": items}, "user")] == [
        Turn(0, "user", "hello"),
        Turn(0, "assistant", tool_calls=[ToolCall("f", '{"a": 1}', "c")]),
        Turn(0, "tool", "done", tool_call_id="c"),
    ]


def test_a_call_that_langchain_logs_among_the_parts_and_beside_them_is_one() -> None:
    block = {"type": "tool_use", "id": "c", "name": "f", "input": {"a": 1}}
    reply = {**_LC, "kwargs": {"content": [block], "tool_calls": [{"name": "f", "args": {"a": 1}, "id": "c"}]}}
    (line,) = lines(reply, "assistant")
    assert line.turn == Turn(0, "assistant", tool_calls=[ToolCall("f", '{"a": 1}', "c")])


def test_an_object_of_no_known_shape_is_kept_as_its_json() -> None:
    assert lines({"a": 1, "b": 2}, "user") == [Line(Turn(0, "user", '{"a": 1, "b": 2}'), guess=True)]


def test_reasoning_is_no_text_of_the_turn() -> None:
    (line,) = messages(
        '[{"role": "assistant", "parts": [{"type": "reasoning", "content": "hm"}, {"type": "text", "content": "hi"}]}]',
        "assistant",
        "c",
    )
    assert line == Line(Turn(0, "assistant", "hi"), {"reasoning": "hm"})


def test_dotted_nested_and_indexed_attributes_are_one_thing() -> None:
    expected = {"llm": {"input_messages": [{"message": {"role": "user", "content": "hi"}}]}}
    assert nested({"llm.input_messages": [{"message.role": "user", "message.content": "hi"}]}) == expected
    assert nested({"llm": {"input_messages": [{"message": {"role": "user", "content": "hi"}}]}}) == expected
    assert (
        nested({"llm.input_messages.0.message.role": "user", "llm.input_messages.0.message.content": "hi"}) == expected
    )
    assert nested({"metadata": {"a.b": 1}}) == {"metadata": {"a.b": 1}}


def test_each_line_stands_once_where_the_user_said_the_same_before_and_those_spans_are_missing() -> None:
    history = [user("It is 7"), bot("What is in it?"), user("A case"), bot("Which number?"), user("It is 7")]
    spans = [
        chain("a", 0, "A case", "Which number?", trace="t1"),
        model("b", 5, history, "Thanks.", parent="lost", trace="t2"),
    ]
    assert in_short(*spans) == [
        "user: It is 7",
        "assistant: What is in it?",
        "user: A case",
        "assistant: Which number?",
        "user: It is 7",
        "assistant: Thanks.",
    ]
    assert len({id(line) for line in lines_of(*spans)}) == 6

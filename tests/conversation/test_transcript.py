"""Folding turns into what a person reads."""

import pytest

from workbench.bench.conversation_detail import SignalHit
from workbench.conversation.model import Conversation, ToolCall, Turn, attach_tool_results
from workbench.conversation.transcript import folds, laid_out
from workbench.ui.conversations.detail import gather


def conversation(*turns: Turn) -> Conversation:
    for position, turn in enumerate(turns):
        turn.position = position
    attach_tool_results(list(turns))
    return Conversation("c", turns=list(turns))


def user(text: str) -> Turn:
    return Turn(0, "user", text)


def bot(text: str = "", *calls: ToolCall) -> Turn:
    return Turn(0, "assistant", text, tool_calls=list(calls))


def result(text: str, of: str) -> Turn:
    return Turn(0, "tool", text, tool_call_id=of)


def look_up(id: str) -> ToolCall:
    return ToolCall("look_up", '{"order": 7}', id)


def outline(*turns: Turn) -> list[tuple[list[str], int, list[int]]]:
    """(roles, times, positions) of each fold."""
    return [([b.role for b in f.blocks], f.times, sorted(f.positions)) for f in folds(conversation(*turns))]


def test_a_result_stands_with_the_call_that_it_answers() -> None:
    found = folds(conversation(user("where is it?"), bot("", look_up("a")), result('{"status":"sent"}', "a")))

    call = found[1].blocks[0].calls[0]
    assert (call.name, call.arguments, call.result, call.result_position) == (
        "look_up",
        '{"order": 7}',
        '{"status": "sent"}',
        2,
    )
    assert [sorted(fold.positions) for fold in found] == [[0], [1, 2]]


def test_a_result_that_answers_no_call_stands_alone() -> None:
    assert outline(user("hi"), result("late", "nobody")) == [(["user"], 1, [0]), (["tool"], 1, [1])]


def test_the_same_call_with_the_same_result_is_shown_once_with_its_count() -> None:
    turns = [user("where?")]
    for n in range(48):
        turns += [bot("", look_up(f"c{n}")), result("timeout", f"c{n}")]

    assert outline(*turns) == [(["user"], 1, [0]), (["assistant"], 48, list(range(1, 97)))]


def test_another_result_ends_the_repetition() -> None:
    turns = [bot("", look_up("a")), result("timeout", "a"), bot("", look_up("b")), result("sent", "b")]

    assert [times for _, times, _ in outline(*turns)] == [1, 1]


def test_an_exchange_folds_from_its_third_time_because_two_alike_are_ordinary() -> None:
    once = [bot("Which order?"), user("order 7")]

    assert [times for _, times, _ in outline(*once, *[bot("Which order?"), user("order 7")])] == [1, 1, 1, 1]
    thrice = [turn for _ in range(3) for turn in (bot("Which order?"), user("order 7"))]
    assert outline(*thrice) == [(["assistant", "user"], 3, [0, 1, 2, 3, 4, 5])]


def test_a_conversation_without_messages_has_no_folds() -> None:
    assert list(folds(Conversation("c"))) == []


@pytest.mark.parametrize(
    ("position", "index"), [(None, 0), (0, 0), (2, 1), (4, 1), (5, 2), (99, 2)], ids=lambda value: str(value)
)
def test_a_position_is_found_in_the_fold_that_shows_it(position: int | None, index: int) -> None:
    turns = [user("where?")]
    for n in range(2):
        turns += [bot("", look_up(f"c{n}")), result("timeout", f"c{n}")]
    found = folds(conversation(*turns, bot("Sorry.")))

    assert found.holding(position) == index


def test_signals_that_say_the_same_are_gathered_with_their_count() -> None:
    def hit(code: str, position: int) -> SignalHit:
        return SignalHit(code, code, "loop", "strong", 1.0, position, "look_up")

    again, other = hit("same-call", 3), hit("empty-reply", 4)
    assert gather([again, other, hit("same-call", 5)]) == [(again, 2), (other, 1)]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("{}", "{}"),
        ('{"a":1,"b":[]}', '{"a": 1, "b": []}'),
        ('{"a":1.50,"a":12345678901234567890}', '{"a": 1.50, "a": 12345678901234567890}'),
        ('{"name":"Caf\\u00e9 {1,2}"}', '{"name": "Café {1,2}"}'),
        ("not json", "not json"),
        ('"just text"', '"just text"'),
        ("[" * 5_000, "[" * 5_000),
        (
            '{"flights":[{"number":"HAT110","origin":"ATL"},{"number":"HAT172","origin":"LGA"}],"cabin":"economy class","paid":true}',
            '{\n  "flights": [\n    {\n      "number": "HAT110",\n      "origin": "ATL"\n    },\n    {\n      "number": "HAT172",\n'
            '      "origin": "LGA"\n    }\n  ],\n  "cabin": "economy class",\n  "paid": true\n}',
        ),
    ],
)
def test_json_is_laid_out_with_its_values_as_logged(raw: str, expected: str) -> None:
    assert laid_out(raw) == expected

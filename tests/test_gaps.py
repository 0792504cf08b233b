from dataclasses import replace

import pytest

from tests.talk import analysed, bot, called, talk, user
from workbench import parts
from workbench.conversation import Conversation, Turn
from workbench.gaps import GAPS, Lack, complete, lacks
from workbench.signals import REGISTRY

ANSWER = "Parking costs 12 or 15 or 18 coins near the northern harbour gate every single morning before breakfast."


def turns(conversation: Conversation, **fields: object) -> Conversation:
    """The conversation with a field of each turn set."""
    return replace(conversation, turns=[replace(turn, **fields) for turn in conversation.turns])


def without(gap: str, conversation: Conversation) -> Conversation:
    """The conversation as a log without that thing would have it."""
    if gap == "tool_calls":
        return turns(without("tool_results", conversation), tool_calls=[])
    if gap == "tool_results":
        talk_only: list[Turn] = [turn for turn in conversation.turns if turn.role != "tool"]
        for turn in talk_only:
            turn.tool_calls = [replace(call, result_position=None) for call in turn.tool_calls]
        return replace(conversation, turns=talk_only)
    if gap == "documents":
        return turns(replace(conversation, retrieved=[]), retrieved=[])
    if gap == "feedback":
        return turns(replace(conversation, feedback_score=None, feedback_text=None), feedback=None)
    assert gap == "outcome"
    return replace(conversation, outcome=None)


def failing(gap: str) -> Conversation:
    """A conversation in which every signal of the gap fires."""
    find, nothing = ("find", '{"id": "7"}', "Error: no such id"), ("list", "{}", "[]")
    change, full = ("change_seat", '{"id": 7}', '{"status": "ok"}'), ("book_hotel", "{}", "Error: no room left")
    if gap in ("tool_calls", "tool_results"):
        tools = [called(*call) for call in (find, find, find, change, change, full, nothing)]
        return talk(user("move my seat please"), *tools, bot("All of your seats are moved, enjoy the flight."))
    if gap == "documents":
        return talk(user("what does it cost to park at the harbour"), bot(ANSWER), documents=("Trams leave at noon.",))
    if gap == "feedback":
        return talk(user("is the pool open"), bot("No.", feedback=-1))
    return talk(user("is the pool open"), bot("One moment."), outcome="abandoned")


def codes(conversation: Conversation) -> set[str]:
    return {signal.code for signal in analysed(conversation).signals}


def test_every_thing_that_an_import_counts_has_its_words() -> None:
    assert tuple(GAPS) == parts.GAPS


def test_only_signals_that_there_are_today_are_called_blind() -> None:
    assert {code for gap in GAPS.values() for code in (*gap.signals, *gap.signals_of_none)} <= REGISTRY.keys()


@pytest.mark.parametrize("gap", [name for name, gap in GAPS.items() if gap.signals])
def test_the_signals_of_a_gap_fire_with_it_and_are_silent_without(gap: str) -> None:
    signals = set(GAPS[gap].signals) - {"tool-error"}  # it makes way for three-errors
    assert signals <= codes(failing(gap))
    assert codes(without(gap, failing(gap))).isdisjoint(GAPS[gap].signals)


def test_a_log_lacks_what_some_conversations_have_not_the_most_first() -> None:
    shares = {"times": 0.0, "documents": 1.0, "tool_calls": 0.25, "bot": 0.0}
    assert lacks(shares) == [Lack(GAPS["documents"], 1.0), Lack(GAPS["tool_calls"], 0.25)]
    assert complete(shares) == ["Times", "Bot's name"]


def test_an_answer_without_documents_shows_as_long_as_others_of_the_log_have_some() -> None:
    assert "no-documents" in Lack(GAPS["documents"], 1.0).silent
    assert "no-documents" not in Lack(GAPS["documents"], 0.1).silent

from dataclasses import replace

import pytest

from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.conversation.roles import is_bot, is_user
from workbench.failures.signals import REGISTRY
from workbench.logs.gaps import GAPS, Lack, complete, lacks

NORMS = {"retrieves": True, "calls_tools": True, "slow_from": 20.0, "usual_wait": 2.0}
ANSWER = "Parking costs 12 or 15 or 18 coins near the northern harbour gate every single morning before breakfast."


def turns(conversation: Conversation, **fields: object) -> Conversation:
    """The conversation with a field of each turn set."""
    return replace(conversation, turns=[replace(turn, **fields) for turn in conversation.turns])


def without(gap: str, conversation: Conversation) -> Conversation:
    """The conversation as a log without that thing would have it."""
    if gap in ("user_words", "bot_words"):
        known = is_user if gap == "user_words" else is_bot
        said = [replace(turn, role="operator" if known(turn.role) else turn.role) for turn in conversation.turns]
        return replace(conversation, turns=said)
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


def failing(gap: str) -> list[Conversation]:
    """Conversations in which every signal of the gap fires."""
    find, nothing = ("find", '{"id": "7"}', "Error: no such id"), ("list", "{}", "[]")
    change, full = ("change_seat", '{"id": 7}', '{"status": "ok"}'), ("book_hotel", "{}", "Error: no room left")
    cost, sorry = "what does it cost to park a car at the northern harbour", "Sorry, I can't help with that."
    tools = talk(
        user("move my seat please"),
        *(called(*call) for call in (find, find, find, change, change, full, nothing)),
        bot("All of your seats are moved, enjoy the flight."),
    )
    documents = talk(user(cost), bot(ANSWER), documents=("Trams leave at noon.",))
    talks = [
        documents,
        talk(user(cost), bot(ANSWER)),
        talk(user(cost), bot(sorry), user(cost), bot("It costs nothing at night."), user(cost), bot(sorry)),
        talk(user(cost), bot("It costs nothing."), user("and where is the gate?")),
        talk(user(cost), bot("Red."), user("No, that’s not what I asked. Ridiculous, let me talk to a real person!")),
    ]
    number = [bot("Could you give me your number please?") for _ in range(3)]
    replies = [
        talk(user(cost), *number, bot("I will now book it.", finish_reason="length"), bot("", latency_ms=50_000)),
        talk(user(cost), bot("I apologize, let me transfer you to a human agent."), bot("", finish_reason="safety")),
    ]
    return {
        "user_words": talks,
        "bot_words": [*talks, tools, *replies],
        "tool_calls": [tools],
        "tool_results": [tools],
        "documents": [documents],
        "feedback": [talk(user("is the pool open"), bot("No.", feedback=-1))],
        "outcome": [talk(user("is the pool open"), bot("One moment."), outcome="abandoned")],
    }[gap]


def codes(conversations: list[Conversation]) -> set[str]:
    return {signal.code for one in conversations for signal in analysed(one, **NORMS).signals}


def test_only_signals_that_there_are_today_are_called_blind() -> None:
    assert {code for gap in GAPS.values() for code in (*gap.signals, *gap.signals_of_none)} <= REGISTRY.keys()


@pytest.mark.parametrize("gap", [name for name, gap in GAPS.items() if gap.signals])
def test_the_signals_of_a_gap_fire_with_it_and_are_silent_without(gap: str) -> None:
    signals = set(GAPS[gap].signals) - {"tool-error"}  # it makes way for three-errors
    assert signals <= codes(failing(gap))
    assert codes([without(gap, one) for one in failing(gap)]).isdisjoint(GAPS[gap].signals)


def test_a_log_lacks_what_some_conversations_have_not_the_most_first() -> None:
    shares = {"times": 0.0, "documents": 1.0, "tool_calls": 0.25, "bot": 0.0}
    assert lacks(shares) == [Lack(GAPS["documents"], 1.0), Lack(GAPS["tool_calls"], 0.25)]
    assert complete(shares) == ["Times", "Bot's name"]


def test_an_answer_without_documents_shows_as_long_as_others_of_the_log_have_some() -> None:
    assert "no-documents" in Lack(GAPS["documents"], 1.0).silent
    assert "no-documents" not in Lack(GAPS["documents"], 0.1).silent


def test_where_nobody_is_known_to_speak_the_roles_that_were_met_are_told() -> None:
    (lack,) = lacks({"user_words": 1.0}, ["assistant", "shopper", "tool"])
    assert lack.blind == (
        "No turn is the user's, so what was asked is unknown: they can't be grouped, searched or compared by their requests. "
        "Roles met: “shopper” (unknown), “assistant”, “tool”. Who is the user and who the bot, [roles] of a mapping says."
    )
    assert lacks({"times": 1.0}, ["shopper"]) == [Lack(GAPS["times"], 1.0)]

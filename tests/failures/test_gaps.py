from dataclasses import replace

import pytest

from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.conversation.roles import is_bot, is_user
from workbench.failures.gaps import blind_signals
from workbench.failures.signals import REGISTRY
from workbench.logs.gaps import GAPS, Lack

NORMS: dict[str, object] = {
    "retrieves": True,
    "calls_tools": True,
    "writes": True,
    "slow_from": 20.0,
    "usual_wait": 2.0,
    "confirms": True,
    "named_arguments": frozenset({"enable_roaming.line_id"}),
    "sourced_arguments": frozenset({"block_card.card_id"}),
}
ANSWER = "Parking costs 12 or 15 or 18 coins near the northern harbour gate every single morning before breakfast."


def turns(conversation: Conversation, **fields: object) -> Conversation:
    """The conversation with a field of each turn set."""
    return replace(conversation, turns=[replace(turn, **fields) for turn in conversation.turns])


def without(gap: str, conversation: Conversation) -> Conversation:
    """The conversation as a log without that thing would have it."""
    if gap in ("user_words", "bot_words"):
        speaks = is_user if gap == "user_words" else is_bot
        nameless = [replace(turn, role="operator" if speaks(turn.role) else turn.role) for turn in conversation.turns]
        return replace(conversation, turns=nameless)
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
    lines = '{"lines": [{"line_id": "L1001", "phone": "555-123-2001"}, {"line_id": "L1002", "phone": "555-123-2002"}]}'
    other = talk(
        user("I am 555-123-2002"),
        called("get_lines", '{"phone": "555-123-2002"}', lines),
        called("enable_roaming", '{"line_id": "L1001"}', "enabled"),
        bot("You have three lines."),
    )
    check = talk(user(cost), bot("Run it."), called("run_test", "{}", "Test failed: no connection", by="user"))
    claim = talk(user("move my seat please"), bot("I have now changed it. That is $120 + $45 = $175."))
    made_up = talk(user("Block it."), called("block_card", '{"card_id": "K7712"}', "blocked"))
    run = talk(user("Plot it."), bot("plot()"), [Turn(0, "tool", "exitcode: 1 (execution failed)\nCode output: boom")])
    return {
        "user_words": [*talks, other, check, made_up],
        "bot_words": [*talks, tools, *replies, other, claim, run, made_up],
        "tool_calls": [tools, other, claim, made_up],
        "tool_results": [tools, other, check],
        "documents": [documents],
        "feedback": [talk(user("is the pool open"), bot("No.", feedback=-1))],
        "outcome": [talk(user("is the pool open"), bot("One moment."), outcome="abandoned")],
    }[gap]


def codes(conversations: list[Conversation], **norms: object) -> set[str]:
    return {signal.code for conversation in conversations for signal in analysed(conversation, **NORMS | norms).signals}


def test_signals_are_blind_without_things_that_a_log_may_lack() -> None:
    needed = {name for kind in REGISTRY.values() for name in (*kind.blind_without, *kind.blind_in_log_without)}
    assert needed <= GAPS.keys()


@pytest.mark.parametrize("gap", [name for name in GAPS if blind_signals(Lack(name, 0.5))])
def test_the_signals_of_a_gap_fire_with_it_and_are_silent_without(gap: str) -> None:
    blind = set(blind_signals(Lack(gap, 0.5)))
    assert blind - {"tool-error"} <= codes(failing(gap))  # it makes way for three-errors
    lacking = [without(gap, conversation) for conversation in failing(gap)]
    assert codes(lacking, writes=gap != "tool_calls").isdisjoint(
        blind
    )  # a bot without a call makes no changes that are known


def test_what_each_lack_blinds() -> None:
    of_tools = {
        "same-call-after-error",
        "three-errors",
        "tool-error",
        "error-claim",
        "repeated-write",
        "empty-result-claim",
        "other-entity",
    }
    of_changes = {"unconfirmed-write", "unnamed-entity", "unsourced-argument"}
    assert {name: set(blind_signals(Lack(name, 0.5))) for name in ("tool_calls", "tool_results", "citations")} == {
        "tool_calls": of_tools | {"same-call-loop", "claim-without-call", *of_changes},
        "tool_results": of_tools | {"last-check-failed", "wrong-count"},
        "citations": set(),
    }


def test_an_answer_without_documents_shows_as_long_as_others_of_the_log_have_some() -> None:
    assert "no-documents" in blind_signals(Lack("documents", 1.0))
    assert "no-documents" not in blind_signals(Lack("documents", 0.1))

"""Where to look first in a failing conversation: people's word, faults, decisions; spread; nothing where nothing speaks."""

import pytest

from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.failures.analysis import analyse
from workbench.failures.failing_turn import HumanVerdict
from workbench.failures.signals import BotNorms

ONLY = "; only the outcome says that it failed"
FIRST_CHANGE = "first change made, with no question before it: cancel_booking"
LOST = "Error: Booking XY12 not found"


def failing(*parts: list[Turn]) -> Conversation:
    return talk(*parts, reward=0.0)


def ask() -> list[Turn]:
    return user("Hi there! Please cancel my booking to Lyon.")


def found() -> list[Turn]:
    return called("find_booking", "{}", "XY12")


def cancelled() -> list[Turn]:
    return called("cancel_booking", '{"id":"XY12"}', "cancelled")


def transferred() -> list[Turn]:
    return called("transfer_to_human_agents", "{}", "done")


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        (
            "a change that nobody was asked about, then the last reply that is no goodbye",
            failing(ask(), found(), cancelled(), bot("It is cancelled."), user("Thanks"), bot("You're welcome! Bye.")),
            [(3, FIRST_CHANGE + ONLY), (5, f"last reply of the bot{ONLY}")],
        ),
        (
            "the transfer, and the answer beside it",
            failing(ask(), found(), transferred(), bot("You are being transferred.")),
            [
                (3, f"handed over: transfer_to_human_agents{ONLY}"),
                (5, f"first answer that rests on what was looked up{ONLY}"),
            ],
        ),
        ("the only answer", failing(ask(), bot("I cancelled the booking.")), [(1, f"the only answer{ONLY}")]),
        (
            "a mechanical fault comes first",
            failing(ask(), cancelled(), bot("It is cancelled."), user("Really?"), bot("")),
            [(5, "empty reply"), (1, FIRST_CHANGE), (3, "last reply of the bot")],
        ),
        (
            "a loop is shown where it begins to repeat",
            failing(ask(), transferred(), transferred(), transferred()),
            [(3, "same call in a loop"), (1, "handed over: transfer_to_human_agents"), (5, "last reply of the bot")],
        ),
        (
            "a turn is named once, by its first reason",
            failing(ask(), called("cancel_booking", "{}", "ok"), bot("It is cancel", finish_reason="length")),
            [(3, "output cut off"), (1, FIRST_CHANGE)],
        ),
        (
            "of several errors of a tool the first",
            failing(ask(), called("find_booking", "{}", LOST), called("find_booking", "{}", LOST), bot("No luck.")),
            [
                (1, "find_booking failed: booking not found"),
                (5, "first answer that rests on what was looked up"),
            ],
        ),
        (
            "but an error after a change comes after what led to the change",
            failing(
                ask(),
                found(),
                bot("Shall I cancel XY12?"),
                user("Yes, please."),
                cancelled(),
                bot("Cancelled."),
                user("And the refund?"),
                called("refund_booking", "{}", LOST),
                bot("I can't."),
            ),
            [
                (3, "first reply on the way to cancel_booking"),
                (9, "refund_booking failed: booking not found"),
                (5, "last change made: cancel_booking"),
            ],
        ),
        ("nothing of the bot's at all", failing(ask()), []),
    ],
)
def test_where_to_look_first(name: str, conversation: Conversation, expected: list[tuple[int, str]]) -> None:
    seen = analysed(conversation)
    assert seen.candidates == expected, name
    assert seen.failing_turn == (expected[0][0] if expected else None)


def test_where_nothing_speaks_no_turn_is_named() -> None:
    talked = failing(ask(), bot("To Lyon, yes."), user("I meant the second booking."), bot("Lyon is a fine city."))
    assert (analysed(talked).candidates, analysed(talked).failing_turn) == ([], None)


def test_what_people_named_comes_first_also_where_nothing_else_speaks() -> None:
    talked = failing(ask(), bot("To Lyon, yes."), user("I meant the second booking."), bot("Lyon is a fine city."))
    human = HumanVerdict(True, "Ana", 2)
    assert analyse(talked, BotNorms(), human=human).candidates == [
        (2, "Ana found it here"),
        (3, "last reply of the bot"),
    ]


def test_the_three_are_spread_over_a_long_conversation() -> None:
    small_talk = [
        turns for number in range(8) for turns in (user(f"And platform {number}?"), bot(f"See board {number}."))
    ]
    conversation = failing(
        ask(), found(), bot("Shall I cancel XY12?"), user("Yes, please."), cancelled(), *small_talk, transferred()
    )
    assert [candidate.position for candidate in analysed(conversation).candidates] == [3, 23, 12]


def test_one_between_the_others_where_there_are_but_two() -> None:
    small_talk = [
        turns for number in range(8) for turns in (user(f"And platform {number}?"), bot(f"See board {number}."))
    ]
    conversation = failing(ask(), cancelled(), *small_talk)
    assert analysed(conversation).candidates == [
        (1, FIRST_CHANGE + ONLY),
        (18, f"last reply of the bot{ONLY}"),
        (10, "halfway between the others, for want of a sign"),
    ]

"""The turns on which the end of a conversation between a user and a bot hangs."""

import pytest

from tests.support.talk import bot, called, talk, user
from workbench.conversation.model import Conversation
from workbench.conversation.outcome import derive
from workbench.conversation.tool_calls import bot_calls
from workbench.failures.decisive_turns import decisive_turns
from workbench.failures.signals import BotNorms, Observed


def turns(conversation: Conversation) -> list[tuple[int, str]]:
    calls = bot_calls(conversation)
    norms = BotNorms(conversations=100, has_tools=True)
    return list(map(tuple, decisive_turns(Observed(conversation, norms, derive(conversation, (), calls), calls))))


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        (
            "a change hangs on the reply that offered it, however often it was confirmed",
            talk(
                user("Cancel my trip to Lyon."),
                called("find_booking", "{}", "XY12"),
                bot("You get a full refund. Shall I?"),
                user("All of it?"),
                bot("Yes. Shall I?"),
                user("Go ahead."),
                called("cancel_booking", "{}", "done"),
                bot("Done."),
            ),
            [
                (3, "first reply on the way to cancel_booking"),
                (7, "last change made: cancel_booking"),
                (3, "first answer that rests on what was looked up"),
            ],
        ),
        (
            "what was looked up after the user's last word was not confirmed",
            talk(
                user("My data is slow, I am abroad."),
                bot("Your number, please?"),
                user("555 12"),
                called("find_line", "{}", "L1"),
                called("enable_roaming", '{"line":"L1"}', "done"),
                bot("Roaming is on."),
            ),
            [(5, "first change made, with no question before it: enable_roaming")],
        ),
        (
            "a hand-over decides where nothing was changed",
            talk(
                user("My phone is dead."),
                called("find_line", "{}", "L1"),
                bot("Restart it, please."),
                user("Still dead."),
                called("transfer_to_human_agents", "{}", "done"),
            ),
            [
                (5, "handed over: transfer_to_human_agents"),
                (3, "first answer that rests on what was looked up"),
            ],
        ),
        (
            "else the first answer that rests on what was looked up",
            talk(
                user("Upgrade my seat."),
                bot("Your booking?"),
                user("XY12"),
                called("find_booking", "{}", "basic fare"),
                bot("A basic fare can't be upgraded."),
                user("Too bad."),
                bot("Sorry."),
            ),
            [(5, "first answer that rests on what was looked up")],
        ),
        (
            "the user's turn that asks for what does not exist",
            talk(
                user("Book a trip to Lyon."),
                bot("When?"),
                user("On 24 May 2031."),
                called("search_trips", '{"day": "2031-05-24"}', "[]"),
                bot("There is none."),
            ),
            [
                (5, "first answer that rests on what was looked up"),
                (2, "asks for what search_trips does not find"),
            ],
        ),
        (
            "a promise that no call follows",
            talk(
                user("It was late, I want a voucher."),
                bot("I will send the voucher now."),
                user("Thanks."),
                bot("Is there anything else?"),
            ),
            [(1, "says that it acts, and no call follows")],
        ),
        (
            "the user who ends it before anything is asked",
            talk(bot("Hi! How can I help?"), user("###STOP###")),
            [(1, "the user ends it before anything is asked")],
        ),
        ("one answer is the only place", talk(user("Open today?"), bot("No.")), [(1, "the only answer")]),
        (
            "of a bot that guides the user's own device, its last reply",
            talk(
                user("No service."),
                bot("Look at the status bar."),
                called("check_status_bar", "{}", "No signal", by="user"),
                bot("Ask your carrier for the code."),
            ),
            [(4, "last reply of the bot")],
        ),
        (
            "nothing, where nothing speaks",
            talk(user("Good film?"), bot("Which?"), user("The one with the shark."), bot("I like water.")),
            [],
        ),
    ],
)
def test_the_turn_that_the_end_hangs_on(name: str, conversation: Conversation, expected: list[tuple[int, str]]) -> None:
    assert turns(conversation) == expected, name


def test_what_is_found_later_was_not_asked_in_vain() -> None:
    conversation = talk(
        user("A trip on 24 May?"),
        called("search_trips", '{"day": 24}', "[]"),
        called("search_trips", '{"day": 25}', "Lyon, 9:00"),
        bot("On the 25th."),
    )
    assert "asks for what" not in str(turns(conversation))

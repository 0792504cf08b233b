"""Signals of what a change, a claim or a figure rests on: each with what must not fire it."""

from copy import deepcopy

import pytest

from tests.support.norms import norms_of
from tests.support.talk import bot, called, fired, talk, user
from workbench.conversation.model import Conversation, Turn
from workbench.failures.analysis import analyse

ASK = user("Cancel my order A1234, please? I need that money back.")
OFFER = bot("Order A1234 costs nothing to cancel. Shall I?")
CANCEL = called("cancel_order", '{"order_id": "A1234"}', '{"status": "cancelled"}')
LINES = called(
    "get_lines",
    '{"phone": "555-123-2002"}',
    '{"customer": {"customer_id": "C1001", "phone": "555-123-2002"}, "lines": [{"line_id": "L1001", "phone": "555-123-2001"}, '
    '{"line_id": "L1002", "phone": "555-123-2002"}]}',
)


def fresh(*parts: list[Turn]) -> Conversation:
    """A conversation whose turns are copies, so that cases can share parts."""
    return talk(*deepcopy(parts))


def ran(output: str) -> Conversation:
    """A program that an agent wrote and a terminal ran, in words alone."""
    return fresh(
        user("Plot it."),
        bot("```python\nplot()\n```", name="Coder"),
        [Turn(0, "tool", output, name="terminal")],
        bot("So."),
    )


@pytest.mark.parametrize(
    ("name", "conversation", "norms", "expected"),
    [
        (
            "a change after words that agree to nothing",
            fresh(ASK, OFFER, user("What of the voucher?"), CANCEL, bot("Done.")),
            {"confirms": True},
            [("unconfirmed-write", 3)],
        ),
        ("a change after a yes", fresh(ASK, OFFER, user("Yes, go ahead"), CANCEL), {"confirms": True}, []),
        ("ja is a yes, too", fresh(ASK, OFFER, user("Ja, bitte."), CANCEL), {"confirms": True}, []),
        ("where nobody is asked, nothing is missing", fresh(ASK, OFFER, user("What of it?"), CANCEL), {}, []),
        ("a look-up needs no yes", fresh(ASK, called("get_order", "{}", "A1234")), {"confirms": True}, []),
        (
            "an id that only a look-up gave",
            fresh(user("Cancel it, ok?"), called("get_order", "{}", "A1234"), CANCEL),
            {"named_arguments": frozenset({"cancel_order.order_id"})},
            [("unnamed-entity", 3)],
        ),
        (
            "an id that the bot had read out",
            fresh(user("Cancel it"), called("get_order", "{}", "A1234"), bot("A1234?"), user("Yes"), CANCEL),
            {"named_arguments": frozenset({"cancel_order.order_id"})},
            [],
        ),
        (
            "an id that the user had spelled in another way",
            fresh(user("Cancel a-12 34, ok?"), called("get_order", "{}", "A1234"), CANCEL),
            {"named_arguments": frozenset({"cancel_order.order_id"})},
            [],
        ),
        (
            "an id that stands nowhere",
            fresh(user("Cancel it, ok?"), CANCEL),
            {"sourced_arguments": frozenset({"cancel_order.order_id"})},
            [("unsourced-argument", 1)],
        ),
        (
            "an id that a look-up gave is no made-up one",
            fresh(user("Cancel it, ok?"), called("get_order", "{}", "a1234"), CANCEL),
            {"sourced_arguments": frozenset({"cancel_order.order_id"})},
            [],
        ),
        (
            "an argument of which the bot never takes account",
            fresh(user("Cancel it, ok?"), CANCEL),
            {"sourced_arguments": frozenset({"cancel_order.reason"})},
            [],
        ),
        (
            "the line of another number than the user gave",
            fresh(user("I am 555-123-2002"), LINES, called("enable_roaming", '{"line_id": "L1001"}', "enabled")),
            {},
            [("other-entity", 3)],
        ),
        (
            "the line of the number that the user gave",
            fresh(user("I am 555-123-2002"), LINES, called("enable_roaming", '{"line_id": "L1002"}', "enabled")),
            {},
            [],
        ),
        (
            "the line was named by its own id",
            fresh(user("L1001. My number is 555-123-2002"), LINES, called("enable_roaming", '{"line_id": "L1001"}', "enabled")),
            {},
            [],
        ),
        (
            "both numbers were the user's",
            fresh(user("555-123-2002 and 555-123-2001"), LINES, called("enable_roaming", '{"line_id": "L1001"}', "enabled")),
            {},
            [],
        ),
        ("done, it says, and nothing was", fresh(ASK, bot("I have now cancelled it.")), {"writes": True}, [("claim-without-call", 1)]),
        ("what will be, once it is done", fresh(ASK, bot("Once I have cancelled it, you get a letter.")), {"writes": True}, []),
        ("done, and it was", fresh(ASK, CANCEL, bot("I have now cancelled it.")), {"writes": True}, []),
        ("a bot that changes nothing claims nothing", fresh(ASK, bot("I have cancelled it.")), {}, []),
        ("what somebody else did", fresh(ASK, bot("The airline has cancelled flights.")), {"writes": True}, []),
        (
            "the user's last check still fails",
            fresh(ASK, bot("Run the test."), called("run_speed_test", "{}", "Speed test failed: no connection", by="user")),
            {},
            [("last-check-failed", 3)],
        ),
        (
            "an earlier check failed, the last one not",
            fresh(
                ASK,
                bot("Run the test."),
                called("run_speed_test", "{}", "Speed test failed: no connection", by="user"),
                bot("Again."),
                called("run_speed_test", "{}", "Speed: 275 Mbps (excellent)", by="user"),
            ),
            {},
            [],
        ),
        ("AutoGen's words for a run that failed", ran("exitcode: 1 (execution failed)\nCode output: boom"), {}, [("failed-run", 1)]),
        ("a traceback", ran('Traceback (most recent call last):\n  File "a.py", line 1\nValueError: no'), {}, [("failed-run", 1)]),
        ("a run that went well and speaks of errors", ran("exitcode: 0 (execution succeeded)\nCode output: 3 errors"), {}, []),
        ("a week day that the date has not", fresh(ASK, bot("It leaves on Monday, May 24, 2024.")), {}, [("wrong-figure", 1)]),
        ("the week day that it has", fresh(ASK, bot("It leaves on Friday, May 24, 2024, and on Saturday 2024-05-25.")), {}, []),
        ("a sum that does not hold", fresh(ASK, bot("That is $120 + $45 = $175.")), {}, [("wrong-figure", 1)]),
        ("a sum that holds, and one of three parts", fresh(ASK, bot("$120 + $45 = $165; 1 + 2 + 3 = 6; 2 × 1,250.50 = 2501")), {}, []),
        (
            "more than the result holds",
            fresh(ASK, called("get_user", "{}", '{"orders": ["A1", "A2"]}'), bot("You have three orders.")),
            {},
            [("wrong-count", 3)],
        ),
        (
            "how many there may be",
            fresh(ASK, called("get_user", "{}", '{"orders": []}'), bot("You can have three orders.")),
            {},
            [],
        ),
        (
            "as many, or fewer, or of something else",
            fresh(
                ASK,
                called("get_user", "{}", '{"orders": ["A1", "A2", "A3"]}'),
                bot("You have three orders, of which I found two orders open, within five days."),
            ),
            {},
            [],
        ),
    ],
)  # fmt: skip
def test_what_rests_on_nothing_fires_and_what_rests_on_something_does_not(
    name: str, conversation: Conversation, norms: dict[str, object], expected: list[tuple[str, int]]
) -> None:
    assert fired(conversation, **norms) == expected, name


def test_whether_changes_are_confirmed_and_ids_named_is_learned_from_the_bots_own_conversations() -> None:
    usual = [fresh(ASK, OFFER, user("Yes"), CANCEL, bot("Done.")) for _ in range(9)]
    odd = fresh(user("Cancel it. Which?"), called("get_order", "{}", "A1234"), CANCEL, bot("Done."))
    norms = norms_of([*usual, odd])
    assert (norms.confirms, norms.named_arguments) == (True, frozenset({"cancel_order.order_id"}))
    assert [signal.code for signal in analyse(odd, norms).signals] == ["unconfirmed-write", "unnamed-entity"]
    assert norms_of(usual).confirms is False

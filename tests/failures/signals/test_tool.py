"""Signals of the bot's tool calls and of loops."""

import pytest

from tests.support.talk import bot, called, fired, talk, user
from workbench.conversation.model import Conversation

LOST = "Error: order 1 not found"
ASK = user("Where is my order?")


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("one error", talk(ASK, called("find", '{"id":1}', LOST)), [("tool-error", 1)]),
        (
            "two different calls failed",
            talk(ASK, called("find", '{"id":1}', LOST), called("find", '{"id":2}', LOST)),
            [("tool-error", 1), ("tool-error", 3)],
        ),
        (
            "the same call again, whatever the number's style",
            talk(ASK, called("find", '{"id":1}', LOST), called("find", '{"id":1.0}', LOST)),
            [("same-call-after-error", 3)],
        ),
        (
            "a retry that mends a timeout is fine but for the error",
            talk(ASK, called("find", "{}", "Error: request timed out"), called("find", "{}", "order 1: shipped")),
            [("tool-error", 1)],
        ),
        (
            "three errors",
            talk(ASK, *(called("find", f'{{"id":{number}}}', LOST) for number in (1, 2, 3))),
            [("three-errors", 1), ("three-errors", 3), ("three-errors", 5)],
        ),
        (
            "errors of the user's own calls are no fault of the bot's",
            talk(ASK, *(called("check_sim", "{}", "Error: no SIM", by="user") for _ in range(4))),
            [],
        ),
        (
            "a successful write again",
            talk(ASK, called("send_voucher", '{"to":1}', "sent"), called("send_voucher", '{"to":1}', "sent")),
            [("repeated-write", 3)],
        ),
        (
            "with other arguments it is another write",
            talk(ASK, called("send_voucher", '{"to":1}', "sent"), called("send_voucher", '{"to":2}', "sent")),
            [],
        ),
        (
            "a toggle may be toggled twice, a read read twice",
            talk(ASK, *(called(name, "{}", "ok") for name in ("toggle_wifi", "toggle_wifi", "get_bill", "get_bill"))),
            [],
        ),
        (
            "a write that failed first was not repeated",
            talk(ASK, called("pay_bill", "{}", "Error: card declined"), called("pay_bill", '{"card":2}', "paid")),
            [("tool-error", 1)],
        ),
        (
            "a change failed, and the bot claims that it worked",
            talk(ASK, called("book_table", "{}", "Error: closed on Monday"), bot("All booked, see you then!")),
            [("tool-error", 1), ("error-claim", 3)],
        ),
        (
            "a change failed, and the bot says so",
            talk(
                ASK, called("book_table", "{}", "Error: closed on Monday"), bot("That did not work, they are closed.")
            ),
            [("tool-error", 1)],
        ),
        (
            "a change failed, and another made it good",
            talk(
                ASK,
                called("book_table", '{"d":1}', "Error: closed"),
                called("book_table", '{"d":2}', "ok"),
                bot("Booked!"),
            ),
            [("tool-error", 1)],
        ),
        (
            "three times in a row is a loop",
            talk(ASK, *(called("get_bill", '{"id":1}', "10 USD") for _ in range(3))),
            [("same-call-loop", 3)],
        ),
        (
            "with the user's word between it is none",
            talk(ASK, *(part for _ in range(3) for part in (called("get_bill", "{}", "10 USD"), user("And now?")))),
            [],
        ),
        (
            "nothing was found, and the bot claims something",
            talk(ASK, called("find_orders", "{}", "[]"), bot("Your order arrives on Monday.")),
            [("empty-result-claim", 3)],
        ),
        (
            "nothing was found, and the bot says so",
            talk(ASK, called("find_orders", "{}", "[]"), bot("Unfortunately there is no such order.")),
            [],
        ),
        (
            "nothing was found, and the bot looks elsewhere",
            talk(ASK, called("find_orders", "{}", "[]"), called("find_returns", "{}", "R1"), bot("It was returned.")),
            [],
        ),
    ],
)
def test_tool_signals(name: str, conversation: Conversation, expected: list[tuple[str, int]]) -> None:
    assert fired(conversation) == expected, name

"""Between which states a conversation failed."""

import pytest

from tests.support.talk import analysed, bot, called, talk, user
from workbench.conversation import Conversation
from workbench.conversation.model import Document
from workbench.conversation.tool_calls import bot_calls
from workbench.failures.transition import transition

FOUND = [Document(text="how to return shoes")]
OK, DOWN = '{"status": "late"}', "Error: 503 service unavailable"
ASKED, LOOKED = user("where is it?"), called("track", '{"id": 1}', OK)


@pytest.mark.parametrize(
    ("name", "conversation", "failing_turn", "expected"),
    [
        ("answered from the request", talk(ASKED, bot("No idea.")), 1, ("request", "reply")),
        ("answered after a call", talk(ASKED, LOOKED, bot("It is lost.")), 3, ("track", "reply")),
        ("a call failed", talk(ASKED, called("track", "{}", DOWN), bot("Sorry.")), 1, ("request", "track")),
        ("seen at its result", talk(ASKED, called("track", "{}", DOWN), bot("Sorry.")), 2, ("request", "track")),
        ("failed again and again", talk(ASKED, LOOKED, *[called("refund", "{}", DOWN)] * 3), 7, ("track", "refund")),
        ("went round in a loop", talk(ASKED, *[called("track", "{}", OK)] * 3), 5, ("track", "track")),
        ("given documents", talk(ASKED, bot("Send them back.", retrieved=FOUND)), 1, ("retrieval", "reply")),
        ("empty after documents", talk(ASKED, bot("", retrieved=FOUND)), 1, ("retrieval", "reply")),
        ("handed over", talk(ASKED, called("transfer_to_human", "{}", "ok")), 1, ("request", "hand-over")),
        ("the user says it again", talk(ASKED, bot("Yes."), user("where is it?"), bot("Yes.")), 2, ("request", "reply")),
        ("nowhere said", talk(ASKED, LOOKED, bot("It is lost.")), None, ("track", "reply")),
        ("the bot never spoke", talk(ASKED), 0, ("request", "reply")),
    ],
)  # fmt: skip
def test_a_conversation_fails_between_its_last_good_state_and_its_first_failing_one(
    name: str, conversation: Conversation, failing_turn: int | None, expected: tuple[str, str]
) -> None:
    assert transition(conversation, bot_calls(conversation), failing_turn) == expected


@pytest.mark.parametrize(
    ("name", "conversation", "expected"),
    [
        ("a claim in spite of an error, though it shows later", talk(ASKED, called("refund", "{}", DOWN), bot("I have refunded it.")), 3),
        ("a change before the user's thumb went down",
         talk(ASKED, called("cancel_order", "{}", OK), bot("Done."), user("No!"), bot("Sorry.", feedback=-1)), 1),
        ("a hand-over before that", talk(ASKED, called("transfer_to_human", "{}", "ok"), bot("Wait.", feedback=-1)), 1),
        ("an empty reply", talk(ASKED, bot("")), 1),
    ],
)  # fmt: skip
def test_causes_come_before_the_users_reaction_to_them(name: str, conversation: Conversation, expected: int) -> None:
    calls = bot_calls(conversation)
    seen = analysed(conversation)
    assert seen.failed
    assert seen.transition == transition(conversation, calls, expected)

"""What came back where a conversation failed."""

import pytest

from tests.support.talk import bot, talk, user
from workbench.conversation.model import Conversation
from workbench.failures.case import reply

HELLO, ASK = "Hello! How can I help?", "Where is my parcel?"


@pytest.mark.parametrize(
    ("conversation", "position", "words"),
    [
        (talk(bot(HELLO), user(ASK), bot("In Lyon.")), 0, "In Lyon."),
        (talk(bot(HELLO), user(ASK), bot("")), 2, ""),
        (talk(user(ASK), bot("In Lyon."), user("Thanks"), bot("Bye.")), 1, "In Lyon."),
        (talk(user(ASK), bot("In Lyon."), user("Thanks")), 2, "In Lyon."),
        (talk(bot("Only the bot speaks.")), None, "Only the bot speaks."),
    ],
)
def test_what_came_back_is_an_answer_and_no_greeting(
    conversation: Conversation, position: int | None, words: str
) -> None:
    assert reply(conversation, position) == words

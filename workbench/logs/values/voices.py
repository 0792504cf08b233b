"""Whose voice a role is where its word alone misleads: in many dialogues the bot that answers is called the system."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from workbench.conversation import Turn
from workbench.conversation.roles import is_bot, is_system, is_user
from workbench.logs.values.messages import Line
from workbench.text import formatting

LOGGED = "role_logged"
"""Beside a turn whose role was read otherwise: the role as it was logged."""
BOT = "assistant"


def name_the_bot(lines: Sequence[Line]) -> bool:
    """Give the bot's role to a system that answers the user where nobody else is the bot; whether it did.

    What stands before everything said, and is called `system` as models' instructions are, says that this system is none.
    """
    turns = [line.turn for line in lines]
    if not _answers(turns):
        return False
    for line in lines:
        if is_system(line.turn.role):
            line.more = {**line.more, LOGGED: line.turn.role}
            line.turn.role = BOT
    return True


def _answers(turns: Sequence[Turn]) -> bool:
    if any(is_bot(turn.role) for turn in turns) or (turns and turns[0].role == "system"):
        return False
    return any(is_user(asked.role) and is_system(turn.role) for asked, turn in pairwise(turns))


def note(name: str, count: int) -> str:
    """The sentence for a file of this name in which so many conversations have such a system."""
    return (
        f"{name}: in {formatting.count(count, 'conversation')} a system answers the user and nobody else is the bot: it is "
        "read as the bot. A mapping says otherwise: [roles]."
    )

"""A conversation with what its analysis says: what clustering takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot
from workbench.failures.analysis import Analysis
from workbench.failures.circumstances import Circumstance
from workbench.failures.course import Course
from workbench.text.masking import mask


@dataclass(frozen=True)
class Case:
    """One conversation as discovery sees it; `reply` is what the bot said where it failed.

    `circumstances` and `course` are for what came with a cluster (`suspects`) and what parts it from successes (`contrast`).
    """

    key: str
    conversation_id: str
    started_at: datetime | None
    analysis: Analysis
    reply: str = ""
    circumstances: frozenset[Circumstance] = frozenset()
    course: Course = field(default_factory=Course)


REPLY_CHARACTERS = 400


def reply(conversation: Conversation, position: int | None) -> str:
    """What the bot said at the failing turn, or next after it, or last before it; the beginning of it."""
    replies = [turn for turn in conversation.turns if is_bot(turn.role) and turn.content.strip()]
    if not replies:
        return ""
    after = [turn for turn in replies if position is not None and turn.position >= position]
    return mask((after[0] if after else replies[-1]).content)[:REPLY_CHARACTERS]

"""A conversation with what its analysis says: what clustering takes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot, is_user
from workbench.failures.action_trace import ActionTrace
from workbench.failures.acts import Act
from workbench.failures.analysis import Analysis
from workbench.failures.circumstances import Circumstance
from workbench.text.masking import mask


@dataclass(frozen=True)
class Case:
    """One conversation, judged: what clustering takes."""

    key: str
    """Its key in the store."""
    conversation_id: str
    """Its id in the log."""
    started_at: datetime | None
    """When it began, naive UTC."""
    analysis: Analysis
    """What the workbench says of it."""
    reply: str = ""
    """What the bot said where it failed, masked."""
    circumstances: frozenset[Circumstance] = frozenset()
    """Under what it took place: for what came with a cluster (`suspects`)."""
    trace: ActionTrace = field(default_factory=ActionTrace)
    """What the bot did: for what parts failures from successes (`contrast_sets`, `matched_successes`)."""
    people: tuple[str, ...] = ()
    """The words of people's names in a failure, which name no topic; of what is fine nobody asks."""
    acts: tuple[Act, ...] = ()
    """What was done in it: for where others went otherwise (`other_runs`, `usual_steps`)."""
    depends_on: bytes = b""
    """The fingerprint of all that it rests on; empty where nobody keeps what comes of it."""


REPLY_CHARACTERS = 400


def reply(conversation: Conversation, position: int | None) -> str:
    """What the bot said at the failing turn, or next after it, or last before it; the beginning of it.

    What it said before the user said anything is a greeting, and answers nothing.
    """
    asked = next((turn.position for turn in conversation.turns if is_user(turn.role)), -1)
    replies = [
        turn for turn in conversation.turns if is_bot(turn.role) and turn.content.strip() and turn.position > asked
    ]
    if not replies:
        return ""
    after = [turn for turn in replies if position is not None and turn.position >= position]
    return mask((after[0] if after else replies[-1]).content)[:REPLY_CHARACTERS]

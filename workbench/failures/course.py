"""How a conversation went: its calls and how they ended, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.conversation import Conversation
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind, bot_calls

Outcome = Literal["executed", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """A call that changes something or hands over; `arguments` is their normalised JSON text."""

    tool: str
    arguments: str
    outcome: Outcome = "executed"


@dataclass(frozen=True, slots=True)
class Course:
    """What a bot did in one conversation: its changes in order, how often it looked up what, and with which documents."""

    steps: tuple[Step, ...] = ()
    reads: tuple[tuple[str, int], ...] = ()
    documents: tuple[str, ...] = ()
    release: str | None = None
    task: str | None = None
    user: str | None = None


def course(conversation: Conversation, tools: Mapping[str, CallKind] = NOTHING_SAID) -> Course:
    """What the bot did in a conversation; a call without a logged result counts as executed. `tools`: what people said."""
    calls = bot_calls(conversation, tools)
    reads = Counter(call.name for call in calls if call.kind == "read")
    documents = [*conversation.retrieved, *(document for turn in conversation.turns for document in turn.retrieved)]
    names = [document.id or document.title or document.url for document in documents]
    task = conversation.metadata.get("task_id")
    return Course(
        steps=tuple(
            Step(call.name, call.arguments, "failed" if call.error else "executed")
            for call in calls
            if call.kind != "read"
        ),
        reads=tuple(reads.items()),
        documents=tuple(dict.fromkeys(name for name in names if name)),
        release=conversation.release_name,
        task=None if task is None else str(task),
        user=conversation.user_id,
    )

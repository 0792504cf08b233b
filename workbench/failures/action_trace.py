"""How a conversation went: its calls and how they ended, in order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from workbench.conversation import Conversation
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind, bot_calls
from workbench.text.masking import shown_id

Outcome = Literal["executed", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """A call that changes something or hands over."""

    tool: str
    """The tool's name."""
    arguments: str
    """Its arguments as normalised JSON text."""
    outcome: Outcome = "executed"
    """Whether it went through."""


@dataclass(frozen=True, slots=True)
class ActionTrace:
    """What a bot did in one conversation."""

    steps: tuple[Step, ...] = ()
    """Its changes and hand-overs, in order."""
    reads: tuple[tuple[str, int], ...] = ()
    """What it looked up, and how often."""
    documents: tuple[str, ...] = ()
    """The documents that it was given."""
    release: str | None = None
    """The release that answered."""
    task: str | None = None
    """The task that the log says it had."""
    user: str | None = None
    """The pseudonym of the user."""


def action_trace(conversation: Conversation, tools: Mapping[str, CallKind] = NOTHING_SAID) -> ActionTrace:
    """What the bot did in a conversation; a call without a logged result counts as executed. `tools`: what people said."""
    calls = bot_calls(conversation, tools)
    reads = Counter(call.name for call in calls if call.kind == "read")
    documents = [*conversation.retrieved, *(document for turn in conversation.turns for document in turn.retrieved)]
    names = [document.id or document.title or document.url for document in documents]
    task = conversation.metadata.get("task_id")
    return ActionTrace(
        steps=tuple(
            Step(call.name, call.arguments, "failed" if call.error else "executed")
            for call in calls
            if call.kind != "read"
        ),
        reads=tuple(reads.items()),
        documents=tuple(dict.fromkeys(name for name in names if name)),
        release=conversation.release_name and shown_id(conversation.release_name),
        task=None if task is None else str(task),
        user=conversation.user_id,
    )

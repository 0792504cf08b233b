"""Under which circumstances a conversation took place: release, model, channel, time, language."""

from __future__ import annotations

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot
from workbench.text.masking import shown_id

CHANGES = ("prompt_version", "model_version", "model", "release")


KINDS = (*CHANGES, "tool", "document", "channel")


Circumstance = tuple[str, str]
"""A kind out of `KINDS` and its value in a conversation."""


def circumstances(conversation: Conversation) -> frozenset[Circumstance]:
    """Under what a conversation took place: what was in service, what the bot called, what it was given to read; as ids may be shown."""
    documents = [*conversation.retrieved, *(document for turn in conversation.turns for document in turn.retrieved)]
    pairs = {
        *((kind, getattr(conversation, kind)) for kind in ("prompt_version", "model_version", "model", "channel")),
        ("release", conversation.release_name),
        *(("tool", call.name) for turn in conversation.turns if is_bot(turn.role) for call in turn.tool_calls),
        *(("document", document.id or document.title or document.url) for document in documents),
    }
    return frozenset((kind, shown_id(value)) for kind, value in pairs if value)

"""A conversation with everything that people or tools wrote masked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

from workbench.conversation import Conversation, Document, ToolCall, Turn
from workbench.masking import Numbered, mask


def replayable(conversation: Conversation) -> Conversation:
    """A copy that is masked so that it can be replayed: the same address is the same placeholder in all of it."""
    numbered = Numbered()
    masked(conversation, numbered.mask)  # the second time it knows every number of the conversation
    return masked(conversation, numbered.mask)


def masked(conversation: Conversation, mask: Callable[[str], str] = mask) -> Conversation:
    """A copy with every text that people or tools wrote masked; ids and names of tools stay."""

    def maybe(text: str | None) -> str | None:
        return None if text is None else mask(text)

    def documents(rows: list[Document]) -> list[Document]:
        return [replace(row, title=maybe(row.title), text=maybe(row.text), url=maybe(row.url)) for row in rows]

    def turn(row: Turn) -> Turn:
        return replace(
            row,
            content=mask(row.content),
            error=maybe(row.error),
            tool_calls=[ToolCall(c.name, mask(c.arguments), c.id, c.result_position) for c in row.tool_calls],
            citations=documents(row.citations),
            retrieved=documents(row.retrieved),
        )

    return replace(
        conversation,
        turns=[turn(row) for row in conversation.turns],
        retrieved=documents(conversation.retrieved),
        feedback_text=maybe(conversation.feedback_text),
        user_id=maybe(conversation.user_id),
        channel=maybe(conversation.channel),
        model=maybe(conversation.model),
        model_version=maybe(conversation.model_version),
        prompt_version=maybe(conversation.prompt_version),
        release=maybe(conversation.release),
        # As JSON, so that a number is judged with its key: "phone": 5551232002.
        metadata=json.loads(mask(json.dumps(conversation.metadata, ensure_ascii=False))),
    )

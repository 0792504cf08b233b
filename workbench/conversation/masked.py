"""A conversation with everything that people or tools wrote masked, and any value as it was logged."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from workbench.conversation.model import Conversation, Document, ToolCall, Turn
from workbench.text.masking import Numbered, mask


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
        metadata=masked_value(conversation.metadata, mask),
        evaluations=[
            replace(row, label=maybe(row.label), explanation=maybe(row.explanation)) for row in conversation.evaluations
        ],
    )


def masked_value(value: Any, mask: Callable[[str], str] = mask) -> Any:
    """A value that JSON holds, with its texts and those of its numbers masked that are personal data.

    It is masked as JSON, so that a number is judged with its key ("phone": 5551232002). A mask knows shapes, not JSON:
    where it leaves something else, the value is masked leaf by leaf, so that one odd number keeps no conversation away.
    """
    try:
        return json.loads(mask(json.dumps(value, ensure_ascii=False)))
    except (TypeError, ValueError):
        return _leaves("", value, mask)


def _leaves(name: str, value: Any, mask: Callable[[str], str]) -> Any:
    if isinstance(value, dict):
        return {mask(str(key)): _leaves(str(key), part, mask) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_leaves(name, part, mask) for part in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return mask(value)
    before = f"{mask(name)}: "
    masked_line, plain = mask(f"{name}: {value}"), f"{before}{value}"
    return value if masked_line == plain and isinstance(value, int | float) else masked_line.removeprefix(before)

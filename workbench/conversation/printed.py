"""A conversation printed: as the JSON that programs read, as the text that a person reads on a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from workbench.conversation.model import Conversation, Turn
from workbench.conversation.transcript import laid_out
from workbench.text.escaping import visible


def as_json(conversation: Conversation, outcome: str) -> dict[str, Any]:
    """The JSON of `show`: the conversation's id, bot, start and outcome, and its turns in order.

    Times are ISO 8601 in UTC, or null; arguments of calls are JSON text as logged. `outcome` is the derived one.
    """
    return {
        "conversation_id": conversation.conversation_id,
        "bot": conversation.bot,
        "started_at": _time(conversation.started_at),
        "outcome": outcome,
        "turns": [
            {
                "position": turn.position,
                "role": turn.role,
                "name": turn.name,
                "content": turn.content,
                "tool_calls": [
                    {"id": call.id, "name": call.name, "arguments": call.arguments} for call in turn.tool_calls
                ],
                "tool_call_id": turn.tool_call_id,
                "error": turn.error,
                "timestamp": _time(turn.timestamp),
            }
            for turn in conversation.turns
        ],
    }


def as_text(conversation: Conversation, outcome: str) -> str:
    """The same for a person: a line about the conversation, then each turn under who speaks; no control character."""
    about = [conversation.bot, _time(conversation.started_at), conversation.release_name, f"outcome {outcome}"]
    head = f"{conversation.conversation_id} ({', '.join(part for part in about if part)})"
    return "\n".join(visible(line) for line in [head, *(line for turn in conversation.turns for line in _turn(turn))])


def _turn(turn: Turn) -> Iterator[str]:
    parts = [f"{turn.position}", turn.role, turn.name, turn.timestamp and f"{turn.timestamp:%H:%M:%S}"]
    yield ""
    yield " · ".join(part for part in parts if part)
    if turn.content:
        yield from (f"  {line}" for line in turn.content.splitlines())
    elif not turn.tool_calls:
        yield "  (empty)"
    for call in turn.tool_calls:
        answer = "no result in the log" if call.result_position is None else f"result: turn {call.result_position}"
        yield f"  → {call.name} ({answer})"
        yield from (f"    {line}" for line in laid_out(call.arguments).splitlines())
    if turn.error:
        yield f"  error: {turn.error}"


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat()}Z"

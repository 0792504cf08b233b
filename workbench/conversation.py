"""The one shape that every reader gives and everything later reads: a conversation and its turns.

Positions are 0-based places in the ordered conversation, tool messages included. Times are naive UTC datetimes.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

OUTCOMES = ("contained", "escalated", "abandoned", "failed", "unknown")


@dataclass(slots=True)
class Document:
    """A document that the bot was given, or cites. `score` is the retriever's own, whatever its unit."""

    id: str | None = None
    title: str | None = None
    text: str | None = None
    score: float | None = None
    url: str | None = None


@dataclass(slots=True)
class ToolCall:
    """A call as logged. `arguments` is the raw JSON text; `result_position` is the turn that answers it."""

    name: str
    arguments: str = "{}"
    id: str | None = None
    result_position: int | None = None


@dataclass(slots=True)
class Turn:
    """One message. `role` is kept as logged (usually system, user, assistant, tool).

    `caller` stands on tool turns only: the role of whoever made the call (a failed check on the user's own device
    is the user's), None where no call matches. `call_position` is the turn of that call.
    """

    position: int
    role: str
    content: str = ""
    name: str | None = None
    tool_calls: list[ToolCall] = field(default_factory=list)
    tool_call_id: str | None = None
    caller: str | None = None
    call_position: int | None = None
    timestamp: datetime | None = None
    latency_ms: float | None = None
    finish_reason: str | None = None
    error: str | None = None
    citations: list[Document] = field(default_factory=list)
    retrieved: list[Document] = field(default_factory=list)
    feedback: int | None = None


@dataclass
class Conversation:
    """One logged conversation; the key is (bot, conversation_id). `metadata` keeps every unknown column, JSON-able."""

    conversation_id: str
    bot: str = "unknown"
    turns: list[Turn] = field(default_factory=list)
    channel: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    model: str | None = None
    model_version: str | None = None
    prompt_version: str | None = None
    release: str | None = None
    outcome: str | None = None
    feedback_score: float | None = None
    feedback_text: str | None = None
    reward: float | None = None
    user_id: str | None = None
    retrieved: list[Document] = field(default_factory=list)
    metadata: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def key(self) -> str:
        """32 hex digits that stand for (bot, conversation_id) in URLs, joins and the identity register."""
        return conversation_key(self.bot, self.conversation_id)

    @cached_property
    def content_hash(self) -> str:
        """64 hex digits over everything that was logged: the same content again is a duplicate."""
        text = json.dumps(asdict(self), default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @property
    def release_name(self) -> str | None:
        """The logged release, else model version × prompt version; None where the log says neither."""
        if self.release:
            return self.release
        parts = [part for part in (self.model_version or self.model, self.prompt_version) if part]
        return " · ".join(parts) or None


def conversation_key(bot: str, conversation_id: str) -> str:
    """The 32-hex-digit key of (bot, conversation_id)."""
    text = json.dumps([bot, conversation_id], ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def attach_tool_results(turns: list[Turn]) -> None:
    """Join each tool turn to the call that it answers, in place.

    A call id may be logged again for a repeated call, so a result goes to the latest unanswered call with its id.
    A result without an id goes to the oldest unanswered call with its name, or to the only one that is open.
    """
    open_calls: list[tuple[Turn, ToolCall]] = []
    for turn in turns:
        open_calls.extend((turn, call) for call in turn.tool_calls)
        if turn.role not in ("tool", "function"):
            continue
        match = _answered_call(turn, open_calls)
        if match is not None:
            open_calls.remove(match)
            caller, call = match
            call.result_position = turn.position
            turn.caller, turn.call_position = caller.role, caller.position
            turn.name = turn.name or call.name


def _answered_call(turn: Turn, open_calls: list[tuple[Turn, ToolCall]]) -> tuple[Turn, ToolCall] | None:
    if turn.tool_call_id:
        same_id = [pair for pair in open_calls if pair[1].id == turn.tool_call_id]
        return same_id[-1] if same_id else None
    same_name = [pair for pair in open_calls if pair[1].name == turn.name]
    if same_name:
        return same_name[0]
    return open_calls[0] if len(open_calls) == 1 and not turn.name else None

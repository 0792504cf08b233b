"""The one shape that every reader gives and everything later reads: a conversation and its turns.

Positions are 0-based places in the ordered conversation, tool messages included. Times are naive UTC datetimes.
"""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any

from workbench.conversation.roles import is_tool

BEGINNING = 8
"""Bytes that stand for a conversation up to one turn."""
OUTCOMES = ("contained", "escalated", "abandoned", "failed", "unknown")


@dataclass(slots=True)
class Document:
    """A document that the bot was given, or cites. None is what the log does not say."""

    id: str | None = None
    """As logged."""
    title: str | None = None
    """Its title or name."""
    text: str | None = None
    """What it says, or the passage of it that was given."""
    score: float | None = None
    """The retriever's own, whatever its unit."""
    url: str | None = None
    """Where it stands."""


@dataclass(slots=True)
class ToolCall:
    """A call as logged."""

    name: str
    """The tool's name."""
    arguments: str = "{}"
    """The raw JSON text."""
    id: str | None = None
    """As logged; it may be logged again for a repeated call."""
    result_position: int | None = None
    """The turn that answers it; None where the log has no answer."""


@dataclass(slots=True)
class Turn:
    """One message. None is what the log does not say."""

    position: int
    """Its place in the conversation, from 0."""
    role: str
    """Who speaks, as logged (usually system, user, assistant, tool)."""
    content: str = ""
    """What is said; of a tool turn, the result."""
    name: str | None = None
    """The name of the speaker, or of the tool that answers."""
    tool_calls: list[ToolCall] = field(default_factory=list)
    """The calls that it makes, in order."""
    tool_call_id: str | None = None
    """On tool turns, the id of the call that it answers, as logged."""
    caller: str | None = None
    """On tool turns, the role of whoever made the call (a failed check on the user's own device is the user's); None where no call matches."""
    call_position: int | None = None
    """On tool turns, the turn of that call."""
    timestamp: datetime | None = None
    """When it was said, naive UTC."""
    latency_ms: float | None = None
    """How long it took, in milliseconds."""
    finish_reason: str | None = None
    """Why the model stopped, as logged."""
    error: str | None = None
    """The error that was logged for this turn."""
    citations: list[Document] = field(default_factory=list)
    """Documents that it cites."""
    retrieved: list[Document] = field(default_factory=list)
    """Documents that the bot was given for it."""
    feedback: int | None = None
    """The user's vote on it: 1 a thumb up, -1 a thumb down, 0 neither."""


@dataclass(slots=True)
class Evaluation:
    """What code, a model or a person says of a conversation, as a tool logged it."""

    name: str
    """What is judged, as the evaluator is called: `helpfulness`."""
    value: float | None = None
    """The score, on the evaluator's own scale."""
    label: str | None = None
    """The category, where it gives one."""
    explanation: str | None = None
    """Why, in the evaluator's words."""
    by: str | None = None
    """Who judged: code, model or person; None where the log does not say."""
    position: int | None = None
    """The turn that is judged; None for the whole conversation."""


@dataclass
class Conversation:
    """One logged conversation; bot and conversation_id together tell it from all others. None is what the log does not say."""

    conversation_id: str
    """Its id as logged, unique for its bot."""
    bot: str = "unknown"
    """Which bot."""
    turns: Sequence[Turn] = field(default_factory=list)
    """Its messages in order, those of tools among them."""
    channel: str | None = None
    """Where it was held, e.g. web or phone."""
    started_at: datetime | None = None
    """When it began, naive UTC."""
    ended_at: datetime | None = None
    """When it ended, naive UTC."""
    model: str | None = None
    """The model that answered."""
    model_version: str | None = None
    """That model's version."""
    prompt_version: str | None = None
    """The version of its prompt."""
    release: str | None = None
    """The bot's release, where the log names one; see `release_name`."""
    outcome: str | None = None
    """How it ended, as logged; see `outcome.derive`."""
    feedback_score: float | None = None
    """The user's rating, on the log's own scale."""
    feedback_text: str | None = None
    """What the user wrote to it."""
    reward: float | None = None
    """What a benchmark or a check gave it; below 0.5 it failed, unless other rules are given."""
    user_id: str | None = None
    """Who the user is, as a pseudonym."""
    retrieved: list[Document] = field(default_factory=list)
    """Documents that the bot was given for all of it."""
    metadata: dict[str, Any] = field(default_factory=dict)
    """Every column without a meaning here, as JSON values by its name."""
    evaluations: list[Evaluation] = field(default_factory=list)
    """Results of evaluators, in the order in which they were given."""

    @cached_property
    def key(self) -> str:
        """32 hex digits that stand for (bot, conversation_id) in URLs, joins and the identity register."""
        return conversation_key(self.bot, self.conversation_id)

    @cached_property
    def content_hash(self) -> str:
        """64 hex digits over everything that was logged: the same content again is a duplicate."""
        turns = [
            (*_TURN(turn), [*map(_CALL, turn.tool_calls)], [*map(_DOC, turn.citations)], [*map(_DOC, turn.retrieved)])
            for turn in self.turns
        ]
        content = [_OWN(self), [*map(_DOC, self.retrieved)], turns, *map(_EVALUATION, self.evaluations)]
        text = json.dumps(content, default=str, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

    @cached_property
    def beginnings(self) -> bytes:
        """Eight bytes a turn, which stand for all that was said up to it: what tells an older state from another content."""
        return b"".join(digest[:BEGINNING] for digest in beginnings(self.turns))

    @property
    def release_name(self) -> str | None:
        """The logged release, else model version × prompt version; None where the log says neither."""
        if self.release:
            return self.release
        parts = [part for part in (self.model_version or self.model, self.prompt_version) if part]
        return " · ".join(parts) or None


# dataclasses.asdict copies every value: half of an import's time would go there.
_LISTS = ("turns", "tool_calls", "citations", "retrieved", "evaluations")
_OWN, _TURN, _CALL, _DOC, _EVALUATION = (
    attrgetter(*[each.name for each in fields(kind) if each.name not in _LISTS])
    for kind in (Conversation, Turn, ToolCall, Document, Evaluation)
)


def conversation_key(bot: str, conversation_id: str) -> str:
    """The 32-hex-digit key of (bot, conversation_id)."""
    text = json.dumps([bot, conversation_id], ensure_ascii=False)
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def beginnings(turns: Iterable[Turn], lead: str = "") -> Iterator[bytes]:
    """16 bytes for all up to each turn: when and by whom it was said, its words and its calls."""
    running = hashlib.blake2b(lead.encode("utf-8", "surrogatepass"), digest_size=16)
    for turn in turns:
        calls = [f"{call.name}\0{call.arguments}" for call in turn.tool_calls]
        parts = [str(turn.timestamp), turn.role, turn.content, *calls, "\1"]
        running.update("\0".join(parts).encode("utf-8", "surrogatepass"))
        yield running.copy().digest()


def attach_tool_results(turns: list[Turn]) -> None:
    """Join each tool turn to the call that it answers, in place.

    A call id may be logged again for a repeated call, so a result goes to the latest unanswered call with its id.
    A result without an id goes to the oldest unanswered call with its name; one that has no name either to the oldest
    of the last turn that called, or to the only one that is open.
    """
    waiting: dict[int, tuple[Turn, ToolCall]] = {}
    by_id: dict[str, list[int]] = {}
    by_name: dict[str, deque[int]] = {}
    made = last = 0
    for turn in turns:
        last = made if turn.tool_calls else last
        for call in turn.tool_calls:
            waiting[made] = (turn, call)
            by_id.setdefault(call.id or "", []).append(made)
            by_name.setdefault(call.name, deque()).append(made)
            made += 1
        if not is_tool(turn.role):
            continue
        if turn.tool_call_id:
            number = _first_waiting(by_id.get(turn.tool_call_id, []), list.pop, waiting)
        elif turn.name in by_name:
            number = _first_waiting(by_name[turn.name], deque.popleft, waiting)
        elif turn.name:
            number = None
        else:
            alone = next(iter(waiting)) if len(waiting) == 1 else None
            number = next((number for number in range(last, made) if number in waiting), alone)
        if number is not None:
            caller, call = waiting.pop(number)
            call.result_position = turn.position
            turn.caller, turn.call_position = caller.role, caller.position
            turn.name = turn.name or call.name


def _first_waiting(line: Any, take: Any, waiting: dict[int, tuple[Turn, ToolCall]]) -> int | None:
    """The next call of a line that is still unanswered; those answered through their other line are dropped."""
    while line:
        number: int = take(line)
        if number in waiting:
            return number
    return None

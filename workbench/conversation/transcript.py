"""A conversation's turns, folded for reading: results stand with their calls, and what repeats is shown once.

Pure: no drawing here. Positions are those of the log, so that a signal or a link finds its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import datetime
from typing import overload

from workbench.conversation.model import Conversation, Document, ToolCall, Turn

ONE_LINE = 100
LONGEST_CYCLE = 4
PARSED_UP_TO = 100_000
_JSON_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True)
class CallView:
    """A tool call beside its result."""

    name: str
    """The tool's name."""
    arguments: str
    """Its arguments, laid out for reading."""
    result: str | None
    """What the tool answered, laid out for reading; None where the log has no answer."""
    result_position: int | None
    """The turn of that answer."""
    error: str | None
    """The error that was logged for that turn."""


@dataclass(frozen=True)
class Block:
    """One message, with the calls that it made and what they returned."""

    position: int
    """Its turn."""
    role: str
    """Who speaks, as logged."""
    name: str | None
    """The name of the speaker or tool."""
    text: str
    """What is said."""
    calls: tuple[CallView, ...]
    """The calls that it made, in order."""
    error: str | None
    """The error that was logged for the turn."""
    finish_reason: str | None
    """Why the model stopped, as logged."""
    feedback: int | None
    """The user's vote on it: 1 a thumb up, -1 a thumb down, 0 neither."""
    timestamp: datetime | None
    """When it was said, naive UTC."""
    latency_ms: float | None
    """How long it took, in milliseconds."""
    citations: tuple[Document, ...]
    """Documents that it cites."""
    retrieved: tuple[Document, ...]
    """Documents that the bot was given for it."""

    @property
    def positions(self) -> set[int]:
        """The turns that this block stands for: its own and those of its results."""
        return {self.position} | {call.result_position for call in self.calls if call.result_position is not None}


@dataclass(frozen=True)
class Fold:
    """The same blocks, one time after the other."""

    blocks: tuple[Block, ...]
    """Those of the first time."""
    times: int
    """How often they come; 1 where nothing repeats."""
    positions: frozenset[int]
    """All turns that it stands for."""

    @property
    def first(self) -> int:
        """The first of its positions."""
        return min(self.positions)

    @property
    def last(self) -> int:
        """The last of its positions."""
        return max(self.positions)


class Folds(Sequence[Fold]):
    """A conversation in order; cycles of up to four blocks that repeat are folded with their count.

    A single block folds from its second appearance on; a cycle of several only from its third, because two
    similar exchanges are ordinary conversation. What repeats is seen in the turns as `logged`; those that are shown are
    looked at fold by fold, when one is asked for.
    """

    def __init__(self, shown: Sequence[Turn], logged: Sequence[Turn]) -> None:
        self._shown = shown
        self._places = {turn.position: place for place, turn in enumerate(logged)}
        answers = {call.result_position for turn in logged for call in turn.tool_calls}
        blocks = [turn for turn in logged if turn.position not in answers]
        contents = [self._content(turn, logged) for turn in blocks]
        self._folded: list[_Folded] = []
        self._holding: dict[int, int] = {}
        at = 0
        while at < len(blocks):
            length, times = _cycle(contents, at)
            positions = [position for turn in blocks[at : at + length * times] for position in _positions(turn)]
            self._holding |= dict.fromkeys(positions, len(self._folded))
            first = [self._places[turn.position] for turn in blocks[at : at + length]]
            self._folded.append(_Folded(first, times, positions))
            at += length * times

    def __len__(self) -> int:
        return len(self._folded)

    @overload
    def __getitem__(self, index: int) -> Fold: ...
    @overload
    def __getitem__(self, index: slice) -> list[Fold]: ...
    def __getitem__(self, index: int | slice) -> Fold | list[Fold]:
        if isinstance(index, slice):
            return [self[each] for each in range(*index.indices(len(self)))]
        folded = self._folded[index]
        blocks = tuple(self._block(self._shown[place]) for place in folded.places)
        return Fold(blocks, folded.times, frozenset(folded.positions))

    def showing(self, turns: Sequence[Turn]) -> Folds:
        """The same folds of the same turns, shown otherwise."""
        other = copy(self)
        other._shown = turns
        return other

    @property
    def firsts(self) -> list[int]:
        """The first position of each fold."""
        return [min(folded.positions) for folded in self._folded]

    def holding(self, position: int | None) -> int:
        """The index of the fold that shows this position; the last one before it where none does, 0 for None."""
        if position is None:
            return 0
        if position in self._holding:
            return self._holding[position]
        return sum(first <= position for first in self.firsts[1:])

    def _content(self, turn: Turn, logged: Sequence[Turn]) -> tuple[object, ...]:
        """What makes two blocks the same to a reader; positions and times don't."""
        answers = [self._answer(call, logged) for call in turn.tool_calls]
        calls = tuple(
            (call.name, call.arguments, answer and (answer.content, answer.error))
            for call, answer in zip(turn.tool_calls, answers, strict=True)
        )
        return (turn.role, turn.name, turn.content, calls, turn.error)

    def _answer(self, call: ToolCall, turns: Sequence[Turn]) -> Turn | None:
        place = self._places.get(call.result_position) if call.result_position is not None else None
        return None if place is None else turns[place]

    def _block(self, turn: Turn) -> Block:
        """A turn with its calls and what they returned."""
        return Block(
            position=turn.position,
            role=turn.role,
            name=turn.name,
            text=turn.content,
            calls=tuple(_call(call, self._answer(call, self._shown)) for call in turn.tool_calls),
            error=turn.error,
            finish_reason=turn.finish_reason,
            feedback=turn.feedback,
            timestamp=turn.timestamp,
            latency_ms=turn.latency_ms,
            citations=tuple(turn.citations),
            retrieved=tuple(turn.retrieved),
        )


@dataclass(frozen=True, slots=True)
class _Folded:
    """Where the turns of a fold stand, of which a `Fold` is made when it is asked for."""

    places: list[int]
    """The turns of its first round."""
    times: int
    """The rounds."""
    positions: list[int]
    """All turns that it stands for."""


def folds(conversation: Conversation, logged: Conversation | None = None) -> Folds:
    """The whole conversation as it is read; what repeats is seen in it as `logged`, where that is given beside a masked one."""
    return Folds(conversation.turns, (logged or conversation).turns)


def laid_out(raw: str) -> str:
    """JSON text indented for reading, on one line if it is short; numbers and duplicate keys stay as logged.

    What isn't JSON comes back as it is.
    """
    if len(raw) > PARSED_UP_TO:
        return raw
    try:
        value = json.loads(raw)
    except (ValueError, RecursionError):
        return raw
    if not isinstance(value, dict | list):
        return raw
    tokens = [_readable(token) for token in _JSON_TOKEN.findall(raw)]
    line = "".join(token + " " if token in ",:" else token for token in tokens)
    return line if len(line) <= ONE_LINE else _indented(tokens)


def _readable(token: str) -> str:
    """A JSON string with its \\u escapes resolved; any other token unchanged."""
    return json.dumps(json.loads(token), ensure_ascii=False) if token.startswith('"') else token


def _indented(tokens: Sequence[str]) -> str:
    parts: list[str] = []
    depth = 0
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        if token in "}]":
            depth -= 1
            if parts[-1] not in ("{", "["):
                parts.append("\n" + "  " * depth)
            parts.append(token)
        elif token in "{[":
            depth += 1
            parts.append(token)
            if following not in ("}", "]"):
                parts.append("\n" + "  " * depth)
        elif token == ",":
            parts.append(",\n" + "  " * depth)
        else:
            parts.append(": " if token == ":" else token)
    return "".join(parts)


def _positions(turn: Turn) -> list[int]:
    """The turns that a block stands for: its own and those of its results."""
    return [turn.position, *(c.result_position for c in turn.tool_calls if c.result_position is not None)]


def _call(call: ToolCall, answer: Turn | None) -> CallView:
    return CallView(
        name=call.name,
        arguments=laid_out(call.arguments),
        result=laid_out(answer.content) if answer else None,
        result_position=answer.position if answer else None,
        error=answer.error if answer else None,
    )


def _cycle(contents: Sequence[tuple[object, ...]], at: int) -> tuple[int, int]:
    """(length, times) of the repetition that covers most from here; (1, 1) where nothing repeats."""
    best = (1, 1)
    for length in range(1, LONGEST_CYCLE + 1):
        pattern, times = contents[at : at + length], 1
        while contents[at + length * times : at + length * (times + 1)] == pattern:
            times += 1
        repeats = times >= (2 if length == 1 else 3)
        if repeats and length * times > best[0] * best[1]:
            best = (length, times)
    return best

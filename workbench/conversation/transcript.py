"""A conversation's turns, folded for reading: results stand with their calls, and what repeats is shown once.

Pure: no drawing here. Positions are those of the log, so that a signal or a link finds its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.conversation.model import Conversation, Document, ToolCall, Turn

ONE_LINE = 100
LONGEST_CYCLE = 4
PARSED_UP_TO = 100_000
_JSON_TOKEN = re.compile(r'"(?:\\.|[^"\\])*"|[{}\[\],:]|[^\s{}\[\],:"]+')


@dataclass(frozen=True)
class CallView:
    """A tool call beside its result. `arguments` is laid out for reading; `result` is None where the log has none."""

    name: str
    arguments: str
    result: str | None
    result_position: int | None
    error: str | None


@dataclass(frozen=True)
class Block:
    """One message, with the calls that it made and what they returned."""

    position: int
    role: str
    name: str | None
    text: str
    calls: tuple[CallView, ...]
    error: str | None
    finish_reason: str | None
    feedback: int | None
    timestamp: datetime | None
    latency_ms: float | None
    citations: tuple[Document, ...]
    retrieved: tuple[Document, ...]

    @property
    def positions(self) -> set[int]:
        """The turns that this block stands for: its own and those of its results."""
        return {self.position} | {call.result_position for call in self.calls if call.result_position is not None}


@dataclass(frozen=True)
class Fold:
    """`times` repetitions of the same blocks, one after the other; `blocks` is the first of them."""

    blocks: tuple[Block, ...]
    times: int
    positions: frozenset[int]

    @property
    def first(self) -> int:
        return min(self.positions)

    @property
    def last(self) -> int:
        return max(self.positions)


def folds(conversation: Conversation) -> list[Fold]:
    """The whole conversation in order; cycles of up to four blocks that repeat are folded with their count.

    A single block folds from its second appearance on; a cycle of several only from its third, because two
    similar exchanges are ordinary conversation.
    """
    blocks = _blocks(conversation.turns)
    contents = [_said(block) for block in blocks]
    result, at = [], 0
    while at < len(blocks):
        length, times = _cycle(contents, at)
        end = at + length * times
        positions = frozenset().union(*(block.positions for block in blocks[at:end]))
        result.append(Fold(tuple(blocks[at : at + length]), times, positions))
        at = end
    return result


def fold_at(transcript: Sequence[Fold], position: int | None) -> int:
    """The index of the fold that shows this position; the last one before it where none does, 0 for None."""
    if position is None:
        return 0
    holding = [index for index, fold in enumerate(transcript) if position in fold.positions]
    return holding[0] if holding else sum(fold.first <= position for fold in transcript[1:])


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


def _blocks(turns: Sequence[Turn]) -> list[Block]:
    """One block a turn; a tool turn stands with the call that it answers, or alone if it answers none."""
    by_position = {turn.position: turn for turn in turns}
    answers = {call.result_position for turn in turns for call in turn.tool_calls}
    return [_block(turn, by_position) for turn in turns if turn.position not in answers]


def _block(turn: Turn, by_position: dict[int, Turn]) -> Block:
    return Block(
        position=turn.position,
        role=turn.role,
        name=turn.name,
        text=turn.content,
        calls=tuple(_call(call, by_position) for call in turn.tool_calls),
        error=turn.error,
        finish_reason=turn.finish_reason,
        feedback=turn.feedback,
        timestamp=turn.timestamp,
        latency_ms=turn.latency_ms,
        citations=tuple(turn.citations),
        retrieved=tuple(turn.retrieved),
    )


def _call(call: ToolCall, by_position: dict[int, Turn]) -> CallView:
    answer = by_position.get(call.result_position) if call.result_position is not None else None
    return CallView(
        name=call.name,
        arguments=laid_out(call.arguments),
        result=laid_out(answer.content) if answer else None,
        result_position=answer.position if answer else None,
        error=answer.error if answer else None,
    )


def _said(block: Block) -> tuple[object, ...]:
    """What makes two blocks the same to a reader; positions and times don't."""
    calls = tuple((call.name, call.arguments, call.result, call.error) for call in block.calls)
    return (block.role, block.name, block.text, calls, block.error)


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

"""*chat*: one row a conversation, its messages in one column."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.conversation import Conversation
from workbench.readers import normalise
from workbench.readers.records import BadValue, Found, ReadOptions, Reject, Repeat
from workbench.readers.source import Source
from workbench.readers.times import Clock

NAME = "chat"
WHAT = "one row a conversation: conversation_id, messages"
REQUIRED = ("conversation_id", "messages")


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why this is a chat log, or None."""
    return None if missing(source) else "it has the columns conversation_id and messages"


def read(sources: Sequence[Source], options: ReadOptions, scratch: Path) -> Iterator[Found | Reject | Repeat]:
    """Each row as a conversation or a reject; `scratch` is not needed here."""
    for source in sources:
        clock = Clock(options.timezone, source.mixed_times)
        for row, fields in source.log.read():
            try:
                yield Found(_conversation(fields, clock, options), source.name, row)
            except BadValue as e:
                yield e.reject(source.name, row)
            except RecursionError:
                yield BadValue("messages", "is nested too deeply to be read").reject(source.name, row)


def _conversation(fields: dict[str, Any], clock: Clock, options: ReadOptions) -> Conversation:
    normalise.identifier(fields.get("conversation_id"), "conversation_id")
    messages = _messages(fields.pop("messages", None))
    turns, beyond = [], []
    for position, message in enumerate(messages):
        turn, unknown, logged = normalise.turn(position, message, clock, f"messages[{position}].")
        turns.append(turn)
        beyond.append({**unknown, **logged})
    return normalise.conversation(fields, turns, beyond, clock, options.bot)


def _messages(value: Any) -> list[Mapping[str, Any]]:
    if isinstance(value, str) and value.strip():
        value = normalise.parse_json(value, "messages")
    if value is None or value in ("", []):
        raise BadValue("messages", "is empty: a conversation has at least one message", value)
    if not isinstance(value, list):
        raise BadValue("messages", "is no list of messages", value)
    return [_message(item, f"messages[{place}]") for place, item in enumerate(value)]


def _message(item: Any, column: str) -> Mapping[str, Any]:
    if isinstance(item, str):
        item = normalise.parse_json(item, column)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no message: role and content are expected", item)
    return item

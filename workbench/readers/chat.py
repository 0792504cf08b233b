"""*chat*: one row a conversation, its messages in one column.

JSON may name that column `messages`, `conversation`, `conversations` or `turns`, may write a message as ShareGPT does
(`from` and `value`), and may name a conversation by `id`, or not at all: then by its file and row.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.conversation import Conversation
from workbench.readers import normalise
from workbench.readers.records import BadValue, Found, ReadOptions, Reject, Repeat
from workbench.readers.source import MESSAGE_COLUMNS, TIME_COLUMNS, Source
from workbench.readers.times import Clock

NAME = "chat"
WHAT = "one row a conversation: conversation_id, messages"
REQUIRED = ("conversation_id", "messages")
TIMES = TIME_COLUMNS
_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}
Fields = dict[str, Any]


def missing(source: Source) -> list[str]:
    """The required columns that are not there. JSON needs no id: its rows have numbers that stay."""
    lacking = [] if _id_column(source) or source.log.container == "json" else ["conversation_id"]
    return lacking if set(MESSAGE_COLUMNS) & set(source.columns) else [*lacking, "messages"]


def recognises(source: Source) -> str | None:
    """Why this is a chat log, or None."""
    if missing(source):
        return None
    if set(REQUIRED) <= set(source.columns):
        return "it has the columns conversation_id and messages"
    for column in MESSAGE_COLUMNS:
        for speaker in ("role", "from"):
            if f"{column}.{speaker}" in source.outline:
                as_sharegpt = ", as ShareGPT writes" if speaker == "from" else ""
                return f"its rows have {column} with {speaker}{as_sharegpt}"
    return None


def read(
    sources: Sequence[Source],
    options: ReadOptions,
    scratch: Path,
    translate: Callable[[Fields], Fields] = lambda fields: fields,
) -> Iterator[Found | Reject | Repeat]:
    """Each row, as `translate` gives it, as a conversation or a reject; `scratch` is not needed here."""
    for source, name in zip(sources, _names(sources), strict=True):
        clock = Clock(options.timezone, source.mixed_times)
        id_column = _id_column(source)
        unnamed = 0
        for row, logged in source.log.read():
            try:
                fields = translate(logged)
                named = True
                if "conversation_id" not in fields and id_column == "id":
                    fields["conversation_id"] = fields.pop("id", None)
                elif "conversation_id" not in fields and id_column is None:
                    fields["conversation_id"] = f"{name}:{row}"
                    named = False
                yield Found(_conversation(fields, clock, options), source.name, row, joined=named)
                unnamed += not named
            except BadValue as e:
                yield e.reject(source.name, row)
            except RecursionError:
                yield BadValue("messages", "is nested too deeply to be read").reject(source.name, row)
        if unnamed:
            source.notes.append(
                f"{source.name}: {unnamed:,} conversations have no id. They are named by file and row, like {name}:1: "
                "the same file under its old name is known again, a longer or renamed one is not. Log a conversation_id."
            )


def _id_column(source: Source) -> str | None:
    if "conversation_id" in source.columns:
        return "conversation_id"
    return "id" if source.log.container == "json" and "id" in source.columns else None


def _names(sources: Sequence[Source]) -> list[str]:
    """What to call each file in ids: its name, led by as many folders as tell it from the others of this import."""
    paths = [source.path.resolve().parts[1:] for source in sources]

    def name(path: tuple[str, ...]) -> str:
        for count in range(1, len(path)):
            if sum(other[-count:] == path[-count:] for other in paths) == 1:
                return "/".join(path[-count:])
        return "/".join(path)

    return [normalise.clean(name(path)) for path in paths]


def _conversation(fields: Fields, clock: Clock, options: ReadOptions) -> Conversation:
    normalise.identifier(fields.get("conversation_id"), "conversation_id")
    column = _message_column(fields)
    messages = _messages(fields.pop(column, None), column)
    turns, beyond = [], []
    for position, message in enumerate(messages):
        turn, unknown, logged = normalise.turn(position, message, clock, f"{column}[{position}].")
        turns.append(turn)
        beyond.append({**unknown, **logged})
    return normalise.conversation(fields, turns, beyond, clock, options.bot)


def _message_column(fields: Fields) -> str:
    """Where the messages are: `messages`, else the first of its other names that holds a list."""
    if "messages" in fields:
        return "messages"
    return next((column for column in MESSAGE_COLUMNS if isinstance(fields.get(column), (list, str))), "messages")


def _messages(value: Any, column: str) -> list[Mapping[str, Any]]:
    if isinstance(value, str) and value.strip():
        value = normalise.parse_json(value, column)
    if value is None or value in ("", []):
        raise BadValue(column, "is empty: a conversation has at least one message", value)
    if not isinstance(value, list):
        raise BadValue(column, "is no list of messages", value)
    return [_message(item, f"{column}[{place}]") for place, item in enumerate(value)]


def _message(item: Any, column: str) -> Mapping[str, Any]:
    if isinstance(item, str):
        item = normalise.parse_json(item, column)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no message: role and content are expected", item)
    return _from_sharegpt(item) if "from" in item and "role" not in item else item


def _from_sharegpt(item: Mapping[str, Any]) -> Mapping[str, Any]:
    speaker, value = item["from"], item.get("value")
    message = {name: field for name, field in item.items() if name not in ("from", "value")}
    message["role"] = _SHAREGPT_ROLES.get(speaker, speaker) if isinstance(speaker, str) else speaker
    if speaker == "function_call" and (call := _call(value)):
        return {**message, "tool_calls": [call]}
    return {**message, "content": value}


def _call(value: Any) -> Any:
    """A call written as JSON text; None where the text is none, which is then shown as it is."""
    try:
        call = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return call if isinstance(call, dict) and "name" in call else None

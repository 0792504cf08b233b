"""*single*: a file whose rows are the messages of one conversation, and name none.

So agent frameworks save a dialogue: a JSON list, or a line a message. The file names the conversation, its rows stand in their order, and the
import says so, since the rows of a table without ids would look the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from workbench.logs.files.source import Source
from workbench.logs.formats import chat
from workbench.logs.formats.chat_columns import hold_content, speakers
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_lists import messages_of
from workbench.logs.values.messages import unwrapped
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.times import Clock
from workbench.logs.values.usual_names import guessed
from workbench.text import formatting

NAME = "single"
WHAT = "one file a conversation, a row a message: role and content, without an id of the conversation"
REQUIRED = ("role", "content")
TIMES = ("timestamp", "created_at", "createdAt", "time", "date")
LONGEST = 20_000
"""Rows of a file beyond which it is a table of many conversations, not the messages of one."""


def missing(source: Source) -> list[str]:
    """What is not there: who speaks, and what is said; and what is too much: an id, by which *turns* joins rows."""
    if source.log.container != "json":
        return ["a JSON file"]
    if "conversation_id" in guessed([*source.columns], ()) or "messages" in source.columns:
        return ["rows that name no conversation"]
    inside = set(source.outline)
    lacking = [] if speakers(inside, source) else ["role"]
    return lacking if hold_content(inside) else [*lacking, "content"]


def recognises(source: Source) -> str | None:
    """Why these are the messages of one conversation, or None."""
    if missing(source):
        return None
    return "its rows are messages that name no conversation"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """A conversation a file; what says neither who speaks nor anything else is kept as metadata of it."""
    for source, name in zip(sources, chat.names_of(sources), strict=True):
        rows = [(number, fields) for number, fields in source.log.read()]
        if not rows:
            continue
        first = rows[0][0]
        try:
            if len(rows) > LONGEST:
                raise BadValue(
                    None,
                    f"is one of {len(rows):,} rows that name no conversation: name the column that does with --mapping",
                )
            conversation = chat.conversation_of(
                _together(name, [fields for _, fields in rows]), Clock(options.timezone, source.mixed_times), options
            )
        except BadValue as e:
            yield replace(e.reject(source.name, first), rows=len(rows))
            continue
        source.notes.append(
            f"{source.name}: {formatting.count(len(rows), 'row')} without an id of a conversation are the messages of one, named by its "
            f"file, {name}, in the order in which they stand. Where they are of several, log a conversation_id."
        )
        yield LoggedConversation(conversation, source.name, first, len(rows), joined=False)


def _together(name: str, rows: Sequence[JsonObject]) -> JsonObject:
    messages = [row for row in rows if _is_message(row)]
    beside = [row for row in rows if not _is_message(row)]
    return {
        "conversation_id": name,
        "messages": messages or beside,
        **({"rows_beside": beside} if messages and beside else {}),
    }


def _is_message(row: JsonFields) -> bool:
    try:
        said: Any = messages_of([row], "messages")
    except BadValue:
        return False
    return any(isinstance(each, Mapping) and unwrapped(each).get("role") is not None for each in said)

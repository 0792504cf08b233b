"""*chat*: one row a conversation, its messages in one column.

JSON may name that column `messages`, `conversation`, `conversations` or `turns`, may write a message as ShareGPT does
(`from` and `value`), and may name a conversation by `id`, or not at all: then by its file and row. Other names that
tools use for the conversation, its messages and who speaks (`usual_names`) are taken where ours are missing, and the import
says so. Of answers that were made anew those of the shown branch are turns. What a message says, in these and other
shapes, is read by `messages`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from workbench.conversation import Conversation
from workbench.logs.files.find import shown
from workbench.logs.files.source import MESSAGE_COLUMNS, OTHER_MESSAGE_COLUMNS, TIME_COLUMNS, Source
from workbench.logs.formats.chat_columns import (
    EXCHANGE,
    TEXT_COLUMNS,
    hold_content,
    id_column,
    in_text,
    inside_messages,
    message_columns,
    named_by_mapping,
    speakers,
    usual_content,
)
from workbench.logs.values import branches, events, normalise, voices
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.message_lists import CONTENT, messages_of
from workbench.logs.values.messages import SAYS, read_all, unwrapped
from workbench.logs.values.order import in_order
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat, understood
from workbench.logs.values.replies import REPLIES, beside
from workbench.logs.values.times import Clock
from workbench.text import formatting

NAME = "chat"
WHAT = "one row a conversation: conversation_id, messages"
REQUIRED = ("conversation_id", "messages")
TIMES = TIME_COLUMNS
_STARTED = (
    *(
        "startedAt",
        "start_time",
        "startTime",
        "start_timestamp",
        "created_at",
        "createdAt",
        "create_time",
        "createTime",
    ),
    *("created", "timestamp", "datetime"),
)
"""Where a row says when it began, if neither it nor its messages have a time of ours."""
_ENDED = ("endedAt", "end_time", "endTime", "end_timestamp")
Fields = JsonObject


def missing(source: Source) -> list[str]:
    """The required columns that are not there. JSON needs no id: its rows have numbers that stay."""
    lacking = [] if id_column(source) or source.log.container == "json" else ["conversation_id"]
    if not message_columns(source):
        return [*lacking, "messages"]
    inside = inside_messages(source)
    who = speakers(inside, source)
    content = inside & CONTENT or usual_content(source, inside) or (who == [EXCHANGE] and hold_content(inside))
    present = {"role": who, "content": content}
    silent = [name for name, fields in present.items() if inside and not fields]
    if silent:
        named = " and ".join(f"messages.{name}" for name in silent)
        lacking.append(f"{named} ({named_by_mapping(inside, silent)})")
    return lacking


def recognises(source: Source) -> str | None:
    """Why this is a chat log, or None: rows with a reply beside their messages are requests (`pairs`)."""
    if missing(source) or ("messages.role" in source.outline and not REPLIES.isdisjoint(source.columns)):
        return None
    if set(REQUIRED) <= set(source.columns):
        return "it has the columns conversation_id and messages"
    for column in message_columns(source):
        for how in speakers(inside_messages(source, [column]), source):
            return f"its rows have {column} with {how}"
        replied = not REPLIES.isdisjoint({*source.columns} - {column})
        if not inside_messages(source, [column]) and not replied and in_text(source, column):
            return f"its rows have {column}, messages as text"
    return None


def _as_it_is(fields: Fields) -> Fields:
    return fields


def read(
    sources: Sequence[Source],
    options: ReadOptions,
    scratch: Path,
    translate: Callable[[Fields], Fields] = _as_it_is,
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each row, as `translate` gives it, as a conversation or a reject; `scratch` is not needed here."""
    for source, name in zip(sources, names_of(sources), strict=True):
        clock = Clock(options.timezone, source.mixed_times)
        named_by = id_column(source)
        inside = inside_messages(source)
        says = not inside.isdisjoint(CONTENT) or bool(usual_content(source, inside))
        unnamed = branched = 0
        for row, logged in source.log.read():
            try:
                with understood("messages"):
                    fields = translate(logged)
                    named = True
                    if "conversation_id" not in fields and named_by is not None:
                        fields["conversation_id"] = fields.pop(named_by, None)
                    elif "conversation_id" not in fields:
                        fields["conversation_id"] = f"{name}:{row}"
                        named = False
                    conversation = LoggedConversation(
                        conversation_of(fields, clock, options, says), source.name, row, joined=named
                    )
            except BadValue as e:
                yield e.reject(source.name, row)
            else:
                yield conversation
                unnamed += not named
                branched += branches.OTHERS in conversation.conversation.metadata
                if f"turns.{voices.LOGGED}" in conversation.conversation.metadata:
                    source.tallies[voices.note] += 1
        if named_by not in (None, "id", "conversation_id") and translate is _as_it_is:
            source.notes.append(
                f"{source.name}: {shown(str(named_by))} names the conversation. A mapping says it for sure."
            )
        if branched:
            source.notes.append(branches.note(source.name, branched))
        if unnamed:
            source.notes.append(
                f"{source.name}: {formatting.count(unnamed, 'conversation')} without an id, named by file and row, like {name}:1: "
                "the same file under its old name is known again, a longer or renamed one is not. Log a conversation_id."
            )


def names_of(sources: Sequence[Source]) -> list[str]:
    """What to call each file in ids: its name, led by as many folders as tell it from the others of this import."""
    paths = [source.path.resolve().parts[1:] for source in sources]

    def name(path: tuple[str, ...]) -> str:
        for count in range(1, len(path)):
            if sum(other[-count:] == path[-count:] for other in paths) == 1:
                return "/".join(path[-count:])
        return "/".join(path)

    return [normalise.clean(name(path)) for path in paths]


def conversation_of(fields: Fields, clock: Clock, options: ReadOptions, says: bool = True) -> Conversation:
    """The conversation of a row, under our names; `says` tells that messages of this log have a content, so that one
    without any is an empty one. BadValue where it is none."""
    normalise.identifier(fields.get("conversation_id"), "conversation_id")
    column = _message_column(fields)
    messages = messages_of(fields.pop(column, None), column)
    if (answer := beside(fields, messages)) is not None:
        del fields[answer[0]]
        messages += answer[1]
    kept, beside_them = branches.split(in_order(messages, clock))
    if beside_them:
        fields.setdefault(branches.OTHERS, beside_them)
    lines = read_all(kept, clock, column)
    if fields.get("started_at") is None and not any(line.turn.timestamp for line in lines):
        _take(fields, clock, "started_at", _STARTED)
        _take(fields, clock, "ended_at", _ENDED)
    if not says and not any(name in fields for fields in map(unwrapped, messages) for name in SAYS):
        raise BadValue(f"{column}.content", f"is in no message: {named_by_mapping(set(messages[0]), ['content'])}")
    if not lines:
        raise BadValue(column, "is empty: a conversation has at least one message", messages)
    places, happened = events.split(lines, [line.more for line in lines])
    if happened:
        lines = [lines[place] for place in places]
        fields.setdefault("events", happened)
    voices.name_the_bot(lines)
    turns = [line.turn for line in lines]
    for position, turn in enumerate(turns):
        turn.position = position
    return normalise.conversation(fields, turns, [line.more for line in lines], clock, options.bot)


def _take(fields: Fields, clock: Clock, ours: str, names: Sequence[str]) -> None:
    """When a conversation began, or ended, that has no time of ours, from a column whose name says so and that holds a time."""
    for name in names:
        if (value := fields.get(name)) not in (None, "") and not isinstance(value, (Mapping, list)):
            with suppress(BadValue):
                fields[ours] = clock.utc(value, name)
                del fields[name]
                return


def _message_column(fields: Fields) -> str:
    """Where the messages are: `messages`, else the first of its other names that holds a list."""
    if "messages" in fields:
        return "messages"
    own = next((column for column in MESSAGE_COLUMNS if isinstance(fields.get(column), (list, str))), None)
    listed = next((name for name in OTHER_MESSAGE_COLUMNS if isinstance(fields.get(name), list)), None)
    texts = (name for name in (*OTHER_MESSAGE_COLUMNS, *TEXT_COLUMNS) if isinstance(fields.get(name), str))
    return own or listed or next(texts, "messages")

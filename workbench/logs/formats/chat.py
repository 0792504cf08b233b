"""*chat*: one row a conversation, its messages in one column.

JSON may name that column `messages`, `conversation`, `conversations` or `turns`, may write a message as ShareGPT does
(`from` and `value`), and may name a conversation by `id`, or not at all: then by its file and row. Other names that
tools use for the conversation, its messages and who speaks (`usual_names`) are taken where ours are missing, and the import
says so. Of answers that were made anew those of the shown branch are turns. What a message says, in these and other
shapes, is read by `messages`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from workbench.conversation import Conversation
from workbench.conversation.roles import side_of
from workbench.logs.files.find import shown
from workbench.logs.files.source import MESSAGE_COLUMNS, OTHER_MESSAGE_COLUMNS, TIME_COLUMNS, Source
from workbench.logs.values import branches, dialects, events, normalise, voices
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import SAYS, read_all, unwrapped
from workbench.logs.values.order import in_order
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat, understood
from workbench.logs.values.replies import REPLIES, beside
from workbench.logs.values.times import Clock
from workbench.logs.values.usual_names import (
    USUAL,
    identity_column,
    message_as_usual,
    plain,
    speaker_fields,
    words_as_usual,
)

NAME = "chat"
WHAT = "one row a conversation: conversation_id, messages"
REQUIRED = ("conversation_id", "messages")
TIMES = TIME_COLUMNS
_SPEAKERS = {
    "role": "role",
    "from": "from, as ShareGPT writes",
    "type": "type, as LangChain writes",
    "message.role": "a message each",
}
_DUMPED = ("content", "data", "kwargs", "call_id")
_CONTENT = {
    *SAYS,
    *dialects.SAYS,
    *(
        "data",
        "kwargs",
        "items.content_type",
        "blocks.block_type",
        "message.content",
        "message.parts",
        "message.tool_calls",
    ),
}
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
_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}
Fields = JsonObject


def missing(source: Source) -> list[str]:
    """The required columns that are not there. JSON needs no id: its rows have numbers that stay."""
    lacking = [] if _id_column(source) or source.log.container == "json" else ["conversation_id"]
    if not _message_columns(source):
        return [*lacking, "messages"]
    inside = _inside(source)
    present = {"role": speakers(inside, source), "content": inside & _CONTENT or _usual_content(source, inside)}
    silent = [name for name, fields in present.items() if inside and not fields]
    if silent:
        named = " and ".join(f"messages.{name}" for name in silent)
        lacking.append(f"{named} ({_named_by_mapping(inside, silent)})")
    return lacking


def recognises(source: Source) -> str | None:
    """Why this is a chat log, or None: rows with a reply beside their messages are requests (`pairs`)."""
    if missing(source) or ("messages.role" in source.outline and not REPLIES.isdisjoint(source.columns)):
        return None
    if set(REQUIRED) <= set(source.columns):
        return "it has the columns conversation_id and messages"
    for column in _message_columns(source):
        for how in speakers(_inside(source, [column]), source):
            return f"its rows have {column} with {how}"
    return None


def _inside(source: Source, columns: Sequence[str] | None = None) -> set[str]:
    """The fields of messages, as far as the outline tells: not where they are JSON text, or a mapping names them."""
    columns = columns or (["messages"] if "messages" in source.columns else _message_columns(source))
    return {
        name.removeprefix(f"{column}.")
        for column in columns
        for name in source.outline
        if name.startswith(f"{column}.")
    }


def speakers(inside: set[str], source: Source | None = None) -> list[str]:
    """How messages with these fields say who speaks; a type does where it stands beside what LangChain dumps, and a
    sender where what is said by ShareGPT's name stands beside it."""
    beside: dict[str, Collection[str]] = {"type": _DUMPED, "from": _CONTENT}
    hows = [
        how
        for name, how in _SPEAKERS.items()
        if name in inside and (name not in beside or not inside.isdisjoint(beside[name]))
    ]
    own = [how for name, (needs, how) in dialects.SPEAKERS.items() if name in inside and not inside.isdisjoint(needs)]
    people = _usual_speakers(source, inside) if source is not None and hows == [_SPEAKERS["type"]] else []
    hows = people or own or hows
    return hows or (_usual_speakers(source, inside) if source is not None else [])


def _usual_speakers(source: Source, inside: set[str]) -> list[str]:
    """The field of these messages that says who speaks by a usual name, where the messages are of one conversation each."""
    fields = [name for name in inside if "." not in name]
    if _id_column(source) is None and _name_their_own(inside):
        return []
    return speaker_fields(fields)[:1]


def _name_their_own(inside: set[str]) -> bool:
    """Whether objects with these fields name a conversation each, and not the call of a tool."""
    calls = not inside.isdisjoint(("arguments", "output", "tool_calls", "toolCalls"))
    fields = [name for name in inside if "." not in name and not (calls and plain(name) == "callid")]
    return identity_column(fields) is not None


def hold_content(inside: set[str]) -> bool:
    """Whether messages with these fields hold what is said."""
    return bool(inside & _CONTENT or {plain(name) for name in inside if "." not in name} & {*USUAL["content"]})


def _hold_words(inside: set[str]) -> bool:
    """Whether objects with these fields say who speaks, and what."""
    fields = {name for name in inside if "." not in name}
    speak = bool(speakers(inside) or speaker_fields(fields))
    return speak and hold_content(inside)


def _message_columns(source: Source) -> list[str]:
    """The columns that hold the messages: ours, else the first of the names that other tools have for it."""
    own = [column for column in MESSAGE_COLUMNS if column in source.columns]
    if own and (source.log.container != "json" or any(_inside(source, [column]) for column in own)):
        return own
    held = {name: _inside(source, [name]) for name in OTHER_MESSAGE_COLUMNS if name in source.columns}
    named = "id" in source.columns or identity_column([name for name in source.columns if name not in held]) is not None
    others = [name for name, inside in held.items() if _hold_words(inside) and (named or not _name_their_own(inside))]
    return others[:1] or own


def _usual_content(source: Source, inside: set[str]) -> set[str]:
    """The fields that hold what is said by a usual name, where one says so who speaks."""
    usual = {name for name in inside if plain(name) in USUAL["content"]}
    return usual if "role" in inside or _usual_speakers(source, inside) else set()


def _named_by_mapping(fields: set[str], needed: Sequence[str]) -> str:
    names = ", ".join(shown(name) for name in sorted(fields)[:20] if "." not in name)
    named = ", ".join(f'{name} = "…"' for name in needed)
    return f"they have {names}; a mapping says what is meant: [message] {named}"


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
        id_column = _id_column(source)
        inside = _inside(source)
        says = not inside.isdisjoint(_CONTENT) or bool(_usual_content(source, inside))
        unnamed = branched = 0
        for row, logged in source.log.read():
            try:
                with understood("messages"):
                    fields = translate(logged)
                    named = True
                    if "conversation_id" not in fields and id_column is not None:
                        fields["conversation_id"] = fields.pop(id_column, None)
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
        if id_column not in (None, "id", "conversation_id") and translate is _as_it_is:
            source.notes.append(
                f"{source.name}: {shown(str(id_column))} names the conversation. A mapping says it for sure."
            )
        if branched:
            source.notes.append(branches.note(source.name, branched))
        if unnamed:
            source.notes.append(
                f"{source.name}: {unnamed:,} conversations have no id. They are named by file and row, like {name}:1: "
                "the same file under its old name is known again, a longer or renamed one is not. Log a conversation_id."
            )


def _id_column(source: Source) -> str | None:
    if "conversation_id" in source.columns:
        return "conversation_id"
    if source.log.container == "json" and "id" in source.columns:
        return "id"
    held = (*MESSAGE_COLUMNS, *OTHER_MESSAGE_COLUMNS)
    usual = identity_column([name for name in source.columns if name not in held])
    return usual or ("uuid" if source.log.container == "json" and "uuid" in source.columns else None)


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
        raise BadValue(f"{column}.content", f"is in no message: {_named_by_mapping(set(messages[0]), ['content'])}")
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
    return own or next((name for name in OTHER_MESSAGE_COLUMNS if isinstance(fields.get(name), list)), "messages")


def messages_of(value: Any, column: str) -> list[JsonFields]:
    """The messages of a conversation, a list or its JSON text; BadValue where it is none, or holds what is none."""
    if isinstance(value, str) and value.strip():
        value = normalise.parse_json(value, column)
    if value is None or value in ("", []):
        raise BadValue(column, "is empty: a conversation has at least one message", value)
    if isinstance(value, Mapping) and dialects.is_tree(value):
        value = [value]
    if not isinstance(value, list):
        raise BadValue(column, "is no list of messages", value)
    return [
        message(each, f"{column}[{place}]")
        for place, held in enumerate(value)
        for item in (held if isinstance(held, list) else [held])  # an action with what came of it
        for each in (dialects.each(item) if isinstance(item, Mapping) else (item,))
    ]


def message(item: Any, column: str) -> JsonFields:
    """A logged message as its fields; BadValue where it is none."""
    if isinstance(item, str):
        item = normalise.parse_json(item, column)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no message: role and content are expected", item)
    if "role" in item:
        return words_as_usual(item)
    if isinstance(item.get("from"), str) and ("value" in item or speaker_fields(item) == ["from"]):
        return _from_sharegpt(item) if not _CONTENT.isdisjoint(item) else message_as_usual(item)
    if dialects.usual(item) is not None:
        return item
    role = unwrapped(item).get("role")
    return message_as_usual(item) if role is None or (side_of(str(role)) is None and speaker_fields(item)) else item


def _from_sharegpt(item: JsonFields) -> JsonFields:
    speaker, value = item["from"], item.get("value")
    message = {name: field for name, field in item.items() if name not in ("from", "value")}
    message["role"] = _SHAREGPT_ROLES.get(speaker, speaker) if isinstance(speaker, str) else speaker
    if speaker == "function_call" and (call := _call(value)):
        return {**message, "tool_calls": [call]}
    return {**message, "content": value} if "value" in item else message


def _call(value: Any) -> Any:
    """A call written as JSON text; None where the text is none, which is then shown as it is."""
    try:
        call = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return call if isinstance(call, dict) and "name" in call else None

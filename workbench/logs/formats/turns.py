"""*turns*: one row a message.

The messages of one conversation may lie anywhere in a file, or over the files of one import, so that rows are first
dealt out by a hash of their conversation id, through files on disk when there are many, and then put together share by
share. Memory is that of one share, whatever the size of the log.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

from workbench.conversation import Conversation, Turn
from workbench.conversation.roles import is_system, is_user
from workbench.logs.files.shards import shares
from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.values import branches, events, normalise, order, replies, voices
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import Line, read_all
from workbench.logs.values.messages import read as read_message
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat, understood
from workbench.logs.values.times import EPOCH, Clock
from workbench.text import formatting

NAME = "turns"
WHAT = "one row a message: conversation_id, role, content, and turn_index or timestamp"
REQUIRED = ("conversation_id", "role", "content")
TIMES = TIME_COLUMNS
LAST_COUNTS = frozenset({"ended_at", "outcome", "feedback_score", "feedback_text", "reward"})
ORDER = ("turn_index", "timestamp")
REPLY = "reply"
"""Of a row that is an exchange: what was answered."""
BESIDE_TURNS = 1  # what a message logs stands one level deeper in its conversation: in a list, one entry a turn
_TIMES = ("started_at", "ended_at")


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    lacking = [column for column in REQUIRED if column not in source.columns]
    return lacking if set(ORDER) & set(source.columns) else [*lacking, "turn_index or timestamp"]


def recognises(source: Source) -> str | None:
    """Why this is a turns log, or None."""
    if missing(source):
        return None
    *others, last = [*REQUIRED, *(column for column in ORDER if column in source.columns)]
    return f"it has the columns {', '.join(others)} and {last}"


@dataclass(slots=True)
class _Message:
    """One row: its place in the log and in the conversation, its lines with what was logged beyond them, its columns that are
    no message's, and its time as `logged`."""

    file: int
    row: int
    index: int | None
    lines: list[Line]
    fields: JsonObject
    logged: Any = None

    @property
    def turn(self) -> Turn:
        """The last of its turns; results that stand among its parts come before it, at the same place and time."""
        return self.lines[-1].turn


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The conversations of all files together; each row ends in one of them, as a reject, or as a repeat."""
    names = [source.name for source in sources]
    clocks = [Clock(options.timezone, source.mixed_times) for source in sources]
    settled = Clock()  # for conversations: the times of their rows were brought to UTC with the row
    for share in shares(sources, scratch, ["conversation_id"], _identity):
        conversations: dict[str, list[_Message]] = defaultdict(list)
        for file, row, fields in share:
            try:
                with understood():
                    identity = normalise.identifier(fields.pop("conversation_id", None), "conversation_id")
                    conversations[identity].append(_message(file, row, fields, clocks[file], sources[file].exchanges))
            except BadValue as e:
                yield e.reject(names[file], row)
        for identity, messages in conversations.items():
            for bot, own in _by_bot(messages, options.bot).items():
                if bot is None:
                    sources[0].tallies[_handed_on] += 1
                for item in _conversation(identity, bot, own, names, clocks, settled):
                    if isinstance(item, LoggedConversation):
                        met = {branches.OTHERS: branches.note, f"turns.{voices.LOGGED}": voices.note}
                        for name in met.keys() & item.conversation.metadata.keys():
                            sources[own[0].file].tallies[met[name]] += 1
                    yield item


def _handed_on(name: str, count: int) -> str:
    single = count == 1
    return (
        f"{formatting.count(count, 'conversation')} {'names' if single else 'name'} several bots, and in some rows none: "
        f"{'it is' if single else 'each is'} kept whole under its first bot, and which bot it was stands beside the turns."
    )


def _identity(fields: JsonFields) -> str:
    try:
        return normalise.identifier(fields.get("conversation_id"), "conversation_id")
    except BadValue:
        return ""


# --- rows -----------------------------------------------------------------------------------------------------------


def _message(file: int, row: int, fields: JsonObject, clock: Clock, exchange: bool) -> _Message:
    index = _index(fields.pop("turn_index", None))
    logged = fields.get("timestamp")
    if exchange and REPLY in fields:
        _open_exchange(fields)
    lines, rest = read_message(fields, clock, row=True)
    if exchange and REPLY in rest:
        lines = _exchanged(lines, rest.pop(REPLY))
    for name, value in rest.items():
        if name in _TIMES:
            rest[name] = clock.utc(value, name)
        elif type(value) is not str:
            rest[name] = normalise.labelled(name, value, BESIDE_TURNS)
    for line in lines:
        line.more = {name: normalise.labelled(name, value, BESIDE_TURNS) for name, value in line.more.items()}
    return _Message(file, row, index, lines, rest, logged)


def _answer(messages: Sequence[_Message]) -> None:
    """Rows of a user in a conversation where no row is the bot's are exchanges where they have a reply in words."""
    logged = [message for message in messages if isinstance(message.fields.get(REPLY), (str, list, Mapping))]
    if logged and all(is_user(message.turn.role) for message in messages):
        for message in logged:
            message.lines = _exchanged(message.lines, message.fields.pop(REPLY))


def _open_exchange(fields: JsonObject) -> None:
    """Take the words of a question out of the request in which it was logged, an object or its JSON text; what else request
    and reply say stays beside the turn."""
    for name in ("content", REPLY):
        logged = replies.decoded(fields.get(name))
        spoken = isinstance(logged, list) and all(isinstance(item, Mapping) and "role" in item for item in logged)
        if not isinstance(logged, Mapping) and not (spoken and logged):
            continue
        fields["question_logged" if name == "content" else "reply_logged"] = logged
        if name == "content":
            asked = replies.request(logged) or []
            fields[name] = next((item.get("content") for item in reversed(asked) if is_user(str(item.get("role")))), "")


def _exchanged(lines: list[Line], reply: Any) -> list[Line]:
    """The lines of a row that is an exchange: what was asked, what was answered, and on the answer what users thought of it."""
    asked = lines[-1].turn
    answer = replies.reply(reply)
    if answer is None and not normalise.is_blank(reply):
        raise BadValue(REPLY, "holds no words that can be read", reply)
    answers = read_all(answer or [{"role": "assistant", "content": ""}], Clock(), REPLY)
    last = answers[-1].turn
    for line in answers:
        line.turn.timestamp = asked.timestamp
    last.latency_ms, asked.latency_ms = asked.latency_ms, None
    last.feedback, asked.feedback = asked.feedback, None
    last.error, asked.error = asked.error or last.error, None
    last.retrieved, asked.retrieved = asked.retrieved, []
    last.citations, asked.citations = asked.citations or last.citations, []
    last.finish_reason, asked.finish_reason = asked.finish_reason or last.finish_reason, None
    answers[-1].more |= {name: lines[-1].more.pop(name) for name in [*lines[-1].more]}
    return [*lines, *answers] if asked.content.strip() else answers


def _index(value: Any) -> int | None:
    if value is None or type(value) is int:
        return value
    place = normalise.number(value)
    if place is None and (value != value or not str(value).strip()):
        return None
    if place is None or isinstance(value, bool) or place != int(place):
        raise BadValue("turn_index", "is no whole number", value)
    return int(place)


def _by_bot(messages: list[_Message], default: str | None) -> dict[str | None, list[_Message]]:
    """The messages of one id by bot; those that name none belong to the only bot that is named.

    Where several are named and some rows name none, one bot handed the conversation on to the next: it stays whole,
    under None, and its rows keep their bots.
    """
    names = [normalise.text(message.fields.pop("bot", None)) for message in messages]
    named = {name for name in names if name is not None}
    if len(named) > 1 and None in names:
        for name, message in zip(names, messages, strict=True):
            message.fields |= {} if name is None else {"bot": name}
        return {None: messages}
    unnamed = named.pop() if len(named) == 1 else default or "unknown"
    groups: dict[str | None, list[_Message]] = defaultdict(list)
    for name, message in zip(names, messages, strict=True):
        groups[name or unnamed].append(message)
    return groups


# --- conversations --------------------------------------------------------------------------------------------------


def _conversation(
    identity: str,
    bot: str | None,
    messages: list[_Message],
    names: Sequence[str],
    clocks: Sequence[Clock],
    settled: Clock,
) -> Iterator[LoggedConversation | Reject | Repeat]:
    try:
        with understood():
            _answer(messages)
            verdicts = list(_in_order(messages, names, clocks))
            kept = [message for message, verdict in verdicts if verdict is None]
            conversation = _assembled(identity, bot, kept, settled) if kept else None
    except BadValue as e:
        yield from (e.reject(names[message.file], message.row) for message in messages)
        return
    for message, verdict in verdicts:
        if isinstance(verdict, BadValue):
            yield verdict.reject(names[message.file], message.row)
        elif verdict is not None:
            yield Repeat(names[message.file], message.row)
    if conversation is not None:
        first = min(kept, key=lambda message: (message.file, message.row))
        yield LoggedConversation(conversation, names[first.file], first.row, len(kept))


def _assembled(identity: str, bot: str | None, messages: list[_Message], settled: Clock) -> Conversation:
    fields, varying = _together(messages)
    if beside := branches.others([message.fields for message in messages], [message.turn.role for message in messages]):
        others = [messages[place] for place in sorted(beside)]
        messages = [message for place, message in enumerate(messages) if place not in beside]
        fields, varying = _together(messages)
        fields[branches.OTHERS] = [
            {"role": message.turn.role, "content": message.turn.content, **message.fields} for message in others
        ]
    voices.name_the_bot([line for message in messages for line in message.lines])
    beyond = [
        {**line.more, **{name: message.fields.get(name) for name in varying}} if varying else line.more
        for message in messages
        for line in message.lines
    ]
    lines = [line for message in messages for line in message.lines]
    about = [{**message.fields, **line.more} for message in messages for line in message.lines]
    places, happened = events.split(lines, about)
    if happened:
        beyond = [beyond[place] for place in places]
        fields.setdefault("events", happened)
    turns = [lines[place].turn for place in places]
    for position, turn in enumerate(turns):
        turn.position = position
    fields |= {"conversation_id": identity, "bot": bot or fields.get("bot")}
    return normalise.conversation(fields, turns, beyond, settled, default_bot=None)


_REPEAT = object()


def _in_order(
    messages: list[_Message], names: Sequence[str], clocks: Sequence[Clock]
) -> Iterator[tuple[_Message, BadValue | object | None]]:
    """The messages in their order, each with None (keep it), why it can't be kept, or `_REPEAT`.

    With turn_index, the rows at one place are an exchange, one of each role; two of one role are a repeat when equal,
    else the first one counts. With timestamps alone the same row in another file is a repeat (exports overlap), in the
    same file it was said twice.
    """
    by_index = any(message.index is not None for message in messages)
    if by_index and not all(message.index is not None for message in messages):
        by_index = any(message.turn.timestamp is None for message in messages)
    placed: dict[Any, list[_Message]] = defaultdict(list)
    moments, newest_first = ({}, False) if by_index else _moments(messages, clocks)
    for message in messages:
        place = message.index if by_index else moments.get(id(message))
        if place is None:
            column = "turn_index" if by_index else "timestamp"
            yield message, BadValue(column, "is empty, so the message has no place in its conversation")
        else:
            placed[place].append(message)
    for place in sorted(placed):
        if len(placed[place]) == 1:
            yield placed[place][0], None
        elif by_index:
            yield from _exchange(placed[place], names)
        else:
            yield from _at_one_time(placed[place][::-1] if newest_first else placed[place])


def _moments(messages: list[_Message], clocks: Sequence[Clock]) -> tuple[dict[int, tuple[datetime, int]], bool]:
    """Where each message with a time stands, and whether the files have the newest first, ties too; one step back is no proof."""
    places: dict[int, tuple[datetime, int]] = {}
    downward = upward = 0
    for file in sorted({message.file for message in messages}):
        own = [message for message in messages if message.file == file and message.turn.timestamp is not None]
        own.sort(key=lambda message: message.row)
        stamps = [(message.turn.timestamp or EPOCH, message.logged) for message in own]
        moments = order.moments(stamps, clocks[file])
        places |= {id(message): place for message, place in zip(own, moments, strict=True)}
        for place, following in pairwise(moments):
            downward += place > following
            upward += place < following
        if clocks[file].zone is not None:
            for message, (moment, _) in zip(own, moments, strict=True):
                for line in message.lines:
                    line.turn.timestamp = moment
    return places, downward > 1 and not upward


def _exchange(messages: list[_Message], names: Sequence[str]) -> Iterator[tuple[_Message, BadValue | object | None]]:
    """Several rows of one turn_index, which then counts exchanges: by their times, else what was asked stands first."""
    several = len({message.turn.role for message in messages}) > 1
    voices: dict[tuple[Any, ...], _Message] = {}
    for message in messages:
        first = voices.setdefault(_voice(message.turn) if several else (message.turn.role,), message)
        if first is not message:
            where = f"{names[first.file]}, row {first.row}"
            other = BadValue("turn_index", f"stands twice with different content; {where} is kept", message.index)
            yield message, _REPEAT if _same(first, message) else other
    times = [message.turn.timestamp for message in voices.values()]
    timed = all(time is not None for time in times)
    for message in sorted(voices.values(), key=lambda message: (timed and message.turn.timestamp, _rank(message.turn))):
        yield message, None


def _voice(turn: Turn) -> tuple[Any, ...]:
    """Of whom there is one in an exchange: a bot may call before it answers, and each call has a result."""
    return turn.role, bool(turn.tool_calls), turn.tool_call_id


def _rank(turn: Turn) -> int:
    """Where a message stands in its exchange, as far as its role tells; the others stand as they were logged."""
    return 0 if is_system(turn.role) else 1 if is_user(turn.role) else 2 if turn.tool_calls else 3


def _at_one_time(messages: list[_Message]) -> Iterator[tuple[_Message, BadValue | object | None]]:
    distinct: dict[tuple[str, str], list[_Message]] = defaultdict(list)
    for message in messages:
        alike = distinct[message.turn.role, message.turn.content]
        same = next((earlier for earlier in alike if _same(earlier, message)), None)
        if same is None:
            alike.append(message)
            yield message, None
        else:
            yield message, _REPEAT if same.file != message.file else None


def _same(message: _Message, other: _Message) -> bool:
    return message.lines == other.lines and message.fields == other.fields


def _together(messages: list[_Message]) -> tuple[JsonObject, list[str]]:
    """The columns of a conversation from its rows, and those that vary from row to row.

    Of a varying column the first value counts for the conversation, the last for how it ended; all of them are kept
    beside the turns. A varying column that we don't know is kept beside the turns only.
    """
    fields: JsonObject = {}
    varying: list[str] = []
    for name in {name: None for message in messages for name in message.fields}:
        values = [message.fields.get(name) for message in messages]
        logged = [value for value in values if not normalise.is_blank(value)]
        if all(value == values[0] for value in values):
            fields[name] = values[0]
            continue
        if name in normalise.CONVERSATION_FIELDS and logged:
            fields[name] = logged[-1] if name in LAST_COUNTS else logged[0]
        if name not in normalise.CONVERSATION_FIELDS or any(value != logged[0] for value in logged):
            varying.append(name)
    return fields, varying

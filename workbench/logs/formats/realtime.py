"""*realtime*: events of OpenAI's Realtime API, one a row, of one session or several: `type` and `event_id`.

Each session is a conversation; `values.realtime` puts its items together. A row belongs to the session that it names, else to the one
whose `session.created` was the last in its file. An event of an unknown type is kept in the metadata, and the import names the types.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.conversation import Conversation
from workbench.logs.files.find import shown
from workbench.logs.files.shards import shares
from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import TIMES as OTHER_TIMES
from workbench.logs.values.messages import Line, read_all
from workbench.logs.values.realtime import KNOWN, Exchange, event_of
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat, understood
from workbench.logs.values.replies import decoded
from workbench.logs.values.times import Clock

NAME = "realtime"
WHAT = "one event of OpenAI's Realtime API a row: type, event_id, and item, item_id, session or response"
REQUIRED = ("type", "event_id")
TIMES = TIME_COLUMNS
_OBJECTS = ("item", "item_id", "session", "response")
_TELLING = (
    {"item.id", "item.role"},
    {"item_id", "transcript"},
    {"session.id", "session.object"},
    {"response.id", "response.output"},
)
"""Fields of which these events have the first and the second where no id of the event was logged."""
_HOLDERS = ("event", "payload", "data", "message")
_SESSION = "session of event"
_NAMED = ("session_id", "sessionId", "conversation_id")
_HEAD = 200
_MOST_NAMES = 10


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    columns, outline = {*source.columns}, source.outline
    if any({f"{name}.type", f"{name}.event_id"} <= outline for name in _HOLDERS):
        return []
    if source.log.container != "json" and columns & {*_HOLDERS} and columns & {"type", "event_type"}:
        return [] if columns & {"event_id", "session_id"} else ["event_id"]
    if "type" in columns and any(fields <= outline for fields in _TELLING):
        return []
    lacking = [name for name in REQUIRED if name not in columns]
    return lacking if columns & {*_OBJECTS} else [*lacking, "item, item_id, session or response"]


def recognises(source: Source) -> str | None:
    """Why these are events of the Realtime API, or None."""
    if missing(source):
        return None
    return "its rows are events of OpenAI's Realtime API: type with item, item_id, session or response"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """The sessions of all files together; each row ends in one of them, as a reject, or as a repeat."""
    names = [source.name for source in sources]
    clocks = [Clock(options.timezone, source.mixed_times) for source in sources]
    rows = [
        replace(source, log=TranslatedLog(source.log, [_SESSION], _Sessions(source, name).named))
        for source, name in zip(sources, chat.names_of(sources), strict=True)
    ]
    unknown: dict[int, Counter[str]] = defaultdict(Counter)
    for share in shares(rows, scratch, [_SESSION], lambda fields: str(fields[_SESSION])):
        sessions: dict[str, list[tuple[int, int, JsonObject]]] = defaultdict(list)
        for file, row, fields in share:
            if "type" in fields:
                sessions[fields.pop(_SESSION)].append((file, row, fields))
            else:
                yield BadValue("type", "is missing: every event names its type").reject(names[file], row)
        for identity, own in sessions.items():
            yield from _conversation(identity, own, names, clocks, options)
            for file, _, event in own:
                if event["type"] not in KNOWN:
                    unknown[file][event["type"]] += 1
    for file, kinds in unknown.items():
        sources[file].notes.append(_kept(names[file], kinds))


def _kept(name: str, kinds: Counter[str]) -> str:
    listed = ", ".join(f"{shown(kind)} ({count:,})" for kind, count in kinds.most_common(_MOST_NAMES))
    more = f" and {len(kinds) - _MOST_NAMES:,} more types" if len(kinds) > _MOST_NAMES else ""
    return f"{name}: events of types that are not known here are no turns; they are kept as `events`: {listed}{more}."


class _Sessions:
    """The rows of one file, each with the session that it belongs to."""

    def __init__(self, source: Source, name: str) -> None:
        self._name = name
        heads = [event_of(fields) for _, fields in islice(source.log.read(), _HEAD)]
        self._first = next((named for event in heads if event and (named := _begun(event))), name)
        self._current, self._row = self._first, 0

    def named(self, number: int, fields: JsonObject) -> JsonObject:
        """The event of a row with its session; a row that holds none with the session alone."""
        if number <= self._row:
            self._current = self._first  # the file is read anew
        self._row = number
        event = event_of(fields)
        if event is None:
            return {_SESSION: self._current}
        self._current = _begun(event) or self._current
        own = next((text for name in _NAMED if (text := normalise.text(event.get(name)))), None)
        return {**event, _SESSION: own or self._current}


def _begun(event: JsonFields) -> str | None:
    """The session that an event says has begun, or changed."""
    if event["type"] not in ("session.created", "session.updated"):
        return None
    session = decoded(event.get("session"))
    return normalise.text(session.get("id")) if isinstance(session, Mapping) else None


def _conversation(
    identity: str,
    rows: Sequence[tuple[int, int, JsonObject]],
    names: Sequence[str],
    clocks: Sequence[Clock],
    options: ReadOptions,
) -> Iterator[LoggedConversation | Reject | Repeat]:
    exchange, kept, seen = Exchange(), 0, dict[tuple[str, str], JsonObject]()
    first_file, first_row, _ = rows[0]
    try:
        with understood():
            for file, row, event in rows:
                named = event["type"], normalise.text(event.get("event_id")) or ""
                if named[1] and seen.setdefault(named, event) is not event and seen[named] == event:
                    yield Repeat(names[file], row)
                    continue
                kept += 1
                exchange.take(event, _time(event, clocks[file]))
            conversation = _assembled(identity, exchange, options)
    except BadValue as e:
        reason = f"session {identity[:200]}: {e.reason}"
        yield Reject(names[first_file], first_row, e.column, reason, "", kept or 1)
    else:
        joined = "session" in {name.partition(".")[0] for name, _ in seen} or any(name in rows[0][2] for name in _NAMED)
        yield LoggedConversation(conversation, names[first_file], first_row, kept, joined)


def _time(event: JsonFields, clock: Clock) -> Any:
    """When an event was logged, in UTC; None where its row has no time."""
    for name in ("timestamp", *OTHER_TIMES):
        if (value := event.get(name)) not in (None, "") and not isinstance(value, (Mapping, list)):
            return clock.utc(value, name)
    return None


def _assembled(identity: str, exchange: Exchange, options: ReadOptions) -> Conversation:
    lines: list[Line] = []
    unread: list[JsonFields] = []
    for place, item in enumerate(exchange.items()):
        message = item.message()
        own = read_all([message], Clock(), f"item[{place}]")
        if not own:
            unread.append({**message, **item.more})
            continue
        last = own[-1]
        last.turn.error = last.turn.error or item.error
        last.turn.finish_reason = last.turn.finish_reason or item.finish
        last.more |= item.more
        lines += own
    if not lines:
        raise BadValue("item", "stands in no event: nothing was said, or the events of items were not logged")
    for position, line in enumerate(lines):
        line.turn.position = position
    about = {
        f"session_{name}" if name == "type" else name: value
        for name, value in exchange.about.items()
        if name not in ("id", "object")
    }
    fields: JsonObject = {**about, "conversation_id": identity}
    for name, values in (("errors", exchange.errors), ("items", unread), ("events", exchange.others)):
        if values:
            fields[name] = values
    turns = [line.turn for line in lines]
    return normalise.conversation(fields, turns, [line.more for line in lines], Clock(), options.bot)

"""*rasa*: trackers of Rasa: the events of one conversation, of which users' and bots' messages are the turns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values import cards
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat

NAME = "rasa"
WHAT = "one object a tracker of Rasa: sender_id, events"
REQUIRED = ("sender_id", "events")
TIMES = TIME_COLUMNS
_COLUMNS = ("conversation_id", "role", "content", "timestamp")
_SPEAKERS = {"user": "user", "bot": "assistant"}


def missing(source: Source) -> list[str]:
    """The required columns that are not there, of trackers or of their events one a row."""
    if _are_events(source):
        return []
    return [column for column in REQUIRED if column not in source.columns]


def _are_events(source: Source) -> bool:
    return {"sender_id", "event", "timestamp"} <= {*source.columns} and "events" not in source.columns


def recognises(source: Source) -> str | None:
    """Why these are trackers of Rasa, or None."""
    return None if missing(source) else "it has sender_id and events, as trackers of Rasa"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each tracker as a conversation; the other events (slots, actions, sessions) stay in its metadata."""
    yield from chat.read([source for source in sources if not _are_events(source)], options, scratch, _as_chat)
    rows = [
        replace(source, log=TranslatedLog(source.log, _COLUMNS, lambda _, fields: _turn(fields)))
        for source in sources
        if _are_events(source)
    ]
    if rows:
        yield from turns.read(rows, options, scratch)


def _turn(event: JsonObject) -> JsonObject:
    """An event as a row of turns; what is no message says nothing."""
    if event.get("event") in _SPEAKERS:
        about = event.get("metadata")
        return {**_message(event), "conversation_id": event.get("sender_id"), "metadata": about}
    rest = {name: value for name, value in event.items() if name not in ("sender_id", "name", "value", "text")}
    return {
        **rest,
        "role": "event",
        "content": "",
        "conversation_id": event.get("sender_id"),
        "event_of": event.get("name"),
    }


def _as_chat(row: JsonObject) -> JsonObject:
    events = row.get("events")
    if not isinstance(events, list):
        raise BadValue("events", "is no list of events", events)
    objects = [event for event in events if isinstance(event, Mapping)]
    spoken = [_message(event) for event in objects if event.get("event") in _SPEAKERS]
    others = [event for event in objects if event.get("event") not in _SPEAKERS]
    about = [event["metadata"] for event in objects if isinstance(event.get("metadata"), Mapping)]
    fields = {name: value for name, value in row.items() if name not in ("sender_id", "events", "latest_message")}
    return {
        **fields,
        "conversation_id": row.get("sender_id"),
        "bot": next((each["assistant_id"] for each in about if each.get("assistant_id")), None),
        "model_version": next((each["model_id"] for each in about if each.get("model_id")), None),
        "channel": row.get("latest_input_channel"),
        "messages": spoken,
        "events": others,
    }


def _message(event: JsonFields) -> JsonObject:
    """What was said: the words, else those on the card, the buttons or the attachment."""
    data = event.get("data")
    words = first(event, "text") or (cards.words({"data": data}) if data else "")
    parsed = event.get("parse_data")
    intent = parsed.get("intent") if isinstance(parsed, Mapping) else None
    return {
        "role": _SPEAKERS[str(event["event"])],
        "content": words,
        "timestamp": event.get("timestamp"),
        **({"intent": intent} if intent else {}),
        **(
            {"data": {name: value for name, value in data.items() if value}}
            if isinstance(data, Mapping) and any(data.values())
            else {}
        ),
    }

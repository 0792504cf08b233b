"""*rasa*: trackers of Rasa: the events of one conversation, of which users' and bots' messages are the turns."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values import cards
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat

NAME = "rasa"
WHAT = "one object a tracker of Rasa: sender_id, events"
REQUIRED = ("sender_id", "events")
TIMES = TIME_COLUMNS
_SPEAKERS = {"user": "user", "bot": "assistant"}


def missing(source: Source) -> list[str]:
    """The required columns that are not there."""
    return [column for column in REQUIRED if column not in source.columns]


def recognises(source: Source) -> str | None:
    """Why these are trackers of Rasa, or None."""
    return None if missing(source) else "it has sender_id and events, as trackers of Rasa"


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each tracker as a conversation; the other events (slots, actions, sessions) stay in its metadata."""
    return chat.read(sources, options, scratch, _as_chat)


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

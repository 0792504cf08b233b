"""*botframework*: transcripts of the Bot Framework (a list of activities), and of Copilot Studio (a row a transcript)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from workbench.conversation.roles import is_bot
from workbench.logs.files.source import Source
from workbench.logs.files.translated import TranslatedLog
from workbench.logs.formats import chat, turns
from workbench.logs.values import cards, normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat
from workbench.logs.values.replies import decoded

NAME = "botframework"
WHAT = (
    "one activity of the Bot Framework a row: type, from, conversation, timestamp; or one transcript a row: activities"
)
REQUIRED = ("from", "conversation", "type")
TIMES = ("timestamp",)
_ROLES = {"0": "assistant", "1": "user", "bot": "assistant", "skill": "assistant", "user": "user"}
_COLUMNS = ("conversation_id", "role", "content", "timestamp")


def missing(source: Source) -> list[str]:
    """What is not there of an activity, or of a transcript."""
    if _is_transcript(source):
        return []
    return [column for column in REQUIRED if column not in source.columns]


def _is_transcript(source: Source) -> bool:
    return "activities" in source.columns or {"conversationtranscriptid", "content"} <= {*source.columns}


def recognises(source: Source) -> str | None:
    """Why these are activities, or transcripts of them, or None."""
    if missing(source):
        return None
    if _is_transcript(source):
        return "its rows are transcripts of activities, as Copilot Studio keeps them"
    return (
        "its rows are activities of the Bot Framework: type, from and conversation"
        if "from.id" in source.outline
        else None
    )


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Messages are turns; typing, traces and joins stay in the metadata."""
    whole = [source for source in sources if _is_transcript(source)]
    yield from chat.read(whole, options, scratch, _as_chat)
    rows = [source for source in sources if not _is_transcript(source)]
    translated = [
        replace(each, log=TranslatedLog(each.log, _COLUMNS, lambda _, fields: _turn(fields))) for each in rows
    ]
    if translated:
        yield from turns.read(translated, options, scratch)


def _turn(activity: JsonObject) -> JsonObject:
    conversation = activity.get("conversation")
    identity = conversation.get("id") if isinstance(conversation, Mapping) else conversation
    return {**_message(activity), "conversation_id": identity, "channel": activity.get("channelId")}


def _message(activity: JsonFields) -> JsonObject:
    sender = activity.get("from")
    sender = sender if isinstance(sender, Mapping) else {}
    role = _ROLES.get(str(sender.get("role")).lower(), sender.get("role")) or _role_of(activity, sender)
    is_message = activity.get("type") == "message"
    rest = {
        name: value
        for name, value in activity.items()
        if name not in ("from", "text", "timestamp", "conversation", "value", "channelId", "name")
    }
    words = (first(activity, "text") or cards.words(activity)) if is_message else ""
    kept = {"value_logged": activity["value"]} if activity.get("value") not in (None, "") else {}
    return {
        **rest,
        **kept,
        "role": role if is_message else "event",
        "content": words,
        "timestamp": activity.get("timestamp"),
    }


def _role_of(activity: JsonFields, sender: JsonFields) -> str:
    """Who sends an activity that names no role: a bot is called so, or it replies to an activity; else the user."""
    recipient = activity.get("recipient")
    names = (sender.get("id"), sender.get("name"))
    if any(is_bot(normalise.text(name)) for name in names) or activity.get("replyToId"):
        return "assistant"
    return "user" if isinstance(recipient, Mapping) or sender else "event"


def _as_chat(row: JsonObject) -> JsonObject:
    held = decoded(row.get("content")) if "activities" not in row else row
    activities = held.get("activities") if isinstance(held, Mapping) else None
    if not isinstance(activities, list):
        raise BadValue("activities", "is no list of activities", activities)
    objects = [activity for activity in activities if isinstance(activity, Mapping)]
    conversations = [
        each["conversation"].get("id") for each in objects if isinstance(each.get("conversation"), Mapping)
    ]
    identity = first(row, "conversationtranscriptid", "conversation_id", "id") or next(iter(conversations), None)
    fields = {name: value for name, value in row.items() if name not in ("content", "activities")}
    bot = first(row, "bot_conversationtranscriptid", "schematype") if "conversationtranscriptid" in row else None
    channel = next((each["channelId"] for each in objects if each.get("channelId")), None)
    messages = [_message(activity) for activity in objects]
    return {**fields, "conversation_id": identity, "bot": bot, "channel": channel, "messages": messages}

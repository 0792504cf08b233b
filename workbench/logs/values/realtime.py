"""The events of one session of OpenAI's Realtime API as the items that were exchanged, each once.

An item is told several times: when it is created, while it is streamed, when it is done, and in the response that holds
it. What a later event says replaces what an earlier one said of the same field, but nothing that is known gives way to
what is empty. Streamed pieces count where no event has the whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.replies import decoded

_EMPTY: tuple[Any, ...] = (None, "", [], {})
_ITEM_EVENTS = frozenset(
    {
        *(f"conversation.item.{name}" for name in ("create", "created", "added", "done", "retrieved")),
        *("response.output_item.added", "response.output_item.done"),
    }
)
_WHOLE = {
    "conversation.item.input_audio_transcription.completed": "transcript",
    "response.audio_transcript.done": "transcript",
    "response.output_audio_transcript.done": "transcript",
    "response.text.done": "text",
    "response.output_text.done": "text",
    "response.function_call_arguments.done": "arguments",
    "response.mcp_call_arguments.done": "arguments",
}
"""Events that have the whole of one text, and the field that holds it."""
_PIECES = {
    "conversation.item.input_audio_transcription.delta": "transcript",
    "response.audio_transcript.delta": "transcript",
    "response.output_audio_transcript.delta": "transcript",
    "response.text.delta": "text",
    "response.output_text.delta": "text",
    "response.function_call_arguments.delta": "arguments",
    "response.mcp_call_arguments.delta": "arguments",
}
_SESSIONS = ("session.created", "session.updated", "session.update")
_RESPONSES = ("response.done", "response.completed", "response.failed", "response.incomplete", "response.cancelled")
_PLACES = ("input_audio_buffer.committed", "input_audio_buffer.speech_started", "input_audio_buffer.speech_stopped")
_MARKS = ("conversation.item.truncated", "conversation.item.deleted")
_SILENT = frozenset(
    {
        *(f"input_audio_buffer.{name}" for name in ("append", "commit", "clear", "cleared", "timeout_triggered")),
        *(f"output_audio_buffer.{name}" for name in ("started", "stopped", "clear", "cleared")),
        *(f"response.{name}" for name in ("create", "created", "in_progress", "cancel", "content_part.added")),
        *("response.audio.delta", "response.audio.done", "response.output_audio.delta", "response.output_audio.done"),
        *(f"conversation.item.{name}" for name in ("truncate", "delete", "retrieve")),
        *("conversation.created", "rate_limits.updated", "conversation.item.input_audio_transcription.segment"),
        *(f"response.mcp_call.{name}" for name in ("in_progress", "completed", "failed")),
        *(f"mcp_list_tools.{name}" for name in ("in_progress", "completed", "failed")),
    }
)
"""Events that say nothing that another one does not: sound, places, requests that are answered by an event."""
_SOUNDS = ("input_audio_buffer.append", "response.audio.delta", "response.output_audio.delta")
KNOWN = frozenset({*_ITEM_EVENTS, *_WHOLE, *_PIECES, *_SESSIONS, *_RESPONSES, *_PLACES, *_MARKS, *_SILENT}) | {
    "conversation.item.input_audio_transcription.failed",
    "response.content_part.done",
    "error",
}
"""The types of events that are read, or say nothing."""
_HOLDERS = ("event", "payload", "data", "message")


def event_of(row: JsonFields) -> JsonObject | None:
    """The event of a row, also where it lies in a field of it; without its sound. None where the row holds none."""
    around = dict(row)
    for name in _HOLDERS:
        held = decoded(row.get(name))
        if isinstance(held, Mapping) and isinstance(held.get("type"), str):
            around = {**{key: value for key, value in row.items() if key not in (name, "type")}, **held}
            break
    kind = around.get("type")
    if not isinstance(kind, str) or not kind.strip():
        return None
    if kind in _SOUNDS:
        return {name: value for name, value in around.items() if name not in ("delta", "audio")}
    return around


@dataclass
class Item:
    """One item of the conversation, as far as the events tell."""

    identity: str
    """Its id; of one that only the client logged, a name that stands for it."""
    fields: JsonObject = field(default_factory=dict)
    """What is known of it, as the API writes an item."""
    time: Any = None
    """When it was first spoken of, as logged."""
    after: str | None = None
    """The item before it, as the first event that names one says."""
    pieces: dict[tuple[str, int], str] = field(default_factory=dict)
    """Streamed texts by their field and part."""
    error: str | None = None
    """What went wrong in its response, or while it was the last item."""
    finish: str | None = None
    """Why its response ended early."""
    more: JsonObject = field(default_factory=dict)
    """What else is said of it: usage, where it was cut, that it was deleted."""

    def message(self) -> JsonObject:
        """The item as a logged message: whole texts, else those that were streamed, in its parts."""
        item = {name: value for name, value in self.fields.items() if name not in ("object", "status")}
        parts = [dict(part) for part in item.get("content") or [] if isinstance(part, Mapping)]
        for (name, place), words in sorted(self.pieces.items(), key=lambda each: each[0][1]):
            if name == "arguments":
                item["arguments"] = item.get("arguments") or words
                continue
            while len(parts) <= place:
                parts.append({"type": "text" if name == "text" else "audio"})
            if parts[place].get("text") in _EMPTY and parts[place].get("transcript") in _EMPTY:
                parts[place][name] = words
        if item.get("type") == "message":
            del item["type"]
            item["content"] = [part for part in parts if part.keys() - {"type"}] or parts
        return {**item, **({"timestamp": self.time} if self.time is not None else {})}


class Exchange:
    """The events of one session, taken one after the other."""

    def __init__(self) -> None:
        self.about: JsonObject = {}
        self.errors: list[JsonFields] = []
        self.others: list[JsonObject] = []
        self._items: dict[str, Item] = {}
        self._of_client: list[str] = []

    def take(self, event: JsonFields, time: Any) -> None:
        """Take one event, logged at a time in whatever form."""
        kind = event["type"]
        if kind in _SESSIONS:
            fill(self.about, _object(event.get("session")))
        elif kind in _ITEM_EVENTS:
            self._take_item(event, time)
        elif kind in _WHOLE or kind in _PIECES:
            self._take_words(kind, event, time)
        elif kind in _RESPONSES:
            self._take_response(_object(event.get("response")), time)
        elif kind == "response.content_part.done":
            part = _object(event.get("part"))
            self._take_part(event, part, time)
        elif kind in _PLACES or kind in _MARKS or kind.endswith("transcription.failed"):
            self._mark(kind, event, time)
        elif kind == "error":
            self._fail(_object(event.get("error")) or event)
        elif kind not in _SILENT:
            self.others.append(dict(event))

    def items(self) -> list[Item]:
        """The items in the order of the conversation; those of which only a place is known are left out."""
        order: list[str] = []
        for item in self._items.values():
            at = order.index(item.after) + 1 if item.after in order else len(order)
            order.insert(at, item.identity)
        every = (self._items[identity] for identity in order)
        return [item for item in every if item.fields or item.pieces or item.error]

    def _item(self, identity: Any, event: JsonFields, time: Any) -> Item:
        identity = normalise.text(identity) or f"item of event {len(self._items)}"
        item = self._items.setdefault(identity, Item(identity))
        item.time = time if item.time in _EMPTY else item.time
        item.after = item.after or normalise.text(event.get("previous_item_id"))
        return item

    def _take_item(self, event: JsonFields, time: Any) -> None:
        fields = _object(event.get("item"))
        by_client = event["type"] == "conversation.item.create"
        identity = normalise.text(fields.get("id"))
        if not by_client:
            time = self._asked(fields, identity) or time
        elif identity is None or identity not in self._items:
            identity = identity or f"item of client {len(self._of_client)}"
            self._of_client.append(identity)
        fill(self._item(identity, event, time).fields, fields)

    def _asked(self, fields: JsonFields, identity: str | None) -> Any:
        """Drop the request of the client that this item answers; when that was logged."""
        if identity in self._items:
            return None
        for own in self._of_client:
            asked = self._items[own]
            if own != identity and _alike(asked.fields, fields):
                del self._items[own]
                self._of_client.remove(own)
                return asked.time
        return None

    def _take_words(self, kind: str, event: JsonFields, time: Any) -> None:
        item = self._item(event.get("item_id"), event, time)
        by_user = kind.startswith("conversation.")
        name = _WHOLE.get(kind) or _PIECES[kind]
        words = event.get(name) if kind in _WHOLE else event.get("delta")
        place = event.get("content_index")
        place = place if isinstance(place, int) and 0 <= place < 1000 else 0
        if name == "arguments":
            call = {key: event.get(key) for key in ("call_id", "name")}
            fill(
                item.fields,
                {"id": event.get("item_id"), "type": "mcp_call" if "mcp" in kind else "function_call", **call},
            )
        else:
            role = "user" if by_user else "assistant"
            fill(item.fields, {"id": event.get("item_id"), "type": "message", "role": role})
        if not isinstance(words, str) or not words:
            return
        if kind in _PIECES:
            item.pieces[name, place] = item.pieces.get((name, place), "") + words
        elif name == "arguments":
            item.fields["arguments"] = words
        else:
            sound = "input_audio" if by_user else "output_audio"
            self._take_part(event, {"type": sound if name == "transcript" else "output_text", name: words}, time)

    def _take_part(self, event: JsonFields, part: JsonFields, time: Any) -> None:
        item = self._item(event.get("item_id"), event, time)
        place = event.get("content_index")
        place = place if isinstance(place, int) and 0 <= place < 1000 else 0
        fill(item.fields, {"type": "message", "role": item.fields.get("role") or "assistant"})
        fill(item.fields, {"content": [*[{} for _ in range(place)], part]})

    def _take_response(self, response: JsonFields, time: Any) -> None:
        output = decoded(response.get("output"))
        last = None
        for fields in output if isinstance(output, list) else []:
            held = _object(fields)
            last = self._item(held.get("id"), {}, time)
            fill(last.fields, held)
        status, details = response.get("status"), _object(response.get("status_details"))
        error = _object(details.get("error")) or _object(response.get("error"))
        if status == "failed" and last is None:
            last = self._item(f"response {response.get('id') or len(self._items)}", {}, time)
            last.fields |= {"type": "message", "role": "assistant"}
        if last is None:
            return
        if status == "failed":
            last.error = _reason(error) or "the response failed"
        elif status == "incomplete":
            details = details or _object(response.get("incomplete_details"))
            last.finish = normalise.text(details.get("reason")) or "incomplete"
        elif status == "cancelled":
            last.more["response"] = f"cancelled: {normalise.text(details.get('reason')) or 'no reason given'}"
        if usage := response.get("usage"):
            last.more["usage"] = decoded(usage)

    def _mark(self, kind: str, event: JsonFields, time: Any) -> None:
        if event.get("item_id") in _EMPTY:
            return
        item = self._item(event.get("item_id"), event, time)
        if kind.endswith("failed"):
            fill(item.fields, {"type": "message", "role": "user", "content": [{"type": "input_audio"}]})
            item.more["transcription_error"] = _reason(_object(event.get("error"))) or "the transcription failed"
        elif kind.endswith("truncated"):
            item.more["truncated_at_ms"] = event.get("audio_end_ms")
        elif kind.endswith("deleted"):
            item.more["deleted"] = True

    def _fail(self, error: JsonFields) -> None:
        self.errors.append(dict(error))
        if items := self.items():
            items[-1].error = items[-1].error or _reason(error) or "error"


def fill(fields: JsonObject, more: JsonFields) -> None:
    """Take what is not empty, part by part in a content; what is empty replaces nothing."""
    for name, value in more.items():
        value = decoded(value) if name == "content" else value
        if name == "content" and isinstance(value, list):
            parts = fields.setdefault("content", [])
            for place, part in enumerate(value):
                part = part if isinstance(part, Mapping) else {"type": "text", "text": part}
                if place == len(parts):
                    parts.append({})
                parts[place] |= {
                    key: each
                    for key, each in part.items()
                    if key != "audio" and not _is_empty(each) and (key != "type" or "type" not in parts[place])
                }
        elif not _is_empty(value):
            fields[name] = value


def _is_empty(value: Any) -> bool:
    return value in _EMPTY or value != value or (isinstance(value, str) and not value.strip())


def _alike(asked: JsonFields, item: JsonFields) -> bool:
    """Whether an item is the one that a client asked for: the same result, or the same words of the same role."""
    if asked.get("type") != item.get("type"):
        return False
    if "call_id" in asked or "call_id" in item:
        return asked.get("call_id") == item.get("call_id")
    return asked.get("role") == item.get("role") and _words(asked) == _words(item)


def _words(item: JsonFields) -> list[Any]:
    content = decoded(item.get("content"))
    parts = [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []
    return [part.get("text") or part.get("transcript") for part in parts]


def _object(value: Any) -> JsonFields:
    value = decoded(value)
    return value if isinstance(value, Mapping) else {}


def _reason(error: JsonFields) -> str | None:
    """What an error says, behind its code where it has one."""
    words = [normalise.text(error.get(name)) for name in ("code", "message")]
    return ": ".join(filter(None, words)) or normalise.text(error.get("type"))

"""One logged message, of whatever shape, to the lines that it makes: the one converter of all readers.

A message is `role` and `content` with our fields beside them; one that LangChain dumped (`type` and `content`, `data`
or `kwargs`); an item of OpenAI's Responses; or a choice around a message. Calls and results among its parts become
calls and turns of their own, so that a message can make several lines: call, result, words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workbench.conversation import ToolCall, Turn
from workbench.conversation.roles import is_bot, is_tool, side_of
from workbench.logs.values import cards, dialects, normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import (
    CALL_FIELDS,
    Parts,
    Result,
    Words,
    first,
    is_call,
    is_framed,
    is_result,
    joined,
    kind_of,
    results,
    tool_calls,
)
from workbench.logs.values.normalise import MESSAGE_FIELDS, text
from workbench.logs.values.records import BadValue
from workbench.logs.values.times import Clock

BODIES = ("content", "parts", "contents", "text", "value")
"""Where a message says its words: the first of these that is not blank."""
SAYS = (*BODIES, "blocks", "items", "tool_calls", "function_call", "refusal", "audio")
"""Where a message says anything at all."""
ROLES = {
    "human": "user",
    "ai": "assistant",
    "HumanMessage": "user",
    "AIMessage": "assistant",
    "SystemMessage": "system",
    "ToolMessage": "tool",
    "FunctionMessage": "function",
    "HumanMessageChunk": "user",
    "AIMessageChunk": "assistant",
    "ToolMessageChunk": "tool",
}
"""What the types and classes of LangChain's messages are called as roles."""
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_OF_ITEMS = MESSAGE_FIELDS - {"role", "content", "name", "tool_calls", "function_call", "tool_call_id", "error"}
_GIVEN = ("arguments", "input", "action", "queries", "query", "code")
_RETURNED = ("output", "outputs", "results", "error")
_GIVEN_BACK = ("result", "output", "response")
_ASKED = ("arguments", "args", "input", "parameters")
_CALLS = ("tool_calls", "toolCalls", "function_call")
_FINISH = ("finish_reason", "stop_reason", "finishReason")
TIMES = (
    "createdAt",
    "created_at",
    "create_time",
    "createTime",
    "sent_at",
    "sentAt",
    "created",
    "time",
    "datetime",
    "date",
    "ts",
    *("AbsoluteTime", "Timestamp", "created_time", "created_date", "createdDateTime", "dateCreated", "date_created"),
    *(
        "date_sent",
        "received",
        "received_at",
        "send_date",
        "sendTime",
        "startTimeMs",
        "start_time",
        "startTime",
        "creationTime",
    ),
)
"""Where a stored chat says when a message was said, if not in `timestamp`."""
_INVOCATIONS = "toolInvocations"


@dataclass(slots=True)
class Line:
    """One message on its way to be a turn."""

    turn: Turn
    """The turn that it becomes."""
    more: JsonObject = field(default_factory=dict)
    """What was logged beyond it."""
    guess: bool = False
    """Whether nothing in the payload was known, so that its whole JSON stands as the content."""


def read_all(messages: Iterable[JsonFields], clock: Clock, column: str) -> list[Line]:
    """The lines of a conversation's messages; what a message logs beyond them stays beside its last line.

    BadValue, naming the message as `column[3]`, where one can't be taken.
    """
    lines: list[Line] = []
    thoughts: list[str] = []
    items: list[JsonFields] = []
    for place, message in enumerate(messages):
        fields = unwrapped(message)
        if fields.get("role") is None and kind_of(fields) not in (None, "reasoning"):
            items.append(fields)  # of a kind that says nothing
            continue
        if fields.get("role") is None and kind_of(fields) == "reasoning":
            thoughts += Parts([fields]).reasoning  # of the message that follows
            continue
        own, rest = read(fields, clock, f"{column}[{place}].")
        last = own[-1]
        if thoughts:
            last.more["reasoning"] = "\n".join([*thoughts, *filter(None, [last.more.get("reasoning")])])
            thoughts = []
        if items:
            last.more["items"] = [*items]
            items.clear()
        last.more = {**rest, **last.more}
        lines += own
    if thoughts and lines:
        lines[-1].more.setdefault("reasoning", "\n".join(thoughts))
    if items and lines:
        lines[-1].more["items"] = [*lines[-1].more.get("items", []), *items]
    return lines


def read(fields: JsonFields, clock: Clock, column: str = "", row: bool = False) -> tuple[list[Line], JsonObject]:
    """The lines of a message, at least one, and its fields that nothing here reads.

    `column` leads the names of columns in a BadValue. In a `row` that is a message, what is no column of a message
    may be one of the conversation, and stays.
    """
    role = fields.get("role")
    if type(role) is not str or not role.strip():
        role = text(role)
        if role is None:
            raise BadValue(f"{column}role", "is empty: every message needs a role")
    lines, used = spoken(fields, role, column, row)
    last = lines[-1]
    timestamp = None
    if fields.get("timestamp") is not None:
        timestamp = clock.utc(fields["timestamp"], f"{column}timestamp")
    elif not row:
        timestamp, named = _other_time(fields, clock)
        used.add(named)
    if timestamp is not None:
        for line in lines:
            line.turn.timestamp = timestamp
    _take_details(last, fields, column)
    return lines, {name: fields[name] for name in fields.keys() - MESSAGE_FIELDS if name not in used}


def _other_time(fields: JsonFields, clock: Clock) -> tuple[datetime | None, str]:
    """When a message was said, under another name that says so, and that name; what is no time there stays as logged."""
    for name in TIMES:
        if (value := fields.get(name)) is not None:
            with suppress(BadValue):
                return clock.utc(value, name), name
    return None, "timestamp"


def _take_details(line: Line, fields: JsonFields, column: str) -> None:
    """What a message may log beside its words. What means nothing in its field stays beside the line."""
    turn, get = line.turn, fields.get
    if error := get("error"):
        turn.error = text(error)
    for name in ("citations", "retrieved"):
        if (documents := get(name)) is not None:
            setattr(turn, name, normalise.documents(documents, f"{column}{name}"))
            if normalise.has_more(documents, normalise.DOCUMENT_FIELDS):
                line.more[f"{name}_logged"] = documents
    if (calls := get("tool_calls")) is not None and normalise.has_more(calls, CALL_FIELDS):
        line.more["tool_calls_logged"] = calls
    for name, reading in (("latency_ms", normalise.number), ("feedback", normalise.feedback)):
        value = get("latencyMs") if name == "latency_ms" and name not in fields else get(name)
        if value is not None:
            normalise.take(turn, line.more, name, value, reading)


# --- words, calls, results ------------------------------------------------------------------------------------------


def spoken(fields: JsonFields, role: str, column: str = "", row: bool = False) -> tuple[list[Line], set[str]]:
    """The lines of a message in the order of its parts, and the fields that they were taken from."""
    content = fields.get("content")
    finish, named = _finish(fields, role)
    used = {"content"} if row else {"content", named}
    alone = "parts" not in fields and _INVOCATIONS not in fields
    if alone and type(content) is str and content[:1] != "[" and content and not content.isspace():
        calls = _calls(fields, column)
        lines = [Line(Turn(0, role, content, tool_calls=calls))]  # as nearly all are
        has_results = calls or "tool_results" in fields
        if has_results and (returned := [_line(each, role) for each in results(_returns(fields))]):
            lines = [*lines, *returned] if calls else [*returned, *lines]
    else:
        body = "content" if row else _body(fields)
        parts = Parts(fields.get(body), f"{column}{body}")
        parts.call(_calls(fields, column), _returns(fields))
        used.add(body)
        if _INVOCATIONS in fields:
            parts = _with_invocations(fields, parts, column)
            used.add(_INVOCATIONS)
        if not parts.has_words:
            used.add(_say_instead(fields, parts, role))
        lines = [_line(piece, role) for piece in parts.pieces or [Words()]]
        finish = finish or ("refusal" if parts.refused else None)
        if parts.reasoning:
            lines[-1].more["reasoning"] = "\n".join(parts.reasoning)
        if parts.others:
            lines[-1].more["parts"] = parts.others
        if parts.sources:
            lines[-1].turn.citations = normalise.documents(parts.sources, f"{column}{body}")
    own = next((line for line in reversed(lines) if line.turn.role == role), lines[-1])
    _describe(own.turn, fields, role, row)
    own.turn.finish_reason = finish
    return lines, used


def _body(fields: JsonFields) -> str:
    """Where a message says its words; the parts of a stored chat have the calls too, which its plain text has not."""
    parts = fields.get("parts")
    if isinstance(parts, (list, tuple)) and any(isinstance(part, Mapping) and kind_of(part) for part in parts):
        return "parts"
    for name in ("items", "blocks"):
        held = fields.get(name)
        if isinstance(held, list) and held and all(isinstance(item, Mapping) and is_framed(item) for item in held):
            return name
    bodies = BODIES if "name" not in fields and "valueType" not in fields else BODIES[:-1]  # the value of a slot
    return next((name for name in bodies if fields.get(name) not in _EMPTY), "content")


def _with_invocations(fields: JsonFields, parts: Parts, column: str) -> Parts:
    """The calls that an older message of the AI SDK has beside its words stand before these, once."""
    held = [item for item in fields[_INVOCATIONS] or () if isinstance(item, Mapping)]
    if any(isinstance(piece, Result) or piece.calls for piece in parts.pieces):
        return parts
    whole = Parts(None, f"{column}{_INVOCATIONS}")
    for invocation in held:
        whole.invoke(invocation)
    whole.join(parts)
    return whole


def _describe(turn: Turn, fields: JsonFields, role: str, row: bool) -> None:
    """What a message says of its last turn: whose name it bears, and of a result the call and whether it failed."""
    by_tool = is_tool(role)
    if turn.role == role or by_tool:
        for name in ("name", "tool_call_id"):
            value = fields.get(name)
            value = fields.get("toolCallId") if value is None and name == "tool_call_id" else value
            if value is not None:
                setattr(turn, name, getattr(turn, name) or text(value))
    if by_tool and (fields.get("is_error") is True or (fields.get("status") == "error" and not row)):
        turn.error = turn.error or turn.content or "error"


def _line(piece: Words | Result, role: str) -> Line:
    if isinstance(piece, Words):
        return Line(Turn(0, role, joined(piece.texts), tool_calls=piece.calls))
    return Line(Turn(0, "tool", piece.content, name=piece.name, tool_call_id=piece.call_id, error=piece.error))


def _say_instead(fields: JsonFields, parts: Parts, role: str) -> str:
    """Where a message has no words: its plain text, why it was refused, what its audio says, or the words on its cards. The
    name of the field that tells."""
    audio = _object(fields.get("audio")) or {}
    content = fields.get("content")
    if isinstance(content, str) and content.strip() and content[:1] != "[":
        parts.say(content)
        return "content"
    for name, words in (("refusal", fields.get("refusal")), ("audio", audio.get("transcript"))):
        if isinstance(words, str) and words.strip():
            parts.say(words, name)
            return name
    if is_tool(role) and (name := next((name for name in _GIVEN_BACK if fields.get(name) not in _EMPTY), "")):
        parts.say(value if isinstance(value := fields[name], str) else normalise.json_text(value))
        return name
    if is_bot(role) and not parts.pieces and "name" in fields and any(name in fields for name in _ASKED):
        parts.call(tool_calls(dict(fields)))
        return next(name for name in _ASKED if name in fields)
    if not any(isinstance(piece, Result) or piece.calls for piece in parts.pieces):
        parts.say("\n".join(filter(None, map(cards.words_of, parts.others))) or cards.words(fields))
    return "content"


def _calls(fields: JsonFields, column: str) -> list[ToolCall]:
    """The calls that stand beside the content; LangChain keeps what the provider gave in `additional_kwargs`."""
    calls: list[ToolCall] = []
    for name in _CALLS:
        if (logged_calls := fields.get(name)) is not None:
            calls += tool_calls(logged_calls, f"{column}{name}")
    if not calls and "additional_kwargs" in fields:
        more = _object(fields["additional_kwargs"]) or {}
        return _calls({name: more[name] for name in more if name in _CALLS}, f"{column}additional_kwargs.")
    return calls


def _returns(fields: JsonFields) -> Any:
    """The calls beside the content, which may hold what they returned, and what others did (ElevenLabs)."""
    names = (*_CALLS, "tool_results")
    held = [call for name in names if isinstance(calls := fields.get(name), list) for call in calls]
    return [call for call in held if isinstance(call, Mapping)]


def _finish(fields: JsonFields, role: str) -> tuple[str | None, str]:
    """Why a reply ended, and the name of the field that says so."""
    if (reason := fields.get("finish_reason")) is not None or not is_bot(role):
        return text(reason), "finish_reason"
    for name in _FINISH:
        if name in fields and (reason := text(fields[name])):
            return reason, name
    if answer := fields.get("response_metadata") and _object(fields["response_metadata"]):
        return next((reason for name in _FINISH if (reason := text(answer.get(name)))), None), "finish_reason"
    return None, "finish_reason"


# --- wrappers -------------------------------------------------------------------------------------------------------


def unwrapped(item: JsonFields) -> JsonFields:
    """The fields of a message as `role` and what stands beside it, out of whatever holds it; without a role where
    nothing says who speaks."""
    if item.get("role") is not None:
        return item
    if (renamed := dialects.usual(item)) is not None and renamed.get("role") is not None:
        return renamed
    for holder in ("message", "kwargs", "data"):  # dumps have every field of their class, most of them empty
        if (inner := _object(item.get(holder))) is not None:
            around = _around(item, holder)
            held = {str(name): value for name, value in inner.items() if name == "content" or value not in _EMPTY}
            if "role" in around:
                held.pop("type", None)  # which says the same
            return unwrapped({**around, **held})
    kind = kind_of(item)
    if kind is None or kind == "reasoning":
        return item
    if is_call(kind) or is_result(kind) or kind.endswith("_call"):
        return {name: item[name] for name in item.keys() & _OF_ITEMS} | _item(kind, item)
    kind = item.get("type")
    if not isinstance(kind, str):
        return item
    role = ROLES.get(kind) or (kind if side_of(kind) or _says(item) else None)
    return item if role is None else {"role": role, **{name: item[name] for name in item if name != "type"}}


def _says(item: JsonFields) -> bool:
    """Whether an item of an unknown type has words, which then stand under that type as a role."""
    return any(isinstance(item.get(name), str) and item[name].strip() for name in ("content", "text"))


def _around(item: JsonFields, holder: str) -> JsonObject:
    """What stands around a held message: of LangChain's constructors, whose id is the path of a class, only the role."""
    if holder == "kwargs":
        role = ROLES.get(lc_class(item))
        return {} if role is None else {"role": role}
    info = _object(item.get("generation_info")) or {}
    around = {name: value for name, value in item.items() if name != holder}
    return {"finish_reason": info.get("finish_reason"), **around} if holder == "message" else around


def lc_class(item: JsonFields) -> str:
    """The class of an object that LangChain serialised: `id` is its path."""
    path = item.get("id")
    return str(path[-1]) if isinstance(path, (list, tuple)) and path else ""


def _item(kind: str, item: JsonFields) -> JsonObject:
    """An item of OpenAI's Responses that is a call, or what one returned: `web_search_call` is the call `web_search`."""
    if is_result(kind):
        return {"role": "tool", "content": [item]}
    name = text(item.get("name")) or kind.removesuffix("_call")
    call = {**item, "type": "tool_call", "name": name, "arguments": first(item, *_GIVEN)}
    returned = None if is_call(kind) else first(item, *_RETURNED)
    if returned is None:
        return {"role": "assistant", "content": [call]}
    failed = item.get("error") is not None
    result = {**item, "type": "tool_result", "name": name, "response": returned, "is_error": failed}
    return {"role": "assistant", "content": [call, result]}


def _object(value: Any) -> JsonFields | None:
    """An object, also where it stands as JSON text; None where it is something else."""
    if isinstance(value, str) and value.startswith("{"):
        try:
            value = normalise.parse_json(value, None)
        except BadValue:
            return None
    return value if isinstance(value, Mapping) else None

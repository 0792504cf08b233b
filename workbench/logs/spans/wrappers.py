"""What tracing tools put around the words of a payload: arguments of a function, requests and runs of a framework,
JSON in JSON, and the chunks in which a reply was streamed."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from workbench.conversation.roles import is_bot, side_of
from workbench.logs.values import chunks, normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import content_text
from workbench.logs.values.messages import ROLES, lc_class
from workbench.logs.values.records import BadValue

_CALLED = ({"args", "kwargs"}, {"args"}, {"kwargs"})
_NO_WORDS = re.compile(r"<.* (?:object )?at 0x[0-9a-f]+>|[\w.:/-]*", re.ASCII | re.DOTALL)
_INSTRUCTIONS = ("system_instruction", "systemInstruction")
_BESIDE = ("system", "instructions", "system_prompt")
_ASKED = ("messages", "input", "contents")
_DEEPEST = 3
_LONGEST_LITERAL = 20_000


def decoded(payload: Any) -> Any:
    """A payload that is JSON text as what it says, anything else as it is (bytes as text).

    A text that is one JSON string, as functions' results are logged, is the text that it says: `"K\\u00f6ln"`.
    """
    if isinstance(payload, bytes):
        payload = payload.decode("utf-8", "replace")
    for _ in range(_DEEPEST):
        stripped = payload.strip() if isinstance(payload, str) else ""
        if not (stripped.startswith(("{", "[")) or (len(stripped) > 2 and stripped[0] == stripped[-1] == '"')):
            return payload
        try:
            value = normalise.parse_json(stripped, None)
        except BadValue:
            return payload  # a text that begins like JSON
        if not isinstance(value, str):
            return value
        payload = value
    return payload


def arguments(value: Any) -> Any:
    """The arguments of a call that was logged as `{args, kwargs}`, as they would stand alone: a tool's own."""
    if not isinstance(value, Mapping) or set(value) not in _CALLED:
        return value
    positional, named = value.get("args") or [], value.get("kwargs") or {}
    if not positional:
        return named
    if named or not isinstance(positional, list) or len(positional) > 1:
        return value
    return positional[0]


def from_python(payload: Any) -> Any:
    """What a text says that is a dictionary in Python's own writing, as LangChain logs a tool's input; all else as it is."""
    if not isinstance(payload, str) or not payload.lstrip().startswith("{") or len(payload) > _LONGEST_LITERAL:
        return payload
    if not isinstance(decoded(payload), str):
        return payload  # JSON, which stays as it was written
    try:
        value = ast.literal_eval(payload.strip())
        return value if isinstance(value, dict) and normalise.json_text(value) else payload
    except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return payload


def words_of_call(value: JsonFields, names: Sequence[str]) -> Any:
    """What a person said among the arguments of a function, None where this is no call or nothing looks like words.

    A named argument counts under a usual name, then the first positional one that is no object, id or path, then the
    only named one that is words.
    """
    if set(value) not in _CALLED:
        return None
    named = value.get("kwargs")
    named = named if isinstance(named, Mapping) else {}
    for name in names:
        if (inner := decoded(named.get(name))) not in (None, "", [], {}):
            return inner
    positional = value.get("args")
    items = [decoded(item) for item in positional] if isinstance(positional, list) else []
    held = [item for item in items if item not in (None, "", [], {}) and not isinstance(item, bool | int | float)]
    spoken = [item for item in held if not isinstance(item, str) or not _NO_WORDS.fullmatch(item.strip())]
    if spoken or held:
        return (spoken or held)[0]
    texts = [item for item in named.values() if isinstance(item, str) and not _NO_WORDS.fullmatch(item.strip())]
    return texts[0] if len(texts) == 1 else None


def instructions(value: JsonFields) -> str:
    """The instructions that a request holds beside its messages: Gemini's, Anthropic's, OpenAI's Responses'."""
    asked = next((held for name in _ASKED if isinstance(held := decoded(value.get(name)), list) and held), [])
    if any(isinstance(item, Mapping) and side_of(str(item.get("role"))) == "system" for item in asked):
        return ""
    for name in _BESIDE if asked else ():
        if (words := decoded(value.get(name))) not in (None, "", [], {}) and isinstance(words, str | list):
            return content_text(words)
    config = decoded(value.get("config"))
    for holder in (value, config if isinstance(config, Mapping) else {}):
        for name in _INSTRUCTIONS:
            if (instruction := decoded(holder.get(name))) not in (None, "", [], {}):
                return content_text(
                    instruction.get("parts")
                    if isinstance(instruction, Mapping) and "parts" in instruction
                    else instruction
                )
    return ""


def in_content(item: Any) -> JsonFields | None:
    """A message of Gemini inside its `content`, with why it ended; None where this is something else."""
    content = item.get("content") if isinstance(item, Mapping) and "role" not in item else None
    if not isinstance(content, Mapping) or not isinstance(content.get("parts"), list):
        return None
    reason = item.get("finish_reason") or item.get("finishReason")
    ended = {"finish_reason": reason} if isinstance(reason, str) else {}
    return {"role": "model", **content, **ended}


def with_server_tools(fields: JsonFields) -> JsonFields:
    """A message whose parts of tools that the provider runs are calls and results like others (OpenTelemetry)."""
    parts = fields.get("parts")
    if not isinstance(parts, list) or not any(_is_server_part(part) for part in parts):
        return fields
    return {**fields, "parts": [_server_part(part) if _is_server_part(part) else part for part in parts]}


def _is_server_part(part: Any) -> bool:
    return isinstance(part, Mapping) and part.get("type") in ("server_tool_call", "server_tool_call_response")


def _server_part(part: JsonFields) -> JsonObject:
    kind = str(part["type"])
    inner = part.get(kind)
    held = {name: value for name, value in inner.items() if name != "type"} if isinstance(inner, Mapping) else inner
    name = part.get("name") or (inner.get("type") if isinstance(inner, Mapping) else None) or "server_tool"
    if kind == "server_tool_call":
        return {"type": "tool_call", "id": part.get("id"), "name": name, "arguments": held}
    response = held.get("output", held) if isinstance(held, Mapping) else held
    named = {"name": part["name"]} if part.get("name") else {}
    return {"type": "tool_call_response", "id": part.get("id"), **named, "response": response}


def joined(items: Sequence[Any], role: str) -> Any:
    """The reply that the chunks of a stream make, as text, a message or an answer; None where these are no chunks."""
    if not is_bot(role) or not items:
        return None
    if all(isinstance(item, str) for item in items):
        return "".join(items) if _is_streamed(items) else None
    if all(isinstance(item, Mapping) for item in items):
        if all(_chunk_class(item) for item in items):
            return _message_of_chunks(items)
        return chunks.assembled(items)
    return None


def _is_streamed(texts: Sequence[str]) -> bool:
    """Whether texts are the pieces of one: words go on from one to the next."""
    if len(texts) < 2:
        return False
    borders = list(pairwise(texts))
    return any(
        before[-1:].isspace() or after[:1].isspace() or not before or not after for before, after in borders
    ) or all(before[-1:].isalnum() and after[:1].islower() for before, after in borders)


def _chunk_class(item: JsonFields) -> bool:
    kind = item.get("type")
    name = kind if isinstance(kind, str) and kind != "constructor" else lc_class(item)
    return name.endswith("Chunk") and side_of(ROLES.get(name)) == "bot"


def _message_of_chunks(items: Sequence[JsonFields]) -> JsonObject:
    """LangChain's chunks of a message as the message."""
    inner = [item["kwargs"] if isinstance(item.get("kwargs"), Mapping) else item for item in items]
    calls: dict[Any, JsonObject] = {}
    for chunk in inner:
        for number, piece in enumerate(chunk.get("tool_call_chunks") or ()):
            if isinstance(piece, Mapping):
                place = piece.get("index")
                call = calls.setdefault(number if place is None else place, {"id": None, "name": None, "args": ""})
                call["id"], call["name"] = call["id"] or piece.get("id"), call["name"] or piece.get("name")
                call["args"] += piece.get("args") or ""
    made = [{"id": call["id"], "name": call["name"], "arguments": call["args"] or "{}"} for call in calls.values()] or [
        call for chunk in inner for call in chunk.get("tool_calls") or ()
    ]
    last = next((chunk["response_metadata"] for chunk in reversed(inner) if chunk.get("response_metadata")), None)
    whole = {"role": "assistant", "content": "".join(content_text(chunk.get("content")) for chunk in inner)}
    return {**whole, **({"tool_calls": made} if made else {}), **({"response_metadata": last} if last else {})}

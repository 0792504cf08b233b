"""A streamed reply put together: the chunks of any provider as the one message that they make.

OpenAI's deltas (chat completions, and events of Responses), Anthropic's events, Gemini's and Ollama's partial answers, Bedrock's
ConverseStream, and plain pieces of text; as a list, or as the lines of server-sent events that came over the wire.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.message_parts import first
from workbench.logs.values.normalise import json_text, parse_json
from workbench.logs.values.records import BadValue

_EVENTS = ("message_start", "content_block_start", "content_block_delta", "message_delta")
_BEDROCK = ("messageStart", "contentBlockStart", "contentBlockDelta", "messageStop")
_PIECES = {"text_delta": "text", "thinking_delta": "thinking"}
_FINISHED = ("response.completed", "response.incomplete", "response.failed")


def events(text: str) -> list[Any] | None:
    """The data of server-sent events in a text, each as its JSON says; None where the text is something else."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    data = [line.removeprefix("data:").strip() for line in lines if line.startswith("data:")]
    if not data or any(not line.startswith(("data:", "event:", "id:", "retry:", ":")) for line in lines):
        return None
    try:
        return [parse_json(item, None) for item in data if item != "[DONE]"]
    except BadValue:
        return None


def assembled(chunks: Sequence[Any]) -> Any:
    """What the chunks of a streamed reply make: a message, or a whole answer; None where these are no chunks."""
    items = [_unpacked(chunk) for chunk in chunks]
    items = [item for item in items if item is not None]
    if not items or not all(isinstance(item, Mapping) for item in items):
        return None
    for recognised, join in _JOINS:
        if any(map(recognised, items)):
            return join(items)
    return None


def _unpacked(chunk: Any) -> Any:
    """A chunk out of what Bedrock wraps around it: its bytes in base64."""
    inner = chunk.get("chunk") if isinstance(chunk, Mapping) else None
    held = inner.get("bytes") if isinstance(inner, Mapping) else None
    if isinstance(held, str):
        try:
            return parse_json(base64.b64decode(held, validate=True).decode("utf-8"), None)
        except (binascii.Error, UnicodeDecodeError, BadValue):
            return chunk
    return chunk


def _choices(item: JsonFields) -> list[JsonFields]:
    choices = item.get("choices")
    return [choice for choice in choices if isinstance(choice, Mapping)] if isinstance(choices, list) else []


# --- OpenAI ---------------------------------------------------------------------------------------------------------


def _is_delta(item: JsonFields) -> bool:
    return any(isinstance(choice.get("delta"), Mapping) for choice in _choices(item))


def _join_deltas(items: Sequence[JsonFields]) -> JsonObject:
    """The message of the first choice."""
    message: JsonObject = {"role": "assistant"}
    words: dict[str, list[str]] = {}
    calls: dict[Any, JsonObject] = {}
    for item in items:
        for choice in _choices(item):
            if choice.get("index") not in (None, 0):
                continue
            delta = choice.get("delta")
            delta = delta if isinstance(delta, Mapping) else {}
            for name in ("content", "refusal", "reasoning_content", "text"):
                if isinstance(piece := delta.get(name), str):
                    words.setdefault(name, []).append(piece)
            _add_calls(calls, delta)
            if isinstance(reason := choice.get("finish_reason"), str):
                message["finish_reason"] = reason
    message |= {name: "".join(pieces) for name, pieces in words.items()}
    if calls:
        message["tool_calls"] = list(calls.values())
    return message


def _add_calls(calls: dict[Any, JsonObject], delta: JsonFields) -> None:
    made = delta.get("tool_calls")
    parts = list(made) if isinstance(made, list) else []
    if isinstance(delta.get("function_call"), Mapping):
        parts.append({"function": delta["function_call"]})
    for part in parts:
        if not isinstance(part, Mapping):
            continue
        function = part.get("function")
        function = function if isinstance(function, Mapping) else {}
        call = calls.setdefault(part.get("index", 0), {"id": None, "name": "", "arguments": ""})
        call["id"] = part.get("id") or call["id"]
        for name in ("name", "arguments"):
            call[name] += value if isinstance(value := function.get(name), str) else ""


def _is_response_event(item: JsonFields) -> bool:
    return isinstance(kind := item.get("type"), str) and kind.startswith("response.")


def _join_response(items: Sequence[JsonFields]) -> Any:
    """The finished response, else its finished items, else the text so far."""
    for item in reversed(items):
        if item.get("type") in _FINISHED and isinstance(item.get("response"), Mapping):
            return item["response"]
    if done := [item["item"] for item in items if item.get("type") == "response.output_item.done" and "item" in item]:
        return done
    deltas = [item.get("delta") for item in items if item.get("type") == "response.output_text.delta"]
    return {"role": "assistant", "content": "".join(piece for piece in deltas if isinstance(piece, str))}


# --- Anthropic, Bedrock ---------------------------------------------------------------------------------------------


def _is_event(item: JsonFields) -> bool:
    return item.get("type") in _EVENTS


def _join_events(items: Sequence[JsonFields]) -> JsonObject:
    message: JsonObject = {"role": "assistant"}
    blocks: dict[Any, JsonObject] = {}
    arguments: dict[Any, list[str]] = {}
    for item in items:
        place, delta = item.get("index", 0), item.get("delta")
        delta = delta if isinstance(delta, Mapping) else {}
        if isinstance(start := item.get("message"), Mapping):
            message |= {name: start[name] for name in ("id", "role", "model") if name in start}
        if isinstance(block := item.get("content_block"), Mapping):
            blocks[place] = dict(block)
        if reason := delta.get("stop_reason"):
            message["stop_reason"] = reason
        kind = str(delta.get("type"))
        if isinstance(piece := delta.get("partial_json"), str):
            arguments.setdefault(place, []).append(piece)
        elif (name := _PIECES.get(kind)) and isinstance(piece := delta.get(name), str):
            block = blocks.setdefault(place, {"type": name, name: ""})
            block[name] = str(block.get(name) or "") + piece
    return message | {"content": _filled(blocks, arguments)}


def _filled(blocks: dict[Any, JsonObject], arguments: Mapping[Any, Sequence[str]]) -> list[JsonObject]:
    """The blocks in their order, calls with the arguments that came in pieces."""
    for place, pieces in arguments.items():
        if place in blocks:
            blocks[place]["input"] = "".join(pieces)
    return [blocks[place] for place in sorted(blocks, key=str)]


def _is_bedrock(item: JsonFields) -> bool:
    return any(name in item for name in _BEDROCK)


def _join_bedrock(items: Sequence[JsonFields]) -> JsonObject:
    message: JsonObject = {"role": "assistant"}
    blocks: dict[Any, JsonObject] = {}
    arguments: dict[Any, list[str]] = {}
    for item in items:
        for name in _BEDROCK:
            event = item.get(name)
            if not isinstance(event, Mapping):
                continue
            place = event.get("contentBlockIndex", 0)
            inner = first(event, "start", "delta")
            inner = inner if isinstance(inner, Mapping) else {}
            if "stopReason" in event:
                message["stop_reason"] = event["stopReason"]
            call = inner.get("toolUse")
            if isinstance(call, Mapping) and "input" in call:
                arguments.setdefault(place, []).append(str(call["input"]))
            elif isinstance(call, Mapping):
                blocks[place] = {"type": "tool_use", "id": call.get("toolUseId"), "name": call.get("name")}
            if isinstance(piece := inner.get("text"), str):
                block = blocks.setdefault(place, {"type": "text", "text": ""})
                block["text"] = str(block.get("text") or "") + piece
    return message | {"content": _filled(blocks, arguments)}


# --- partial answers ------------------------------------------------------------------------------------------------


def _is_candidate(item: JsonFields) -> bool:
    return isinstance(item.get("candidates"), list)


def _join_candidates(items: Sequence[JsonFields]) -> JsonObject:
    """Gemini's: the parts of the first candidates one after the other, text that follows text in one."""
    parts: list[Any] = []
    message: JsonObject = {"role": "model"}
    for item in items:
        candidate = next(iter(item.get("candidates") or ()), None)
        candidate = candidate if isinstance(candidate, Mapping) else {}
        if reason := candidate.get("finishReason"):
            message["finish_reason"] = reason
        content = candidate.get("content")
        for part in (content.get("parts") or ()) if isinstance(content, Mapping) else ():
            last = parts[-1] if parts else None
            if (
                isinstance(part, Mapping)
                and set(part) == {"text"}
                and isinstance(last, Mapping)
                and set(last) == set(part)
            ):
                parts[-1] = {"text": f"{last['text']}{part['text']}"}
            else:
                parts.append(part)
    return message | {"parts": parts}


def _is_partial(item: JsonFields) -> bool:
    return isinstance(item.get("done"), bool)


def _join_partial(items: Sequence[JsonFields]) -> JsonObject:
    """Ollama's: pieces of one message, or of a `response`."""
    inner = [item["message"] if isinstance(item.get("message"), Mapping) else item for item in items]
    words = [piece for item in inner if isinstance(piece := first(item, "content", "response"), str)]
    calls = [call for item in inner if isinstance(item.get("tool_calls"), list) for call in item["tool_calls"]]
    message: JsonObject = {"role": "assistant", "content": "".join(words)}
    reason = next((item["done_reason"] for item in reversed(items) if item.get("done_reason")), None)
    return message | ({"tool_calls": calls} if calls else {}) | ({"finish_reason": reason} if reason else {})


def _is_piece(item: JsonFields) -> bool:
    kind = item.get("type")
    return kind in ("text-delta", "text_delta") or item.get("object") == "text_completion"


def _join_pieces(items: Sequence[JsonFields]) -> JsonObject:
    """Deltas of the AI SDK, and pieces of OpenAI's older completions."""
    words: list[str] = []
    for item in items:
        text = next((choice.get("text") for choice in _choices(item)), first(item, "delta", "textDelta", "text"))
        if text is not None:
            words.append(text if isinstance(text, str) else json_text(text))
    return {"role": "assistant", "content": "".join(words)}


_JOINS = (
    (_is_delta, _join_deltas),
    (_is_response_event, _join_response),
    (_is_event, _join_events),
    (_is_bedrock, _join_bedrock),
    (_is_candidate, _join_candidates),
    (_is_partial, _join_partial),
    (_is_piece, _join_pieces),
)
"""By a sign of one chunk, how its kind is put together."""

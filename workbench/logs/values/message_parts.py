"""What a message is made of: its text, its tool calls, and content in parts, by whichever provider.

Content is a text or a list of parts: those of OpenAI, Anthropic, Gemini, Bedrock, OpenTelemetry and the AI SDKs hold
text, calls, results of calls, reasoning and media. `Parts` sorts them; a result is a turn of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.conversation import ToolCall
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.normalise import json_text, listed, parse_json, text
from workbench.logs.values.records import BadValue

CALL_FIELDS = {"id", "name", "arguments", "args", "input", "parameters", "function", "type", "index"}
_KIND_FIELDS = ("block_type", "content_type", "part_kind", "$type")
"""What frameworks call the type of a part: LlamaIndex, Semantic Kernel, Pydantic AI, .NET."""
_HUMPS = re.compile(r"(?<=[a-z])([A-Z])")
_ARGUMENTS = ("arguments", "args", "input", "parameters", "params_as_json")
_NAMES = ("name", "toolName", "tool_name")
_CALL_IDS = (
    "call_id",
    "callId",
    "id",
    "tool_use_id",
    "tool_call_id",
    "toolUseId",
    "toolCallId",
    "request_id",
    "tool_id",
)
_RESULT_IDS = ("tool_use_id", "tool_call_id", "call_id", "callId", "toolUseId", "toolCallId", "request_id", "id")
_CALLS = frozenset({"tool_call", "tool_use", "server_tool_use", "mcp_tool_use", "function_call"})
_RESULTS = frozenset(
    {"tool_result", "tool_call_response", "function_call_output", "mcp_tool_result", "tool_return", "function_result"}
)
_NAMED_CALLS = ("functionCall", "function_call", "toolUse", "tool_call")
_NAMED_RESULTS = ("functionResponse", "function_response", "toolResult", "tool_call_result")
_RETURNED = ("response", "result", "result_value", "output", "content")
_REASONING = frozenset({"reasoning", "thinking", "think"})
_THOUGHTS = ("content", "thinking", "think", "text", "summary")
_TEXT_PARTS = frozenset({"text", "input_text", "output_text", "refusal", "summary_text"})
_IMAGES = frozenset({"image_url", "input_image", "image"})
_MEDIA = frozenset({"input_audio", "output_audio", "audio", "input_file", "file", "blob", "uri"})
_SILENT = frozenset({"step_start", "redacted_thinking", "start_step", "finish_step"})
"""Parts that mark a place and say nothing."""
_ENDED = ("output-error", "output-denied", "error")
"""States of a call of the AI SDK that failed."""
_HOLDS = {
    **dict.fromkeys(("text", "input_text", "output_text"), ("text", "content")),
    **dict.fromkeys(_CALLS, _NAMES),
    **dict.fromkeys(_RESULTS, _RESULT_IDS),
    **dict.fromkeys(_REASONING, _THOUGHTS),
    "refusal": ("refusal",),
    "image_url": ("image_url",),
    "image": ("source",),
    "document": ("source",),
    "input_audio": ("input_audio",),
    "redacted_thinking": ("data",),
}
"""Of a part that stands in JSON text: by its type, one of the fields that it must have."""
_UNTYPED = frozenset({"text", *_NAMED_CALLS, *_NAMED_RESULTS})
"""The only field of a part without a type, as Bedrock and Gemini write them."""
_MARKS = ('"type"', *(f'"{name}"' for name in sorted(_UNTYPED)))


def content_text(content: Any) -> str:
    """The text of a message: a string, null, one part or a list of parts (OpenAI). An image stays as `[image: url]`."""
    if content is None:
        return ""
    if type(content) is str:
        return content
    if isinstance(content, bytes):
        return content.decode("utf-8", "replace")
    if isinstance(content, (list, tuple)):
        return joined([*filter(None, map(_part_text, content))])
    return _part_text(content)


def _part_text(part: Any) -> str:
    if not isinstance(part, Mapping):
        return part if isinstance(part, str) else "" if part is None else json_text(part)
    kind = kind_of(part)
    if kind is None or kind in _TEXT_PARTS or isinstance(part.get("text"), str):
        words = first(part, "text", "refusal", "content")
        words = words.get("value") if isinstance(words, Mapping) else words
        if isinstance(words, str):
            return words
        if words is None and kind is not None:
            return ""
    if kind in _IMAGES:
        image = part.get("image_url")
        url = image.get("url") if isinstance(image, Mapping) else image
        return f"[image: {url}]" if isinstance(url, str) and not url.startswith("data:") else "[image]"
    if isinstance(part.get("transcript"), str) and part["transcript"]:
        return str(part["transcript"])
    if kind == "logs" and isinstance(part.get("logs"), str):
        return str(part["logs"])
    if kind in _MEDIA:
        what = text(part.get("modality")) or ("file" if kind in ("blob", "uri") else str(kind).split("put_")[-1])
        return f"[{what}]"
    if kind == "document" and isinstance(part.get("source"), Mapping):
        return "[document]"
    return json_text(part)


def kind_of(part: JsonFields) -> str | None:
    """The type of a part, `tool-result` as `tool_result`, whatever field names it; None where none does."""
    kind = part.get("type")
    if isinstance(kind, str):
        return kind.replace("-", "_")
    kind = next((part[name] for name in _KIND_FIELDS if isinstance(part.get(name), str)), None)
    return kind and _HUMPS.sub(r"_\1", kind.removesuffix("Content").replace("-", "_")).lower()


def is_framed(part: JsonFields) -> bool:
    """Whether this is a part of a framework's message, which names its type in a field of its own."""
    return any(isinstance(part.get(name), str) for name in _KIND_FIELDS)


def first(fields: JsonFields, *names: str) -> Any:
    """The value of the first of these fields that is there and not null."""
    for name in names:
        if (value := fields.get(name)) is not None:
            return value
    return None


# --- tool calls -----------------------------------------------------------------------------------------------------


def tool_calls(value: Any, column: str = "tool_calls") -> list[ToolCall]:
    """Tool calls of a message: structs or JSON text, flat or in OpenAI's `{function: {name, arguments}}`.

    What a call is given may stand as `arguments`, `args`, `input` or `parameters`; of two ids, `call_id` is the one
    that its result names.
    """
    return [_tool_call(item, f"{column}[{place}]") for place, item in enumerate(listed(value, column))]


def _tool_call(item: Any, column: str) -> ToolCall:
    if isinstance(item, str):
        item = parse_json(item, column)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no tool call: id, name and arguments are expected", item)
    if isinstance(item.get("tool_call"), Mapping):
        return _tool_call(item["tool_call"], column)
    function = item.get("function")
    inner: JsonFields = function if isinstance(function, Mapping) else item
    name = _named(inner, _NAMES) or _named(item, _NAMES) or (function if isinstance(function, str) else None)
    if name is None:
        raise BadValue(column, "has no name", item)
    arguments = first(inner, *_ARGUMENTS)
    arguments = first(item, *_ARGUMENTS) if arguments is None else arguments
    if arguments is None:
        arguments = "{}"
    elif not isinstance(arguments, str):
        arguments = json_text(arguments)
    return ToolCall(name=name, arguments=arguments, id=_named(item, _CALL_IDS))


def _named(fields: JsonFields, names: Sequence[str]) -> str | None:
    """The text of the first of these fields that has one."""
    for name in names:
        if (value := text(fields.get(name))) is not None:
            return value
    return None


# --- parts ----------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Result:
    """What a call returned."""

    content: str
    """Its text."""
    name: str | None = None
    """The name of its tool."""
    call_id: str | None = None
    """The id of the call."""
    error: str | None = None
    """Its words again where it is an error."""


@dataclass(slots=True)
class Words:
    """What is said, and called, between two results."""

    texts: list[str] = field(default_factory=list)
    """The texts in their order."""
    calls: list[ToolCall] = field(default_factory=list)
    """The calls in their order."""


def joined(texts: Sequence[str]) -> str:
    """The texts of parts as one: a line each, but where a space says that one goes on in the next."""
    whole = ""
    for piece in texts:
        goes_on = not whole or whole[-1:].isspace() or piece[:1].isspace()
        whole += piece if goes_on else f"\n{piece}"
    return whole


class Parts:
    """The content of a message, part by part: `pieces` in their order, and what is no text of it: `reasoning`,
    `sources` that it names, and `others`, parts of a type that nobody here reads."""

    def __init__(self, content: Any, column: str = "content") -> None:
        self.pieces: list[Words | Result] = []
        self.reasoning: list[str] = []
        self.sources: list[JsonFields] = []
        self.others: list[JsonFields] = []
        self._column = column
        self._kinds: set[str | None] = set()
        content = content.decode("utf-8", "replace") if isinstance(content, bytes) else content
        content = _in_json(content) if isinstance(content, str) else content
        if isinstance(content, list) and any(isinstance(part, str) for part in content):
            content = _run_on(content)
        for part in content if isinstance(content, (list, tuple)) else () if content is None else (content,):
            self._take(part)

    @property
    def has_words(self) -> bool:
        """Whether there are words, beside calls and results."""
        return bool(self._kinds)

    @property
    def refused(self) -> bool:
        """Whether all that is said is a refusal."""
        return self._kinds == {"refusal"}

    def invoke(self, invocation: JsonFields) -> None:
        """A call of the AI SDK with what it returned, where it has: both stand in one part."""
        self._words().calls.append(_tool_call(invocation, self._column))
        failed = invocation.get("state") in _ENDED or first(invocation, "errorText") is not None
        returned = first(invocation, "errorText") if failed else first(invocation, "output", "result")
        if returned is not None or failed:
            name, call_id = _named(invocation, _NAMES), _named(invocation, _CALL_IDS)
            content = (
                returned if isinstance(returned, str) else json_text(returned if returned is not None else "denied")
            )
            self.pieces.append(Result(content, name, call_id, content if failed else None))

    def say(self, words: str, kind: str | None = None) -> None:
        """Words of the message, behind those so far."""
        if words:
            self._words().texts.append(words)
        if words.strip():
            self._kinds.add(kind)

    def join(self, other: Parts) -> None:
        """Another content behind this one."""
        self.pieces += other.pieces
        self.reasoning += other.reasoning
        self.sources += other.sources
        self.others += other.others
        self._kinds |= other._kinds

    def call(self, calls: Sequence[ToolCall], logged: Sequence[JsonFields] = ()) -> None:
        """Calls that stand beside the content; some log them there and among the parts, and each counts once. What they
        returned follows, where it is `logged` with them."""
        if not calls:
            self.pieces = [*results(logged), *self.pieces]
            return
        present = [call for piece in self.pieces if isinstance(piece, Words) for call in piece.calls]
        if new := [call for call in calls if not any(_same(call, other) for other in present)]:
            self._words().calls.extend(new)
            self.pieces += results(logged)

    def _words(self) -> Words:
        """Where the next words and calls go: behind a result they are new ones."""
        last = self.pieces[-1] if self.pieces else None
        if not isinstance(last, Words):
            last = Words()
            self.pieces.append(last)
        return last

    def _take(self, part: Any) -> None:
        if not isinstance(part, Mapping):
            self.say(content_text(part))
            return
        if isinstance(part.get("message_content"), Mapping):
            part = part["message_content"]
        kind = kind_of(part)
        call = next((part[name] for name in _NAMED_CALLS if isinstance(part.get(name), Mapping)), None)
        result = next((part[name] for name in _NAMED_RESULTS if isinstance(part.get(name), Mapping)), None)
        if (invocation := _invocation(part, kind)) is not None:
            self.invoke(invocation)
        elif isinstance(held := part.get("tool_call"), Mapping) and "output" in held:
            self.invoke({**held, "toolCallId": held.get("id")})
        elif call is not None or is_call(kind):
            self._words().calls.append(_tool_call(part if call is None else call, self._column))
        elif result is not None or is_result(kind):
            self.pieces.append(_result(part if result is None else result))
        elif kind in _REASONING or part.get("thought") is True:
            words = content_text(first(part, *_THOUGHTS))
            self.reasoning += [words] if words else []
        elif kind is not None and kind.startswith("source_"):
            self.sources.append({"id": part.get("sourceId"), "title": part.get("title"), "url": part.get("url")})
        elif kind is None or _is_read(part, kind):
            self.say(content_text(part), kind)
        elif kind not in _SILENT:
            self.others.append(part)


def results(calls: Sequence[JsonFields]) -> Iterator[Result]:
    """What the calls of a message returned, of those that hold it."""
    for call in calls:
        if any(name in call for name in _RETURNED) and (value := first(call, *_RETURNED)) is not None:
            held = value[0] if isinstance(value, list) and len(value) == 1 else value
            inner = (
                next((held[name] for name in _NAMED_RESULTS if name in held), held)
                if isinstance(held, Mapping)
                else held
            )
            whole = {**call, **inner} if inner is not held and isinstance(inner, Mapping) else call
            yield _result(whole)


def _invocation(part: JsonFields, kind: str | None) -> JsonFields | None:
    """The call that a part of a stored message of the AI SDK holds: `tool-NAME`, `dynamic-tool`, `tool-invocation`."""
    if kind == "tool_invocation" and isinstance(part.get("toolInvocation"), Mapping):
        return part["toolInvocation"]  # type: ignore[no-any-return]
    if kind is None or "toolCallId" not in part or is_call(kind) or is_result(kind):
        return None
    if kind == "dynamic_tool":
        return part
    name = str(part["type"]).removeprefix("tool-")
    return {**part, "toolName": name} if name != part["type"] else None


def _is_read(part: JsonFields, kind: str) -> bool:
    """Whether the words of a part of this type are known, or it has some under a usual name."""
    if kind in _TEXT_PARTS or kind in _IMAGES or kind in _MEDIA or kind in ("document", "logs"):
        return True
    return isinstance(first(part, "text", "transcript"), str)


def _same(call: ToolCall, other: ToolCall) -> bool:
    if call.id and other.id:
        return call.id == other.id
    return (call.name, call.arguments) == (other.name, other.arguments)


def is_call(kind: str | None) -> bool:
    """Whether a part of this type calls a tool."""
    return kind in _CALLS


def is_result(kind: str | None) -> bool:
    """Whether a part of this type is what a call returned."""
    return kind in _RESULTS or (kind is not None and kind.endswith(("_tool_result", "_call_output")))


def _result(part: JsonFields) -> Result:
    """What a part, or an item, says that a call returned."""
    origin = part.get("origin")
    part = {**origin, **part} if isinstance(origin, Mapping) else part  # of the call that it answers
    value = first(part, *_RETURNED)
    content = content_text(value) if value is None or isinstance(value, (str, list, tuple)) else json_text(value)
    failed = any(part.get(name) is True for name in ("is_error", "isError", "error")) or part.get("status") == "error"
    return Result(content, _named(part, _NAMES), _named(part, _RESULT_IDS), (content or "error") if failed else None)


def _run_on(content: list[Any]) -> list[Any]:
    """Texts among which marked ones stand, as Telegram writes them, are one text; any other list as it is."""
    marked = [part for part in content if isinstance(part, Mapping)]
    if not marked or not all(isinstance(part, str) or isinstance(part.get("text"), str) for part in content):
        return content
    return ["".join(part if isinstance(part, str) else part["text"] for part in content)]


def _in_json(content: str) -> Any:
    """The parts where a text is a JSON list of them, which is all that a column of texts can hold; else the text."""
    if content.startswith("[") and any(mark in content for mark in _MARKS):
        try:
            parts = parse_json(content, None)
        except BadValue:
            return content
        objects = isinstance(parts, list) and all(isinstance(item, Mapping) for item in parts)
        if objects and all(map(kind_of, parts)) and any(map(_is_part, parts)):
            return parts
        if objects and parts and all(len(item) == 1 and _UNTYPED & item.keys() for item in parts):
            return parts
    return content


def _is_part(item: JsonFields) -> bool:
    kind = kind_of(item) or ""
    return _invocation(item, kind) is not None or first(item, *_HOLDS.get(kind, ())) is not None

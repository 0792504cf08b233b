"""What spans say, in whatever shape: payloads of any tool to lines of a conversation, documents and nested attributes.

A payload is plain text, one message, a list of messages, or an object that holds them under a usual name
(`messages`, `input`, `output`, …). What one message says is read by `messages`, as in every other log.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from workbench.conversation import Document, ToolCall, Turn
from workbench.conversation.roles import is_bot, is_tool
from workbench.logs.spans import wrappers
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import message_parts, normalise, replies
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.messages import ROLES, Line, lc_class, spoken, unwrapped
from workbench.logs.values.records import BadValue

_TYPED = (*ROLES, "system", "tool", "function", "chat")
_BODY = ("content", "parts", "contents", "tool_calls", "function_call", "additional_kwargs")
_INPUTS = (
    *[
        "messages",
        "new_message",
        "contents",
        "input",
        "question",
        "query",
        "prompt",
        "user_input",
        "user_message",
        "human_input",
    ],
    *["message", "text", "content", "inputs"],
)
_OUTPUTS = (
    *["messages", "message", "output", "answer", "response", "result", "reply", "text", "content", "completion"],
    *["output_text", "choices", "candidates", "generations", "return_values", "outputs"],
)
_ITEMS = ("function_call", "function_call_output")
_HISTORY = ("chat_history", "history")
_SCHEMAS = ("parameters", "input_schema", "inputSchema", "args_schema")
_BUILT_IN = re.compile(
    r"(?:web_search|file_search|code_interpreter|computer|image_generation|local_shell|mcp|text_editor|bash|code_execution)\w*"
)
"""The types by which a request names tools that the provider runs."""
_NOTHING = ("null", "None", "NaN", "undefined")
"""What exporters write for a result that they do not know."""
_IMAGES = ("image", "image_url", "input_image")


# --- payloads -------------------------------------------------------------------------------------------------------


def lines(payload: Any, role: str) -> list[Line]:
    """The lines of a payload, none where it is null or blank; `role` is whose words plain text is."""
    value = decoded(payload)
    if isinstance(value, str):
        return [_plain_line(role, value)] if value.strip() else []
    if value is None or value in ({}, []):
        return []
    shown = _lines(value, role)
    if shown is None:
        shown = _of_provider(value, role)
    return [Line(Turn(0, role, normalise.json_text(value)), guess=True)] if shown is None else shown


def _of_provider(value: Any, role: str) -> list[Line] | None:
    """The lines of a request to a provider, or of its answer; None where it is neither."""
    read = replies.reply(value) if is_bot(role) else replies.request(value)
    if not read or not all(_is_message(item) for item in read):
        return None
    return [line for item in read for line in _message(item, role)]


def messages(payload: Any, role: str, column: str) -> list[Line]:
    """The lines of a column that holds messages and nothing else; BadValue where it does not."""
    if isinstance(payload, str) and payload.lstrip().startswith(("[", "{")):
        payload = normalise.parse_json(payload, column)
    read_lines = lines(payload, role)
    if any(line.guess for line in read_lines):
        raise BadValue(column, "holds no messages: role and content are expected", payload)
    return read_lines


def result_text(payload: Any) -> str | None:
    """A tool's result: the content where it is a message, else the text, or the JSON, as logged. None for null."""
    value = decoded(payload)
    if isinstance(value, Mapping) and _is_message(value):
        return "\n".join(line.turn.content for line in _message(value, "tool"))
    if value is None or (isinstance(value, str) and value.strip() in _NOTHING):
        return None
    payload = value if isinstance(value, str) else payload
    return payload if isinstance(payload, str) or payload is None else normalise.json_text(payload)


def arguments_text(payload: Any) -> str:
    """A tool's arguments as the JSON text that they are, or as whatever text was logged."""
    value = decoded(payload)
    if (inner := wrappers.arguments(value)) is not value:
        payload = inner
    payload = wrappers.from_python(payload)
    return payload if isinstance(payload, str) else "{}" if payload is None else normalise.json_text(payload)


def _plain_line(role: str, content: str) -> Line:
    return Line(Turn(0, role, content))


def _lines(value: Any, role: str) -> list[Line] | None:
    """None where the value has no shape that is known."""
    if isinstance(value, str):
        return [_plain_line(role, value)] if value.strip() else []
    if isinstance(value, Mapping):
        return _lines_of_object(value, role)
    if not isinstance(value, (list, tuple)):
        return None
    if len(value) == 1 and isinstance(value[0], (list, tuple)) and not _is_pair(value[0]):
        return _lines(value[0], role)  # a batch of one
    if (whole := wrappers.joined(value, role)) is not None:
        return _lines(whole, role)
    if value and all(isinstance(item, str) for item in value):
        return [_plain_line(role, "\n".join(value))]
    spoken: list[Line] = []
    unread: list[str] = []
    for each in value:
        item: Any = wrappers.in_content(each) or each
        if _is_pair(item):
            spoken.append(_plain_line(ROLES.get(item[0], item[0]), item[1]))
        elif isinstance(item, Mapping) and _is_message(item):
            spoken += _message(item, role)
        elif isinstance(item, Mapping) and ("text" in item or item.get("type") in _IMAGES):
            spoken += _message({"content": [item]}, role)
        elif isinstance(item, Mapping) and isinstance(item.get("type"), str):
            unread += [item["type"]] if item["type"] != "reasoning" else []
        else:
            return None
    if not spoken and unread:
        return None
    if unread:
        spoken[-1].more["unread_items"] = unread
    return spoken


def _is_pair(item: Any) -> bool:
    """A message as (role, text), which LangGraph takes."""
    return isinstance(item, (list, tuple)) and len(item) == 2 and all(isinstance(part, str) for part in item)


def _is_message(item: JsonFields) -> bool:
    if isinstance(item.get("message"), Mapping):
        return _is_message(item["message"])
    if isinstance(item.get("kwargs"), Mapping):
        return lc_class(item) in ROLES
    if "role" in item:
        return isinstance(item["role"], str) and any(name in item for name in (*_BODY, "text"))
    if item.get("type") in _ITEMS:
        return "call_id" in item
    if isinstance(item.get("type"), str) and item["type"].endswith(("_call", "_call_output")):
        return True
    return item.get("type") in _TYPED and ("content" in item or "data" in item)


def _lines_of_object(value: JsonFields, role: str) -> list[Line] | None:
    if _is_message(value):
        return _message(value, role)
    if (inner := wrappers.in_content(value)) is not None:
        return _message(inner, role)
    if (spoken := wrappers.words_of_call(value, _INPUTS)) is not None:
        return _lines(spoken, role)
    instructions = wrappers.instructions(value) if role == "user" else ""
    before = [_plain_line("system", instructions)] if instructions else []
    before += [line for name in _HISTORY for line in _lines(decoded(value.get(name)), "user") or ()]
    for name in _INPUTS if role == "user" else _OUTPUTS:
        inner = decoded(value.get(name))
        if inner not in (None, "", [], {}) and (spoken := _lines(inner, role)) is not None:
            return before + spoken
    if before:
        return before
    texts = [item for item in value.values() if isinstance(item, str)]
    return [_plain_line(role, texts[0])] if len(value) == 1 and texts else None


# --- one message ----------------------------------------------------------------------------------------------------


def _message(item: JsonFields, role: str) -> list[Line]:
    """The lines of one message: calls and results among its parts are lines in their order."""
    fields = wrappers.with_server_tools(unwrapped(item))
    if _is_definition(fields):
        return []
    calls = decoded(fields.get("tool_calls"))
    if not isinstance(calls, (list, tuple, Mapping)):
        calls = None  # a word, which calls nothing
    named = str(fields.get("role") or role)
    return spoken({**fields, "tool_calls": calls}, ROLES.get(named, named))[0]


def _is_definition(fields: JsonFields) -> bool:
    """Whether a message of the tool's role says what a tool is, for the model: it answers no call."""
    content = decoded(fields.get("content"))
    if not is_tool(str(fields.get("role"))) or fields.get("tool_call_id") or not isinstance(content, Mapping):
        return False
    inner = content.get("function")
    if content.keys() & {"type"} and _BUILT_IN.fullmatch(str(content["type"])) and "id" not in content:
        return True
    tool = inner if isinstance(inner, Mapping) and content.get("type", "function") == "function" else content
    schema: JsonFields = next((tool[name] for name in _SCHEMAS if isinstance(tool.get(name), Mapping)), {})
    is_schema = "properties" in schema or schema.get("type") == "object"
    return isinstance(tool.get("name"), str) and (is_schema or (tool is inner and "arguments" not in tool))


def tool_calls(payload: Any) -> list[ToolCall]:
    """Tool calls in any of the shapes of a message."""
    return message_parts.tool_calls(calls if isinstance(calls := decoded(payload), (list, tuple)) else None)


# --- documents ------------------------------------------------------------------------------------------------------


def documents(payload: Any) -> list[Document] | None:
    """The documents of a payload: a list of them, or an object that holds one; None where it has another shape."""
    value = decoded(payload)
    if isinstance(value, Mapping):
        for name in ("documents", "docs", "output", "results", "chunks", "context"):
            if isinstance(decoded(value.get(name)), list):
                return documents(value[name])
        return None
    if not isinstance(value, (list, tuple)):
        return None
    return [_document(item) for item in value if isinstance(item, (str, Mapping))]


def _document(item: Any) -> Document:
    if isinstance(item, str):
        return Document(text=item)
    for name in ("document", "kwargs"):
        if isinstance(item.get(name), Mapping):
            return _document(item[name])
    more = decoded(item.get("metadata"))
    details = {**(more if isinstance(more, Mapping) else {}), **item}
    source = details.get("source")
    return Document(
        id=_first(details, "id", "document_id", "doc_id"),
        title=_first(details, "title"),
        text=_first(details, "content", "page_content", "text", "document"),
        score=next(
            (
                score
                for name in ("score", "relevance_score")
                if (score := normalise.number(details.get(name))) is not None
            ),
            None,
        ),
        url=_first(details, "url") or (source if isinstance(source, str) and source.startswith("http") else None),
    )


def _first(item: JsonFields, *names: str) -> str | None:
    return next((text for name in names if (text := normalise.text(item.get(name))) is not None), None)


# --- attributes -----------------------------------------------------------------------------------------------------


def nested(flat: JsonFields) -> JsonObject:
    """Attributes with dotted names as objects in objects: `llm.input_messages.0.message.role`, also inside lists.

    What lies in `metadata` keeps its names.
    """
    root: JsonObject = {}
    for name, value in flat.items():
        *path, last = name.split(".")
        place = root
        for step in path:
            inner = place.setdefault(step, {})
            if not isinstance(inner, dict):
                inner = place[step] = {"": inner}
            place = inner
        value = value if last == "metadata" else _expanded(value)
        if isinstance(value, dict) and isinstance(place.get(last), dict):
            place[last].update(value)
        elif isinstance(place.get(last), dict):
            place[last][""] = value
        else:
            place[last] = value
    return {name: _with_lists(value) for name, value in root.items()}


def _expanded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return nested(value)
    return [_expanded(item) for item in value] if isinstance(value, list) else value


def _with_lists(value: Any) -> Any:
    """Objects whose names are 0, 1, 2 … as lists."""
    if not isinstance(value, dict):
        return value
    inner = {name: item if name == "metadata" else _with_lists(item) for name, item in value.items()}
    if inner and all(name.isdecimal() for name in inner):
        return [inner[name] for name in sorted(inner, key=int)]
    return inner


def indexed(value: Any) -> Any:
    """Messages under their numbers as a list."""
    if not isinstance(value, dict):
        return value
    if "" in value:
        return value[""]
    return (
        [value[name] for name in sorted(value, key=int)] if value and all(map(str.isdecimal, value)) else value or None
    )


def take(attributes: JsonObject, name: str) -> Any:
    """Take a value out of nested attributes by its dotted name; None where it is not there."""
    *path, last = name.split(".")
    places = [attributes]
    for step in path:
        inner = places[-1].get(step)
        if not isinstance(inner, dict):
            return None
        places.append(inner)
    value = places[-1].pop(last, None)
    for place, step in zip(reversed(places[:-1]), reversed(path), strict=True):
        if not place[step]:
            del place[step]
    return value


def dotted(attributes: JsonFields, above: str = "") -> Iterator[tuple[str, Any]]:
    """Nested attributes with dotted names again; lists and empty objects stay as they are."""
    for name, value in attributes.items():
        path = f"{above}{name}".rstrip(".")
        if isinstance(value, Mapping) and value:
            yield from dotted(value, f"{path}.")
        else:
            yield path, value


def first_of(values: Sequence[Any]) -> Any:
    """The first of these that was logged: neither null nor blank."""
    return next((value for value in values if value is not None and value != ""), None)

"""What a tool is called and which call it answers, wherever an exporter puts these: a span's display name is neither."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.conversation import ToolCall
from workbench.logs.spans.messages import arguments_text
from workbench.logs.spans.wrappers import decoded
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields

NAMES = (
    *("gen_ai.tool.name", "ai.toolCall.name", "tool.name", "tool_name", "toolName"),
    *("langgraph_tool_name", "traceloop.entity.name"),
)
"""Attributes that declare a tool's name, the standard one first."""
IDS = (
    *("gen_ai.tool.call.id", "ai.toolCall.id", "tool_call_id", "toolCallId", "tool_use_id", "toolUseId"),
    *("tool_call.id", "tool.call.id", "tool.call_id", "tool.id", "call_id"),
)
"""Attributes that hold the id of the call, the standard one first."""
_DISPLAYED = re.compile(
    r"(?:execute[_ ]tool|running tool|(?:call|run|invoke|execut)(?:e|ing)?[_ ]tool|tool[_ ]call|tool)[:\s]+(\S+)|(\S+)\.tool",
    re.IGNORECASE,
)


def call_of(display: str, given: Any, returned: Any, *logged: Any) -> ToolCall:
    """The call that a tool's span carries out. `given` and `returned` are its input and output, which may be a message
    with the call's id; `logged` are attributes and metadata of the span, first the best, nested or dotted."""
    call, result = _object(given), _object(returned)
    inner = result["kwargs"] if isinstance(result.get("kwargs"), Mapping) else result
    is_call = call.get("type") == "tool_call" and "name" in call and "args" in call
    places = [*map(_object, logged), *([{"tool_name": call["name"], "call_id": call.get("id")}] if is_call else [])]
    if "content" in inner:
        places.append({name: inner.get(key) for name, key in (("tool_name", "name"), ("tool_call_id", "tool_call_id"))})
    name = next(_values(places, NAMES), None) or displayed(display)
    return ToolCall(name, arguments_text(call["args"] if is_call else given), next(_values(places, IDS), None))


def displayed(name: str) -> str:
    """The name of a tool in the display name of its span: `running tool: look` is `look`."""
    match = _DISPLAYED.fullmatch(name.strip())
    return next(filter(None, match.groups())) if match else name or "tool"


def _object(value: Any) -> JsonFields:
    value = decoded(value)
    return value if isinstance(value, Mapping) else {}


def _values(places: list[JsonFields], names: tuple[str, ...]) -> Iterator[str]:
    for place in places:
        for holder in (place, _object(place.get("attributes"))):
            for name in names:
                if (value := normalise.text(_inside(holder, name))) is not None:
                    yield value


def _inside(holder: JsonFields, name: str) -> Any:
    """A value by its dotted name, which may be one name or lead through objects."""
    if name in holder:
        return holder[name]
    first, _, rest = name.partition(".")
    inner = holder.get(first)
    return _inside(inner, rest) if rest and isinstance(inner, Mapping) else None

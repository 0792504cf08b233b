"""The messages of a conversation as any log holds them, each as fields that `messages` reads: what tools and data sets write otherwise is
put under `role` and `content` first."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.conversation.roles import side_of
from workbench.logs.values import dialects, normalise, spoken_text
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.messages import SAYS, unwrapped
from workbench.logs.values.records import BadValue
from workbench.logs.values.usual_names import guessed, message_as_usual, speaker_fields, words_as_usual

_UNDER = frozenset(dialects.UNDER)
CONTENT = {
    *SAYS,
    *dialects.SAYS,
    *(
        "data",
        "kwargs",
        "items.content_type",
        "blocks.block_type",
        "message.content",
        "message.parts",
        "message.tool_calls",
    ),
}
"""Where a message may say anything, as far as the names of its fields tell."""
USER_NAMES, BOT_NAMES = frozenset({"user", "human"}), frozenset({"assistant", "bot", "ai", "gpt"})
"""Fields of an exchange that are named after who speaks."""
_FIELDS_OF_AN_EXCHANGE = 8
_SHAREGPT_ROLES = {"human": "user", "gpt": "assistant", "function_call": "assistant", "observation": "tool"}


def messages_of(value: Any, column: str) -> list[JsonFields]:
    """The messages of a conversation, a list or its JSON text; BadValue where it is none, or holds what is none."""
    if isinstance(value, str) and value.strip():
        spoken = spoken_text.messages(value) if value.lstrip()[0] not in "[{" else None
        value = normalise.parse_json(value, column) if spoken is None else spoken
    if value is None or value in ("", []):
        raise BadValue(column, "is empty: a conversation has at least one message", value)
    if isinstance(value, Mapping) and dialects.is_tree(value):
        value = [value]
    if not isinstance(value, list):
        raise BadValue(column, "is no list of messages", value)
    messages: list[JsonFields] = []
    for place, held in enumerate(value):
        own = f"{column}[{place}]"
        if isinstance(held, Mapping) and "role" in held and _UNDER.isdisjoint(held):
            messages.append(words_as_usual(held))  # as nearly all are
            continue
        items = _pair(held, own) if isinstance(held, list) else [held]  # an action with what came of it
        each = (each for item in items for each in (_each(item) if isinstance(item, Mapping) else (item,)))
        messages += [message(item, own) for item in each]
    return messages


def _pair(items: list[Any], column: str) -> list[Any]:
    """Two texts as messages: who speaks and what, or a question and its answer (Gradio); any other list as it is."""
    if len(items) != 2 or not all(isinstance(each, str) for each in items):
        return items
    if side_of(items[0]) is not None or items[0].lower() in spoken_text.PEOPLE:
        return [{"role": items[0], "content": items[1]}]
    if items[0] and len(items[0].split()) < 2 and items[0][-1:].isalnum():
        raise BadValue(column, "may be a question with its answer, or a speaker with what was said", items)
    return [{"role": role, "content": text} for role, text in zip(("user", "assistant"), items, strict=True) if text]


def _each(item: JsonFields) -> Iterator[JsonFields]:
    """The messages that a logged one holds: two where it is a question with its answer."""
    names = guessed([*item], ()) if "role" not in item and len(item) <= _FIELDS_OF_AN_EXCHANGE else {}
    asked, answered = (
        (USER_NAMES & item.keys() or {names.get("question")}),
        (BOT_NAMES & item.keys() or {names.get("reply")}),
    )
    words = [item.get(next(iter(held)) or "") for held in (asked, answered)]
    if not names or not all(isinstance(each, str) and each for each in words) or speaker_fields(item):
        yield from dialects.each(item)
        return
    taken = {*asked, *answered}
    yield {"role": "user", "content": words[0]}
    yield {
        "role": "assistant",
        "content": words[1],
        **{name: value for name, value in item.items() if name not in taken},
    }


def message(item: Any, column: str) -> JsonFields:
    """A logged message as its fields; BadValue where it is none."""
    if isinstance(item, str):
        item = normalise.parse_json(item, column)
    if not isinstance(item, Mapping):
        raise BadValue(column, "is no message: role and content are expected", item)
    if "role" in item:
        return words_as_usual(item)
    if isinstance(item.get("from"), str) and ("value" in item or speaker_fields(item) == ["from"]):
        return _from_sharegpt(item) if not CONTENT.isdisjoint(item) else message_as_usual(item)
    if dialects.usual(item) is not None:
        return item
    role = unwrapped(item).get("role")
    return message_as_usual(item) if role is None or (side_of(str(role)) is None and speaker_fields(item)) else item


def _from_sharegpt(item: JsonFields) -> JsonFields:
    speaker, value = item["from"], item.get("value")
    message = {name: field for name, field in item.items() if name not in ("from", "value")}
    message["role"] = _SHAREGPT_ROLES.get(speaker, speaker) if isinstance(speaker, str) else speaker
    if speaker == "function_call" and (call := _call(value)):
        return {**message, "tool_calls": [call]}
    return {**message, "content": value} if "value" in item else message


def _call(value: Any) -> Any:
    """A call written as JSON text; None where the text is none, which is then shown as it is."""
    try:
        call = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return None
    return call if isinstance(call, dict) and "name" in call else None

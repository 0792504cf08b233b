"""Messages as agent frameworks store them, put under the usual names: what tells each is a field that no other has.

Haystack (`_role`), Slack (`bot_id`), .NET (`Role`, `Items`), AutoGen (`source` with a type), OpenHands (`source` with an action or observation), Pydantic AI
(`kind` and `parts`), Character.AI (`candidates`), and trees whose messages hold those that follow them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.conversation.roles import is_user
from workbench.logs.values.json_object import JsonFields, JsonObject

SPEAKERS = {
    "_role": (("_content",), "_role, as Haystack writes"),
    "Role": (("Content", "Items", "Contents"), "Role, as .NET writes"),
    "kind": (("parts.part_kind",), "kind, as Pydantic AI writes"),
    "ts": (("bot_id", "user"), "user or bot_id, as Slack writes"),
    "source": (("models_usage", "type", "action", "observation"), "source, as AutoGen and OpenHands write"),
}
"""The field that says who speaks → the fields of which one must stand beside it, and how to call that."""
SAYS = frozenset({"_content", "Content", "Items", "Contents", "candidates", "args", "observation"})
"""Where such messages say anything, beside the usual names."""
_KINDS = {"system-prompt": "system", "user-prompt": "user", "tool-return": "tool", "retry-prompt": "tool"}
"""The kinds of parts of a request of Pydantic AI → whose words they are."""
_AUTOGEN = re.compile(r"[A-Z]\w+(?:Message|Event|Response)")
UNDER = ("children", "replies")
"""Where a message of a tree holds those that follow it."""
_OF_CALLS = ("thought", "is_confirmed", "confirmation_state", "security_risk", "hidden", "blocking")
_MOST = 100_000
_WORDS = ("text", "content", "message", "body", "parts")


def usual(item: JsonFields) -> JsonFields | None:
    """A message that names no `role` as one that does; None where it is of no framework here."""
    if "_role" in item:
        return {name.removeprefix("_"): value for name, value in item.items()}
    if isinstance(item.get("Role"), (str, Mapping)):
        return _from_dotnet(item)
    source = item.get("source")
    if ("action" in item and isinstance(source, str)) or ("observation" in item and "extras" in item):
        return _from_openhands(item, source if isinstance(source, str) else "environment")
    if isinstance(source, str) and isinstance(item.get("type"), str) and _AUTOGEN.fullmatch(item["type"]):
        return _from_autogen(item, source)
    if item.get("kind") in ("request", "response") and isinstance(item.get("parts"), list):
        named = item["parts"][0].get("part_kind") if item["parts"] and isinstance(item["parts"][0], Mapping) else None
        role = "assistant" if item["kind"] == "response" else _KINDS.get(str(named), "user")
        return {**{name: value for name, value in item.items() if name != "kind"}, "role": role}
    if item.get("type") == "message" and "ts" in item and ("user" in item or "bot_id" in item):
        return _from_slack(item)
    if isinstance(item.get("candidates"), list) and isinstance(item.get("author"), Mapping):
        return _from_candidates(item)
    return None


def each(item: JsonFields) -> Iterator[JsonFields]:
    """The messages that a logged one holds: itself; a request of Pydantic AI a speaker each; a tree's in their order, with parents."""
    if item.get("kind") == "request" and isinstance(item.get("parts"), list):
        for part in item["parts"]:
            yield {**item, "parts": [part]}
        return
    if not any(_following(item, name) for name in UNDER):
        yield item
        return
    waiting: list[tuple[JsonFields, Any]] = [(item, None)]
    count = 0
    while waiting and count < _MOST:
        fields, parent = waiting.pop(0)
        count += 1
        under = [inner for name in UNDER for inner in _following(fields, name)]
        own = {name: value for name, value in fields.items() if name not in UNDER or not isinstance(value, list)}
        identity = next((own[name] for name in ("messageId", "message_id", "id") if own.get(name)), f"#{count}")
        has_parent = any(name in own for name in ("parentMessageId", "parent_message_id", "parent_id", "parentId"))
        if not has_parent and (under or parent is not None):
            own = {**own, "message_id": identity, "parent_id": parent}
        yield own
        waiting = [*((inner, identity) for inner in under), *waiting]


def _following(item: JsonFields, name: str) -> list[JsonFields]:
    """The messages that follow one and lie in it: they say their words where it does, which ids of others don't."""
    held = item.get(name)
    inside = [inner for inner in held if isinstance(inner, Mapping)] if isinstance(held, list) else []
    return [inner for inner in inside if any(word in inner and word in item for word in _WORDS)]


def is_tree(item: JsonFields) -> bool:
    """Whether messages that follow this one lie in it."""
    return any(_following(item, name) for name in UNDER)


def _from_dotnet(item: JsonFields) -> JsonObject:
    lowered = {name[:1].lower() + name[1:]: value for name, value in item.items()}
    if isinstance(role := lowered["role"], Mapping):
        lowered["role"] = next((str(value) for name, value in role.items() if name.lower() in ("label", "value")), None)
    for name in ("items", "contents"):
        if isinstance(parts := lowered.get(name), list):
            lowered[name] = [
                {key[:1].lower() + key[1:]: value for key, value in part.items()} if isinstance(part, Mapping) else part
                for part in parts
            ]
    return lowered


def _from_autogen(item: JsonFields, source: str) -> JsonObject:
    """A message or event of AutoGen: its calls and results stand as the content."""
    rest = {name: value for name, value in item.items() if name not in ("type", "content", "source")}
    content, kind = item.get("content"), item["type"]
    by_user = is_user(source) or source.lower().startswith("user")
    rest |= {"role": "user" if by_user else "assistant", "name": source, "kind_of_message": kind}
    if not isinstance(content, list):
        return {**rest, "content": content}
    if all(isinstance(each, Mapping) and "call_id" in each for each in content):
        results = [{**each, "type": "tool_result"} for each in content]
        return {**rest, "role": "tool", "content": results, "name": None}
    if all(isinstance(each, Mapping) and "arguments" in each for each in content):
        return {**rest, "content": None, "tool_calls": content}
    return {**rest, "content": content}


def _from_openhands(item: JsonFields, source: str) -> JsonObject:
    """An event of OpenHands: a message, a call with what it was given, or what came of one."""
    rest = {name: value for name, value in item.items() if name not in ("source", "message", "content", "args")}
    args = item["args"] if isinstance(item.get("args"), Mapping) else {}
    about = item.get("tool_call_metadata")
    about = about if isinstance(about, Mapping) else {}
    if "action" not in item:
        if about or item.get("cause") is not None:
            answers = about.get("tool_call_id") or f"event {item['cause']}"
            failed = {"error": item.get("content") or "failed"} if item.get("success") is False else {}
            return {**rest, "role": "tool", "content": item.get("content"), "tool_call_id": answers, **failed}
        return {**rest, "role": source, "content": item.get("content") or None}
    action = item["action"]
    spoken = args.get("content") or args.get("final_thought")
    if action in ("message", "system", "finish"):
        role = "system" if action == "system" else "user" if is_user(source) else "assistant"
        return {**rest, "role": role, "content": spoken or args.get("thought") or item.get("message")}
    if not is_user(source) and source != "agent":
        return {**rest, "role": source, "content": spoken}
    given = {name: value for name, value in args.items() if name not in _OF_CALLS}
    call = {
        "id": about.get("tool_call_id") or f"event {item.get('id')}",
        "name": about.get("function_name") or action,
        "arguments": given,
    }
    return {**rest, "role": "assistant", "content": args.get("thought"), "tool_calls": [call]}


def _from_slack(item: JsonFields) -> JsonObject:
    by_bot = bool(item.get("bot_id")) or item.get("subtype") == "bot_message"
    rest = {name: value for name, value in item.items() if name not in ("type", "subtype")}
    kind = {"event_type": item["subtype"]} if item.get("subtype") not in (None, "bot_message") else {}
    name = item.get("username") or item.get("user")
    return {**rest, **kind, "role": "assistant" if by_bot else "user", "name": name}


def _from_candidates(item: JsonFields) -> JsonObject:
    author: JsonFields = item["author"]
    drafts = [each for each in item["candidates"] if isinstance(each, Mapping)]
    chosen = next((each for each in drafts if each.get("candidate_id") == item.get("primary_candidate_id")), None)
    drafts = [chosen, *(each for each in drafts if each is not chosen)] if chosen else drafts
    words = [each.get("raw_content") or each.get("text") for each in drafts]
    rest = {name: value for name, value in item.items() if name not in ("candidates", "author")}
    others = {"choices": words[1:]} if words[1:] else {}
    role = "user" if author.get("is_human") is True else "assistant"
    return {**rest, "role": role, "name": author.get("name"), "content": next(iter(words), None), **others}

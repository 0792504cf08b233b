"""*chatgpt*: ChatGPT's data export, `conversations.json`: a tree of messages, of which the branch that was shown is the conversation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from workbench.logs.files.source import TIME_COLUMNS, Source
from workbench.logs.formats import chat
from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue, LoggedConversation, ReadOptions, Reject, Repeat

NAME = "chatgpt"
WHAT = "one object a conversation of ChatGPT's export: mapping, current_node"
REQUIRED = ("mapping", "current_node")
TIMES = TIME_COLUMNS
Fields = JsonObject


def missing(source: Source) -> list[str]:
    """The required columns that are not there; a tree of messages tells without the current node."""
    is_tree = any(name.startswith("mapping.") and name.endswith(".message.author.role") for name in source.outline)
    return [column for column in REQUIRED if column not in source.columns and not (is_tree and column == REQUIRED[1])]


def recognises(source: Source) -> str | None:
    """Why these are conversations of ChatGPT, or None."""
    return (
        None
        if missing(source)
        else "it has a mapping of messages with their children, as ChatGPT exports conversations"
    )


def read(
    sources: Sequence[Source], options: ReadOptions, scratch: Path
) -> Iterator[LoggedConversation | Reject | Repeat]:
    """Each conversation along the branch that ends in its current node; how many messages lie beside it is metadata."""
    return chat.read(sources, options, scratch, _as_chat)


def _as_chat(row: Fields) -> Fields:
    tree = row.get("mapping")
    if not isinstance(tree, Mapping):
        raise BadValue("mapping", "is no tree of messages", tree)
    branch = _branch(tree, normalise.text(row.get("current_node")))
    shown = [message for node in branch if (message := _message(node)) is not None]
    beside = sum(
        isinstance(node, Mapping) and isinstance(node.get("message"), Mapping) for node in tree.values()
    ) - sum(isinstance(node.get("message"), Mapping) for node in branch)
    fields = {
        name: value
        for name, value in row.items()
        if name not in ("mapping", "current_node", "create_time", "update_time")
    }
    models = [model for node in branch if (model := _about(node).get("model_slug"))]
    return {
        **fields,
        "conversation_id": row.get("conversation_id") or row.get("id"),
        "started_at": row.get("create_time"),
        "ended_at": row.get("update_time"),
        "messages": shown,
        **({"model": models[0]} if models else {}),
        **({"messages_of_other_branches": beside} if beside else {}),
    }


def _branch(tree: JsonFields, current: str | None) -> list[JsonFields]:
    """The nodes from the root to the current one; where that is not there, along the last child of each."""
    nodes: list[JsonFields] = []
    passed: set[str] = set()
    if current is None or current not in tree:
        current = next(
            (name for name, node in tree.items() if isinstance(node, Mapping) and not node.get("parent")), None
        )
        while current is not None and current in tree and current not in passed:
            passed.add(current)
            children = tree[current].get("children") or []
            current = children[-1] if children else current
        passed = set()
    while current is not None and current in tree and current not in passed and isinstance(tree[current], Mapping):
        passed.add(current)
        nodes.insert(0, tree[current])
        current = tree[current].get("parent") or ""
    return nodes


def _about(node: JsonFields) -> JsonFields:
    message = node.get("message")
    about = message.get("metadata") if isinstance(message, Mapping) else None
    return about if isinstance(about, Mapping) else {}


def _message(node: JsonFields) -> Fields | None:
    """The message of a node; None where it was hidden, or says nothing."""
    message = node.get("message")
    if not isinstance(message, Mapping) or _about(node).get("is_visually_hidden_from_conversation"):
        return None
    author, content = message.get("author"), message.get("content")
    author = author if isinstance(author, Mapping) else {}
    content = content if isinstance(content, Mapping) else {"parts": [content]}
    role, kind = author.get("role"), content.get("content_type")
    fields: Fields = {
        "role": role,
        "timestamp": message.get("create_time"),
        "name": author.get("name"),
        "id": message.get("id"),
    }
    words = _words(content)
    recipient = message.get("recipient")
    if role == "assistant" and isinstance(recipient, str) and recipient != "all":
        return {**fields, "content": None, "tool_calls": [{"name": recipient, "arguments": words}]}
    if kind in ("thoughts", "reasoning_recap"):
        return None
    if not words and role != "assistant":
        return None
    return {**fields, "content": words}


def _words(content: JsonFields) -> str:
    parts = content.get("parts")
    if not isinstance(parts, list):
        return next((content[name] for name in ("text", "result", "content") if isinstance(content.get(name), str)), "")
    lines = []
    for part in parts:
        if isinstance(part, Mapping):
            kind = str(part.get("content_type") or "file")
            part = part.get("text") or f"[{'image' if 'image' in kind else 'audio' if 'audio' in kind else kind}]"
        lines.append(part if isinstance(part, str) else "")
    return "\n".join(filter(None, lines))

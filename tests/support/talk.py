"""Literal mini conversations for tests: lines of who said what, in order."""

from __future__ import annotations

from typing import Any

from workbench.conversation.model import Conversation, Document, ToolCall, Turn, attach_tool_results
from workbench.failures.analysis import Analysis, analyse
from workbench.failures.signals import REGISTRY, BotNorms


def user(text: str, **fields: Any) -> list[Turn]:
    return [Turn(0, "user", text, **fields)]


def bot(text: str, **fields: Any) -> list[Turn]:
    return [Turn(0, "assistant", text, **fields)]


def called(name: str, arguments: str, result: str, by: str = "assistant") -> list[Turn]:
    """A call and its result, two turns."""
    return [Turn(0, by, tool_calls=[ToolCall(name, arguments, "id")]), Turn(0, "tool", result, tool_call_id="id")]


def talk(*parts: list[Turn], documents: tuple[str, ...] = (), **fields: Any) -> Conversation:
    """A conversation of these turns in order; `documents` are texts that the bot was given."""
    turns = [turn for part in parts for turn in part]
    for position, turn in enumerate(turns):
        turn.position = position
    attach_tool_results(turns)
    retrieved = [Document(text=text) for text in documents]
    return Conversation("c", turns=turns, retrieved=retrieved, **fields)


def analysed(conversation: Conversation, **norms: Any) -> Analysis:
    return analyse(conversation, BotNorms(conversations=100, **norms))


def fired(conversation: Conversation, **norms: Any) -> list[tuple[str, int | None]]:
    """Code and turn of every signal that fired, but for those of being left: a fragment ends anywhere."""
    return [
        (signal.code, signal.position)
        for signal in analysed(conversation, **norms).signals
        if REGISTRY[signal.code].family != "abandonment"
    ]

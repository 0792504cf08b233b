"""What the log says about tool calls: whose they were, and what they changed."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal

from workbench.conversation.model import Conversation
from workbench.conversation.roles import is_bot
from workbench.conversation.tool_errors import ToolError, tool_error

CallKind = Literal["read", "write", "handover"]
NOTHING_SAID: Mapping[str, CallKind] = MappingProxyType({})

_VERBS = {
    group: frozenset(text.split())
    for group, text in tomllib.loads((Path(__file__).parent / "tool_verbs.toml").read_text("utf-8")).items()
}
_NAME_PART = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+")


@dataclass(frozen=True, slots=True)
class Call:
    """A call that the bot made."""

    position: int
    """Its turn."""
    name: str
    """The tool's name."""
    arguments: str
    """Its arguments as one text, in which key order and white space make no difference."""
    kind: CallKind
    """Whether it looks up, changes or hands over."""
    result: str | None
    """What the tool answered; None where that was not logged."""
    result_position: int | None
    """The turn of the answer."""
    error: ToolError | None
    """The error that the answer reports; None where it reports none."""

    @property
    def succeeded(self) -> bool:
        """A result was logged, and it is no error."""
        return self.result is not None and self.error is None

    def same_as(self, other: Call) -> bool:
        """Same tool, same arguments."""
        return self.name == other.name and self.arguments == other.arguments


def bot_calls(conversation: Conversation, said: Mapping[str, CallKind] = NOTHING_SAID) -> list[Call]:
    """The bot's own calls in order; a call of any other role (the user's own device) is not the bot's to answer for.

    What people `said` of a tool outranks the guess from its name.
    """
    turns = conversation.turns
    calls = []
    for turn in turns:
        if not turn.tool_calls or not is_bot(turn.role):
            continue
        for call in turn.tool_calls:
            answer = turns[call.result_position] if call.result_position is not None else None
            kind = said.get(call.name) or call_kind(call.name)
            calls.append(
                Call(
                    position=turn.position,
                    name=call.name,
                    arguments=normalised_arguments(call.arguments),
                    kind=kind,
                    result=None if answer is None else answer.content,
                    result_position=call.result_position,
                    error=None if answer is None else tool_error(answer, changes=kind != "read"),
                )
            )
    return calls


def normalised_arguments(arguments: str) -> str:
    """The arguments as one text in which key order, white space and 2 against 2.0 make no difference."""
    try:
        return json.dumps(_normalised(json.loads(arguments)), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    except (ValueError, RecursionError):  # not JSON, or nested beyond reason: the text itself has to do
        return " ".join(arguments.split())


def _normalised(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normalised(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_normalised(item) for item in value]
    return value


@lru_cache(maxsize=4096)
def call_kind(name: str) -> CallKind:
    """Guess from the verb in its name whether a tool reads, writes, or hands over; an unknown verb is taken as a read."""
    parts = _name_parts(name)
    handover = _VERBS["handover"].intersection(parts)
    if handover and (_VERBS["handover_targets"].intersection(parts) or parts[0] in ("escalate", "handoff", "handover")):
        return "handover"
    if parts and parts[-1] in _VERBS["read_endings"] and parts[0] not in ("set", "update", "change"):
        return "read"
    for part in parts:
        if part in _VERBS["read"]:
            return "read"
        if part in _VERBS["write"]:
            return "write"
    return "read"


@lru_cache(maxsize=4096)
def kind_is_guessed(name: str) -> bool:
    """Whether nothing in a tool's name says what it does, so that it is a read by assumption only."""
    parts = _name_parts(name)
    telling = _VERBS["read"] | _VERBS["write"] | _VERBS["handover"]
    return telling.isdisjoint(parts) and (not parts or parts[-1] not in _VERBS["read_endings"])


@lru_cache(maxsize=4096)
def repeatable(name: str) -> bool:
    """Whether a write undoes itself or may rightly be done twice (toggle, reboot)."""
    return not _VERBS["repeatable"].isdisjoint(_name_parts(name))


def _name_parts(name: str) -> list[str]:
    return [part.lower() for part in _NAME_PART.findall(name)]

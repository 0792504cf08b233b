"""What was done in a conversation: the calls that went through, by the bot and by the user, in their order."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot, is_user
from workbench.conversation.tool_calls import NOTHING_SAID, CallKind, call_kind, normalised_arguments
from workbench.conversation.tool_errors import tool_error

_MOST = 200
"""Acts of a conversation that are kept: what an endless one does after that is more of the same."""


@dataclass(frozen=True, slots=True)
class Act:
    """A call that went through."""

    tool: str
    """The tool's name."""
    position: int
    """Its turn."""
    kind: CallKind
    """Whether it looks up, changes or hands over."""
    by_user: bool
    """Whether the user made it, on a device or in a tool of their own."""
    digest: int
    """64 bits that stand for tool and arguments of what changes something; 0 for what doesn't, as it is kept a million times."""


def acts(conversation: Conversation, tools: Mapping[str, CallKind] = NOTHING_SAID) -> tuple[Act, ...]:
    """The first `_MOST` acts of a conversation; a call without a logged result counts. `tools`: what people said they do."""
    turns = conversation.turns
    done: list[Act] = []
    for turn in turns:
        by_user = is_user(turn.role)
        if not turn.tool_calls or not (by_user or is_bot(turn.role)):
            continue
        for call in turn.tool_calls:
            kind = tools.get(call.name) or call_kind(call.name)
            answer = None if call.result_position is None else turns[call.result_position]
            if answer is None or not tool_error(answer, changes=kind != "read"):
                digest = _digest(call.name, call.arguments) if kind == "write" else 0
                done.append(Act(call.name, turn.position, kind, by_user, digest))
                if len(done) == _MOST:
                    return tuple(done)
    return tuple(done)


def _digest(tool: str, arguments: str) -> int:
    text = f"{tool}\0{normalised_arguments(arguments)}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(text, digest_size=8).digest(), "little", signed=True)

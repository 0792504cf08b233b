"""What a change rests on: whether the user agreed to it, and where the ids in its arguments come from.

An id that only a look-up gave was chosen by the bot; one that stands nowhere was made up. Which of these is usual differs from
bot to bot and from argument to argument, so a bot's own conversations tell (`BotNorms`).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, islice
from typing import Literal, NamedTuple

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot, is_user
from workbench.conversation.tool_calls import call_kind
from workbench.failures.signals.ids import is_id, leaves, parsed
from workbench.failures.signals.language import find_phrase, spoken

Source = Literal["words", "results", "nowhere"]
_MOST = 40
"""Changes of a conversation, and ids of a change, that are looked at: an endless one would cost its length squared."""


_BETWEEN = re.compile(r"[\W_]+")


class Write(NamedTuple):
    """A call that changes something."""

    position: int
    """Its turn."""
    tool: str
    """The tool's name."""
    arguments: str
    """Its arguments as JSON text."""


class Argument(NamedTuple):
    """An id among the arguments of a change."""

    name: str
    """The tool and the argument, like `cancel_order.order_id`."""
    value: str
    """The id."""
    source: Source
    """Where it stood before: in words of the user or the bot, in results only, or nowhere."""


@dataclass(frozen=True, slots=True)
class Change:
    """A change and what it rests on."""

    position: int
    """Its turn."""
    tool: str
    """The tool's name."""
    agreed: bool
    """Whether the user's last words before it agree to something."""
    asked: str
    """These words; empty where the user had not spoken yet."""
    arguments: tuple[Argument, ...]
    """The ids that it is given."""


def changes(conversation: Conversation, writes: Iterable[Write]) -> list[Change]:
    """What each of these changes rests on, the first `_MOST` of them."""
    listed = list(islice(writes, _MOST))
    if not listed:
        return []
    turns = conversation.turns
    spoken_turns = [turn.content if is_user(turn.role) or is_bot(turn.role) else "" for turn in turns]
    shown_turns = ["" if said_here else turn.content for turn, said_here in zip(turns, spoken_turns, strict=True)]
    words, results = _Text(spoken_turns), _Text(shown_turns)
    rests_on: list[Change] = []
    for write in listed:
        asked = next(
            (turn.content for turn in reversed(turns[: write.position]) if is_user(turn.role) and turn.content), ""
        )
        sources = tuple(
            Argument(f"{write.tool}.{name}", value, _source(value, write.position, words, results))
            for name, value in _ids(write.arguments)
        )
        agreed = find_phrase(spoken(asked), "agrees") is not None
        rests_on.append(Change(write.position, write.tool, agreed, asked, sources))
    return rests_on


def guessed_writes(conversation: Conversation) -> Iterator[Write]:
    """The bot's calls that change something, as far as the names of its tools tell."""
    for turn in conversation.turns:
        if turn.tool_calls and is_bot(turn.role):
            for call in turn.tool_calls:
                if call_kind(call.name) == "write":
                    yield Write(turn.position, call.name, call.arguments)


class _Text:
    """The texts of turns, one after another, in which something is sought up to a turn."""

    def __init__(self, texts: list[str]) -> None:
        squeezed = [_squeezed(text) for text in texts]
        self._all = "\n".join(squeezed)
        self._ends = [0, *accumulate(len(text) + 1 for text in squeezed)]

    def holds(self, value: str, position: int) -> bool:
        """Whether a turn before `position` holds a value, however it is spaced and hyphenated."""
        return self._all.find(_squeezed(value), 0, self._ends[position]) >= 0


def _squeezed(text: str) -> str:
    return _BETWEEN.sub("", text.lower())


def _source(value: str, position: int, words: _Text, results: _Text) -> Source:
    if words.holds(value, position):
        return "words"
    return "results" if results.holds(value, position) else "nowhere"


def _ids(arguments: str) -> Iterator[tuple[str, str]]:
    """The ids among arguments, each with the name that it has."""
    return islice(((name, value) for name, value in leaves(parsed(arguments)) if is_id(value)), _MOST)

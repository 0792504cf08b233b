"""Turns that several rows of a log repeat: a log line a turn, or several answers to one context. Each counts once.

A row's *context* is the whole of it, or all up to its last reply. Where another row begins with that context, those
turns were seen before: the row is a later state of the same dialogue, or a variant of its answer. Times must agree where
they are logged: two people who press the same buttons are two conversations.
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.conversation import Conversation
from workbench.conversation.model import beginnings
from workbench.conversation.roles import is_bot

FEWEST = 2
"""Turns that a context must have: many unrelated conversations begin with the same first message."""

_Rank = tuple[int, str]


class Repeats:
    """Which turns of a conversation are new. `add` every conversation of one bot, then ask."""

    def __init__(self) -> None:
        self._owners: dict[bytes, _Rank] = {}
        self._copies: dict[bytes, _Rank] = {}

    def add(self, conversation: Conversation) -> None:
        """Remember a conversation's contexts; the shortest row that has one is its owner."""
        rank = (len(conversation.turns), conversation.key)
        *_, (_, whole) = [(0, b""), *_prefixes(conversation)]
        self._copies[whole] = min(rank, self._copies.get(whole, rank))
        wanted = {len(conversation.turns), _without_last_reply(conversation)}
        for length, digest in _prefixes(conversation):
            if length >= FEWEST and length in wanted:
                self._owners[digest] = min(rank, self._owners.get(digest, rank))

    def new_from(self, conversation: Conversation) -> int:
        """The position of the first turn that no other row had before; 0 where all are new."""
        prefixes = list(_prefixes(conversation))
        if not prefixes:
            return 0
        # The same words from beginning to end under several ids are so many conversations, not variants of one.
        rank = self._copies[prefixes[-1][1]]
        seen = 0
        for length, digest in prefixes:
            owner = self._owners.get(digest)
            if owner is not None and owner < rank and length < len(conversation.turns):
                seen = length
        return seen


def _without_last_reply(conversation: Conversation) -> int:
    """The number of turns before the bot's last reply, where that ends the conversation."""
    length = len(conversation.turns)
    while length and is_bot(conversation.turns[length - 1].role):
        length -= 1
    return length


def _prefixes(conversation: Conversation) -> Iterator[tuple[int, bytes]]:
    """The digest of each beginning of a conversation, by its number of turns."""
    timed = any(turn.timestamp for turn in conversation.turns)
    return enumerate(
        beginnings(conversation.turns, "" if timed else f"{conversation.user_id}\0{conversation.started_at}"), 1
    )

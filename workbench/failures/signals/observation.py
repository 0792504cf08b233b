"""What one conversation shows by itself, whatever the others show and people say: all that is counted over a bot's log.

It is worked out once for each conversation and kept as columns; sentences, waits and beginnings are packed numbers, so
that a year of them is counted by numpy.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from workbench.conversation import Conversation, Turn
from workbench.conversation.model import BEGINNING, beginnings
from workbench.conversation.roles import is_bot, is_user
from workbench.failures.signals.changes import changes, guessed_writes
from workbench.failures.signals.language import plain, sentence_key, sentences

WAIT_STEPS = 20  # to a factor of e: waits are counted to 5 %

Hashes = npt.NDArray[np.uint64]


@dataclass(frozen=True)
class Observation:
    """What one conversation shows by itself."""

    key: str
    """The conversation's key in the store."""
    content_hash: str
    """What stands for everything that was logged of it."""
    bot: str
    """The bot that answered."""
    user_id: str | None
    """The pseudonym of the user, where the log has one."""
    started_at: datetime | None
    """When it began, naive UTC."""
    ended_at: datetime | None
    """When it ended, naive UTC."""
    turns: int
    """The number of its turns."""
    waits: bytes
    """How long its replies took, as int16 of `WAIT_STEPS` times the logarithm of seconds."""
    slowest: float | None
    """The longest of these waits, in seconds."""
    feedback_score: float | None
    """The score that the user gave."""
    has_documents: bool
    """Whether the bot was given documents."""
    tools: tuple[str, ...]
    """The tools that the bot called, each once."""
    sentences: bytes
    """The user's sentences as `sentence_hash`, uint64, each once."""
    beginnings: bytes
    """Eight bytes a turn, which stand for all up to it, with user and start where the turns have no times."""
    before_last_reply: int
    """The number of turns before the bot's last reply, where that ends it; else all."""
    agreed: int
    """Changes before which the user agreed to something, as far as the names of tools tell what changes anything."""
    unasked: int
    """Changes before which the user did not."""
    named: tuple[str, ...]
    """The arguments of changes (`tool.argument`), once for each id that user or bot had named before."""
    shown: tuple[str, ...]
    """Those for each id that only a result had shown."""
    unsourced: tuple[str, ...]
    """Those for each id that stood nowhere before."""


def observe(conversation: Conversation) -> Observation:
    """What one conversation shows by itself."""
    turns = conversation.turns
    waited = [wait.seconds for wait in waits(conversation)]
    asked = {
        sentence_hash(sentence_key(sentence))
        for turn in turns
        if turn.content and is_user(turn.role)
        for sentence in sentences(plain(turn.content))
    }
    made = changes(conversation, guessed_writes(conversation))
    sources = [(argument.name, argument.source) for change in made for argument in change.arguments]
    names = (call.name for turn in turns if turn.tool_calls and is_bot(turn.role) for call in turn.tool_calls)
    return Observation(
        key=conversation.key,
        content_hash=conversation.content_hash,
        bot=conversation.bot,
        user_id=conversation.user_id,
        started_at=conversation.started_at,
        ended_at=conversation.ended_at,
        turns=len(turns),
        waits=np.array([round(WAIT_STEPS * math.log(seconds)) for seconds in waited], "<i2").tobytes(),
        slowest=max(waited, default=None),
        feedback_score=conversation.feedback_score,
        has_documents=bool(conversation.retrieved or any(turn.retrieved for turn in turns)),
        tools=tuple(dict.fromkeys(names)),
        sentences=np.array(sorted(asked - {NO_WORDS}), "<u8").tobytes(),
        beginnings=b"".join(digest[:BEGINNING] for digest in _own_beginnings(conversation)),
        before_last_reply=_before_last_reply(turns),
        agreed=sum(change.agreed for change in made),
        unasked=sum(not change.agreed for change in made),
        named=tuple(name for name, source in sources if source == "words"),
        shown=tuple(name for name, source in sources if source == "results"),
        unsourced=tuple(name for name, source in sources if source == "nowhere"),
    )


def sentence_hash(key: str) -> int:
    """64 bits that stand for a `sentence_key`: two of a million differing sentences share them once in 30 million logs."""
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


NO_WORDS = sentence_hash("")
"""What a sentence without words has: it is never counted."""


def hashes(packed: Iterable[bytes]) -> Hashes:
    """The packed sentences or beginnings of many conversations, one after another."""
    return np.frombuffer(b"".join(packed), "<u8")


class Wait(NamedTuple):
    """How long a turn of the bot's took, in seconds."""

    position: int
    seconds: float


def waits(conversation: Conversation) -> Iterator[Wait]:
    """The logged latency of each turn of the bot's, else the time since the turn before it; only those above zero."""
    before: Turn | None = None
    for turn in conversation.turns:
        seconds = 0.0
        if is_bot(turn.role):
            if turn.latency_ms is not None:
                seconds = turn.latency_ms / 1000
            elif before is not None and not is_bot(before.role) and turn.timestamp and before.timestamp:
                seconds = (turn.timestamp - before.timestamp).total_seconds()
        if seconds > 0:
            yield Wait(turn.position, seconds)
        before = turn


def _own_beginnings(conversation: Conversation) -> Iterator[bytes]:
    timed = any(turn.timestamp for turn in conversation.turns)
    return beginnings(conversation.turns, "" if timed else f"{conversation.user_id}\0{conversation.started_at}")


def _before_last_reply(turns: Sequence[Turn]) -> int:
    length = len(turns)
    while length and is_bot(turns[length - 1].role):
        length -= 1
    return length

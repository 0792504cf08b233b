"""What is usual for one bot: how long it talks, what recurs, what it works with. Learned in one pass over its log."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from workbench.conversation import Conversation, Turn
from workbench.conversation.roles import is_bot, is_user
from workbench.conversation.tool_calls import CallKind, call_kind
from workbench.failures.signals.language import plain, sentence_key, sentences

_SCALES = ((0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0))
_BAD_SHARE = 0.4  # the lower two fifths: 1 and 2 of 5, 0 to 4 of 10, a thumb down
_FEWEST_FOR_LENGTH = 20
_SHORTEST_LONG = 12
_FEWEST_WAITS = 200
_SHORTEST_SLOW = 10.0
_STEPS = 20  # to a factor of e: waits are counted to 5 %
_RECURRING_SHARE = 0.02
_EVERYWHERE_SHARE = 0.2
_FEWEST_RECURRING = 5
_COUNTING_ERROR = 0.002
_USES_TOOLS = 0.5
_RETRIEVES = 0.8
_FEWEST_FOR_USE = 5


@dataclass(frozen=True)
class BotNorms:
    """What is usual for one bot."""

    conversations: int = 0
    """How many it was learned from."""
    long_from: int | None = None
    """Turns from which a conversation is far longer than usual; None below 20 conversations."""
    usual_length: int | None = None
    """The median of turns; None below 20 conversations."""
    recurring: frozenset[str] = frozenset()
    """Keys of user sentences that recur in more than 2 % of the conversations, and in 5 or more."""
    everywhere: frozenset[str] = frozenset()
    """Those in more than 20 %, which can't be what somebody asked for."""
    feedback_scale: tuple[float, float] | None = None
    """Lowest and highest of the smallest usual scale that holds every logged score; None without scores."""
    slow_from: float | None = None
    """Seconds from which a reply is far slower than usual; None below 200 timed ones."""
    usual_wait: float | None = None
    """The median of seconds until a reply; None below 200 timed ones."""
    retrieves: bool = False
    """Whether at least 80 % of its conversations carry documents, so that one without any found none."""
    has_tools: bool = False
    """Whether it was seen to call a tool."""
    calls_tools: bool = False
    """Whether half of its conversations call one."""
    writes: bool = False
    """Whether 2 % of its conversations call a write."""
    tools: Mapping[str, CallKind] = field(default_factory=dict)
    """What people said that its tools do, where they said so."""

    def bad_feedback(self, score: float) -> bool:
        """Whether a conversation's feedback score lies in the lower two fifths of the bot's scale."""
        if self.feedback_scale is None:
            return False
        return score <= bad_up_to(self.feedback_scale)


@dataclass
class NormsCounter:
    """Counts what BotNorms needs; a reader of a mixed log keeps one for each bot.

    Sentences are counted by lossy counting (Manku and Motwani, VLDB 2002), which never loses one that recurs in more
    than 0.2 % of the conversations and keeps memory bounded whatever the size of the log.
    """

    tools: Mapping[str, CallKind] = field(default_factory=dict)
    conversations: int = 0
    _lengths: Counter[int] = field(default_factory=Counter)
    _sentences: dict[str, int] = field(default_factory=dict)
    _lowest: float = float("inf")
    _highest: float = float("-inf")
    _waits: Counter[int] = field(default_factory=Counter)
    _with_documents: int = 0
    _with_calls: int = 0
    _with_writes: int = 0

    def add(self, conversation: Conversation) -> None:
        """Count one conversation."""
        self.conversations += 1
        turns = conversation.turns
        self._lengths[len(turns)] += 1
        seen = {
            sentence_key(sentence)
            for turn in turns
            if turn.content and is_user(turn.role)
            for sentence in sentences(plain(turn.content))
        }
        missed = int((self.conversations - 1) * _COUNTING_ERROR)
        for key in seen:
            self._sentences[key] = self._sentences.get(key, missed) + 1
        if self.conversations % int(1 / _COUNTING_ERROR) == 0:
            kept = int(self.conversations * _COUNTING_ERROR)
            self._sentences = {key: count for key, count in self._sentences.items() if count > kept}
        if conversation.feedback_score is not None:
            self._lowest = min(self._lowest, conversation.feedback_score)
            self._highest = max(self._highest, conversation.feedback_score)
        self._waits.update(round(_STEPS * math.log(wait.seconds)) for wait in waits(conversation))
        self._with_documents += bool(conversation.retrieved or any(turn.retrieved for turn in turns))
        names = {call.name for turn in turns if turn.tool_calls and is_bot(turn.role) for call in turn.tool_calls}
        self._with_calls += bool(names)
        self._with_writes += any((self.tools.get(name) or call_kind(name)) == "write" for name in names)

    def norms(self) -> BotNorms:
        """What is usual, as far as counted."""
        total = self.conversations
        usual, long_from = self._length_norms()
        usual_wait, slow_from = self._wait_norms()
        return BotNorms(
            conversations=total,
            usual_length=usual,
            long_from=long_from,
            recurring=self._in_more_than(_RECURRING_SHARE),
            everywhere=self._in_more_than(_EVERYWHERE_SHARE),
            feedback_scale=self._feedback_scale(),
            slow_from=slow_from,
            usual_wait=usual_wait,
            retrieves=total >= _FEWEST_FOR_USE and self._with_documents >= _RETRIEVES * total,
            has_tools=self._with_calls > 0,
            calls_tools=total >= _FEWEST_FOR_USE and self._with_calls >= _USES_TOOLS * total,
            writes=total >= _FEWEST_FOR_USE and self._with_writes >= _RECURRING_SHARE * total and self._with_writes > 0,
            tools=self.tools,
        )

    def _in_more_than(self, share: float) -> frozenset[str]:
        fewest = max(_FEWEST_RECURRING, int(share * self.conversations) + 1)
        return frozenset(key for key, count in self._sentences.items() if key and count >= fewest)

    def _feedback_scale(self) -> tuple[float, float] | None:
        if self._lowest > self._highest:  # no score was logged
            return None
        return usual_scale(self._lowest, self._highest)

    def _length_norms(self) -> tuple[int | None, int | None]:
        if self.conversations < _FEWEST_FOR_LENGTH:
            return None, None
        lower, median, upper = _quartiles(self._lengths)
        return median, max(_SHORTEST_LONG, int(upper + 1.5 * (upper - lower)) + 1)

    def _wait_norms(self) -> tuple[float | None, float | None]:
        """Median wait and Tukey's fence in seconds. Waits spread by factors, so the fence is set over their logarithms."""
        if self._waits.total() < _FEWEST_WAITS:
            return None, None
        lower, median, upper = _quartiles(self._waits)
        return math.exp(median / _STEPS), max(_SHORTEST_SLOW, math.exp((upper + 1.5 * (upper - lower)) / _STEPS))


def usual_scale(lowest: float, highest: float) -> tuple[float, float] | None:
    """The smallest usual scale that holds the lowest and the highest score; None where none does."""
    return next((scale for scale in _SCALES if scale[0] <= lowest and highest <= scale[1]), None)


def bad_up_to(scale: tuple[float, float]) -> float:
    """The score up to which feedback is bad: the lower two fifths of its scale."""
    low, high = scale
    return low + _BAD_SHARE * (high - low)


def _quartiles(counts: Counter[int]) -> tuple[int, int, int]:
    """Lower quartile, median, upper quartile of counted values."""
    wanted = [share * (counts.total() - 1) for share in (0.25, 0.5, 0.75)]
    passed, quartiles = 0, list[int]()
    for value in sorted(counts):
        passed += counts[value]
        while len(quartiles) < len(wanted) and passed > wanted[len(quartiles)]:
            quartiles.append(value)
    lower, median, upper = quartiles
    return lower, median, upper


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

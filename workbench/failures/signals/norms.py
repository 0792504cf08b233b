"""What is usual for one bot: how long it talks, what recurs, what it works with. Counted over its observations."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from workbench.conversation.tool_calls import NOTHING_SAID, CallKind, call_kind
from workbench.failures.signals.observation import WAIT_STEPS, Hashes, Observation, hashes
from workbench.failures.signals.observations import Observations

_SCALES = ((0.0, 1.0), (-1.0, 1.0), (1.0, 5.0), (0.0, 5.0), (0.0, 10.0), (0.0, 100.0))
_BAD_SHARE = 0.4  # the lower two fifths: 1 and 2 of 5, 0 to 4 of 10, a thumb down
_FEWEST_FOR_LENGTH = 20
_SHORTEST_LONG = 12
_FEWEST_WAITS = 200
_SHORTEST_SLOW = 10.0
_RECURRING_SHARE = 0.02
_EVERYWHERE_SHARE = 0.2
_FEWEST_RECURRING = 5
_FEWEST_TURNS = 4
_USES_TOOLS = 0.5
_RETRIEVES = 0.8
_FEWEST_FOR_USE = 5
_FEWEST_CHANGES = 10
_CONFIRMED_SHARE, _NAMED_SHARE, _SOURCED_SHARE = 0.75, 0.8, 0.9


@dataclass(frozen=True)
class BotNorms:
    """What is usual for one bot."""

    conversations: int = 0
    """How many it was learned from."""
    long_from: int | None = None
    """Turns from which a conversation is far longer than usual; None below 20 conversations."""
    usual_length: int | None = None
    """The median of turns; None below 20 conversations."""
    recurring: frozenset[int] = frozenset()
    """The `sentence_hash` of user sentences that recur in more than 2 % of the conversations, and in 5 or more."""
    everywhere: frozenset[int] = frozenset()
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
    confirms: bool = False
    """Whether its users agree before three quarters of its changes; False below ten changes."""
    named_arguments: frozenset[str] = frozenset()
    """The arguments of changes whose ids user or bot had named before in four of five uses; of those with ten uses or more."""
    sourced_arguments: frozenset[str] = frozenset()
    """Those whose ids an earlier turn or result held in nine of ten uses; of those with ten uses or more."""

    @property
    def brief(self) -> bool:
        """Whether one question and one answer are the rule, so that leaving after it says nothing."""
        return self.usual_length is not None and self.usual_length < _FEWEST_TURNS

    def met_by(self, seen: Observation) -> BotNorms:
        """These norms as far as one conversation meets them: it is judged by them as by the whole.

        What it doesn't meet is left out, so that norms that move leave the judgement of most conversations as it was.
        """
        is_long = self.long_from is not None and seen.turns >= self.long_from
        is_slow = self.slow_from is not None and seen.slowest is not None and seen.slowest >= self.slow_from
        own = hashes([seen.sentences]).tolist()
        return replace(
            self,
            conversations=0,
            long_from=seen.turns if is_long else None,
            usual_length=self.usual_length if is_long or self.brief else None,
            recurring=self.recurring.intersection(own),
            everywhere=self.everywhere.intersection(own),
            feedback_scale=None if seen.feedback_score is None else self.feedback_scale,
            slow_from=seen.slowest if is_slow else None,
            usual_wait=self.usual_wait if is_slow else None,
            tools={name: self.tools[name] for name in sorted(seen.tools) if name in self.tools},
            confirms=self.confirms and seen.unasked > 0,
            named_arguments=self.named_arguments.intersection(seen.shown),
            sourced_arguments=self.sourced_arguments.intersection(seen.unsourced),
        )

    def bad_feedback(self, score: float) -> bool:
        """Whether a conversation's feedback score lies in the lower two fifths of the bot's scale."""
        if self.feedback_scale is None:
            return False
        return score <= bad_up_to(self.feedback_scale)


def bot_norms(observations: Observations, tools: Mapping[str, CallKind] = NOTHING_SAID) -> BotNorms:
    """What is usual for one bot, whose conversations these are; `tools` is what people said of its tools."""
    total = len(observations)
    usual, long_from = _length_norms(observations.turns)
    usual_wait, slow_from = _wait_norms(np.frombuffer(b"".join(observations.waits), "<i2"))
    keys, counts = np.unique(observations.all_sentences, return_counts=True)
    with_calls = sum(map(bool, observations.tools))
    called = set(chain.from_iterable(observations.tools))
    writing = {name for name in called if (tools.get(name) or call_kind(name)) == "write"}
    with_writes = sum(not writing.isdisjoint(names) for names in observations.tools)
    named, shown, unsourced = (
        Counter(chain.from_iterable(names))
        for names in (observations.named, observations.shown, observations.unsourced)
    )
    scores = observations.feedback_scores[~np.isnan(observations.feedback_scores)]
    return BotNorms(
        conversations=total,
        usual_length=usual,
        long_from=long_from,
        recurring=_in_more_than(_RECURRING_SHARE, total, keys, counts),
        everywhere=_in_more_than(_EVERYWHERE_SHARE, total, keys, counts),
        feedback_scale=usual_scale(float(scores.min()), float(scores.max())) if len(scores) else None,
        slow_from=slow_from,
        usual_wait=usual_wait,
        retrieves=total >= _FEWEST_FOR_USE and int(observations.has_documents.sum()) >= _RETRIEVES * total,
        has_tools=with_calls > 0,
        calls_tools=total >= _FEWEST_FOR_USE and with_calls >= _USES_TOOLS * total,
        writes=total >= _FEWEST_FOR_USE and with_writes >= _RECURRING_SHARE * total and with_writes > 0,
        tools=tools,
        confirms=_confirms(int(observations.agreed.sum()), int(observations.unasked.sum())),
        named_arguments=_usual(named, shown + unsourced, _NAMED_SHARE),
        sourced_arguments=_usual(named + shown, unsourced, _SOURCED_SHARE),
    )


def _confirms(agreed: int, unasked: int) -> bool:
    return agreed + unasked >= _FEWEST_CHANGES and agreed >= _CONFIRMED_SHARE * (agreed + unasked)


def _usual(so: Counter[str], otherwise: Counter[str], share: float) -> frozenset[str]:
    """The arguments whose ids came about so in at least a share of their uses."""
    totals = so + otherwise
    return frozenset(name for name, uses in totals.items() if uses >= _FEWEST_CHANGES and so[name] >= share * uses)


def _in_more_than(share: float, total: int, keys: Hashes, counts: npt.NDArray[np.intp]) -> frozenset[int]:
    return frozenset(keys[counts >= max(_FEWEST_RECURRING, int(share * total) + 1)].tolist())


def _length_norms(lengths: npt.NDArray[np.int64]) -> tuple[int | None, int | None]:
    if len(lengths) < _FEWEST_FOR_LENGTH:
        return None, None
    lower, median, upper = _quartiles(lengths)
    return median, max(_SHORTEST_LONG, int(upper + 1.5 * (upper - lower)) + 1)


def _wait_norms(waits: npt.NDArray[np.int16]) -> tuple[float | None, float | None]:
    """Median wait and Tukey's fence in seconds. Waits spread by factors, so the fence is set over their logarithms."""
    if len(waits) < _FEWEST_WAITS:
        return None, None
    lower, median, upper = _quartiles(waits)
    return (
        math.exp(median / WAIT_STEPS),
        max(_SHORTEST_SLOW, math.exp((upper + 1.5 * (upper - lower)) / WAIT_STEPS)),
    )


def usual_scale(lowest: float, highest: float) -> tuple[float, float] | None:
    """The smallest usual scale that holds the lowest and the highest score; None where none does."""
    return next((scale for scale in _SCALES if scale[0] <= lowest and highest <= scale[1]), None)


def bad_up_to(scale: tuple[float, float]) -> float:
    """The score up to which feedback is bad: the lower two fifths of its scale."""
    low, high = scale
    return low + _BAD_SHARE * (high - low)


def _quartiles(values: npt.NDArray[np.integer[Any]]) -> tuple[int, int, int]:
    """Lower quartile, median, upper quartile: of n values in order, those at a quarter, half, three quarters of n - 1."""
    places = [int(share * (len(values) - 1)) for share in (0.25, 0.5, 0.75)]
    lower, median, upper = np.sort(values)[places].tolist()
    return lower, median, upper

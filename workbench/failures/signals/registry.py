"""What a signal is, and the registry that every family writes into."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Literal, NamedTuple

from workbench.conversation import Conversation, Turn
from workbench.conversation.outcome import Outcome
from workbench.conversation.roles import Side, side_of
from workbench.conversation.tool_calls import Call
from workbench.failures.deviation import Deviation
from workbench.failures.signals.changes import Change, Write, changes
from workbench.failures.signals.language import plain, with_meaning
from workbench.failures.signals.norms import BotNorms
from workbench.text.tokens import words

Strength = Literal["strong", "medium", "weak", "shown"]
Severity = Literal["S1", "S2", "S3", "S4"]
"""S1 acted wrongly on the world, S2 misinformed, S3 left unserved, S4 friction."""
WEIGHTS: dict[Strength, float] = {"strong": 1.0, "medium": 0.5, "weak": 0.25, "shown": 0.0}


@dataclass(frozen=True, slots=True)
class Signal:
    """One reason to think that a conversation failed."""

    code: str
    """Which signal it is, as the registry names it."""
    position: int | None
    """The turn where it fired; None: the whole conversation."""
    strength: Strength
    """How much it says."""
    evidence: str
    """The words or values that fired it, as logged."""


class Hit(NamedTuple):
    """Where a signal fired, and the words or values that fired it."""

    position: int | None
    evidence: str


class Utterance:
    """One turn's text without control tokens, its words, and `spoken`, the bare words for phrases and repeats."""

    __slots__ = ("position", "spoken", "text", "turn", "words")

    def __init__(self, turn: Turn, text: str) -> None:
        self.turn = turn
        self.position = turn.position
        self.text = text
        self.words = words(text)
        self.spoken = f" {' '.join(self.words)} "

    @property
    def content(self) -> list[str]:
        """The content words, in order."""
        return with_meaning(self.words)


@dataclass
class Observed:
    """What the signals look at."""

    conversation: Conversation
    """One conversation."""
    norms: BotNorms
    """What is usual for its bot."""
    outcome: Outcome
    """How it ended."""
    calls: list[Call]
    """The bot's calls in it, in order."""
    came_back: str = ""
    """When the same user came back with a similar request, in words; empty where that did not happen."""
    deviations: tuple[Deviation, ...] = ()
    """Where it went otherwise than others of its bot."""
    user: list[Utterance] = field(init=False)
    """What the user said, turn by turn, without turns that have no text."""
    bot: list[Utterance] = field(init=False)
    """What the bot said, the same."""

    def __post_init__(self) -> None:
        self.user, self.bot = [], []
        sides: dict[Side | None, list[Utterance]] = {"user": self.user, "bot": self.bot}
        for turn in self.conversation.turns:
            if not turn.content or (side := sides.get(side_of(turn.role))) is None:
                continue
            if text := plain(turn.content):
                side.append(Utterance(turn, text))

    @cached_property
    def bot_words(self) -> frozenset[str]:
        """Every word that the bot said."""
        return frozenset(chain.from_iterable(utterance.words for utterance in self.bot))

    @cached_property
    def user_words(self) -> frozenset[str]:
        """Every word that the user said."""
        return frozenset(chain.from_iterable(utterance.words for utterance in self.user))

    @cached_property
    def changes(self) -> list[Change]:
        """The bot's calls that change something, and what each rests on."""
        writes = (Write(call.position, call.name, call.arguments) for call in self.calls if call.kind == "write")
        return changes(self.conversation, writes)

    @cached_property
    def errors(self) -> list[Call]:
        """The bot's calls that came back with an error."""
        return [call for call in self.calls if call.error]


def last_before(turns: Sequence[Utterance], position: int) -> Utterance | None:
    """The last of these turns before a position."""
    place = bisect_left(turns, position, key=_position)
    return turns[place - 1] if place else None


def first_after(turns: Sequence[Utterance], position: int) -> Utterance | None:
    """The first of these turns after a position."""
    place = bisect_right(turns, position, key=_position)
    return turns[place] if place < len(turns) else None


def _position(utterance: Utterance) -> int:
    return utterance.position


Find = Callable[[Observed], Iterator[Hit]]


@dataclass(frozen=True, slots=True)
class SignalKind:
    """A registered signal: all that the rest of the workbench needs to know of it."""

    code: str
    """Its name in snapshots, exports and settings, like `empty-reply`."""
    family: str
    """The module that it is registered in, like `bot`."""
    title: str
    """What it is called on screen."""
    strength: Strength
    """How much it counts; `WEIGHTS` has the number."""
    description: str
    """When it fires, in one line."""
    find: Find
    """Yields where it fires in one conversation."""
    blind_without: tuple[str, ...] = ()
    """Names out of `logs.gaps.GAPS`: in a conversation that lacks any of them it can't fire."""
    blind_in_log_without: tuple[str, ...] = ()
    """Names out of `GAPS`: it can't fire anywhere where the whole log lacks any of them."""
    severity: Severity = "S4"
    """The severity that it suggests for a failure in which nothing was changed."""
    stated: bool = True
    """Whether its title is among the facts and the signature of a conversation; else these have better words, or leave it out."""

    @property
    def weight(self) -> float:
        """What one such signal adds to a conversation's score."""
        return WEIGHTS[self.strength]


REGISTRY: dict[str, SignalKind] = {}


def signal(
    code: str,
    strength: Strength,
    title: str,
    *,
    blind_without: tuple[str, ...] = (),
    blind_in_log_without: tuple[str, ...] = (),
    severity: Severity = "S4",
    stated: bool | None = None,
) -> Callable[[Find], Find]:
    """Register a function as the signal `code`; its family is its module, its description its docstring's first line.

    The rest is as in `SignalKind`; a signal is `stated` unless it is only shown.
    """

    def register(find: Find) -> Find:
        REGISTRY[code] = SignalKind(
            code=code,
            family=find.__module__.rpartition(".")[2],
            title=title,
            strength=strength,
            description=(find.__doc__ or "").strip().splitlines()[0],
            find=find,
            blind_without=blind_without,
            blind_in_log_without=blind_in_log_without,
            severity=severity,
            stated=strength != "shown" if stated is None else stated,
        )
        return find

    return register


def find_signals(observed: Observed) -> list[Signal]:
    """Every hit of every registered signal, in order of turns (those of the whole conversation last)."""
    fired = [
        Signal(kind.code, hit.position, kind.strength, hit.evidence)
        for kind in REGISTRY.values()
        for hit in kind.find(observed)
    ]
    return sorted(fired, key=lambda hit: (hit.position is None, hit.position or 0))


def score(signals: list[Signal]) -> float:
    """The weights added up; a code counts once a conversation."""
    return sum({each.code: WEIGHTS[each.strength] for each in signals}.values())

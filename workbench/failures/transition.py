"""Where a failing conversation tipped over: the last state that was good, and the first that was not.

States are what the bot went through: the request, a retrieval, each tool call by its name, a reply, a hand-over. Counted over failures
they make a transition matrix, which shows where a bot breaks (Hamel Husain's and Shreya Shankar's course on evaluating LLM applications).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from workbench.conversation import Conversation
from workbench.conversation.roles import is_bot, is_user
from workbench.conversation.tool_calls import Call
from workbench.failures.candidate import Candidate
from workbench.failures.failing_turn import NAMED_BY_PEOPLE
from workbench.failures.mechanical_faults import Fault
from workbench.failures.signals import REGISTRY, Signal

REQUEST, RETRIEVAL, REPLY, HANDOVER = "request", "retrieval", "reply", "hand-over"
_CLAIMS = ("error-claim", "empty-result-claim")
_REACTIONS = ("feedback", "user", "outcome", "returns", "abandonment")
"""Families of signals that show after it went wrong: what the user does about it, and how it ended."""


class Transition(NamedTuple):
    """The two states between which a conversation failed."""

    last_good: str
    """The last good state."""
    first_failing: str
    """The first failing one."""


@dataclass(frozen=True, slots=True)
class _State:
    name: str
    position: int
    good: bool
    """Whether it went through: a call without an error, a retrieval that found something."""
    answered_at: int | None = None
    """The turn that holds the result of a call."""


def tipping_turn(
    signals: Sequence[Signal], fault: Fault | None, candidates: Sequence[Candidate], calls: Sequence[Call]
) -> int | None:
    """The turn at which a failing conversation first went wrong, by what comes before what: causes before the user's reaction to them.

    In this order: what people named; a claim in spite of an error or of an empty result; the mechanical fault; the first strong signal that
    the bot itself gave; before the user's first reaction the last change made, else the hand-over; else the first turn to look at.
    """
    if candidates and candidates[0].why.endswith(NAMED_BY_PEOPLE):
        return candidates[0].position
    placed = [(signal.position, signal) for signal in signals if signal.position is not None]
    if claimed := [position for position, signal in placed if signal.code in _CLAIMS]:
        return min(claimed)
    if fault is not None:
        return fault.position
    reactions = [position for position, signal in placed if REGISTRY[signal.code].family in _REACTIONS]
    own = [
        position
        for position, signal in placed
        if signal.strength == "strong" and REGISTRY[signal.code].family not in _REACTIONS
    ]
    if own:
        return min(own)
    until = min(reactions, default=None)
    before = [call for call in calls if not call.error and (until is None or call.position <= until)]
    for kind in ("write", "handover"):
        if reactions and (of_kind := [call.position for call in before if call.kind == kind]):
            return of_kind[-1]
    return candidates[0].position if candidates else None


def transition(conversation: Conversation, calls: Sequence[Call], failing_turn: int | None) -> Transition:
    """Between which states a conversation failed that went wrong at `failing_turn`, a position; at its end where that is None.

    What shows at a result failed in its call, and what shows in the user's words failed in what the bot did before. A call that failed
    several times failed at the first of them.
    """
    states = list(_states(conversation, calls))
    if not any(state.name != REQUEST for state in states):
        return Transition(REQUEST, REPLY)
    at = _place(states, failing_turn)
    if not states[at].good:
        at = next(place for place, state in enumerate(states) if state.name == states[at].name and not state.good)
    good = next((state.name for state in reversed(states[:at]) if state.good), REQUEST)
    return Transition(good, states[at].name)


def _place(states: Sequence[_State], turn: int | None) -> int:
    """The state that shows at a turn: of several there the first that did not go through, else the last."""
    bots = [place for place, state in enumerate(states) if state.name != REQUEST]
    if turn is None:
        return bots[-1]
    here = [place for place in bots if turn in (states[place].position, states[place].answered_at)]
    if here:
        return next((place for place in here if not states[place].good), here[-1])
    return next((place for place in reversed(bots) if states[place].position < turn), bots[0])


def _states(conversation: Conversation, calls: Sequence[Call]) -> Iterator[_State]:
    """What the conversation went through, in order; turns of the user that follow each other are one request."""
    of_turn = {position: list(group) for position, group in groupby(calls, lambda call: call.position)}
    asked = False
    for turn in conversation.turns:
        if is_user(turn.role):
            if not asked:
                yield _State(REQUEST, turn.position, True)
            asked = True
        elif is_bot(turn.role):
            asked = False
            if turn.retrieved:
                yield _State(RETRIEVAL, turn.position, True)
            here = of_turn.get(turn.position, ())
            for call in here:
                name = HANDOVER if call.kind == "handover" else call.name
                yield _State(name, turn.position, call.error is None, call.result_position)
            if not here:
                yield _State(REPLY, turn.position, bool(turn.content.strip()))

"""Where to look first in a failing conversation: up to three turns, the likeliest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from workbench.failures.mechanical_faults import Fault, mechanical_fact
from workbench.failures.signals import REGISTRY, Observed, Signal
from workbench.failures.signals.language import find_phrase, says_something

_CANDIDATES = 3
NAMED_BY_PEOPLE = "found it here"
"""How the reason of a turn ends that people named."""


@dataclass(frozen=True, slots=True)
class HumanVerdict:
    """What people agree on of a conversation; it outranks the log and every signal."""

    failed: bool
    """Whether it failed."""
    by: str
    """The readers' names, joined for a sentence."""
    failing_turn: int | None = None
    """The position of the turn where it failed, where they named one."""


class Candidate(NamedTuple):
    """A turn to look at first, and why."""

    position: int
    why: str


def failing_turns(
    seen: Observed, signals: Sequence[Signal], fault: Fault | None, human: HumanVerdict | None = None
) -> list[Candidate]:
    """Up to three turns to look at first.

    What people named comes before all else. A mechanical fault comes first, else a strong signal that points at a turn. Then the default: the last executed write,
    else the transfer, and the bot's last reply; against people's choice, that beats the last message by far (FACTS.md).
    """
    candidates = []
    if human is not None and human.failing_turn is not None:
        candidates.append(Candidate(human.failing_turn, f"{human.by} {NAMED_BY_PEOPLE}"))
    if fault:
        candidates.append(Candidate(fault.position, mechanical_fact(fault.key)))
    elif pointed := _first_strong(signals):
        candidates.append(pointed)
    evident = any(signal.strength in ("strong", "medium") and signal.code != "log-says-failed" for signal in signals)
    note = "" if evident or human is not None else "; only the outcome says that it failed"
    write = next((call for call in reversed(seen.calls) if call.kind == "write" and call.succeeded), None)
    handover = next((call for call in seen.calls if call.kind == "handover" and not call.error), None)
    if write:
        candidates.append(Candidate(write.position, f"last change made: {write.name}{note}"))
    elif handover:
        candidates.append(Candidate(handover.position, f"handed over: {handover.name}{note}"))
    reply = _last_reply(seen)
    if reply is not None:
        candidates.append(Candidate(reply, f"last reply of the bot{note}"))
    distinct: dict[int, Candidate] = {}
    for candidate in candidates:
        distinct.setdefault(candidate.position, candidate)
    return list(distinct.values())[:_CANDIDATES]


def _first_strong(signals: Sequence[Signal]) -> Candidate | None:
    """The first strong signal with a turn; three errors only count from the third on, as the first may be nobody's fault."""
    places: dict[str, list[int]] = {}
    for signal in signals:
        if signal.strength == "strong" and signal.position is not None:
            places.setdefault(signal.code, []).append(signal.position)
    firsts = [
        Candidate(turns[2] if code == "three-errors" else turns[0], REGISTRY[code].title)
        for code, turns in places.items()
    ]
    return min(firsts, default=None)


def _last_reply(seen: Observed) -> int | None:
    """The bot's last reply that is more than a goodbye, else its last turn of any kind."""
    for reply in reversed(seen.bot):
        if says_something(reply.text) and not find_phrase(reply.spoken, "closing"):
            return reply.position
    return seen.bot[-1].position if seen.bot else (seen.calls[-1].position if seen.calls else None)

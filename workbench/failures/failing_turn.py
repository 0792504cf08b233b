"""Where to look first in a failing conversation: up to three turns, the likeliest first; none where nothing says where.

Sought is the first upstream failure: the earliest turn from which the end follows, not the last thing that happened. What
the end follows from is a decision more often than an act: the reply that offered a change, which the user only confirmed.
The candidates are spread over the conversation, as three beside each other are one: those that lie more than an exchange
(two turns) from the ones before them go first.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from workbench.failures.agent_runs import run_turns, runs_alone
from workbench.failures.candidate import Candidate
from workbench.failures.decisive_turns import decisive_turns, last_reply
from workbench.failures.mechanical_faults import Fault, mechanical_fact
from workbench.failures.signals import REGISTRY, Observed, Signal

_CANDIDATES = 3
NAMED_BY_PEOPLE = "found it here"
"""How the reason of a turn ends that people named."""
_EXCHANGE = 2
_WIDE = 12
"""Turns between two candidates from which a third is set between them: three exchanges on either side of it."""


@dataclass(frozen=True, slots=True)
class HumanVerdict:
    """What people agree on of a conversation; it outranks the log and every signal."""

    failed: bool
    """Whether it failed."""
    by: str
    """The readers' names, joined for a sentence."""
    failing_turn: int | None = None
    """The position of the turn where it failed, where they named one."""


def failing_turns(
    seen: Observed, signals: Sequence[Signal], fault: Fault | None, human: HumanVerdict | None = None
) -> list[Candidate]:
    """Up to three turns to look at first, none where nothing speaks.

    What people named comes before all else. A mechanical fault comes first, else a strong signal that points at a turn;
    but not before a change that was made earlier, nor among agents that work by themselves, whose leader repeats its
    orders. Then the decisive turns of a bot and its user (`decisive_turns`), or of such agents (`agent_runs`). Where only
    the outcome says that it failed, each reason says so.
    """
    named = []
    if human is not None and human.failing_turn is not None:
        named.append(Candidate(human.failing_turn, f"{human.by} {NAMED_BY_PEOPLE}"))
    evident = any(signal.strength in ("strong", "medium") and signal.code != "log-says-failed" for signal in signals)
    note = "" if evident or human is not None else "; only the outcome says that it failed"
    alone = runs_alone(seen)
    turns = run_turns(seen) if alone else decisive_turns(seen)
    inferred = [Candidate(turn.position, turn.why + note) for turn in turns]
    pointed = _fault_turn(seen, fault) if fault else _first_strong(signals)
    if pointed:
        later = alone or (fault is not None and _had_changed_before(seen, fault, pointed))
        inferred.insert(1 if later else 0, pointed)
    inferred += _weaker(signals)
    if not (named or inferred):
        return []
    if (reply := last_reply(seen)) is not None:
        inferred.append(Candidate(reply, f"last reply of the bot{note}"))
    return _spread(seen, [*named, *inferred])


def _fault_turn(seen: Observed, fault: Fault) -> Candidate:
    """Where a mechanical fault began: of a tool that kept failing in one way its first such call."""
    why = mechanical_fact(fault.key)
    first = next(
        (call for call in seen.errors if call.error and _error_key(call.name, call.error.error_class) == fault.key),
        None,
    )
    return Candidate(first.position if first else fault.position, why)


def _error_key(tool: str, error_class: str) -> str:
    return f"tool-error:{tool}:{error_class}"


def _had_changed_before(seen: Observed, fault: Fault, pointed: Candidate) -> bool:
    """Whether a change had been made before a tool began to fail: the end then follows from that change."""
    if not fault.key.startswith("tool-error:"):
        return False
    return any(call.kind == "write" and call.succeeded and call.position < pointed.position for call in seen.calls)


def _first_strong(signals: Sequence[Signal]) -> Candidate | None:
    """The first strong signal with a turn; of several errors the first, as the others follow from it."""
    firsts = [
        Candidate(signal.position, REGISTRY[signal.code].title)
        for signal in signals
        if signal.strength == "strong" and signal.position is not None
    ]
    return min(firsts, default=None)


def _weaker(signals: Sequence[Signal]) -> list[Candidate]:
    """The first turn that each weaker signal points at: medium ones, then weak ones; the codes that fired often last."""
    often = Counter(signal.code for signal in signals)
    first: dict[str, Signal] = {}
    for signal in signals:
        if signal.strength in ("medium", "weak") and signal.position is not None:
            first.setdefault(signal.code, signal)
    ranked = sorted(
        (signal.strength != "medium", often[code], signal.position or 0, REGISTRY[code].title)
        for code, signal in first.items()
    )
    return [Candidate(position, title) for _, _, position, title in ranked]


def _spread(seen: Observed, candidates: Iterable[Candidate]) -> list[Candidate]:
    """Three turns: the first that lie more than an exchange apart, then one between those, then what lies beside them."""
    kept: list[Candidate] = []
    beside: dict[int, Candidate] = {}
    for candidate in candidates:
        if all(abs(candidate.position - other.position) > _EXCHANGE for other in kept):
            kept.append(candidate)
        else:
            beside.setdefault(candidate.position, candidate)
    kept = kept[:_CANDIDATES]
    if len(kept) < _CANDIDATES and (between := _between(seen, kept)):
        kept.append(between)
    places = {candidate.position for candidate in kept}
    return [*kept, *(near for position, near in beside.items() if position not in places)][:_CANDIDATES]


def _between(seen: Observed, kept: Sequence[Candidate]) -> Candidate | None:
    """The bot's reply in the middle of the widest stretch between two candidates, else of that before the first.

    None where the stretch is short: what comes before the first is mostly asking and looking up, so it is the second choice.
    """
    places = sorted(candidate.position for candidate in kept)
    stretches = sorted(pairwise(places), key=lambda ends: ends[0] - ends[1])
    for start, end in [*stretches, *((0, first) for first in places[:1])]:
        replies = [reply.position for reply in seen.bot if start + _EXCHANGE < reply.position < end - _EXCHANGE]
        if end - start >= _WIDE and replies:
            middle = min(replies, key=lambda position: abs(2 * position - start - end))
            return Candidate(middle, "halfway between the others, for want of a sign")
    return None

"""The turns on which the end of a run hangs in which agents work by themselves: no user answers, and text tells all.

Which agent and which step is told by who spoke (a turn's `name`). Settled on half of the hand-annotated failures of teams
(`benchmarks/attribution.py`): code decides where code was written, and the mistake is in the first of it more often than in
the first that failed. Where a leader hands out the steps it is in the worker's step before the leader first says that no
progress is made. A place in the order stands in where there is no such sign.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from workbench.conversation.model import Turn
from workbench.conversation.roles import is_bot, is_tool
from workbench.conversation.tool_errors import tool_error
from workbench.failures.candidate import Candidate
from workbench.failures.signals import Observed
from workbench.failures.signals.language import says_something

_FEWEST_TURNS = 3
_LEADERS = frozenset("orchestrator manager supervisor coordinator planner router moderator leader".split())
_FENCE = "```"
_THIRD, _SECOND = 2, 1
_NO_PROGRESS = re.compile(
    r"(?:^|[.!]\s)(?:stalled\b|(?:we|i) (?:are|am|seem to be|have been) (?:stuck|going in circles|not making (?:any )?progress"
    r"|repeating (?:the same|ourselves|myself)|in a loop)|no progress (?:is|was|has been) (?:being )?made)",
    re.IGNORECASE,
)
_STUCK_KEY, _PROGRESS_KEY = re.compile(r"loop|stall|stuck"), re.compile(r"progress")
_ASSUMES = re.compile(
    r"\b(?:let's assume|let us assume|assuming (?:that|the|we)|i(?:'ll| will) assume|for demonstration|hypothetical|placeholder"
    r"|(?:mock|dummy|sample|simulated|made-up) (?:data|values|numbers|results?))\b",
    re.IGNORECASE,
)
_LONGEST_LEDGER = 20_000


def runs_alone(seen: Observed) -> bool:
    """Whether agents work by themselves: the user spoke at most once, and what they did stands in words, not in calls."""
    if seen.calls or len(seen.user) > 1 or len(seen.bot) < _FEWEST_TURNS:
        return False
    return any(reply.turn.name for reply in seen.bot) or any(is_tool(turn.role) for turn in seen.conversation.turns)


def run_turns(seen: Observed) -> list[Candidate]:
    """The turns from which the end of such a run may follow, the likeliest first."""
    turns = seen.conversation.turns
    names = frozenset(turn.name for turn in turns if turn.name and is_bot(turn.role))
    leading = {name for name in names if leader(name, names)}
    steps = [
        turn for turn in turns if (is_bot(turn.role) and turn.name not in leading) or (leading and is_tool(turn.role))
    ]
    chosen = list(_led(turns, steps) if leading else _by_themselves(turns, steps))
    return [*chosen, *_assumed(steps), *_failed(turns), *_concluded(seen)]


@lru_cache(maxsize=4096)
def leader(name: str, names: frozenset[str]) -> str | None:
    """The leader that speaks under this name, of the `names` in a run; None for anybody else.

    One who speaks to others under their names (`Boss_Coder`, where `Coder` speaks too) is one leader under all its names.
    """
    head = name.partition("_")[0]
    leads = head != name and any(other.startswith(f"{head}_") and other[len(head) + 1 :] in names for other in names)
    return head if leads or name.lower() in _LEADERS else None


def _led(turns: Sequence[Turn], steps: Sequence[Turn]) -> Iterator[Candidate]:
    """The step before the first word of no progress, else the third step."""
    if not steps:
        return
    stuck = next((turn.position for turn in turns if is_bot(turn.role) and no_progress(turn.content)), None)
    before = [step for step in steps if stuck is not None and step.position < stuck]
    if before:
        yield Candidate(before[-1].position, f"the step after which no progress was seen{_by(before[-1])}")
    third = steps[min(_THIRD, len(steps) - 1)]
    yield Candidate(third.position, f"an early step, for want of a sign{_by(third)}")


def _by_themselves(turns: Sequence[Turn], steps: Sequence[Turn]) -> Iterator[Candidate]:
    """The first code, else the second step."""
    code = next((step for step in steps if _FENCE in step.content), None)
    if code:
        yield Candidate(code.position, f"first code{_by(code)}")
    elif len(steps) > _SECOND:
        yield Candidate(
            steps[_SECOND].position, f"the step that the others follow, for want of a sign{_by(steps[_SECOND])}"
        )


def no_progress(text: str) -> bool:
    """Whether a turn says that no progress is made or that it goes in a loop: in so many words, or in a ledger of JSON."""
    start = text.find("{")
    if start < 0 or len(text) > _LONGEST_LEDGER:
        return _NO_PROGRESS.search(text) is not None
    try:
        ledger, _ = json.JSONDecoder().raw_decode(text[start:])
    except (ValueError, RecursionError):
        return _NO_PROGRESS.search(text[:start]) is not None
    return isinstance(ledger, dict) and any(
        (_STUCK_KEY.search(str(key)) and _answer(value) is True)
        or (_PROGRESS_KEY.search(str(key)) and _answer(value) is False)
        for key, value in ledger.items()
    )


def _answer(value: object) -> object:
    return value.get("answer") if isinstance(value, dict) else value


def _failed(turns: Sequence[Turn]) -> Iterator[Candidate]:
    """Whose code the first failed run was of."""
    for turn in turns:
        if not is_tool(turn.role) or not (error := tool_error(turn)):
            continue
        author = next((before for before in reversed(turns[: turn.position]) if is_bot(before.role)), None)
        if author:
            yield Candidate(author.position, f"the first run that failed: {error.error_class}{_by(author)}")
            return


def _assumed(steps: Sequence[Turn]) -> Iterator[Candidate]:
    """The first step after the first that puts an assumption in the place of data."""
    step = next((step for step in steps[1:] if _ASSUMES.search(step.content)), None)
    if step:
        yield Candidate(step.position, f"an assumption in the place of data{_by(step)}")


def _concluded(seen: Observed) -> Iterator[Candidate]:
    """The last turn that says more than that it ends."""
    last = next((reply.turn for reply in reversed(seen.bot) if says_something(reply.text)), None)
    if last:
        yield Candidate(last.position, f"the conclusion{_by(last)}")


def _by(turn: Turn) -> str:
    return f", by {turn.name}" if turn.name else ""

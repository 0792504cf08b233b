"""How a conversation went, without its topic: for TF-IDF, for people, and as facts that conversations can share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from workbench.conversation.tool_calls import kind_is_guessed
from workbench.failures.signals import REGISTRY, WEIGHTS, Observed, Signal

SIGNAL_TOKEN = "signal:"
"""How a token of a signature begins that names a signal; the others name what was called, and what came back."""
_AFTERWARDS = frozenset({"outcome", "feedback", "abandonment", "returns"})
"""Families that tell how it ended and how people took it, not how it went."""


def signature_tokens(seen: Observed, signals: Sequence[Signal]) -> list[str]:
    """How it went, as tokens for TF-IDF: tools, pairs of tools in a row, errors, executed writes, signals.

    How it ended and how people took it stay out: the same fault is borne by one user, rated down by a second, and left
    by a third. Empty for a bot that was never seen to call a tool: there the passage alone decides.
    """
    if not seen.norms.has_tools:
        return []
    steps = _without_repeats([call.name for call in seen.calls])
    return [
        *steps,
        *(f"{first}>{second}" for first, second in pairwise(steps)),
        *(f"{call.name}!{call.error.error_class}" for call in seen.errors if call.error),
        *(f"{call.name}=executed" for call in seen.calls if call.kind == "write" and call.succeeded),
        *(
            f"{SIGNAL_TOKEN}{code}"
            for code in dict.fromkeys(signal.code for signal in signals if WEIGHTS[signal.strength])
            if REGISTRY[code].family not in _AFTERWARDS
        ),
    ]


def signature(seen: Observed, signals: Sequence[Signal]) -> str:
    """How it went, for people: executed writes and hand-overs in order, then errors, then strong and medium signals."""
    steps = _without_repeats(
        [
            f"{call.name} ✓" if call.kind == "write" else call.name
            for call in seen.calls
            if (call.kind == "write" and call.succeeded) or (call.kind == "handover" and not call.error)
        ]
    )
    errors = dict.fromkeys(f"{call.name} ✗ {call.error.error_class}" for call in seen.errors if call.error)
    titles = dict.fromkeys(
        REGISTRY[signal.code].title
        for signal in signals
        if signal.strength in ("strong", "medium") and REGISTRY[signal.code].stated
    )
    if not seen.calls and seen.norms.calls_tools:
        steps = ["no tool called"]
    elif not steps and seen.calls:
        steps = ["looked up only"]
    return "; ".join([" → ".join(steps)] * bool(steps) + [*errors, *titles]) or "answered in words"


def _without_repeats(names: Sequence[str]) -> list[str]:
    return [name for place, name in enumerate(names) if place == 0 or name != names[place - 1]]


def facts(seen: Observed, signals: Sequence[Signal]) -> list[str]:
    """What was observed, as short statements without ids or counts, so that conversations can share them."""
    changes = [call for call in seen.calls if call.kind == "write" and not call.error]
    statements = [f"carries out {call.name}" for call in changes if call.result is not None]
    if any(signal.code == "escalated" for signal in signals):
        statements.append(REGISTRY["escalated"].title)
    if seen.norms.calls_tools and not seen.calls:
        statements.append("no tool called")
    elif seen.norms.writes and not statements and not changes and not _may_have_changed(seen):
        statements.append("nothing changed")
    statements += [f"{call.name} failed: {call.error.error_class}" for call in seen.errors if call.error]
    statements += [REGISTRY[signal.code].title for signal in signals if REGISTRY[signal.code].stated]
    return list(dict.fromkeys(statements))


def _may_have_changed(seen: Observed) -> bool:
    """Whether a tool was called that may change something for all that anybody can tell: nothing in its name says what it does."""
    return any(
        not call.error and call.name not in seen.norms.tools and kind_is_guessed(call.name) for call in seen.calls
    )


def observed_behaviours(observed: Sequence[str]) -> list[str]:
    """Those of the `facts` that tell how it went, without how it ended and how people took it; a hand-over is a behaviour too."""
    return [fact for fact in observed if fact not in _endings()]


@cache
def _endings() -> frozenset[str]:
    return frozenset(
        kind.title for kind in REGISTRY.values() if kind.family in _AFTERWARDS and kind.code != "escalated"
    )

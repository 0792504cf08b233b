"""The mechanical fault of a failure: one fix mends all failures that share it, whatever their topics."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from workbench.conversation.tool_calls import Call
from workbench.failures.signals import REGISTRY, Observed, Signal


class Fault(NamedTuple):
    """A mechanical fault: its key, equal over all topics, and the turn where it shows."""

    key: str
    position: int


ENDLESS = 20
"""Equal calls in a row from which a loop is the fault, whatever it changed: the bot made no other step by itself."""
_KEYS = {
    "empty-reply": "empty-reply",
    "same-call-loop": "repeated-call",
    "repeated-write": "repeated-write",
    "cut-off": "cut-off",
    "filter-block": "filter-block",
}


def mechanical_fault(seen: Observed, signals: Sequence[Signal]) -> Fault | None:
    """The strong mechanical sign of a failure; None where it has none.

    A tool error counts when it was repeated, or when the bot neither got that tool to work nor changed anything after it.
    A call repeated because it keeps failing is the tool's error, not a loop. A change made twice comes before a loop, which it
    often is as well, unless the bot never came out of it (`ENDLESS`).
    """
    first = {signal.code: signal.position for signal in reversed(signals) if signal.position is not None}
    failing = {call.position for call in seen.calls if call.error}
    loops = ("same-call-loop", "repeated-write") if _endless(seen.calls) else ("repeated-write", "same-call-loop")
    for code in ("empty-reply", *loops):
        if code in first and not (code == "same-call-loop" and first[code] in failing):
            return Fault(_KEYS[code], first[code])
    error = _lasting_error(seen.calls)
    if error:
        return error
    return next((Fault(_KEYS[code], first[code]) for code in ("cut-off", "filter-block") if code in first), None)


def _endless(calls: Sequence[Call]) -> bool:
    """Whether one call was made again and again until something stopped the bot."""
    return any(len(list(run)) >= ENDLESS for _, run in groupby(calls, lambda call: (call.name, call.arguments)))


def _lasting_error(calls: Sequence[Call]) -> Fault | None:
    """The tool error that the conversation could not get past, at its last place; the commonest, then the latest."""
    errors = [(place, call, call.error.error_class) for place, call in enumerate(calls) if call.error]
    times = Counter((call.name, error_class) for _, call, error_class in errors)
    lasting = [
        (times[call.name, error_class], place, Fault(f"tool-error:{call.name}:{error_class}", call.position))
        for place, call, error_class in errors
        if times[call.name, error_class] >= 2
        or not any(
            later.succeeded and (later.name == call.name or later.kind == "write") for later in calls[place + 1 :]
        )
    ]
    return max(lasting)[2] if lasting else None


def mechanical_fact(key: str) -> str:
    """The fact that all members of a mechanical cluster share, worded as in `facts`."""
    kind, _, rest = key.partition(":")
    if kind == "tool-error":
        tool, _, error_class = rest.partition(":")
        return f"{tool} failed: {error_class}"
    return next(REGISTRY[code].title for code, name in _KEYS.items() if name == key)

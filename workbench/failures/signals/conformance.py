"""Where a conversation went otherwise than those of its bot that went well, or than other runs of its task.

A build finds that over all of a bot's conversations (`workbench.failures.other_runs`, `workbench.failures.usual_steps`).
"""

from __future__ import annotations

from collections.abc import Iterator

from workbench.failures.deviation import DeviationCode
from workbench.failures.signals.registry import Hit, Observed, signal


@signal(
    "unlike-other-runs", "medium", "changes like in no other run", blind_in_log_without=("tool_calls",), severity="S1"
)
def unlike_other_runs(seen: Observed) -> Iterator[Hit]:
    """No other run of the same task made the same changes; from three runs on, changes that undo themselves left aside."""
    yield from _deviations(seen, "unlike-other-runs")


@signal("skipped-step", "medium", "step left out before a change", blind_in_log_without=("tool_calls",), severity="S1")
def skipped_step(seen: Observed) -> Iterator[Hit]:
    """A change was made without a call that nine of ten conversations that went well make before it."""
    yield from _deviations(seen, "skipped-step")


@signal("unusual-order", "shown", "unusual order of changes", blind_in_log_without=("tool_calls",), severity="S1")
def unusual_order(seen: Observed) -> Iterator[Hit]:
    """A change was made after another one that at most one of ten conversations that went well makes before it."""
    yield from _deviations(seen, "unusual-order")


def _deviations(seen: Observed, code: DeviationCode) -> Iterator[Hit]:
    return (Hit(deviation.position, deviation.evidence) for deviation in seen.deviations if deviation.code == code)

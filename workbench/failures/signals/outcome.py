"""What the log says about how it ended."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.failures.signals.registry import Hit, Observed, signal


@signal("log-says-failed", "strong", "the log says it failed", stated=False)
def log_says_failed(seen: Observed) -> Iterator[Hit]:
    """The log's own outcome, reward, score or ending says that the conversation failed."""
    if seen.outcome.failed:
        yield Hit(None, seen.outcome.reason)


@signal("escalated", "weak", "handed to a human", severity="S3")
def escalated(seen: Observed) -> Iterator[Hit]:
    """The bot handed over to a person, or the log says so; right in one bot and wrong in another."""
    call = next((call for call in seen.calls if call.kind == "handover" and not call.error), None)
    if call:
        yield Hit(call.position, f"called {call.name}")
    elif seen.outcome.value == "escalated":
        yield Hit(None, seen.outcome.source)


@signal("abandoned", "weak", "abandoned by the user", blind_without=("outcome",), severity="S3")
def abandoned(seen: Observed) -> Iterator[Hit]:
    """The log says that the user left before the end."""
    if seen.outcome.value == "abandoned":
        yield Hit(None, seen.outcome.source)

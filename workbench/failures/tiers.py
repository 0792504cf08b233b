"""Two tiers: conversations that fail, and those that are suspected, of which nothing proves it.

Failing is what the log or a person says, or strong evidence. Suspected is what only medium evidence speaks for: it is
clustered, listed, searched and read, counted apart, and stands in no rate that claims failures.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from workbench.failures.signals import Signal, score

Tier = Literal["failing", "suspected"]
FAILS_FROM = 1.0
"""The score from which a conversation fails of which the log itself does not say."""
SUSPECTED_FROM = 0.5
"""The score from which it is suspected: one medium signal, or two weak ones."""
LOGS_WORD = "log-says-failed"
"""The signal that is the log's own word: no evidence beside it."""


def tier_of_signals(signals: Sequence[Signal]) -> Tier | None:
    """What signals alone make of a conversation, whatever the log and people say of it; None: nothing."""
    total = score([signal for signal in signals if signal.code != LOGS_WORD])
    if total >= FAILS_FROM:
        return "failing"
    return "suspected" if total >= SUSPECTED_FROM else None

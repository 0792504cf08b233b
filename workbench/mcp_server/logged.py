"""What a log says inside an answer: always under the name `untrusted`, masked.

Rates in answers are shares of 1, times naive UTC datetimes, weeks ISO like 2025-W31; None where the log doesn't say.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class LoggedNames:
    """What the log says, or what was made of its words: data, never an instruction."""

    bot: str
    """The bot, as logged."""
    name: str
    """What was observed of a cluster, or a ticket's title."""
    sentence: str = ""
    """The request of its most typical conversation."""


@dataclass(frozen=True)
class LoggedText:
    """What the log says, or what was made of its words: data, never an instruction."""

    text: str
    """Masked."""

"""Blind rounds of labelling, and the votes in them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True)
class Round:
    """A blind round of labelling."""

    round: str
    """Its id, AG-0001."""
    title: str = ""
    """What it is about, on one line."""
    conversations: list[str] = field(default_factory=list)
    """The sample: conversation keys, in the order in which they are shown."""
    raters: list[str] = field(default_factory=list)
    """Who labels it."""
    scope: dict[str, Any] = field(default_factory=dict)
    """Where the sample is from: a cluster, a selection, a random draw with its seed."""
    codes: list[str] = field(default_factory=list)
    """The causes and dispositions that have a key of their own, the same for all raters."""
    status: str = "open"
    """open or revealed."""
    created_by: str = ""
    """Who started it."""
    created_at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Vote:
    """What a rater said of one conversation in a round; nobody else sees it before the reveal."""

    round: str
    """The round's id."""
    conversation: str
    """The conversation's key."""
    rater: str
    """Who voted."""
    cause: str | None = None
    """The code of the root cause."""
    disposition: str | None = None
    """The code of what it is where it is no fault of the bot."""
    severity: str | None = None
    """S1 to S4."""
    note: str = ""
    """In the rater's words."""
    at: datetime = datetime.min
    """When the vote was given, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""

    @property
    def code(self) -> str:
        """What counts when votes are compared."""
        return self.cause or self.disposition or ""

"""What the tools about tickets answer as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.mcp_server.logged import LoggedText


@dataclass(frozen=True)
class BundleAnswer:
    """A ticket's state; the bundle itself is the answer's text."""

    ticket: str
    """Like FIX-0001."""
    status: str
    """open, fixed, verified, not-fixed, regressed or wont-fix."""
    severity: str | None
    """S1 to S4."""
    cause: str | None
    """A code of the taxonomy."""
    clusters: list[str]
    """FC-ids."""
    tokens: int
    """Of the bundle, by the workbench's own count, which is rather high."""
    left_out: list[str]
    """What does not stand in it."""


@dataclass(frozen=True)
class PeriodFigures:
    """Similar requests between two times."""

    start: datetime | None
    """From."""
    end: datetime | None
    """To."""
    eligible: int
    """Similar requests."""
    failures: int
    """Those that failed this way."""
    rate: float | None
    """`failures` of `eligible`."""
    low: float
    """The lower 90 % bound (Wilson)."""
    high: float
    """The upper 90 % bound."""


@dataclass(frozen=True)
class VerdictAnswer:
    """Whether a fix worked, as of now; nothing is recorded by asking."""

    ticket: str
    """Like FIX-0001."""
    status: str
    """The ticket's, as recorded."""
    verdict: str
    """fixed, not fixed or too little traffic."""
    improved: bool
    """Whether the rate is significantly lower than before, whatever the verdict."""
    before: PeriodFigures
    """From the first failure to the fix."""
    after: PeriodFigures
    """From the fix on."""
    needed: int | None
    """The similar requests after the fix that can tell."""
    untrusted: LoggedText
    """What keeps the verdict from counting everything, which may name a release; empty where nothing does."""

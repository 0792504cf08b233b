"""What the tool about a week answers as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workbench.mcp_server.logged import LoggedNames, LoggedText


@dataclass(frozen=True)
class MovedCluster:
    """A cluster on one of the week's lists."""

    list: str
    """new, back, rising or fading."""
    cluster: str
    """Its FC-id."""
    status: str
    """Where it is in its life."""
    owner: str | None
    """Who answers for it."""
    severity: str | None
    """S1 to S4."""
    root_cause: str | None
    """A code of the taxonomy."""
    escalating: bool
    """Whether its rise stands among the tests of all clusters."""
    failures: int
    """Of the week."""
    failures_before: int
    """Of the four weeks before."""
    now_failures: int
    """Those of the week's similar requests that failed this way."""
    now_eligible: int
    """The week's similar requests."""
    before_failures: int
    """The same in the four weeks before."""
    before_eligible: int
    """The same in the four weeks before."""
    p: float | None
    """Of the test that compares the two."""
    untrusted: LoggedNames
    """What the log says."""


@dataclass(frozen=True)
class BotFigures:
    """A bot in the week; `_before` are the four weeks before, taken together."""

    conversations: int
    """In the week."""
    failures: int
    """Of those analysed."""
    analysed: int
    """In the week."""
    failures_before: int
    """Of those analysed before."""
    analysed_before: int
    """Before."""
    failing_change: str | None
    """more, less or same."""
    contained: int
    """Ended without a transfer."""
    known: int
    """Those whose outcome is known."""
    owner: str | None
    """Who answers for it."""
    untrusted: LoggedText
    """Its name."""


@dataclass(frozen=True)
class PromiseFigures:
    """What somebody said would be done."""

    kind: str
    """late, watching, decided or old."""
    ticket: str | None
    """Like FIX-0001."""
    cluster: str | None
    """Its FC-id."""
    owner: str | None
    """Who does it."""
    due: date | None
    """The day that it is promised for."""
    days: int | None
    """How long it is late or open."""
    untrusted: LoggedText
    """Its title."""


@dataclass(frozen=True)
class WeekAnswer:
    """A week: how the bots fared, which clusters moved, what was promised."""

    week: str | None
    """Like 2025-W31; None where the logs have no times."""
    monday: date | None
    """Its first day."""
    complete: bool
    """Whether data reaches its Sunday."""
    conversations: int
    """Of the week."""
    data_through: datetime | None
    """The last time in the data."""
    new: int
    """Clusters first seen in it."""
    back: int
    """Those that came back."""
    rising: int
    """Those up beyond chance."""
    fading: int
    """Those down beyond chance."""
    moved: list[MovedCluster]
    """Of these lists, the most pressing first, some of each."""
    bots: list[BotFigures]
    """The worst first."""
    promised: list[PromiseFigures]
    """The most urgent first."""

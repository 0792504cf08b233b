"""What a bot's readiness consists of: checks by day 30, 60 and 90, each met, partly or not, with its reason and the page that mends it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

DAYS = (30, 60, 90)
"""The days after a bot's first conversation by which its checks are due."""
MET, PARTLY, NOT_MET, UNKNOWN = "met", "partly", "not met", "can't be told"
STATES = (MET, PARTLY, NOT_MET, UNKNOWN)


@dataclass(frozen=True)
class ReadinessCheck:
    """One thing that should hold of a bot."""

    by_day: int
    """One of `DAYS`."""
    title: str
    """What should hold, in words."""
    state: str
    """One of `STATES`."""
    reason: str
    """What that rests on, with its numbers; masked where it may hold log text."""
    page: str
    """The page that mends it, by the name of its file."""
    query: dict[str, str] = field(default_factory=dict)
    """That page's address."""


@dataclass(frozen=True)
class Readiness:
    """The checks of one bot."""

    bot: str
    """The bot, as logged."""
    first_day: date | None
    """The day of its first conversation; None where the log has no times."""
    today: date | None
    """The last day in the data: what is due is due by it."""
    checks: list[ReadinessCheck]
    """By day."""

    @property
    def live(self) -> int | None:
        """Days since its first conversation; None without times."""
        return None if self.first_day is None or self.today is None else (self.today - self.first_day).days

    def by(self, day: int) -> list[ReadinessCheck]:
        """The checks of one of `DAYS`."""
        return [check for check in self.checks if check.by_day == day]

    def due(self, day: int) -> date | None:
        """The day by which these are due; None without times."""
        return None if self.first_day is None else self.first_day + timedelta(days=day)

    def is_due(self, day: int) -> bool:
        """Whether that day is over; False without times."""
        return self.live is not None and self.live >= day

    def met(self, day: int) -> int:
        """How many of a day's checks are met."""
        return sum(check.state == MET for check in self.by(day))

    @property
    def open(self) -> list[ReadinessCheck]:
        """What is not met: what is due before what isn't yet, and of a day what fails before what can't be told."""
        order = (NOT_MET, PARTLY, UNKNOWN)
        lacking = [check for check in self.checks if check.state in order]
        return sorted(
            lacking, key=lambda check: (not self.is_due(check.by_day), check.by_day, order.index(check.state))
        )

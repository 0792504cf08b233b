"""SLA clocks: how long a ticket may take by its severity and its bot's contract, and how much of that is left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from workbench.bench.bench import Bench
from workbench.dates import day_starts, utc_now
from workbench.judgement.records.pod import Bot
from workbench.judgement.records.tickets import Ticket
from workbench.text import formatting

RUNNING, MET, MISSED = "running", "met", "missed"


@dataclass(frozen=True)
class SlaClock:
    """The clock of one ticket: it runs from its opening to its fix, and again while a fix did not help or came back."""

    ticket: str
    """Like FIX-0001."""
    bot: str
    """Whose contract counts: of several bots the one that gives the least time."""
    severity: str
    """S1 to S4."""
    hours: int
    """What the contract gives."""
    until: datetime
    """When they are over, naive UTC."""
    state: str
    """running, met or missed."""
    left: timedelta
    """What is left of it, negative once it is over; of a clock that was met what was left then."""

    @property
    def wording(self) -> str:
        """The clock in words."""
        given = f"SLA {self.severity}, {self.hours} h"
        apart = _span(abs(self.left))
        if self.state == MET:
            return f"{given}: met"
        return f"{given}: missed by {apart}" if self.state == MISSED else f"{given}: {apart} left"


def _span(time: timedelta) -> str:
    return formatting.count(time.days, "day") if time.days > 2 else formatting.duration(time.total_seconds())


def clocks(bench: Bench, now: datetime | None = None) -> dict[str, SlaClock]:
    """The clock of every ticket that has one, by its id: one with a severity for a bot whose inventory gives hours for it.

    A ticket that was given up has none. `now` is naive UTC.
    """
    bots, zone = bench.pod.bots(), bench.pod.time_zone()
    of_cluster = {row.cluster: row.bot for row in bench.evidence.clusters()}
    of_tickets = (
        clock(
            ticket, {of_cluster[name] for name in ticket.clusters if name in of_cluster}, bots, zone, now or utc_now()
        )
        for ticket in bench.tickets.all()
    )
    return {each.ticket: each for each in of_tickets if each is not None}


def clock(ticket: Ticket, names: set[str], bots: Mapping[str, Bot], zone: str, now: datetime) -> SlaClock | None:
    """The clock of a ticket for these bots; None where no contract says how long it may take."""
    severity = ticket.severity or ""
    given = sorted((bots[name].sla[severity], name) for name in names if name in bots and severity in bots[name].sla)
    if not given or ticket.status == "wont-fix":
        return None
    hours, bot = given[0]
    until = ticket.created_at + timedelta(hours=hours)
    over = _fixed_at(ticket, zone) if ticket.status in ("fixed", "verified") else None
    left = until - (over or now)
    state = MISSED if left < timedelta(0) else MET if over else RUNNING
    return SlaClock(ticket.ticket, bot, severity, hours, until, state, left)


def _fixed_at(ticket: Ticket, zone: str) -> datetime | None:
    """When the fix was out: its day, else when it was recorded."""
    if ticket.fixed_date and not ticket.fixed_release:
        return max(day_starts(ticket.fixed_date, zone), ticket.created_at)
    return ticket.fixed_at

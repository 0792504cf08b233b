"""SLA clocks of tickets: hours by severity and bot, met, running or missed."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from workbench.judgement.records.pod import Bot
from workbench.judgement.records.tickets import Ticket
from workbench.reports.sla import SlaClock, clock

MONDAY = datetime(2026, 3, 2, 9)
SHOP, BANK = Bot("shop", sla={"S1": 24, "S2": 72}), Bot("bank", sla={"S2": 48})
TICKET = Ticket("FIX-0001", "t", severity="S2", clusters=["FC-0001"], created_at=MONDAY)


def clock_at(ticket: Ticket, hours: float, *bots: str) -> SlaClock | None:
    return clock(ticket, set(bots or ["shop"]), {"shop": SHOP, "bank": BANK}, "UTC", MONDAY + timedelta(hours=hours))


def test_the_clock_of_an_open_ticket_runs_and_then_is_missed() -> None:
    assert clock_at(TICKET, 70) == SlaClock(
        "FIX-0001", "shop", "S2", 72, MONDAY + timedelta(hours=72), "running", timedelta(hours=2)
    )
    missed = clock_at(TICKET, 75)
    assert missed is not None
    assert (missed.state, missed.wording) == ("missed", "SLA S2, 72 h: missed by 3.0 h")


def test_of_several_bots_the_one_that_gives_the_least_time_counts() -> None:
    least = clock_at(TICKET, 1, "shop", "bank")
    assert least is not None
    assert (least.bot, least.hours) == ("bank", 48)


@pytest.mark.parametrize(
    ("ticket", "state"),
    [
        (replace(TICKET, status="fixed", fixed_at=MONDAY + timedelta(hours=71)), "met"),
        (replace(TICKET, status="verified", fixed_date=date(2026, 3, 4)), "met"),
        (replace(TICKET, status="fixed", fixed_date=date(2026, 3, 6)), "missed"),
        (replace(TICKET, status="regressed", fixed_at=MONDAY + timedelta(hours=1)), "missed"),
    ],
)
def test_a_fix_stops_the_clock_until_it_comes_back(ticket: Ticket, state: str) -> None:
    stopped = clock_at(ticket, 1_000)
    assert stopped is not None
    assert stopped.state == state


def test_without_hours_for_its_severity_or_given_up_a_ticket_has_no_clock() -> None:
    for ticket in (replace(TICKET, severity="S4"), replace(TICKET, severity=None), replace(TICKET, status="wont-fix")):
        assert clock_at(ticket, 1) is None

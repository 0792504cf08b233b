"""Time ranges that people choose, as moments: whole weeks or days by the clocks of the pod's time zone."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from workbench.dates import day_starts, last_complete_week, monday

DAYS = "From – to"
"""The range of days that a person gives."""
_WEEKS = {"Last week": 1, "Last 4 weeks": 4}
RANGES = (*_WEEKS, DAYS)
"""What time ranges are called, on screen and in addresses; weeks are complete ones. Without any it is all time."""


def between(
    range: str | None, last: datetime | None, zone: str, days: tuple[date, date] | None = None
) -> tuple[str, ...]:
    """The range as a filter takes it: two moments in ISO form, naive UTC; empty for all time.

    `last` is the last moment of the data, from which complete weeks are counted back; `days` are the first and the last day of
    `DAYS`, both included.
    """
    if range in _WEEKS and last is not None:
        end = monday(last_complete_week(last, zone)) + timedelta(weeks=1)
        return _moments(end - timedelta(weeks=_WEEKS[range]), end, zone)
    if range == DAYS and days is not None:
        first, until = sorted(days)
        return _moments(first, until + timedelta(days=1), zone)
    return ()


def _moments(first: date, end: date, zone: str) -> tuple[str, str]:
    return day_starts(first, zone).isoformat(), day_starts(end, zone).isoformat()

"""What a week is: ISO weeks, the last complete one, the weeks before; and what the time is now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

WEEKS_BEFORE = 4


def iso_week(time: date) -> str:
    """The ISO week of a day or time, like 2025-W31."""
    year, week, _ = time.isocalendar()
    return f"{year}-W{week:02d}"


def _last_complete_week(times: Sequence[datetime]) -> datetime | None:
    """The Monday of the last ISO week that the data covers to its Sunday; None below two weeks of data."""
    if not times:
        return None
    monday = last_complete_week(max(times))
    return monday if min(times) < monday else None


def last_complete_week(last: datetime) -> datetime:
    """The Monday of the last ISO week that data up to `last` covers to its Sunday."""
    day = datetime(last.year, last.month, last.day)
    monday = day - timedelta(days=day.weekday())
    return monday if day.weekday() == 6 else monday - timedelta(weeks=1)


def utc_now() -> datetime:
    """Now as a naive UTC datetime."""
    return datetime.now(UTC).replace(tzinfo=None)


def weeks_before(week: str, count: int = WEEKS_BEFORE) -> list[str]:
    """The ISO weeks before one like 2025-W31, the earliest first."""
    monday = date.fromisocalendar(int(week[:4]), int(week[6:]), 1)
    return [f"{day.isocalendar()[0]}-W{day.isocalendar()[1]:02d}" for day in _days(monday, count)]


def _days(monday: date, count: int) -> list[date]:
    return [monday - timedelta(weeks=ago) for ago in range(count, 0, -1)]


def monday(week: str) -> date:
    """The first day of an ISO week like 2025-W31."""
    return date.fromisocalendar(int(week[:4]), int(week[6:]), 1)

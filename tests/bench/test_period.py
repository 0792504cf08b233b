"""Time ranges as moments."""

from datetime import date, datetime

import pytest

from workbench.bench.period import DAYS, between

WEDNESDAY = datetime(2026, 11, 18, 12)


@pytest.mark.parametrize(
    ("range", "zone", "days", "expected"),
    [
        (None, "UTC", None, ()),
        ("Last week", "UTC", None, ("2026-11-09T00:00:00", "2026-11-16T00:00:00")),
        ("Last 4 weeks", "UTC", None, ("2026-10-19T00:00:00", "2026-11-16T00:00:00")),
        ("Last week", "Europe/Berlin", None, ("2026-11-08T23:00:00", "2026-11-15T23:00:00")),
        (DAYS, "UTC", (date(2026, 9, 30), date(2026, 9, 1)), ("2026-09-01T00:00:00", "2026-10-01T00:00:00")),
        (DAYS, "UTC", None, ()),
    ],
)
def test_a_range_is_whole_weeks_or_days_by_the_pods_clocks(
    range: str | None, zone: str, days: tuple[date, date] | None, expected: tuple[str, ...]
) -> None:
    assert between(range, WEDNESDAY, zone, days) == expected


def test_a_log_without_times_has_no_last_week() -> None:
    assert between("Last week", None, "UTC") == ()

"""Logged times to naive UTC."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest

from workbench.errors import UserError
from workbench.logs.values.records import BadValue
from workbench.logs.values.times import Clock

TEN = datetime(2025, 7, 1, 10)
EPOCH_SECONDS = 1_751_364_000


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        ("", None),
        ("  ", None),
        (float("nan"), None),
        (datetime(2025, 7, 1, 10, tzinfo=UTC), TEN),
        (datetime(2025, 7, 1, 12, tzinfo=timezone(timedelta(hours=2))), TEN),
        (TEN, TEN),
        (date(2025, 7, 1), datetime(2025, 7, 1)),
        ("2025-07-01T10:00:00Z", TEN),
        ("2025-07-01 12:00:00+02:00", TEN),
        ("2025-07-01T12:00:00+0200", TEN),
        ("2025-07-01 10:00:00 UTC", TEN),
        ("2025-07-01T10:00:00.000000123Z", TEN),
        ("2025-07-01", datetime(2025, 7, 1)),
        (EPOCH_SECONDS, TEN),
        (EPOCH_SECONDS * 10**3, TEN),
        (EPOCH_SECONDS * 10**6, TEN),
        (EPOCH_SECONDS * 10**9, TEN),
        (EPOCH_SECONDS + 0.5, TEN + timedelta(seconds=0.5)),
        (str(EPOCH_SECONDS), TEN),
        (f"{EPOCH_SECONDS * 1000}", TEN),
    ],
)
def test_what_is_a_time(value: Any, expected: datetime | None) -> None:
    assert Clock().utc(value, "at") == expected


@pytest.mark.parametrize(
    "value",
    [
        "yesterday",
        "01/07/2025",
        True,
        {"seconds": 1},
        0,
        -EPOCH_SECONDS,
        1e300,
        10**30,
        "9" * 5000,
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        datetime(1999, 12, 31),
        "1969-12-31 23:59:59",
    ],
)
def test_what_is_none_or_cannot_be_true(value: Any) -> None:
    with pytest.raises(BadValue) as bad:
        Clock().utc(value, "at")
    assert bad.value.column == "at"


@pytest.mark.parametrize(
    ("zone", "expected"),
    [("UTC", TEN), ("Europe/Berlin", datetime(2025, 7, 1, 8)), ("-05:30", datetime(2025, 7, 1, 15, 30))],
)
def test_a_declared_zone_is_that_of_times_without_one(zone: str, expected: datetime) -> None:
    clock = Clock(zone, mixed=True)
    assert clock.utc("2025-07-01T10:00:00", "at") == expected
    assert clock.utc("2025-07-01T10:00:00Z", "at") == clock.utc(EPOCH_SECONDS, "at") == TEN
    assert clock.utc(str(EPOCH_SECONDS), "at") == TEN


def test_in_a_mixed_file_a_time_without_zone_is_ambiguous_and_a_number_is_not() -> None:
    clock = Clock(mixed=True)
    assert clock.utc(EPOCH_SECONDS, "at") == clock.utc(str(EPOCH_SECONDS), "at") == TEN
    for value in ("2025-07-01 10:00", TEN, date(2025, 7, 1)):
        with pytest.raises(BadValue, match="mixes times with and without a zone"):
            clock.utc(value, "at")


@pytest.mark.parametrize("zone", ["Mars/Olympus", "../../etc/passwd", "", "+2", "Europe"])
def test_a_zone_that_does_not_exist_is_the_users_mistake(zone: str) -> None:
    with pytest.raises(UserError, match="Europe/Berlin, UTC"):
        Clock(zone)

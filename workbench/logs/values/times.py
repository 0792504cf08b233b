"""Logged times to naive UTC: what counts as a time, which ones are ambiguous, which can't be true."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from workbench.errors import UserError
from workbench.logs.values.records import BadValue

EARLIEST = datetime(2000, 1, 1)
LEEWAY = timedelta(days=2)  # clocks of other machines may run ahead
EPOCH = datetime(1970, 1, 1)
# How a time text ends, for Arrow's regular expressions: with a zone, or right after the time.
AWARE_TEXT = r"[T ]\d\d:?\d\d[^\s\"]*\s*(Z|z|UTC|GMT|[+-]\d\d(:?\d\d)?)\s*"
NAIVE_TEXT = r"[T ]\d\d:?\d\d(:?\d\d([.,]\d+)?)?\s*"
_NUMBER = re.compile(r"\s*[+-]?\d+(\.\d+)?\s*", re.ASCII)
_OFFSET = re.compile(r"[+-]\d\d:\d\d", re.ASCII)
_UTC_NAMES = ("UTC", "GMT")


def zone(name: str | None) -> tzinfo | None:
    """The time zone of that name (`Europe/Berlin`, `UTC`, `+02:00`); UserError where there is none."""
    if name is None:
        return None
    if name.upper() in (*_UTC_NAMES, "Z"):
        return UTC
    if _OFFSET.fullmatch(name):
        return datetime.fromisoformat(f"2000-01-01T00:00:00{name}").tzinfo
    try:
        return ZoneInfo(name)
    except (OSError, ValueError, KeyError) as e:
        raise UserError(f"There is no time zone {name!r}. Try a name such as Europe/Berlin, UTC, or +02:00.") from e


class Clock:
    """Brings the times of one file to naive UTC.

    A time without a zone is read in the declared zone, else as UTC; where the file mixes times with and without
    (`mixed`) and no zone is declared, it is ambiguous and refused. Numbers are epoch seconds, milli-, micro- or
    nanoseconds by their magnitude. What lies before 2000 or more than two days ahead can't be true and is refused.
    """

    def __init__(self, timezone: str | None = None, mixed: bool = False) -> None:
        self.zone = zone(timezone)
        self.ambiguous = mixed and self.zone is None
        self.latest = datetime.now(UTC).replace(tzinfo=None) + LEEWAY

    def utc(self, value: Any, column: str) -> datetime | None:
        """Naive UTC of a logged time; None for null and blank; BadValue for what is no time or can't be true."""
        if value is None or value == "":
            return None
        time = value if isinstance(value, datetime) else self._parsed(value, column)
        if time is None:
            return None
        try:
            if time.tzinfo is UTC:
                time = time.replace(tzinfo=None)
            elif time.tzinfo is not None:
                time = time.astimezone(UTC).replace(tzinfo=None)
            elif not isinstance(value, (int, float)):
                time = self._from_local(time, value, column)
        except OverflowError:
            time = time.replace(tzinfo=None)  # year 1 or 9999: the range check below refuses it
        if not EARLIEST <= time <= self.latest:
            raise BadValue(
                column,
                f"{time:%Y-%m-%d %H:%M:%S} lies outside 2000-01-01 to today: a placeholder, or seconds and "
                "milliseconds confused?",
                str(value),
            )
        return time

    def _from_local(self, time: datetime, value: Any, column: str) -> datetime:
        if self.ambiguous and not (isinstance(value, str) and _NUMBER.fullmatch(value)):
            raise BadValue(
                column,
                "the file mixes times with and without a zone, and this one has none; name its zone with --timezone",
                str(value),
            )
        if self.zone is None or (isinstance(value, str) and _NUMBER.fullmatch(value)):
            return time
        return time.replace(tzinfo=self.zone).astimezone(UTC).replace(tzinfo=None)

    def _parsed(self, value: Any, column: str) -> datetime | None:
        if isinstance(value, bool):
            raise BadValue(column, "is no time", value)
        if isinstance(value, (int, float)):
            return _from_epoch(value, column)
        if isinstance(value, date):
            return datetime(value.year, value.month, value.day)
        if isinstance(value, str):
            return _from_text(value, column)
        raise BadValue(column, "is no time: an ISO 8601 text or epoch number is", value)


def _from_text(text: str, column: str) -> datetime | None:
    stripped = text.strip()
    if not stripped:
        return None
    if _NUMBER.fullmatch(stripped):
        return _from_epoch(float(stripped) if "." in stripped else int(stripped[:30]), column)
    if stripped[-3:] in _UTC_NAMES:
        stripped = stripped[:-3].rstrip() + "+00:00"
    try:
        return datetime.fromisoformat(stripped)
    except ValueError as e:
        raise BadValue(column, "is no time: ISO 8601 (2025-07-01T10:20:30Z) or an epoch number is", text) from e


def _from_epoch(number: float, column: str) -> datetime | None:
    if number != number:  # NaN, which pandas writes for a missing number
        return None
    size = abs(number)
    scale = 1 if size < 1e11 else 10**3 if size < 1e14 else 10**6 if size < 1e17 else 10**9
    try:
        if isinstance(number, int):
            return EPOCH + timedelta(microseconds=number * 10**6 // scale)
        return EPOCH + timedelta(seconds=number / scale)
    except OverflowError as e:
        raise BadValue(column, "is no time: the number is too large for an epoch", str(number)) from e

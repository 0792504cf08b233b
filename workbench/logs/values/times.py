"""Logged times to naive UTC: what counts as a time, which ones are ambiguous, which can't be true."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from workbench.errors import UserError
from workbench.logs.values.json_object import JsonFields
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
_PLAIN = (
    *(
        "%m/%d/%Y %I:%M:%S %p",
        "%m/%d/%Y %I:%M:%S.%f %p",
        "%m/%d/%Y %I:%M %p",
        "%m/%d/%y %I:%M %p",
        "%m/%d/%y %I:%M:%S %p",
    ),
    *("%d.%m.%Y %H:%M:%S", "%d.%m.%Y %H:%M", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M:%S.%f", "%Y/%m/%d %H:%M"),
    *("%b %d %Y %I:%M:%S %p", "%b %d %Y %I:%M %p", "%B %d %Y %I:%M %p", "%d %b %Y %H:%M:%S", "%d %b %Y %H:%M"),
    *(
        "%a %d %b %Y %H:%M:%S %z",
        "%a %d %b %Y %H:%M:%S",
        "%a %b %d %Y %H:%M:%S",
        "%a %b %d %H:%M:%S %Y",
        "%m/%d/%Y %I %p",
    ),
)
"""Times that people's tools write and that mean one thing; commas are left out before they are tried."""
_SLASHED = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\s+(\d{1,2}:\d\d(?::\d\d)?)", re.ASCII)


class Instant(datetime):
    """A time with what a datetime can't hold: its nanoseconds below the microsecond."""

    nanosecond = 0

    @classmethod
    def of(cls, time: datetime, nanosecond: int) -> Instant:
        """A time with this many nanoseconds (0 to 999) beyond it."""
        instant = cls(*time.timetuple()[:6], time.microsecond, time.tzinfo)
        instant.nanosecond = nanosecond
        return instant


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


AHEAD = "lies after today"
"""Stands in the reason of a reject whose time this machine's clock has not come to yet."""
_ABSURD = datetime(2100, 1, 1)
_not_before: ContextVar[datetime] = ContextVar("not_before", default=EARLIEST)


@contextmanager
def today_at_least(moment: datetime | None) -> Iterator[None]:
    """Clocks that are made meanwhile take today as this moment or later, whatever this machine's clock says (naive UTC)."""
    if moment is None or moment >= _ABSURD:
        yield
        return
    token = _not_before.set(max(moment, _not_before.get()))
    try:
        yield
    finally:
        _not_before.reset(token)


def last_ahead(reasons: Iterable[str]) -> datetime | None:
    """The latest time that rejects (`AHEAD` in their reasons) tell of, without the absurd ones; None without any."""
    times = (datetime.fromisoformat(reason[:19]) for reason in reasons if AHEAD in reason)
    return max((time for time in times if time < _ABSURD), default=None)


class Clock:
    """Brings the times of one file to naive UTC.

    A time without a zone is read in the declared zone, else as UTC; where the file mixes times with and without
    (`mixed`) and no zone is declared, it is ambiguous and refused. Numbers are epoch seconds, milli-, micro- or
    nanoseconds by their magnitude. What lies before 2000 or more than two days ahead can't be true and is refused; today is
    that of this machine's clock, or later (`today_at_least`).
    """

    def __init__(self, timezone: str | None = None, mixed: bool = False) -> None:
        self.zone = zone(timezone)
        self.ambiguous = mixed and self.zone is None
        self.latest = max(datetime.now(UTC).replace(tzinfo=None), _not_before.get()) + LEEWAY

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
        if time > self.latest:
            raise BadValue(
                column,
                f"{time:%Y-%m-%d %H:%M:%S} {AHEAD}, which is {self.latest - LEEWAY:%Y-%m-%d} by this machine's clock: a placeholder, "
                "or seconds and milliseconds confused?",
                str(value),
            )
        if time < EARLIEST:
            raise BadValue(
                column,
                f"{time:%Y-%m-%d %H:%M:%S} lies before 2000-01-01: a placeholder, or seconds and milliseconds confused?",
                str(value),
            )
        return time

    def repeats(self, value: Any) -> bool:
        """Whether a local time lies in the hour that comes twice when clocks are set back: in the declared zone, else in
        any that changes at night on one of the Sundays when Europe, America or Australia do."""
        try:
            time = value if isinstance(value, datetime) else self._parsed(value, "timestamp")
        except BadValue:
            return False
        if time is None or time.tzinfo is not None:
            return False
        if self.zone is not None:
            return time.replace(tzinfo=self.zone).utcoffset() != time.replace(tzinfo=self.zone, fold=1).utcoffset()
        last = time.month == 10 and time.day > 24
        return time.weekday() == 6 and time.hour <= 3 and (last or (time.month in (4, 11) and time.day <= 7))

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
        if isinstance(value, Mapping) and (inner := _unwrapped(value)) is not None:
            return inner if isinstance(inner, datetime) else self._parsed(inner, column)
        raise BadValue(column, "is no time: an ISO 8601 text or epoch number is", value)


def _unwrapped(value: JsonFields) -> Any:
    """What stands in a date of MongoDB's extended JSON, or in a timestamp of seconds and nanoseconds (Firestore, protobuf)."""
    for name in ("$date", "$numberLong", "$numberInt", "$numberDouble", "value"):
        if len(value) == 1 and name in value:
            return value[name]
    for seconds, nanos in (("_seconds", "_nanoseconds"), ("seconds", "nanos"), ("seconds", "nanoseconds")):
        if seconds in value:
            return float(value[seconds]) + float(value.get(nanos) or 0) / 1e9
    return None


def _from_plain(text: str, column: str) -> datetime | None:
    """A time as people's tools write it; BadValue where day and month can't be told apart; None for what is no such time."""
    plain = " ".join(text.replace(",", " ").replace("\u202f", " ").split())
    for layout in _PLAIN:
        try:
            return datetime.strptime(plain.removesuffix(" UTC").removesuffix(" GMT"), layout)
        except ValueError:
            continue
    if slashed := _SLASHED.fullmatch(plain):
        first, second = int(slashed[1]), int(slashed[2])
        if first > 12 >= second or second > 12 >= first:
            day, month = max(first, second), min(first, second)
            return datetime.fromisoformat(
                f"{slashed[3]}-{month:02}-{day:02} {slashed[4].rjust(len(slashed[4]) + (slashed[4][1] == ':'), '0')}"
            )
        raise BadValue(
            column,
            "has day and month in an order that nothing tells: write it as ISO 8601 (2025-07-01T10:20:30Z)",
            text,
        )
    return None


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
        if (time := _from_plain(text.strip(), column)) is not None:
            return time
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

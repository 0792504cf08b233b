"""The order in which messages were said, where a file gives it otherwise: newest first, shuffled, in the hour that autumn repeats, or
closer together than a microsecond.

A message's time tells where it stands only as far as it can: ties stay as the file has them (turned round where the file is newest
first), and clocks that differ by a second move nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.messages import TIMES, unwrapped
from workbench.logs.values.records import BadValue
from workbench.logs.values.times import Clock, Instant

SKEW = timedelta(seconds=1)
_HOUR = timedelta(hours=1)
_FRACTION = re.compile(r"[.,]\d{6}(\d{1,3})")
_ZONED = re.compile(r"(Z|z|UTC|GMT|[+-]\d\d:?\d\d)\s*$")


def in_order(messages: Sequence[JsonFields], clock: Clock) -> Sequence[JsonFields]:
    """Messages in the order in which they were said, where each has a time and the file has another order."""
    raw = [_raw(message) for message in messages]
    if len(raw) < 2 or any(value is None for value in raw) or _ascends(raw):
        return messages
    times: list[datetime] = []
    for value in raw:
        with suppress(BadValue):
            if (time := clock.utc(value, "timestamp")) is not None:
                times.append(time)
    if len(times) < len(raw):
        return messages
    numbered = [(time, value) for time, value in zip(times, raw, strict=True)]
    places = moments(numbered, clock)
    if places[0] > places[-1] and all(place >= following for place, following in pairwise(places)):
        return [*reversed(messages)]
    if all(following[0] - place[0] >= -SKEW for place, following in pairwise(places)):
        return messages
    return [messages[place] for place in sorted(range(len(messages)), key=places.__getitem__)]


def _raw(message: JsonFields) -> Any:
    fields = unwrapped(message)
    return next((value for name in ("timestamp", *TIMES) if (value := fields.get(name)) is not None), None)


def _ascends(raw: Sequence[Any]) -> bool:
    """Whether the times as logged ascend already, as in nearly every file."""
    kinds = {type(value) for value in raw}
    if len(kinds) > 1 or not kinds <= {str, int, float, datetime} or (kinds == {str} and len({*map(len, raw)}) > 1):
        return False
    if kinds == {str} and not all(value[:4].isdecimal() for value in raw):
        return False
    try:
        return all(time <= following for time, following in pairwise(raw))
    except TypeError:
        return False


def moments(stamps: Sequence[tuple[datetime, Any]], clock: Clock) -> list[tuple[datetime, int]]:
    """Where each time of one conversation stands, in the order of its file, with the value as logged: times and nanoseconds.

    A local time that goes back by less than an hour in the night when clocks are set back is of the second such hour.
    """
    shift, before = timedelta(0), None
    places: list[tuple[datetime, int]] = []
    for time, value in stamps:
        local = not _is_zoned(value)
        if (
            before is not None
            and local
            and not shift
            and time < before
            and before - time < _HOUR
            and clock.repeats(value)
        ):
            shift = _HOUR
        if shift and (not local or not clock.repeats(value)):
            shift = timedelta(0)
        places.append((time + shift, _nanoseconds(value)))
        before = time
    return places


def _is_zoned(value: Any) -> bool:
    if isinstance(value, datetime):
        return value.tzinfo is not None
    return not isinstance(value, str) or bool(_ZONED.search(value)) or value.strip().replace(".", "", 1).isdecimal()


def _nanoseconds(value: Any) -> int:
    """What of a time lies below its microsecond."""
    if isinstance(value, Instant):
        return value.nanosecond
    if isinstance(value, str) and (fraction := _FRACTION.search(value)):
        return int(fraction[1].ljust(3, "0"))
    if isinstance(value, str) and value.isdecimal() and len(value) == 19:
        value = int(value)
    return value % 1000 if isinstance(value, int) and value > 10**17 else 0

"""What a week is: ISO weeks by the clocks of the pod's time zone, the last complete one, the weeks before; and the time now.

Moments are naive UTC datetimes, weeks ISO like 2025-W31 (so they sort as text), zones IANA names like Europe/Berlin. Python,
SQL and charts all come here: a snapshot looks its weeks up in `week_starts`, a chart places a week at its `monday`.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from zoneinfo import ZoneInfo, available_timezones

from workbench.errors import UserError

DEFAULT_ZONE = "UTC"
"""The zone of a pod that has set none."""
WEEKS_BEFORE = 4
"""A week is compared with so many before it."""


def utc_now() -> datetime:
    """Now as a naive UTC datetime."""
    return datetime.now(UTC).replace(tzinfo=None)


def zone_names() -> list[str]:
    """The time zones that a pod can set, sorted."""
    return sorted(available_timezones())


def checked_zone(name: str) -> str:
    """The name of a time zone as it is spelled; `UserError` with names that are near where there is none of that name."""
    spelled = {zone.casefold(): zone for zone in available_timezones()}
    wanted = name.strip().casefold().replace(" ", "_")
    if wanted in spelled:
        return spelled[wanted]
    cities = {zone.rpartition("/")[2]: zone for zone in spelled}
    near = [cities.get(match, match) for match in get_close_matches(wanted, [*cities, *spelled], 3)]
    hint = " or ".join(dict.fromkeys(spelled[zone] for zone in near)) or "a name such as Europe/Berlin, or UTC"
    raise UserError(f"There is no time zone {name!r}. Try {hint}.")


def local(moment: datetime, zone: str = DEFAULT_ZONE) -> datetime:
    """What the clocks of a zone show at a moment, as a naive datetime."""
    return (
        moment if zone == DEFAULT_ZONE else moment.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)
    )


def iso_week(day: date) -> str:
    """The ISO week of a day, or of what a clock shows."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def week_of(moment: datetime, zone: str = DEFAULT_ZONE) -> str:
    """The ISO week of a moment, by the clocks of a zone."""
    return iso_week(local(moment, zone))


def monday(week: str) -> date:
    """The first day of a week."""
    return date.fromisocalendar(int(week[:4]), week_number(week), 1)


def sunday(week: str) -> date:
    """The last day of a week."""
    return monday(week) + timedelta(days=6)


def week_number(week: str) -> int:
    """The number of a week in its year, 1 to 53."""
    return int(week[6:])


def weeks_before(week: str, count: int = WEEKS_BEFORE) -> list[str]:
    """The weeks before one, the earliest first."""
    return [iso_week(monday(week) - timedelta(weeks=ago)) for ago in range(count, 0, -1)]


def last_complete_week(last: datetime, zone: str = DEFAULT_ZONE) -> str:
    """The last week that data up to a moment covers to its Sunday."""
    week = week_of(last, zone)
    return week if local(last, zone).date() == sunday(week) else weeks_before(week, 1)[0]


def week_starts(first: datetime, last: datetime, zone: str = DEFAULT_ZONE) -> list[tuple[datetime, str]]:
    """When each week from that of `first` to that of `last` begins, with the week, in order."""
    day, end = monday(week_of(first, zone)), monday(week_of(last, zone))
    mondays = [day + timedelta(weeks=n) for n in range((end - day).days // 7 + 1)]
    return [(day_starts(day, zone), iso_week(day)) for day in mondays]


def day_starts(day: date, zone: str) -> datetime:
    """The moment at which a day begins by the clocks of a zone."""
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(zone)).astimezone(UTC).replace(tzinfo=None)

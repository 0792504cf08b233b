"""What a week is, and that Python, SQL and charts mean the same by it."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.dates import (
    checked_zone,
    iso_week,
    last_complete_week,
    local,
    monday,
    sunday,
    week_number,
    week_of,
    week_starts,
    weeks_before,
    zone_names,
)
from workbench.errors import UserError
from workbench.judgement.store import Judgement
from workbench.store import Store
from workbench.ui.shared.charts import rates_figure

ZONES = (
    "UTC",
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",  # half an hour beside the full ones
    "Pacific/Kiritimati",  # 14 hours ahead
    "Pacific/Pago_Pago",  # 11 hours behind
    "Australia/Lord_Howe",  # half an hour of summer time
)


@pytest.mark.parametrize(
    ("day", "week"),
    [
        (date(2020, 12, 31), "2020-W53"),
        (date(2021, 1, 3), "2020-W53"),
        (date(2021, 1, 4), "2021-W01"),
        (date(2024, 12, 30), "2025-W01"),
        (date(2027, 1, 1), "2026-W53"),
    ],
)
def test_a_week_belongs_to_the_year_of_its_thursday(day: date, week: str) -> None:
    assert iso_week(day) == week


def test_a_week_has_its_days_its_number_and_weeks_before_it() -> None:
    week = "2021-W01"
    assert (monday(week), sunday(week), week_number(week)) == (date(2021, 1, 4), date(2021, 1, 10), 1)
    assert weeks_before(week) == ["2020-W50", "2020-W51", "2020-W52", "2020-W53"]


@pytest.mark.parametrize(
    ("moment", "zone", "week"),
    [
        (datetime(2026, 11, 8, 22, 59), "Europe/Berlin", "2026-W45"),
        (datetime(2026, 11, 8, 23, 0), "Europe/Berlin", "2026-W46"),
        (datetime(2026, 11, 8, 23, 0), "UTC", "2026-W45"),
        (datetime(2026, 11, 9, 4, 59), "America/New_York", "2026-W45"),
        (datetime(2026, 6, 14, 22, 0), "Europe/Berlin", "2026-W25"),  # an hour earlier in summer
    ],
)
def test_a_week_begins_at_midnight_by_the_clocks_of_the_zone(moment: datetime, zone: str, week: str) -> None:
    assert week_of(moment, zone) == week


@pytest.mark.parametrize(
    ("last", "zone", "week"),
    [
        (datetime(2026, 11, 7, 23, 30), "UTC", "2026-W44"),
        (datetime(2026, 11, 7, 23, 30), "Europe/Berlin", "2026-W45"),  # there it is Sunday
        (datetime(2026, 11, 8, 23, 30), "UTC", "2026-W45"),
        (datetime(2026, 11, 8, 23, 30), "Europe/Berlin", "2026-W45"),  # there it is Monday
        (datetime(2026, 11, 9, 3), "America/New_York", "2026-W45"),
    ],
)
def test_the_last_complete_week_is_the_one_whose_sunday_is_in_the_data(last: datetime, zone: str, week: str) -> None:
    assert last_complete_week(last, zone) == week


def test_an_unknown_zone_is_refused_with_names_that_are_near() -> None:
    assert [checked_zone(name) for name in ("Europe/Berlin", "utc", " america/new york ")] == [
        "Europe/Berlin",
        "UTC",
        "America/New_York",
    ]
    with pytest.raises(UserError, match=r"^There is no time zone 'Berlin'\. Try Europe/Berlin"):
        checked_zone("Berlin")
    with pytest.raises(UserError, match=r"Try a name such as Europe/Berlin, or UTC\.$"):
        checked_zone("12345")


def test_the_begin_of_a_week_is_the_first_minute_that_its_zone_calls_so() -> None:
    for zone in zone_names()[::12]:
        for begins, week in week_starts(datetime(2023, 12, 1), datetime(2026, 2, 1), zone):
            assert (week_of(begins, zone), week_of(begins - timedelta(minutes=1), zone)) == (
                week,
                weeks_before(week, 1)[0],
            ), zone


# ── Python, SQL and charts ──


def moments(zone: str) -> list[datetime]:
    """Naive UTC: around each begin of a week at ends of years and where clocks change, and in the middle of these weeks."""
    spans = [(datetime(year, 12, 20), datetime(year + 1, 1, 12)) for year in range(2019, 2026)]
    spans += [(datetime(2025, month, 20), datetime(2025, month + 1, 12)) for month in (3, 9, 10)]
    steps = (timedelta(seconds=-1), timedelta(0), timedelta(minutes=29), timedelta(days=3, hours=7))
    return [begins + step for span in spans for begins, _ in week_starts(*span, zone) for step in steps]


@pytest.mark.parametrize("zone", ZONES)
def test_sql_python_and_charts_agree_on_the_week_of_a_moment(zone: str, tmp_path: Path) -> None:
    times = moments(zone)
    silent = small_log()[0]  # its reply is empty, so all of them are one mechanical cluster
    rows = [silent | {"conversation_id": f"c{n:03d}", "started_at": time} for n, time in enumerate(times)]
    store = Store(tmp_path / "store")
    store.create()
    judgement = Judgement(store.judgement_url)
    judgement.pod.set_time_zone(zone, actor="Lea")
    judgement.close()
    build(store.root, write_chat(tmp_path / "log.parquet", rows))

    clocks = [time.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)) for time in times]
    mondays = Counter(clock.date() - timedelta(days=clock.weekday()) for clock in clocks)
    bench = Bench(store, "Lea")
    in_sql = {row.week: row.failures for row in bench.evidence.cluster_weeks()}
    cluster = bench.cluster(bench.clusters()[0].cluster)
    in_python = {week.week: week.failures for week in cluster.weeks}
    chart = rates_figure(cluster.weeks, "failed this way").data[0]
    bench.close()

    assert in_python == in_sql
    assert in_sql == Counter(week_of(time, zone) for time in times)
    assert {monday(week): failures for week, failures in in_sql.items()} == mondays
    assert list(chart.x) == sorted(mondays)
    assert {local(time, zone) for time in times} == {clock.replace(tzinfo=None) for clock in clocks}


def test_a_change_of_the_zone_takes_effect_with_the_next_analysis(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    sunday_night = datetime(2026, 11, 8, 23, 30)
    later = [row | {"conversation_id": f"later-{n}"} for n, row in enumerate(small_log()[:2])]
    build(store.root, write_chat(tmp_path / "log.parquet", [small_log()[0] | {"started_at": sunday_night}]))

    def weeks() -> tuple[str, list[str]]:
        bench = Bench(store, "Lea")
        try:
            return bench.evidence.time_zone, sorted(row.week or "" for row in bench.evidence.bot_weeks())
        finally:
            bench.close()

    assert weeks() == ("UTC", ["2026-W45"])
    judgement = Judgement(store.judgement_url)
    judgement.pod.set_time_zone("Europe/Berlin", actor="Lea")
    judgement.close()
    build(store.root, write_chat(tmp_path / "later.parquet", later), analyze=False)
    assert weeks() == ("UTC", ["2026-W10", "2026-W45"])  # as what the analysis before counted
    build(store.root)
    assert weeks() == ("Europe/Berlin", ["2026-W10", "2026-W46"])
    build(store.root, pod_timezone="utc")
    assert weeks() == ("UTC", ["2026-W10", "2026-W45"])

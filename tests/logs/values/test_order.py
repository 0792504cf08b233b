"""Messages stand in the order in which they were said, whatever order and whatever times a file has."""

from __future__ import annotations

import random
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tests.support.imported import Imported, import_paths, import_rows, write
from workbench.logs.values.times import Clock

WORDS = ("Q1", "A1", "Q2", "A2")
ROLES = ("user", "assistant", "user", "assistant")
START = 1772442000


def imported(folder: Path, layout: str, times: Any, order: Any = range(4), **options: Any) -> Imported:
    """A conversation of four messages with these times, which the file has in this order."""
    messages = [{"role": ROLES[n], "content": WORDS[n], "timestamp": times[n]} for n in order]
    rows = (
        [{"conversation_id": "c", "messages": messages}]
        if layout == "chat"
        else [{"conversation_id": "c", **m} for m in messages]
    )
    return import_paths(folder, write(folder / "log.jsonl", rows), **options)


def words(log: Imported) -> list[str]:
    return [turn.content for turn in log.only.turns]


@pytest.mark.parametrize("layout", ["chat", "turns"])
@pytest.mark.parametrize("seconds", [(0, 4, 5, 9), (0, 4, 4, 9), (0, 0, 5, 9)])
def test_newest_first_is_turned_round_with_its_ties(tmp_path: Path, layout: str, seconds: Any) -> None:
    assert words(imported(tmp_path, layout, [START + each for each in seconds], (3, 2, 1, 0))) == list(WORDS)


@pytest.mark.parametrize("layout", ["chat", "turns"])
@pytest.mark.parametrize("seconds", [(0, 4, 4, 9), (0, 0, 0, 0)])
def test_ties_stay_as_the_file_has_them(tmp_path: Path, layout: str, seconds: Any) -> None:
    assert words(imported(tmp_path, layout, [START + each for each in seconds])) == list(WORDS)


@pytest.mark.parametrize("layout", ["chat", "turns"])
@pytest.mark.parametrize("seed", range(6))
def test_any_order_of_a_file_gives_the_order_of_its_times(tmp_path: Path, layout: str, seed: int) -> None:
    order = random.Random(seed).sample(range(4), 4)
    assert words(imported(tmp_path, layout, [START + 60 * n for n in range(4)], order)) == list(WORDS)


def test_where_a_message_has_no_time_the_file_tells(tmp_path: Path) -> None:
    times = [START + 9, None, START + 4, START]
    assert words(imported(tmp_path, "chat", times)) == list(WORDS)


def test_clocks_that_differ_by_less_than_a_second_move_nothing(tmp_path: Path) -> None:
    assert words(imported(tmp_path, "chat", [START, START + 4.5, START + 4.1, START + 9])) == list(WORDS)


AUTUMN = {
    None: "2025-10-26",
    "Europe/Berlin": "2025-10-26",
    "America/New_York": "2025-11-02",
}


@pytest.mark.parametrize("layout", ["chat", "turns"])
@pytest.mark.parametrize(("zone", "day"), AUTUMN.items())
def test_the_hour_that_autumn_repeats_keeps_its_order(tmp_path: Path, layout: str, zone: str | None, day: str) -> None:
    hour = "01" if zone == "America/New_York" else "02"
    times = [f"{day} {hour}:{rest}" for rest in ("59:50", "00:05", "00:20", "00:40")]
    assert words(imported(tmp_path, layout, times, timezone=zone)) == list(WORDS)


def test_in_a_declared_zone_the_second_of_the_two_hours_is_an_hour_later(tmp_path: Path) -> None:
    times = [f"2025-10-26 02:{rest}" for rest in ("59:50", "00:05", "00:20", "00:40")]
    turns = imported(tmp_path, "turns", times, timezone="Europe/Berlin").only.turns
    assert [turn.timestamp for turn in turns[:2]] == [
        datetime(2025, 10, 26, 0, 59, 50),
        datetime(2025, 10, 26, 1, 0, 5),
    ]


def test_nanoseconds_order_what_a_microsecond_can_not(tmp_path: Path) -> None:
    stamps = pa.array([START * 10**9 + nano for nano in (900, 100)], pa.timestamp("ns", tz="UTC"))
    table = pa.table(
        {"conversation_id": ["c", "c"], "role": ["assistant", "user"], "content": ["A", "Q"], "timestamp": stamps}
    )
    assert words(import_rows(tmp_path, table.to_pylist(), table.schema)) == ["Q", "A"]
    times = ["2026-03-02T09:00:00.000000900Z", "2026-03-02T09:00:00.000000100Z"]
    rows = [
        {"conversation_id": "c", "role": "user", "content": word, "timestamp": time}
        for word, time in zip("AQ", times, strict=True)
    ]
    assert words(import_paths(tmp_path, write(tmp_path / "log.jsonl", rows))) == ["Q", "A"]


NINE = datetime(2026, 3, 2, 9)


@pytest.mark.parametrize(
    ("logged", "time"),
    [
        ("1772442000", NINE),
        ("1772442000000", NINE),
        ({"$date": "2026-03-02T09:00:00Z"}, NINE),
        ({"$date": {"$numberLong": "1772442000000"}}, NINE),
        ({"$date": 1772442000000}, NINE),
        ({"_seconds": 1772442000, "_nanoseconds": 0}, NINE),
        ({"seconds": "1772442000", "nanos": 0}, NINE),
        ("03/02/2026 9:00:00 AM", NINE),
        ("3/2/2026, 9:00 AM", NINE),
        ("12/31/2025 9:00 PM", datetime(2025, 12, 31, 21)),
        ("31/12/2025 21:00", datetime(2025, 12, 31, 21)),
        ("12/31/2025 9:00", datetime(2025, 12, 31, 9)),
        ("02.03.2026 09:00", NINE),
        ("2026/03/02 09:00:00", NINE),
        ("Mar 2, 2026, 9:00:00 AM", NINE),
        ("Mon, 02 Mar 2026 09:00:00 GMT", NINE),
        ("Mon, 02 Mar 2026 10:00:00 +0100", NINE),
    ],
)
def test_a_time_is_read_however_people_write_it(logged: Any, time: datetime) -> None:
    assert Clock().utc(logged, "timestamp") == time


def test_day_and_month_that_nothing_tells_apart_are_refused(tmp_path: Path) -> None:
    log = imported_one(tmp_path, "03/02/2026 09:00")
    assert [(each.column, each.reason) for each in log.rejects] == [
        ("timestamp", "has day and month in an order that nothing tells: write it as ISO 8601 (2025-07-01T10:20:30Z)")
    ]


def imported_one(folder: Path, time: Any) -> Imported:
    rows = [
        {"conversation_id": key, "role": "user", "content": "x", "timestamp": when}
        for key, when in (("good", START), ("bad", time))
    ]
    return import_paths(folder, write(folder / "log.jsonl", rows))


def test_an_object_id_of_mongo_is_an_id(tmp_path: Path) -> None:
    rows = [
        {
            "conversation_id": {"$oid": "65f0"},
            "role": "user",
            "content": "x",
            "timestamp": {"$date": "2026-03-02T09:00:00Z"},
        }
    ]
    assert import_paths(tmp_path, write(tmp_path / "log.jsonl", rows)).ids == ["65f0"]

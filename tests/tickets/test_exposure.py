from datetime import datetime, timedelta

import numpy as np
import pytest

from workbench.evidence.conversation_rows import DatedConversation
from workbench.tickets.exposure import exposure, settling, standard_exposure
from workbench.tickets.fix_rule import Period

START = datetime(2026, 9, 7)
FIX = datetime(2026, 9, 21)
DAY = timedelta(days=1)


def conversation(
    key: str, at: datetime | None, failed: bool = False, release: str = "r1", import_id: str = "I1"
) -> DatedConversation:
    return DatedConversation(key, import_id, at, release, failed, "FC-0001" if failed else None, None)


def failing(row: DatedConversation) -> bool:
    return row.cluster == "FC-0001"


def daily(
    start: datetime, days: int, *, failed: bool = False, release: str = "r1", import_id: str = "I1"
) -> list[DatedConversation]:
    return [
        conversation(f"{release}-{import_id}-{failed}-{start:%m%d}-{n}", start + n * DAY, failed, release, import_id)
        for n in range(days)
    ]


def test_before_begins_with_the_first_failure_and_after_with_the_fix() -> None:
    rows = [*daily(START, 3), *daily(START + 3 * DAY, 2, failed=True), *daily(FIX, 4), conversation("undated", None)]
    seen = exposure(rows, failing, FIX, None)
    assert seen.before == Period(START + 3 * DAY, FIX, 2, 2, 2)
    assert seen.after == Period(FIX, FIX + 3 * DAY, 4, 0, 0)
    assert (seen.side_by_side, seen.unsettled, seen.undated) == (False, 0, 1)


def test_releases_that_ran_beside_the_fixed_one_are_what_it_is_compared_with() -> None:
    fixed = daily(FIX, 12, release="r2")
    earlier = daily(START, 14, failed=True)
    few, enough = daily(FIX, 9, failed=True), daily(FIX, 10, failed=True)
    assert exposure([*earlier, *few, *fixed], failing, FIX, "r2").before == Period(START, FIX, 14, 14, 14)
    beside = exposure([*earlier, *enough, *fixed], failing, FIX, "r2")
    assert beside.side_by_side
    assert beside.before == Period(FIX, None, 10, 10, 10)
    assert beside.after == Period(FIX, FIX + 11 * DAY, 12, 0, 0)


def test_a_fix_that_came_back_is_judged_by_what_came_after_that() -> None:
    rows = [*daily(START, 14, failed=True), *daily(FIX, 10), *daily(FIX + 10 * DAY, 5, failed=True)]
    seen = exposure(rows, failing, FIX, None, since=FIX + 9 * DAY)
    assert seen.after == Period(FIX + 9 * DAY, FIX + 14 * DAY, 5, 5, 5)


def test_a_log_whose_failures_come_in_late_is_judged_by_what_is_complete() -> None:
    first, second = daily(START, 14, import_id="I1"), daily(START + 14 * DAY, 14, import_id="I2")
    late = daily(START, 10, failed=True, import_id="I2")
    assert settling([*first, *second]) == timedelta(0)
    assert settling([*first, *second, *late]) == timedelta(days=26.55)
    seen = exposure([*first, *second, *late], failing, FIX, None)
    assert (seen.after.eligible, seen.unsettled) == (0, 14)


def test_older_logs_imported_later_are_not_late() -> None:
    assert settling([*daily(FIX, 14, import_id="I1"), *daily(START, 14, import_id="I2")]) == timedelta(0)


def test_a_mix_that_fails_less_counts_as_fewer_conversations() -> None:
    failed = np.array([True] * 40 + [False] * 60 + [True] * 10 + [False] * 90)
    was = np.array([1] * 100 + [0] * 100)
    same = standard_exposure(failed, was, np.array([1] * 50 + [0] * 50))
    kinder = standard_exposure(failed, was, np.array([1] * 10 + [0] * 90))
    assert (same, kinder) == (pytest.approx(100), pytest.approx(55.56, abs=0.01))

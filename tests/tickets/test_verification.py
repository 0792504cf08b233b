import random
from datetime import datetime

import pytest

from workbench.stats import wilson
from workbench.tickets.fix_rule import FixVerdict, Period, exposure_needed, judge

FIX = datetime(2026, 10, 5)


def before(failures: int, eligible: int, any_failures: int | None = None) -> Period:
    return Period(datetime(2026, 8, 24), FIX, eligible, failures, failures if any_failures is None else any_failures)


def after(failures: int, eligible: int, any_failures: int | None = None) -> Period:
    return Period(FIX, datetime(2026, 11, 15), eligible, failures, failures if any_failures is None else any_failures)


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (before(30, 100), after(0, 60), ("fixed", True)),
        (before(30, 100), after(15, 60), ("not fixed", False)),
        (before(30, 100), after(7, 60), ("not fixed", True)),
        (before(30, 100), after(0, 5), ("too little traffic", False)),
        (before(30, 100), after(0, 0), ("too little traffic", False)),
        (before(9, 20), after(0, 500), ("too little traffic", False)),
    ],
)
def test_the_verdict_follows_the_rule(was: Period, now: Period, expected: tuple[str, bool]) -> None:
    verdict = judge(was, now)
    assert (verdict.verdict, verdict.improved) == expected


def test_a_fix_that_only_moves_the_failures_is_warned_of() -> None:
    verdict = judge(before(30, 100, any_failures=40), after(0, 60, any_failures=30))
    assert verdict == FixVerdict(
        "fixed", True, verdict.needed,
        "All failures among the same requests did not fall (40% before, 50% after): the failure may only have changed its shape.",
    )  # fmt: skip


def test_too_few_failures_before_are_said() -> None:
    assert judge(before(9, 20), after(0, 500)).warning == "Only 9 failures before the fix; it takes 10."


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.3, 0.7])
def test_the_exposure_needed_can_show_the_fix_and_less_cannot(rate: float) -> None:
    needed = exposure_needed(rate)
    assert needed is not None
    draw = random.Random(1)
    works = sum(
        wilson(sum(draw.random() < 0.1 * rate for _ in range(needed)), needed, 0.9)[1] < rate / 2 for _ in range(400)
    )
    assert works / 400 > 0.75
    assert wilson(0, needed // 3, 0.9)[1] > rate / 2


def test_an_untouched_failure_is_rarely_called_fixed() -> None:
    draw, wrong = random.Random(2), 0
    for _ in range(400):
        was = before(sum(draw.random() < 0.2 for _ in range(120)), 120)
        now = after(sum(draw.random() < 0.2 for _ in range(120)), 120)
        wrong += judge(was, now).verdict == "fixed"
    assert wrong <= 4

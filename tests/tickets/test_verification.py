import random
from datetime import datetime

import pytest

from workbench.tickets.fix_rule import FixVerdict, Period, Prior, Rate, contradicted, judge, promise, target

FIX = datetime(2026, 10, 5)


def before(failures: int, eligible: int, any_failures: int | None = None) -> Period:
    return Period(datetime(2026, 8, 24), FIX, eligible, failures, failures if any_failures is None else any_failures)


def after(failures: int, eligible: int, any_failures: int | None = None, exposure: float | None = None) -> Period:
    of_any = failures if any_failures is None else any_failures
    return Period(FIX, datetime(2026, 11, 15), eligible, failures, of_any, exposure)


@pytest.mark.parametrize(
    ("was", "now", "expected"),
    [
        (before(30, 100), after(0, 60), ("fixed", True)),
        (before(30, 100), after(15, 66), ("not fixed", False)),
        (before(30, 100), after(7, 66), ("not fixed", True)),
        (before(30, 100), after(0, 21), ("fixed", True)),
        (before(30, 100), after(0, 20), ("too little traffic", True)),
        (before(30, 100), after(4, 65), ("too little traffic", True)),
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
        "fixed", True, 66,
        "All failures among the same requests did not fall (40% before, 50% after): the failure may only have changed its shape.",
    )  # fmt: skip


def test_too_few_failures_before_are_said() -> None:
    assert judge(before(9, 20), after(0, 500)).warning == "Only 9 failures before the fix; it takes 10."


@pytest.mark.parametrize(("failures", "eligible"), [(20, 1000), (30, 300), (30, 100), (70, 100)])
def test_each_step_of_the_target_is_the_first_at_which_so_many_failures_are_fixed(failures: int, eligible: int) -> None:
    wanted = target(failures, eligible)
    assert wanted is not None
    for failing, step in enumerate(wanted.steps):
        assert judge(before(failures, eligible), after(failing, step)).verdict == "fixed"
        assert judge(before(failures, eligible), after(failing, step - 1)).verdict != "fixed"
    assert judge(before(failures, eligible), after(wanted.allowed + 1, wanted.needed)).verdict == "not fixed"


@pytest.mark.parametrize(("failures", "eligible"), [(20, 1000), (30, 300), (30, 100), (70, 100)])
def test_the_exposure_needed_shows_four_of_five_fixes_that_stop_nine_in_ten(failures: int, eligible: int) -> None:
    wanted = target(failures, eligible)
    assert wanted is not None
    draw, left = random.Random(1), 0.1 * Rate.before(failures, eligible, Prior()).mean
    works = sum(sum(draw.random() < left for _ in range(wanted.needed)) <= wanted.allowed for _ in range(400))
    assert works / 400 > 0.75


def test_weekly_looks_rarely_call_a_fix_fixed_that_leaves_most_failures() -> None:
    draw, wrong = random.Random(2), 0
    for _ in range(300):
        was = before(sum(draw.random() < 0.2 for _ in range(300)), 300)
        failing = 0
        for look in range(1, 13):
            failing += sum(draw.random() < 0.6 * 0.2 for _ in range(25))
            if judge(was, after(failing, 25 * look)).verdict == "fixed":
                wrong += 1
                break
    assert wrong <= 15


def test_a_cluster_that_stands_out_by_chance_is_drawn_towards_the_others() -> None:
    alike = Prior.of([(60, 1000), (50, 1000), (48, 1000), (52, 1000), (41, 1000), (55, 1000)])
    apart = Prior.of([(60, 1000), (5, 1000), (200, 1000), (90, 1000), (20, 1000), (400, 1000)])
    assert Rate.before(60, 1000, alike).mean == pytest.approx(0.051, abs=0.0005)
    assert Rate.before(60, 1000, apart).mean == pytest.approx(0.060, abs=0.0005)


def test_too_few_clusters_say_nothing_of_each_other() -> None:
    assert Prior.of([(60, 1000), (5, 1000), (9, 0)]) == Prior(0.5, 0)


def test_the_ticket_says_what_the_rule_counts_on() -> None:
    alike = Prior.of([(60, 1000), (50, 1000), (48, 1000), (52, 1000), (41, 1000), (55, 1000)])
    assert promise(60, 1000, "requests like these", alike) == (
        "before, 60 of 1,000 requests like these failed this way (6 %, of which 5 % is counted on: the rest may be the chance by "
        "which it stood out among the bot's clusters). It is fixed as soon as those afterwards speak ten to one for less than half "
        "of that being left: none of 115 may fail this way, at most 1 of 200, at most 2 of 281."
    )


def test_a_kinder_mix_of_requests_counts_as_fewer_conversations() -> None:
    was = before(30, 100)
    assert judge(was, after(0, 60)).verdict == "fixed"
    assert judge(was, after(0, 60, exposure=18.0)).verdict == "too little traffic"


def test_a_verified_fix_is_contradicted_by_what_half_of_the_rate_could_hardly_give() -> None:
    was = before(30, 100)
    assert [contradicted(was, after(failing, 60)) for failing in (0, 9, 15, 25)] == [False, False, False, True]

import numpy as np
import pytest

from workbench.review.estimate import Stratum
from workbench.review.prevalence import Counted, accuracy, half_width, more_reading, prevalence


def counted(yes: tuple[int, int, int], no: tuple[int, int, int]) -> Counted:
    return Counted(Stratum(*yes), Stratum(*no))


def test_what_an_instrument_says_is_corrected_by_what_was_read_of_either_answer() -> None:
    told = prevalence(counted((200, 50, 25), (800, 50, 5)))
    assert told is not None
    assert told.value == pytest.approx(0.18, abs=0.01)  # half of 200, a tenth of 800
    assert told.low < 0.18 < told.high


def test_what_was_read_to_its_end_is_certain() -> None:
    told = prevalence(counted((10, 10, 7), (30, 30, 1)))
    assert told is not None
    assert (told.low, told.value, told.high) == pytest.approx((0.2, 0.2, 0.2))


def test_an_answer_that_nobody_read_leaves_all_open() -> None:
    assert prevalence(counted((10, 5, 5), (90, 0, 0))) is None


def test_error_rates_come_with_intervals_and_an_instrument_must_beat_a_coin() -> None:
    good, blind = accuracy(counted((100, 50, 45), (900, 100, 1))), accuracy(counted((100, 20, 2), (900, 20, 2)))
    assert good is not None
    assert blind is not None
    assert good.sensitivity.low < 0.9 < good.sensitivity.high + 0.05
    assert (good.tells, blind.tells) == (True, False)
    assert accuracy(counted((100, 9, 9), (900, 100, 1))) is None


def test_what_was_read_earlier_tells_the_error_rates_though_the_cause_was_rarer_then() -> None:
    now, earlier = counted((1500, 20, 8), (3500, 20, 1)), counted((900, 100, 30), (4100, 100, 3))
    alone, helped = prevalence(now), prevalence(now, earlier)
    assert alone is not None
    assert helped is not None
    assert half_width(helped) < half_width(alone)


def test_more_reading_goes_where_it_tells_most_and_suffices() -> None:
    start = counted((200, 30, 15), (1800, 30, 1))
    plan = more_reading(start, 0.03)
    share = (30 + plan.yes) / (30 + plan.no)
    assert plan.total > 0
    assert share > 200 / 1800  # the flagged differ most among themselves
    read_yes, read_no = 30 + plan.yes, 30 + plan.no
    after = prevalence(counted((200, read_yes, read_yes // 2), (1800, read_no, round(read_no / 30))))
    assert after is not None
    assert half_width(after) == pytest.approx(0.03, abs=0.01)


def test_enough_reading_asks_for_no_more() -> None:
    assert more_reading(counted((50, 50, 20), (50, 50, 1)), 0.01).total == 0


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    held, runs = 0, 150
    for seed in range(runs):
        random = np.random.default_rng(seed)
        true = random.random(2000) < 0.1
        said = random.random(2000) < np.where(true, 0.8, 0.15)
        sides = []
        for side in (True, False):
            rows = random.permutation(np.flatnonzero(said == side))[:60]
            sides.append(Stratum(int((said == side).sum()), 60, int(true[rows].sum())))
        told = prevalence(Counted(*sides), draws=2000)
        assert told is not None
        held += told.low <= true.mean() <= told.high
    assert held / runs >= 0.9

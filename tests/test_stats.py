import pytest

from workbench.stats import benjamini_hochberg, student, two_proportions, wilson


@pytest.mark.parametrize(
    ("successes", "trials", "expected"),
    [
        (0, 0, (0.0, 1.0)),
        (0, 10, (0.0, 0.2775)),
        (10, 10, (0.7225, 1.0)),
        (8, 31, (0.1370, 0.4325)),
        (37, 40, (0.8014, 0.9742)),
    ],
)
def test_wilson_bounds_a_share(successes: int, trials: int, expected: tuple[float, float]) -> None:
    assert wilson(successes, trials) == pytest.approx(expected, abs=1e-4)


def test_two_proportions_gives_pooled_z_and_two_sided_p() -> None:
    assert two_proportions(30, 100, 15, 100) == pytest.approx((2.5400, 0.0111), abs=1e-4)


@pytest.mark.parametrize("counts", [(0, 0, 5, 10), (5, 10, 0, 0), (0, 10, 0, 10), (10, 10, 10, 10)])
def test_two_proportions_without_information_says_nothing(counts: tuple[int, int, int, int]) -> None:
    assert two_proportions(*counts) == (0.0, 1.0)


def test_benjamini_hochberg_holds_the_false_discovery_rate_over_the_family() -> None:
    assert benjamini_hochberg([0.01, 0.04, 0.03, 0.005, 0.6]) == [True, True, True, True, False]
    assert benjamini_hochberg([0.02, 0.9, 0.9, 0.9, 0.9]) == [False] * 5
    assert benjamini_hochberg([]) == []


@pytest.mark.parametrize(
    ("freedom", "expected"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_quantiles_of_student_t_are_those_of_the_tables(freedom: int, expected: float) -> None:
    assert student(0.95, freedom) == pytest.approx(expected, rel=0.002)

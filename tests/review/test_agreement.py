"""Agreement between raters, checked against worked examples in print."""

import numpy as np
import pytest
from sklearn.metrics import cohen_kappa_score

from workbench.review.agreement import (
    Alpha,
    Confused,
    agreement,
    alpha,
    code_counts,
    cohen_kappa,
    coincidences,
    most_divided,
)

# A rater a row, a unit a column; "." said nothing. A to C: Krippendorff (2011), "Computing Krippendorff's
# Alpha-Reliability", sections A to C. The last: the three coders of his "Content Analysis" and of encyclopedias.
PUBLISHED = {
    "two raters, two values": (["0100000010", "1110010000"], 0.095),
    "two raters, five values": (["aabbdcccedda", "babbbccceddd"], 0.692),
    "four raters, some silent": (["123321412...", "1233224125.3", ".3332342251.", "12332441251."], 0.743),
    "three raters, most silent": ([".....34121133.3", "1.213343.......", "..21344.21133.4"], 0.691),
}


def votes(rows: list[str]) -> list[dict[str, str]]:
    """What each rater said of each unit."""
    units = zip(*rows, strict=True)
    return [{f"rater {n}": said for n, said in enumerate(unit) if said != "."} for unit in units]


@pytest.mark.parametrize("name", PUBLISHED)
def test_alpha_is_the_published_one(name: str) -> None:
    rows, published = PUBLISHED[name]
    found = agreement(votes(rows)).alpha.value
    assert found is not None
    assert round(found, 3) == published


def test_the_coincidence_matrix_is_the_published_one() -> None:
    rows, _ = PUBLISHED["two raters, five values"]
    assert coincidences(code_counts(votes(rows), "abcde")).tolist() == [
        [2, 1, 0, 1, 0],
        [1, 4, 0, 1, 0],
        [0, 0, 6, 0, 0],
        [1, 1, 0, 4, 0],
        [0, 0, 0, 0, 2],
    ]


def test_kappa_is_the_published_one_and_that_of_scikit_learn() -> None:
    # Cohen (1960), "A Coefficient of Agreement for Nominal Scales": personality disorder, neurosis, psychosis.
    table = {"pp": 88, "pn": 14, "ps": 18, "np": 10, "nn": 40, "ns": 10, "sp": 2, "sn": 6, "ss": 12}
    first, second = zip(*(pair for pair, times in table.items() for _ in range(times)), strict=True)
    found = cohen_kappa(first, second)
    assert found is not None
    assert round(found, 3) == 0.492
    assert found == pytest.approx(cohen_kappa_score(first, second))


def test_the_interval_holds_the_true_alpha_about_as_often_as_it_says() -> None:
    # Three raters who each say the true one of four codes in 70 % of the cases, else any: pairs agree by 0.7² beyond chance.
    rng, held = np.random.default_rng(1), 0
    for n in range(200):
        truth = rng.integers(4, size=(40, 1))
        said = np.where(rng.random((40, 3)) < 0.7, truth, rng.integers(4, size=(40, 3)))
        found = alpha(np.stack([(said == code).sum(1) for code in range(4)], axis=1).astype(float), 500, seed=n)
        assert found.low is not None
        assert found.high is not None
        held += found.low <= 0.49 <= found.high
    assert 0.90 <= held / 200 <= 0.99


def test_too_few_conversations_get_no_interval() -> None:
    few = agreement(
        [{"ana": "loop", "bo": "loop"}, {"ana": "handoff", "bo": "handoff"}, {"ana": "loop", "bo": "handoff"}]
    )
    assert (few.compared, few.same, few.alpha.low, few.alpha.high) == (3, 2, None, None)
    assert few.alpha.value == pytest.approx(1 - 2 * 5 / 18)


def test_where_nobody_disagreed_alpha_is_one_without_an_interval() -> None:
    said = [{"ana": code, "bo": code} for code in ["loop", "handoff"] * 10]
    assert agreement(said).alpha == Alpha(1.0)
    assert agreement(said).kappa == 1


def test_where_all_said_one_and_the_same_there_is_no_alpha() -> None:
    same = agreement([{"ana": "loop", "bo": "loop"}] * 20)
    assert (same.compared, same.same, same.alpha, same.kappa) == (20, 20, Alpha(None), None)


def test_one_rater_alone_agrees_with_nobody() -> None:
    alone = agreement([{"ana": "loop"}, {}])
    assert (alone.raters, alone.compared, alone.alpha, alone.kappa, alone.confused) == (
        ["ana"],
        0,
        Alpha(None),
        None,
        [],
    )


def test_each_code_has_an_alpha_of_its_own_against_the_rest() -> None:
    said = [*[{"ana": "loop", "bo": "loop"}] * 4, *[{"ana": "tool-fault", "bo": "handoff"}] * 2]
    told = {one.code: (one.votes, one.conversations, one.alpha.value) for one in agreement(said).by_code}
    assert told == {
        "loop": (8, 4, 1.0),
        "handoff": (2, 2, pytest.approx(-0.1)),
        "tool-fault": (2, 2, pytest.approx(-0.1)),
    }


def test_a_code_that_was_hardly_said_has_no_interval_of_its_own() -> None:
    said = [*[{"ana": "loop", "bo": "loop"}] * 12, *[{"ana": "handoff", "bo": "loop"}] * 4]
    told = {one.code: (one.conversations, one.alpha.low is not None) for one in agreement(said).by_code}
    assert told == {"loop": (16, True), "handoff": (4, False)}


def test_what_is_confused_is_counted_in_conversations_and_the_most_divided_come_first() -> None:
    said = [
        {"ana": "loop", "bo": "loop", "cy": "loop"},
        {"ana": "loop", "bo": "loop", "cy": "handoff"},
        {"ana": "loop", "bo": "handoff", "cy": "tool-fault"},
    ]
    assert agreement(said).confused == [
        Confused("handoff", "loop", 2),
        Confused("handoff", "tool-fault", 1),
        Confused("loop", "tool-fault", 1),
    ]
    assert most_divided(said) == [2, 1]

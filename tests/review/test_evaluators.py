import pytest

from workbench.conversation.model import Evaluation
from workbench.review.estimate import Stratum
from workbench.review.evaluators import answers, by_evaluator, measured


@pytest.mark.parametrize(
    ("evaluations", "expected"),
    [
        ({"a": [Evaluation("q", label="Fail")], "b": [Evaluation("q", label="pass")]}, {"a": True, "b": False}),
        ({"a": [Evaluation("q", 0.0)], "b": [Evaluation("q", 1.0)]}, {"a": True, "b": False}),
        ({"a": [Evaluation("q", 2.0)], "b": [Evaluation("q", 4.0)]}, {"a": True, "b": False}),
        ({"a": [Evaluation("q", 1.0), Evaluation("q", 0.1)]}, {"a": True}),
        ({"a": [Evaluation("q", label="blue")], "b": [Evaluation("q")]}, {}),
    ],
)
def test_an_evaluator_says_failed_by_a_bad_label_or_a_low_score_on_its_own_scale(
    evaluations: dict[str, list[Evaluation]], expected: dict[str, bool]
) -> None:
    assert answers(evaluations) == expected


def test_evaluators_are_apart_by_name_and_by_who_judges() -> None:
    code, person = Evaluation("q", 1.0, by="code"), Evaluation("q", 0.0, by="person")
    assert by_evaluator({"a": [code, person], "b": [code]}) == {
        ("q", "code"): {"a": [code], "b": [code]},
        ("q", "person"): {"a": [person]},
    }


def test_it_counts_for_nothing_until_enough_of_either_answer_was_read() -> None:
    told = {f"k{n}": n < 40 for n in range(200)}
    unread = measured("q", "model", told, {"k0": True, "k150": False})
    assert (unread.counted.yes, unread.counted.no) == (Stratum(40, 1, 1), Stratum(160, 1, 0))
    assert (unread.accuracy, unread.rate) == (None, None)
    assert unread.advice == "Counts for nothing yet: read 9 that it calls failed and 9 that it calls fine."


def test_what_it_says_is_corrected_once_its_errors_are_known() -> None:
    told = {f"k{n}": n < 40 for n in range(200)}
    read = {f"k{n}": n % 4 != 0 for n in range(20)} | {f"k{n}": n % 10 == 0 for n in range(100, 130)}
    judge = measured("q", "model", told, read)
    assert judge.says == 0.2
    assert judge.rate is not None
    assert judge.rate.value == pytest.approx(0.23, abs=0.02)  # three quarters of 40, a tenth of 160
    assert judge.advice.startswith("Read ")


def test_one_that_is_no_better_than_a_coin_is_not_used() -> None:
    told = {f"k{n}": n % 2 == 0 for n in range(100)}
    judge = measured("q", "code", told, {f"k{n}": n < 20 for n in range(40)})
    assert judge.rate is None
    assert judge.advice == "No better than a coin for all that 40 readings tell: its rate is not used."

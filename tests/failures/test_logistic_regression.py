"""The learned score's regression, beside scikit-learn's brought to its minimum."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from workbench.failures.logistic_regression import Prior, fitted, grouped_folds, out_of_fold, platt


def test_no_group_stands_in_two_folds_and_folds_are_of_like_size() -> None:
    groups = ["big"] * 4 + ["b", "b", "c", "c", "d", "e"]
    assert grouped_folds(groups, 3).tolist() == [0, 0, 0, 0, 1, 1, 2, 2, 1, 2]


def _rows(count: int, width: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values, labels that rest on the first column, and folds; the last column is there in one fold only."""
    draws = np.random.default_rng(7)
    values, folds = draws.normal(size=(count, width)), np.arange(count) % 5
    values[folds != 0, -1] = 0
    return values, values[:, 0] + draws.normal(size=count) > 0, folds


@pytest.mark.parametrize(("count", "width"), [(200, 6), (40, 90)])
def test_each_row_is_judged_by_the_regression_of_the_other_folds(count: int, width: int) -> None:
    values, labels, folds = _rows(count, width)
    expected = np.zeros(count)
    for fold in range(5):
        peer = LogisticRegression(C=0.5, tol=1e-10, max_iter=10_000).fit(values[folds != fold], labels[folds != fold])
        expected[folds == fold] = peer.decision_function(values[folds == fold])
    np.testing.assert_allclose(out_of_fold(values, labels, folds), expected, atol=1e-4)


def test_labels_that_a_line_tells_apart_still_have_a_regression() -> None:
    values = np.repeat([[-1.0], [1.0]], 20, axis=0)
    log_odds = out_of_fold(values, values[:, 0] > 0, np.arange(40) % 5, strength=1e6)
    assert (log_odds > 0).tolist() == [False] * 20 + [True] * 20
    assert np.isfinite(log_odds).all()


def test_calibration_never_turns_the_order_round() -> None:
    decision = np.linspace(-3, 3, 60)
    assert platt(decision, decision < 0).slope == 0
    assert platt(decision, np.arange(60) % 3 + decision > 0.5).slope > 0


def test_of_few_labels_weights_stay_near_what_they_were_taken_for_and_of_many_they_follow_the_labels() -> None:
    draws = np.random.default_rng(0)
    values = draws.normal(0, 1, (2000, 1))
    labels = draws.random(2000) < 1 / (1 + np.exp(2 * values[:, 0]))
    few, many = (fitted(values[:n], labels[:n], Prior(np.array([1.0]), np.array([5.0]))) for n in (4, 2000))
    assert few.weights[0] > many.weights[0] + 1
    assert many.weights[0] == pytest.approx(-2, abs=0.2)

"""How good a score is: areas, leads and reliability."""

import math

import numpy as np
import pytest

from workbench.failures.score_quality import Bin, Lead, auc, auc_interval, lead, reliability


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([0.1, 0.2, 0.8, 0.9], 1.0),
        ([0.9, 0.8, 0.2, 0.1], 0.0),
        ([0.5, 0.5, 0.5, 0.5], 0.5),
        ([0.1, 0.8, 0.8, 0.9], 0.875),
    ],
)
def test_the_auc_counts_ties_half(said: list[float], expected: float) -> None:
    assert auc(np.array([False, False, True, True]), np.array(said)) == expected


def test_an_auc_needs_both_kinds_and_its_interval_draws_whole_groups() -> None:
    assert math.isnan(auc(np.array([True, True]), np.array([0.1, 0.2])))
    labels, said = np.arange(40) % 2 == 1, np.arange(40) % 7 / 7
    low, high = auc_interval(labels, said, [f"task {n // 2}" for n in range(40)])
    assert 0 < low < auc(labels, said) < high < 1
    assert (low, high) == auc_interval(labels, said, [f"task {n // 2}" for n in range(40)])


def test_reliability_sets_what_was_said_beside_what_came() -> None:
    labels, said = np.array([False] * 5 + [True] * 5), np.arange(10) / 10
    assert [(round(one.said, 2), one.total, one.failed) for one in reliability(labels, said)] == [
        *((0.05, 2, 0), (0.25, 2, 0), (0.45, 2, 1), (0.65, 2, 2), (0.85, 2, 2)),
    ]
    assert isinstance(reliability(labels, said)[0], Bin)


def test_a_lead_over_the_length_comes_with_its_interval() -> None:
    labels, length = np.arange(40) % 2 == 1, np.ones(40)
    right = lead(labels, labels.astype(float), length, [f"task {n}" for n in range(40)])
    assert right == (0.5, 0.5, 0.5)
    noise = lead(labels, np.arange(40) % 7 / 7, length, [f"task {n}" for n in range(40)])
    assert noise.low < 0 < noise.high


@pytest.mark.parametrize(
    ("measured", "shrunk"),
    [(Lead(-0.05, -0.3, 0.2), 0.02), (Lead(-0.05, -0.07, -0.03), -0.05), (Lead(0.2, -0.05, 0.45), 0.05)],
)
def test_of_few_labels_a_lead_is_taken_for_the_usual_one_and_of_many_for_itself(measured: Lead, shrunk: float) -> None:
    assert round(measured.shrunk, 2) == shrunk

"""The learned score's own arithmetic."""

import math

import numpy as np
import pytest

from workbench.failures.learned_score import (
    Bin,
    auc,
    auc_interval,
    in_words,
    reliability,
    signal_facet,
    step_facet,
    trait_facet,
)


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


def test_how_it_ended_and_was_rated_is_no_feature() -> None:
    codes = ("log-says-failed", "thumbs-down", "tool-error")
    assert list(map(signal_facet, codes)) == [None, None, "signal:tool-error"]
    assert list(map(step_facet, ("find", "signal:tool-error"))) == ["step:find", None]
    assert trait_facet("turns") == "trait:turns"


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        ("signal:tool-error", "tool error"),
        ("step:find", "called find"),
        ("step:find>book", "find, then book"),
        ("step:book=executed", "book succeeded"),
        ("step:book!not found", "book failed: not found"),
        ("trait:tool calls", "tool calls"),
        ("request", "what was asked"),
    ],
)
def test_features_are_said_in_words(feature: str, words: str) -> None:
    assert in_words(feature) == words

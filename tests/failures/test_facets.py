"""What a score is learned from, and what of it spoke."""

import numpy as np
import pytest

from workbench.failures.facets import Facets, in_words, signal_facet, step_facet, strongest, table, trait_facet


def test_a_part_of_the_conversations_has_its_values_counted_from_nothing_again() -> None:
    facets = Facets.of([{"trait:turns": 4.0}, {"signal:tool-error": 1.0, "trait:turns": 6.0}, {}, {"trait:turns": 2.0}])
    names = ["trait:turns", "signal:tool-error"]
    assert table(facets, 4, names).tolist() == [[4, 0], [6, 1], [0, 0], [2, 0]]
    assert table(facets.part(1, 3), 2, names).tolist() == [[6, 1], [0, 0]]
    assert table(facets.of_rows(np.array([1, 3]), 4), 2, names).tolist() == [[6, 1], [2, 0]]


def test_of_what_spoke_the_three_strongest_for_failing_and_the_two_against_are_told() -> None:
    spoke = strongest(np.array([[0.2, 0.5, 0.05, 0.3, 0.4], [0.0, -0.2, -0.3, -0.4, 0.6]]), first=7)
    assert (spoke.rows.tolist(), spoke.features.tolist(), spoke.weights.tolist()) == (
        [7, 7, 7, 8, 8, 8],
        [1, 4, 3, 4, 3, 2],
        [0.5, 0.4, 0.3, 0.6, -0.4, -0.3],
    )


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

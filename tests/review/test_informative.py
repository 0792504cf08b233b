"""What to read to learn most."""

import numpy as np
import pytest

from workbench.evidence.conversation_rows import UnsettledRecord
from workbench.review.informative import Pick, most_informative, reason, uncertainty

EAST, NORTH, UP = np.eye(3, dtype=np.float32)


def unsettled(learned: float | None = None, suspected: bool = False) -> UnsettledRecord:
    return UnsettledRecord("k", learned, suspected, read=False)


def test_one_is_least_sure_in_the_middle_of_the_score_and_of_what_is_suspected() -> None:
    rows = [unsettled(0.5), unsettled(0.1), unsettled(None, suspected=True), unsettled()]
    assert uncertainty(rows).tolist() == pytest.approx([1, 0.36, 1, 0.5])


def test_the_larger_kind_comes_first_then_what_is_unlike_it() -> None:
    vectors = np.array([EAST, NORTH, NORTH, NORTH, UP])
    picks = most_informative(np.ones(5, np.float32), vectors, np.zeros((0, 3), np.float32), 3)
    assert picks == [Pick(1, 2), Pick(0, 0), Pick(4, 0)]


def test_what_was_read_covers_its_kind_and_what_is_sure_teaches_little() -> None:
    vectors = np.array([EAST, EAST, NORTH, NORTH, NORTH, UP])
    picks = most_informative(np.array([1, 0.5, 1, 1, 1, 0.1], np.float32), vectors, np.array([NORTH]), 2)
    assert picks == [Pick(0, 1), Pick(5, 0)]


def test_all_there_are_is_enough_and_none_is_none() -> None:
    assert [
        pick.row
        for pick in most_informative(np.ones(2, np.float32), np.array([EAST, UP]), np.zeros((0, 3), np.float32), 9)
    ] == [0, 1]
    assert (
        most_informative(np.zeros(0, np.float32), np.zeros((0, 1), np.float32), np.zeros((0, 1), np.float32), 9) == []
    )


@pytest.mark.parametrize(
    ("row", "alike", "sentence"),
    [
        (
            unsettled(0.48),
            37,
            "the score of 0.48 leaves open how it went, and 37 of 2,000 unread ones ask something like it that nobody has read",
        ),
        (unsettled(0.1), 0, "its score is 0.10 and nobody has checked, and nothing like it was read"),
        (
            unsettled(None, suspected=True),
            0,
            "signals speak against it and prove nothing, and nothing like it was read",
        ),
        (
            unsettled(),
            2,
            "nothing says how it went, and 2 of 2,000 unread ones ask something like it that nobody has read",
        ),
    ],
)
def test_the_reason_is_one_plain_sentence(row: UnsettledRecord, alike: int, sentence: str) -> None:
    assert reason(row, Pick(0, alike), 2000) == sentence

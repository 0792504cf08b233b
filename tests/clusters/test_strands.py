import numpy as np
import pytest

from workbench.clusters.naming import Namer
from workbench.clusters.strands import StrandFinder, Strands
from workbench.embedding.vectors import Vectors, unit_rows

REFUND, PARCEL = "refund for shoes", "parcel never arrived"


def finder(texts: list[str], signatures: list[list[str]], facts: list[list[str]]) -> StrandFinder:
    """Failures whose passages lie on one axis a text."""
    axes = {text: axis for axis, text in enumerate(dict.fromkeys(texts))}
    passages: Vectors = unit_rows(np.asarray([np.eye(8)[axes[text]] for text in texts], np.float32))
    return StrandFinder(passages, signatures, facts, Namer(texts, facts, {}))


def named(strands: Strands) -> list[tuple[str, list[int]]]:
    return [(strand.name, strand.members) for strand in strands.strands]


def test_a_mechanical_cluster_has_a_strand_a_topic() -> None:
    strands = finder([REFUND] * 4 + [PARCEL] * 6, [["find"]] * 10, [["empty reply"]] * 10).find("mechanical", range(10))
    assert named(strands) == [("arrived, parcel", [4, 5, 6, 7, 8, 9]), ("refund, shoes", [0, 1, 2, 3])]
    assert strands.likeness is None


def test_a_topical_cluster_has_a_strand_a_way_of_failing() -> None:
    facts = [["carries out cancel"]] * 5 + [["bot says it can't"]] * 3
    strands = finder([REFUND] * 8, [["find"]] * 8, facts).find("topical", range(8))
    assert named(strands) == [("carries out cancel", [0, 1, 2, 3, 4]), ("bot says it can't", [5, 6, 7])]


@pytest.mark.parametrize(
    ("called", "likeness"), [([["find"]] * 8, 1.0), ([["cancel"]] * 4 + [["find", "transfer"]] * 4, 0.0)]
)
def test_strands_that_called_nothing_alike_hardly_are_one_cause(called: list[list[str]], likeness: float) -> None:
    facts = [["carries out cancel"]] * 4 + [["handed to a human"]] * 4
    assert finder([REFUND] * 8, called, facts).find("topical", range(8)).likeness == pytest.approx(likeness)


def test_two_of_a_kind_are_no_strand_and_one_strand_is_none() -> None:
    facts = [["carries out cancel"]] * 6 + [["handed to a human"]] * 2
    assert finder([REFUND] * 8, [["find"]] * 8, facts).find("topical", range(8)) == Strands()


def test_what_cannot_be_told_in_words_is_no_strand() -> None:
    facts = [["same", "a"], ["same", "b"], ["same", "c"], ["same", "d"], ["same", "e"], ["same", "f"]]
    assert finder([REFUND] * 6, [[]] * 6, facts).find("topical", range(6)) == Strands()


def test_a_strand_that_only_lacks_something_is_called_by_that() -> None:
    facts = [["carries out cancel"]] * 5 + [["carries out cancel", "bot says it can't"]] * 4
    strands = finder([REFUND] * 9, [[]] * 9, facts).find("topical", range(9))
    assert [strand.name for strand in strands.strands] == ["without: bot says it can't", "bot says it can't"]


def test_an_example_is_the_most_typical_of_its_strand() -> None:
    facts = [["carries out cancel", "extra"]] + [["carries out cancel"]] * 4 + [["handed to a human"]] * 4
    assert finder([REFUND] * 9, [[]] * 9, facts).find("topical", range(9)).strands[0].example == 1

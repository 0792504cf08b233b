import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from workbench.clusters.grouping import leiden
from workbench.clusters.knn_graph import neighbour_graph
from workbench.clusters.scale import Labels, adjusted_rand, cut, joined, silhouette
from workbench.embedding.vectors import Vectors, unit_rows


def subjects(count: int, each: int, spread: float = 0.1) -> Vectors:
    """So many subjects in as many directions, each said in several ways."""
    random = np.random.default_rng(1)
    centres = unit_rows(random.normal(0, 1, (count, 32)).astype(np.float32))
    rows = [centre + random.normal(0, spread, 32) for centre in centres for _ in range(each)]
    return unit_rows(np.asarray(rows, np.float32))


def groups(vectors: Vectors, previous: list[str | None] | None = None) -> int:
    return len(set(cut(neighbour_graph(vectors), vectors, 2.0, previous, leiden).tolist()))


@pytest.mark.parametrize(("count", "each"), [(3, 260), (12, 70), (150, 12)])
def test_few_subjects_and_many_come_out_as_they_are(count: int, each: int) -> None:
    assert groups(subjects(count, each)) == pytest.approx(count, rel=0.1)


def test_few_failures_are_cut_once_whatever_their_silhouette() -> None:
    vectors, cuts = subjects(3, 40), []

    def counted(graph: object, resolution: float) -> Labels:
        cuts.append(resolution)
        return leiden(graph, resolution)

    cut(neighbour_graph(vectors), vectors, 2.0, None, counted)
    assert cuts == [2.0]


def test_a_silhouette_is_high_where_groups_lie_apart_and_low_where_one_is_cut() -> None:
    vectors = subjects(4, 20)
    right = np.repeat(np.arange(4), 20)
    halves = np.repeat(np.arange(8), 10)
    assert silhouette(right, vectors) > 0.7 > 0.3 > silhouette(halves, vectors)
    assert silhouette(np.zeros(80, np.intp), vectors) == 0.0
    assert silhouette(np.arange(80), vectors) == 0.0


def test_groups_are_joined_the_most_alike_first_until_none_are() -> None:
    vectors = subjects(3, 20)
    quarters = np.repeat(np.arange(12), 5)
    assert joined(quarters, vectors).tolist() == np.repeat(np.arange(3), 20).tolist()
    assert joined(np.repeat(np.arange(3), 20), vectors).tolist() == np.repeat(np.arange(3), 20).tolist()
    assert joined(np.zeros(0, np.intp), vectors[:0]).tolist() == []


def test_what_stood_decides_which_cut_is_the_usual_one() -> None:
    vectors = subjects(12, 70, 0.25)
    anew = groups(vectors)
    stood = cut(neighbour_graph(vectors), vectors, 2.0, None, leiden)
    previous = [f"FC-{label:04}" for label in stood.tolist()]
    assert groups(vectors, [*previous]) == anew


@pytest.mark.parametrize(
    ("labels", "others"),
    [([0, 0, 1, 1], [1, 1, 0, 0]), ([0, 0, 1, 2], [0, 0, 1, 1]), ([0, 1, 2, 3], [0, 0, 0, 0]), ([0, 1, 2, 0, 1], [4, 4, 1, 1, 0])],
)  # fmt: skip
def test_the_adjusted_rand_index_is_scikit_learns(labels: list[int], others: list[int]) -> None:
    assert adjusted_rand(np.array(labels), np.array(others)) == pytest.approx(adjusted_rand_score(labels, others))

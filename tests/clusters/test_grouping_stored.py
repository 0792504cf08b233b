"""Clusters of stored vectors, compared with labels written down here: what moves when a library or a rule changes.

stored_failures.parquet holds 300 failures of the demo's parcel-care: passages embedded once (all-MiniLM-L6-v2, float32,
times 256, rounded), signature tokens, mechanical keys. Expected values change only with a decision in docs/decisions.md.
"""

import hashlib
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from numpy.typing import NDArray
from sklearn.metrics import adjusted_mutual_info_score
from threadpoolctl import threadpool_limits

from workbench.clusters.failure_vectors import failure_vectors
from workbench.clusters.grouping import RESOLUTION, group_failures, leiden, topics
from workbench.clusters.knn_graph import neighbour_graph, snapped
from workbench.embedding.vectors import Vectors, unit_rows

STORED = pq.read_table(Path(__file__).parent / "stored_failures.parquet")
SIGNATURES = STORED["signature"].to_pylist()
PASSAGES = unit_rows(np.asarray(STORED["passage"].combine_chunks().flatten(), np.float32).reshape(len(STORED), -1))


def labels(vectors: Vectors, granularity: str = "normal") -> NDArray[np.intp]:
    return leiden(neighbour_graph(vectors), RESOLUTION[granularity])


def digest(found: NDArray[np.intp]) -> str:
    return hashlib.sha256(found.astype("<i4").tobytes()).hexdigest()[:16]


@pytest.mark.parametrize(
    ("granularity", "sizes", "expected"),
    [
        ("few", [46, 43, 39, 32, 29, 25, 25, 21, 19, 17, 4], "5f1800d0f5fa7cc8"),
        ("normal", [46, 43, 29, 26, 25, 25, 20, 19, 19, 17, 14, 13, 4], "6e05d189302f22ac"),
        ("many", [32, 27, 26, 25, 25, 24, 20, 19, 19, 17, 15, 14, 13, 11, 5, 4, 4], "94ac28139658b1f2"),
    ],
)
def test_the_same_vectors_give_the_same_clusters_on_any_day(granularity: str, sizes: list[int], expected: str) -> None:
    found = labels(failure_vectors(PASSAGES, SIGNATURES), granularity)
    assert (np.bincount(found).tolist(), digest(found)) == (sizes, expected)


def test_passages_alone_give_the_same_clusters_too() -> None:
    found = labels(PASSAGES)
    assert (np.bincount(found).tolist(), digest(found)) == (
        [45, 42, 30, 30, 28, 28, 27, 25, 19, 15, 8, 3],
        "8d819450c0b90ffe",
    )


def test_mechanical_faults_come_first_and_the_rest_is_grouped_by_topic() -> None:
    groups = group_failures(PASSAGES, SIGNATURES, STORED["mechanical_key"].to_pylist()).groups
    assert [(group.mechanical_key or "", len(group.members)) for group in groups] == [
        ("empty-reply", 30),
        ("repeated-write", 35),
        ("tool-error:create_claim:is not a date", 41),
        ("tool-error:get_preferences:preferences service busy", 5),
        ("tool-error:track_parcel:tracking service unavailable", 41),
        ("", 33),
        ("", 28),
        ("", 25),
        ("", 24),
        ("", 21),
        ("", 15),
        ("", 2),
    ]


def test_cosines_are_exact_so_that_no_machine_rounds_them_its_own_way() -> None:
    rows = snapped(failure_vectors(PASSAGES, SIGNATURES))
    exact = rows.astype(np.float64)
    assert (rows @ rows.T == exact @ exact.T).all()


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_the_number_of_threads_does_not_move_the_clusters(threads: int) -> None:
    with threadpool_limits(threads):
        assert digest(labels(failure_vectors(PASSAGES, SIGNATURES))) == "6e05d189302f22ac"


@pytest.mark.parametrize("seed", range(3))
def test_rows_in_another_order_give_nearly_the_same_clusters(seed: int) -> None:
    """Leiden visits the rows in their order; a build sorts them by conversation key, so there they always come the same."""
    order = np.random.default_rng(seed).permutation(len(PASSAGES))
    shuffled = topics(PASSAGES[order], [SIGNATURES[row] for row in order])
    assert adjusted_mutual_info_score(topics(PASSAGES, SIGNATURES)[order], shuffled) > 0.95


@pytest.mark.parametrize("seed", range(5))
def test_last_bits_of_the_vectors_do_not_move_the_clusters(seed: int) -> None:
    vectors = failure_vectors(PASSAGES, SIGNATURES)
    noise = np.random.default_rng(seed).uniform(-6e-8, 6e-8, vectors.shape)
    assert labels(np.asarray(vectors * (1 + noise), np.float32)).tolist() == labels(vectors).tolist()


def test_equally_similar_failures_are_neighbours_in_the_order_of_the_rows() -> None:
    corners = unit_rows(np.asarray([[1, 1, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0], [0, 0, 1]], np.float32))
    edges = {edge.tuple for edge in neighbour_graph(corners, 2).es}
    assert edges == {(0, 3), (0, 1), (0, 2), (1, 3), (2, 3), (0, 4), (1, 4)}

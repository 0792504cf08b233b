import numpy as np
import pytest

from workbench.clusters.failure_vectors import failure_vectors
from workbench.clusters.grouping import (
    Group,
    Grouping,
    PreviousCluster,
    assign_failures,
    group_failures,
    joined_where_alike,
    joined_where_read_alike,
    leiden,
    likeness,
    stratified,
)
from workbench.clusters.knn_graph import nearest, neighbour_graph
from workbench.embedding.vectors import Vectors, unit_rows


def blobs(*sizes: int, dimension: int = 16) -> Vectors:
    """Tight groups of unit vectors around distinct axes."""
    random = np.random.default_rng(1)
    rows = [np.eye(dimension)[i] + random.normal(0, 0.05, dimension) for i, n in enumerate(sizes) for _ in range(n)]
    return unit_rows(np.asarray(rows, np.float32).reshape(-1, dimension))


def test_topics_come_apart_and_labels_fall_by_size() -> None:
    labels = leiden(neighbour_graph(blobs(12, 30, 20), neighbours=5), 1.0)
    assert labels.tolist() == [2] * 12 + [0] * 30 + [1] * 20


def test_the_same_vectors_give_the_same_groups() -> None:
    vectors, tokens, keys = blobs(15, 15), [[]] * 30, [None] * 30
    first, second = group_failures(vectors, tokens, keys), group_failures(vectors, tokens, keys)
    assert first.groups == second.groups


def test_a_mechanical_fault_is_one_group_across_topics_from_three_failures_on() -> None:
    keys = [None] * 20
    keys[0] = keys[5] = keys[15] = "empty-reply"
    keys[1] = keys[2] = "cut-off"
    groups = group_failures(blobs(10, 10), [[]] * 20, keys).groups
    assert [(g.kind, g.mechanical_key) for g in groups if g.kind == "mechanical"] == [("mechanical", "empty-reply")]
    assert groups[0].members == [0, 5, 15]
    assert sorted(m for g in groups for m in g.members) == list(range(20))


def test_signature_parts_failures_with_the_same_words() -> None:
    same_text = blobs(20)
    went = [["cancel", "cancel=executed"]] * 10 + [["book", "book!invalid"]] * 10
    groups = group_failures(same_text, went, [None] * 20, "few").groups
    assert sorted(g.members for g in groups) == [list(range(10)), list(range(10, 20))]


def test_likeness_takes_out_how_far_members_are_from_each_other() -> None:
    random = np.random.default_rng(0)
    about = [0, 0, 0, 1]  # three samples of one topic, one of another
    noisy = [np.eye(64)[topic] + random.normal(0, 0.15, 64) for topic in about for _ in range(200)]
    labels = np.repeat(np.arange(4), 200)
    found = likeness(labels, unit_rows(np.asarray(noisy, np.float32)))
    assert found[0, 1:3] == pytest.approx([1, 1], abs=0.02)
    assert found[3, :3] == pytest.approx([0, 0, 0], abs=0.02)


def test_failures_without_text_are_alike_and_unlike_any_with_text() -> None:
    rows = np.asarray([[0, 0], [0, 0], [1, 0], [1, 0]], np.float32)
    assert likeness(np.asarray([0, 1, 2, 2]), rows).tolist() == [[1, 1, 0], [1, 1, 0], [0, 0, 1]]


def test_groups_are_joined_only_where_both_the_words_and_the_calls_agree() -> None:
    labels = np.asarray([0, 0, 1, 1, 2, 2])
    words = unit_rows(np.asarray([[1, 0]] * 6, np.float32))
    calls = unit_rows(np.asarray([[1, 0]] * 4 + [[0, 1]] * 2, np.float32))
    assert joined_where_alike(labels, words, calls).tolist() == [0, 0, 0, 0, 1, 1]


def leaning(cosine: float, size: int = 10) -> Vectors:
    """Two groups of a size, each tight, whose centres have this cosine."""
    other = np.asarray([cosine, (1 - cosine**2) ** 0.5, 0, 0])
    random = np.random.default_rng(1)
    rows = [centre + random.normal(0, 0.02, 4) for centre in (np.eye(4)[0], other) for _ in range(size)]
    return unit_rows(np.asarray(rows, np.float32))


@pytest.mark.parametrize(
    ("cosine", "previous", "groups"),
    [
        (0.97, [None] * 20, 1),  # alike: one problem
        (0.9, [None] * 20, 2),
        (0.9, ["FC-0001"] * 19 + [None], 1),  # what was one stays one while it is still alike
        (0.9, ["FC-0001"] * 2 + [None] * 8 + ["FC-0001"] * 2 + [None] * 8, 1),
        (0.9, ["FC-0001"] * 10 + ["FC-0002"] * 9 + [None], 2),
        (0.8, ["FC-0001"] * 19 + [None], 1),  # the same failures cut another way are no news
        (0.8, ["FC-0001"] * 11 + [None] * 9, 2),  # new failures that clearly differ part from it
        (0.7, ["FC-0001"] * 19 + [None], 2),  # clearly two: what was cut too coarsely parts
        (0.8, ["FC-0001"] * 20, 1),  # no failure is new: nothing is grouped anew
        (0.97, ["FC-0001"] * 5 + ["FC-0002"] * 15, 2),
    ],
)
def test_what_stood_in_one_cluster_parts_only_where_it_clearly_differs(
    cosine: float, previous: list[str | None], groups: int
) -> None:
    assert len(group_failures(leaning(cosine), [[]] * 20, [None] * 20, "normal", previous).groups) == groups


def test_a_few_new_failures_split_no_standing_cluster_at_its_seams() -> None:
    previous = ["FC-0001"] * 7 + [None] * 5
    grouped = [
        len(group_failures(leaning(c, 6), [[]] * 12, [None] * 12, "normal", previous).groups) for c in (0.8, 0.6)
    ]
    assert grouped == [1, 2]


@pytest.mark.parametrize("n", [0, 1, 2, 3])
def test_fewer_failures_than_neighbours_still_group(n: int) -> None:
    grouping = group_failures(blobs(n), [["x"]] * n, [None] * n)
    assert sorted(m for g in grouping.groups for m in g.members) == list(range(n))


def test_identical_texts_are_one_group() -> None:
    vectors = unit_rows(np.ones((12, 8), np.float32))
    assert [g.members for g in group_failures(vectors, [[]] * 12, [None] * 12, "few").groups] == [list(range(12))]


def test_without_user_text_the_signature_stands_alone() -> None:
    vectors = failure_vectors(np.zeros((2, 4), np.float32), [["a"], ["a"]])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1])
    assert float(vectors[0] @ vectors[1]) == pytest.approx(1)


def test_nearest_are_best_first_and_skip_self() -> None:
    vectors = unit_rows(np.asarray([[1, 0], [0.9, 0.1], [0, 1]], np.float32))
    indices, cosines = nearest(vectors, vectors, 2, skip_self=True)
    assert indices.tolist() == [[1, 2], [0, 2], [1, 0]]
    assert (np.diff(cosines, axis=1) <= 0).all()


def test_between_clusterings_new_failures_join_the_nearest_cluster_or_none() -> None:
    vectors = blobs(4, 4, 1)
    previous = [
        PreviousCluster(None, [0, 1, 2], vectors[0]),
        PreviousCluster(None, [4, 5], vectors[4]),
        PreviousCluster("empty-reply", [6], vectors[6]),
    ]
    keys = [None] * 7 + ["empty-reply", None]
    groups = assign_failures(vectors, keys, previous).groups
    assert [(g.mechanical_key, g.members) for g in groups] == [
        (None, [0, 1, 2, 3]),
        (None, [4, 5]),
        ("empty-reply", [6, 7]),
    ]


@pytest.mark.parametrize(
    ("cosine", "texts", "expected"),
    [
        (0.9, ("order", "order"), [list(range(20))]),
        (0.9, ("order", "parcel"), [list(range(10)), list(range(10, 20))]),
        (0.5, ("order", "order"), [list(range(10)), list(range(10, 20))]),
    ],
)
def test_groups_that_read_the_same_are_joined_unless_their_words_lie_far_apart(
    cosine: float, texts: tuple[str, str], expected: list[list[int]]
) -> None:
    groups = [Group("topical", None, list(range(10))), Group("topical", None, list(range(10, 20)))]
    grouping = Grouping(groups, np.zeros((20, 2), np.float32))
    joined = joined_where_read_alike(grouping, leaning(cosine), [[]] * 20, lambda rows: texts[rows[0] // 10])
    assert [group.members for group in joined.groups] == expected


def test_a_sample_holds_of_each_way_of_failing_in_proportion_and_of_the_rare_ones_ten() -> None:
    strata = np.array([0] * 6_000 + [1] * 3_000 + [2] * 12 + [3] * 4)
    sample = stratified(strata, 900)
    assert np.bincount(strata[sample]).tolist() == pytest.approx([590, 295, 10, 4], abs=8)
    assert (np.diff(sample) > 0).all()
    assert stratified(strata, 900).tolist() == sample.tolist()

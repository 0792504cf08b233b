"""Nearest neighbours, all compared and by an index."""

import numpy as np
import pytest

from tests.support.vectors import cloud
from workbench.clusters import grouping, knn_graph
from workbench.clusters.grouping import group_failures
from workbench.clusters.knn_graph import drawn, indexed_nearest, nearest, snapped
from workbench.embedding.vectors import unit_rows


def test_the_index_finds_nearly_all_that_comparing_all_finds_and_the_same_ones_again() -> None:
    rows = snapped(cloud(6_000))
    exact, _ = nearest(rows, rows, 10, skip_self=True)
    indices, cosines = indexed_nearest(rows, 10)
    agreeing = np.mean([len({*a} & {*b}) / 10 for a, b in zip(exact.tolist(), indices.tolist(), strict=True)])
    again = indexed_nearest(rows, 10)[0]
    assert agreeing >= 0.97
    assert (indices == again).all()
    assert not (indices == np.arange(len(rows))[:, None]).any()
    assert cosines[5] == pytest.approx(rows[indices[5]] @ rows[5], abs=1e-6)


def test_a_row_that_equals_many_others_gets_as_many_neighbours() -> None:
    rows = snapped(np.repeat(cloud(40), 100, 0))
    indices, cosines = indexed_nearest(rows, 10)
    assert indices.shape == (4_000, 10)
    assert cosines.min() == pytest.approx(1, abs=1e-3)


def test_many_equal_failures_group_as_a_few_of_them_do(monkeypatch: pytest.MonkeyPatch) -> None:
    few = cloud(30, topics=3)
    many = np.repeat(few, 50, 0)
    apart = [{*group.members} for group in group_failures(few, [[]] * 30, [None] * 30).groups]
    monkeypatch.setattr(grouping, "EXACT", 1_000)
    groups = group_failures(many, [[]] * 1_500, [None] * 1_500).groups
    assert sorted(map(len, apart)) == [10, 10, 10]
    assert sorted(sorted({row // 50 for row in group.members}) for group in groups) == sorted(map(sorted, apart))
    assert sorted(len(group.members) for group in groups) == [500, 500, 500]


def test_beyond_the_limit_a_sample_is_clustered_and_the_rest_join_what_they_are_nearest_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = cloud(301, topics=4)
    rows[300] = -rows[:300].mean(0)  # like nothing else
    rows = unit_rows(rows)
    monkeypatch.setattr(grouping, "FULL_UP_TO", 150)
    found = group_failures(rows, [[]] * 301, [None] * 301)
    assert found.sampled == 150
    members = sorted(row for group in found.groups for row in group.members)
    assert set(drawn(301, 150).tolist()) <= set(members)
    assert len(members) >= 300
    assert all(len({row % 4 for row in group.members if row < 300}) == 1 for group in found.groups)


def test_a_larger_graph_goes_by_the_index(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = cloud(2_000)
    exact = knn_graph.neighbour_graph(rows)
    monkeypatch.setattr(knn_graph, "EXACT", 1_999)
    indexed = knn_graph.neighbour_graph(rows)
    shared = {*exact.get_edgelist()} & {*indexed.get_edgelist()}
    assert len(shared) >= 0.95 * exact.ecount()

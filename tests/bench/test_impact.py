"""Counts and shares of the ranked list, as far as a filter lets pass."""

import pytest

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.store import Store


@pytest.fixture
def bench(built_store: Store) -> Bench:
    return Bench(built_store)


def test_without_a_filter_the_list_counts_what_the_build_found(bench: Bench) -> None:
    built = {row.cluster: row for row in bench.evidence.clusters()}
    assert {row.cluster: (row.size, row.failures, row.eligible, row.last_seen) for row in bench.clusters()} == {
        cluster: (row.size, row.failures, row.eligible, row.last_seen) for cluster, row in built.items()
    }


def test_a_time_range_narrows_failures_and_what_they_are_a_share_of(bench: Bench) -> None:
    every = bench.clusters()[0]
    first, second = (every.weeks[0], every.weeks[1])
    begins = min(week.week for week in every.weeks)
    narrowed = {row.cluster: row for row in bench.clusters(Filter(week=(begins,)))}.get(every.cluster)
    assert begins == first.week
    assert narrowed is None or (narrowed.failures, narrowed.eligible) == (first.failures, first.eligible)

    between = Filter(between=("2026-03-02T00:00:00", "2026-03-16T00:00:00"))
    row = {row.cluster: row for row in bench.clusters(between)}[every.cluster]
    assert (row.failures, row.eligible) == (first.failures + second.failures, first.eligible + second.eligible)
    assert row.last_seen is not None
    assert row.last_seen.isoformat() < "2026-03-16"


def test_a_signal_narrows_failures_but_not_what_they_are_a_share_of(bench: Bench) -> None:
    every = {row.cluster: row for row in bench.clusters()}
    with_signal = bench.clusters(Filter(signal=("empty-reply",)))
    assert [row.size < 24 for row in with_signal] == [True] * len(with_signal)
    assert {row.cluster: row.eligible for row in with_signal} == {
        row.cluster: every[row.cluster].eligible for row in with_signal
    }


def test_what_a_filter_leaves_of_the_store_is_counted(bench: Bench) -> None:
    summary, whole = bench.summary(), bench.scope()
    assert (whole.conversations, whole.turns, whole.failures) == (
        summary.conversations,
        summary.turns,
        summary.failures,
    )
    week = bench.scope(Filter(week=("2026-W10",)))
    assert 0 < week.conversations < whole.conversations
    assert 0 < week.failures < whole.failures


def test_the_last_complete_week_is_counted_by_itself(bench: Bench) -> None:
    last = bench.evidence.scope_totals(Filter()).until
    assert last is not None
    assert [row.last_week for row in bench.clusters()] == [
        next((week.failures for week in row.weeks if week.week == "2026-W15"), 0) for row in bench.clusters()
    ]

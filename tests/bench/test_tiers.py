"""Two tiers: what fails, and beside it what is suspected, listed and clustered, in no rate, with its measured precision."""

from collections.abc import Iterator

import pytest

from tests.support.builds import build
from tests.support.small_log import write_chat
from tests.support.suspected_log import suspected_log
from workbench.bench.bench import Bench
from workbench.bench.failure_rows import TierRow
from workbench.bench.filter import Filter
from workbench.bench.search import narrowed
from workbench.bench.search_rows import SearchFilter
from workbench.bench.tiers import precision_in_words
from workbench.store import Store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("tiers")
    build(folder / "s", write_chat(folder / "log.parquet", suspected_log()))
    return Store(folder / "s")


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store, "Ana")
    yield bench
    bench.close()


def test_suspected_conversations_are_counted_apart_and_no_rate_counts_them(bench: Bench) -> None:
    assert (bench.summary().conversations, bench.summary().failures, bench.summary().suspected) == (23, 7, 8)
    assert (bench.scope().failures, bench.scope().suspected) == (7, 8)
    assert sum(row.size for row in bench.clusters()) == 7
    assert {row.conversation_id[:4] for row in bench.failures()} == {"lost", "know"}
    assert {row.conversation_id[:4] for row in bench.suspected()} == {"held", "shoe"}
    assert sum(row.failures for row in bench.evidence.bot_weeks()) == 7
    assert [(row.failures, row.suspected) for row in bench.evidence.health_of_bots()] == [(7, 8)]


def test_they_lie_in_the_cluster_of_what_failed_alike_or_in_clusters_of_their_own(bench: Bench) -> None:
    home = {row.conversation_id: row.cluster for row in [*bench.failures(), *bench.suspected()]}
    assert None not in home.values()
    beside = {row.cluster: (row.size, row.suspected) for row in bench.clusters()}
    alone = {row.cluster: (row.size, row.failure_rate, row.suspected) for row in bench.suspected_clusters()}
    assert sum(suspected for _, suspected in beside.values()) + sum(count for *_, count in alone.values()) == 8
    assert alone[home["shoes-0"] or ""] == (0, None, 5)
    detail = bench.cluster(home["shoes-0"] or "")
    assert (detail.members, len(detail.suspected), detail.weeks, detail.row.failure_rate) == ([], 5, [], None)
    assert {member.tier for member in detail.suspected} == {"suspected"}


def test_a_filter_narrows_them_too(bench: Bench) -> None:
    early = Filter(between=("2026-03-02T00:00:00", "2026-03-09T12:00:00"))
    assert {row.conversation_id for row in bench.suspected(early)} == {"held-0", "held-1", "held-2"}
    assert bench.scope(early).suspected == 3
    assert bench.suspected(Filter(signal=("empty-reply",))) == []


def test_the_precision_of_a_tier_is_what_the_log_and_people_say_of_the_conversations_that_signals_put_there(
    bench: Bench,
) -> None:
    assert bench.tiers() == [TierRow("shop", "suspected", 8, 3, 5, 0.230724281276013, 0.882379225767352)]
    assert precision_in_words(bench.tiers()[0]) == (
        "Of 5 suspected conversations whose end is known, 3 had failed: 60 % (95 % interval 23–88 %)."
    )
    key = bench.find_conversation("held-0")
    bench.judgement.verdicts.add(key, actor="Ana", verdict="failed", source="direct", about={})
    assert [(row.failed, row.known) for row in bench.tiers()] == [(4, 6)]


def test_search_narrows_by_tier_and_by_signal_without_a_query(bench: Bench) -> None:
    suspected = narrowed(bench, SearchFilter(failing=("suspected",)))
    assert (suspected.total, {row.failed for row in suspected.rows}, suspected.rows[0].conversation_id) == (
        *(8, {False}),
        "shoes-4",
    )
    errors = narrowed(bench, SearchFilter(signal=("tool-error",)))
    assert (errors.total, errors.rows[0].excerpt) == (13, "change the delivery address to Main Street")

"""Which clusters of before a build keeps, assigns to, or lets weigh when it clusters anew."""

from datetime import datetime, timedelta

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from tests.support.stored_cases import stored
from workbench.clusters.discovery import Discovery
from workbench.conversation.outcome import Outcome
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.failures.analysis import Analysis
from workbench.failures.case import Case
from workbench.judgement.records.clusters import Registered
from workbench.pipeline.cluster import FULL_LIMIT, ClusterHistory, KeptClustering, cluster_log
from workbench.pipeline.embed import BotVectors

MODEL = "m/float32"


def registered(cluster: str, members: str, key: str | None = None, model: str = MODEL) -> Registered:
    kind = "mechanical" if key else "topical"
    return Registered(cluster, "shop", kind, key, "name", list(members), b"", model)


TOPICAL = registered("FC-0001", "ab")
MECHANICAL = registered("FC-0002", "cd", "empty-reply")
BY_HAND = registered("FC-0003", "b")
OTHER_MODEL = registered("FC-0004", "ef", model="other/float32")


def history(
    importing: bool = True, same_granularity: bool = True, kept: KeptClustering | None = None
) -> ClusterHistory:
    register = [TOPICAL, MECHANICAL, BY_HAND, OTHER_MODEL]
    return ClusterHistory(register, MODEL, frozenset({"FC-0003"}), same_granularity, kept, importing)


def test_up_to_the_limit_every_build_clusters_anew() -> None:
    assert history().assigned_to("shop", FULL_LIMIT) is None


def test_above_it_an_import_assigns_to_what_stands_and_an_analysis_clusters() -> None:
    assert history().assigned_to("shop", FULL_LIMIT + 1) == [TOPICAL, MECHANICAL]
    assert history(importing=False).assigned_to("shop", FULL_LIMIT + 1) is None


def test_a_bot_without_clusters_of_this_model_is_clustered_anew() -> None:
    assert history().assigned_to("bank", FULL_LIMIT + 1) is None


def test_a_build_that_only_rearranges_keeps_the_clusters_as_they_were_found() -> None:
    kept = KeptClustering(MODEL, 4, [TOPICAL])
    assert history(importing=False, kept=kept).assigned_to("shop", 4) == [TOPICAL]


def test_topical_clusters_of_before_weigh_where_the_granularity_is_the_same() -> None:
    assert history().previous_cluster("shop", 4) == {"a": "FC-0001", "b": "FC-0001"}
    assert history(same_granularity=False).previous_cluster("shop", 4) == {}
    assert history().previous_cluster("shop", FULL_LIMIT + 1) == {}


def failing(count: int, texts: int, stray: int = 0) -> tuple[list[Case], Vectors]:
    """Failures of so many texts about four topics, one after another, and at last some that are like nothing, with their vectors."""
    draws = np.random.default_rng(5)
    topics, spread = draws.normal(size=(4, 48)), draws.normal(size=(texts, 48))
    rows = [topics[text % 4] + 0.5 * spread[text] for text in range(texts)]
    vectors = [*(rows[n % texts] for n in range(count)), *draws.normal(size=(stray, 48))]
    names = [f"matter {n % texts % 4} text {n % texts}" for n in range(count)] + [f"stray {n}" for n in range(stray)]
    start = datetime(2026, 3, 2)
    cases = [Case(f"k{n:06d}", f"c{n}", start + timedelta(minutes=n), analysed(name)) for n, name in enumerate(names)]
    return cases, unit_rows(np.array(vectors, np.float32))


def analysed(text: str) -> Analysis:
    return Analysis(
        failed=True, score=1.0, verdict="", outcome=Outcome("failed", "reward", True, "reward 0"), signals=[],
        failing_turn=1, candidates=[], signature="", signature_tokens=[], mechanical_key=None, request=text,
        passage=text, facts=["nothing changed"], severity=None, writes=[],
    )  # fmt: skip


def clustered(cases: list[Case], vectors: Vectors) -> Discovery:
    """The clusters of these failures, as a build makes them of one bot."""
    no_history = ClusterHistory([], MODEL, frozenset(), True, None, True)
    of_bot = {"shop": BotVectors(vectors, vectors)}
    (clustering,) = cluster_log({"shop": stored(cases)}, of_bot, "normal", no_history, "UTC", lambda *_: None)
    return clustering.discovery


def topics_of(discovery: Discovery, texts: int) -> list[list[int]]:
    """The topics that each cluster's members are about, of those that are about one."""
    return sorted(sorted({n % texts % 4 for n in cluster.members if n < 3_000}) for cluster in discovery.clusters)


def test_thousands_of_failures_of_a_few_texts_are_grouped_by_topic_not_by_text() -> None:
    discovery = clustered(*failing(3_000, texts=40))
    assert topics_of(discovery, 40) == [[0], [1], [2], [3]]
    assert [len(cluster.members) for cluster in discovery.clusters] == [750] * 4
    assert len(discovery.places) == 3_000
    assert discovery.sampled is None


def test_beyond_the_limit_a_sample_is_clustered_the_rest_joins_it_and_what_is_far_joins_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.clusters.grouping.FULL_UP_TO", 1_000)
    cases, vectors = failing(3_000, texts=3_000, stray=20)
    discovery = clustered(cases, vectors)
    grouped = {n for cluster in discovery.clusters for n in cluster.members}
    assert discovery.sampled == 1_000
    assert topics_of(discovery, 3_000)[-4:] == [[0], [1], [2], [3]]
    assert len(grouped & {*range(3_000)}) >= 2_950
    assert len(grouped & {*range(3_000, 3_020)}) <= 10
    again = clustered(cases, vectors)
    assert [cluster.members for cluster in again.clusters] == [cluster.members for cluster in discovery.clusters]


def test_equal_failures_count_once_towards_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.clusters.grouping.FULL_UP_TO", 1_000)
    assert clustered(*failing(3_000, texts=40)).sampled is None


def test_the_same_clusters_come_of_one_thread_and_of_many() -> None:
    cases, vectors = failing(2_500, texts=2_500)
    with threadpool_limits(1):
        alone = clustered(cases, vectors)
    with threadpool_limits(4):
        beside = clustered(cases, vectors)
    assert [cluster.members for cluster in alone.clusters] == [cluster.members for cluster in beside.clusters]
    assert [cluster.name for cluster in alone.clusters] == [cluster.name for cluster in beside.clusters]

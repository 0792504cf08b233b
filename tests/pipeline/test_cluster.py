"""Which clusters of before a build keeps, assigns to, or lets weigh when it clusters anew."""

from workbench.judgement.records.clusters import Registered
from workbench.pipeline.cluster import FULL_LIMIT, ClusterHistory, KeptClustering

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

from dataclasses import replace

import numpy as np
import pytest

from tests.support.clusters import cluster
from workbench.clusters.cluster import Cluster
from workbench.clusters.identity import assign_ids
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.judgement.records.clusters import Lineage, Registered

MODEL = "m/float32"


def axis(i: int) -> Vectors:
    return np.eye(4, dtype=np.float32)[i]


def now(members: str, at: int = 0, key: str | None = None, bot: str = "b") -> Cluster:
    return cluster(list(members), axis(at), key, bot)


def between(cosine: float) -> Vectors:
    """A unit vector at this cosine to the first axis, away from all the others but the last."""
    return np.asarray([cosine, 0, 0, (1 - cosine**2) ** 0.5], np.float32)


def before(cluster: str, members: str, at: int = 0, key: str | None = None, active: bool = True) -> Registered:
    kind = "mechanical" if key else "topical"
    return Registered(cluster, "b", kind, key, "name", list(members), axis(at).tobytes(), MODEL, active, "S1")


def ids(news: list[Cluster], register: list[Registered]) -> list[str]:
    return [row.id for row in assign_ids(news, register, 1 + len(register), MODEL, "S2").clusters]


def lineage(news: list[Cluster], register: list[Registered]) -> list[Lineage]:
    return assign_ids(news, register, 1 + len(register), MODEL, "S2").lineage


def test_first_ids_count_up_in_rank_order() -> None:
    assert ids([now("abc"), now("de", 1)], []) == ["FC-0001", "FC-0002"]


def test_members_keep_the_id_whatever_the_order() -> None:
    register = [before("FC-0001", "abc"), before("FC-0002", "de", 1)]
    assert ids([now("de", 1), now("abc")], register) == ["FC-0002", "FC-0001"]


def test_a_cluster_that_grows_by_new_conversations_stays_the_same() -> None:
    assert ids([now("abcuvwxyz")], [before("FC-0001", "abc")]) == ["FC-0001"]


def test_a_mechanical_cluster_is_known_by_its_signature() -> None:
    register = [before("FC-0001", "abc"), before("FC-0002", "de", key="empty-reply")]
    assert ids([now("xyz", key="empty-reply")], register) == ["FC-0002"]


def test_without_common_members_the_centroid_decides() -> None:
    register = [before("FC-0001", "abc", 0), before("FC-0002", "de", 1)]
    assert ids([now("xyz", 1), now("uvw", 2)], register) == ["FC-0002", "FC-0003"]


def test_a_vanished_cluster_comes_back_as_itself() -> None:
    assert ids([now("abc")], [before("FC-0001", "abc", active=False)]) == ["FC-0001"]


def test_bots_never_share_a_cluster() -> None:
    assert ids([now("abc", bot="other")], [before("FC-0001", "abc")]) == ["FC-0002"]


def test_a_split_keeps_the_id_on_the_larger_part_and_is_told() -> None:
    news, register = [now("abcdef"), now("ghij", 1)], [before("FC-0001", "abcdefghij")]
    assert ids(news, register) == ["FC-0001", "FC-0002"]
    assert lineage(news, register) == [
        Lineage("S2", "FC-0001", "continued", None, 6),
        Lineage("S2", "FC-0002", "split", "FC-0001", 4),
    ]


def test_a_merge_keeps_the_larger_id_and_names_the_other() -> None:
    news, register = [now("abcdefghij")], [before("FC-0001", "abcdef"), before("FC-0002", "ghij", 1)]
    assert ids(news, register) == ["FC-0001"]
    assert lineage(news, register) == [
        Lineage("S2", "FC-0001", "merged", "FC-0002", 4),
        Lineage("S2", "FC-0001", "continued", None, 6),
    ]


def test_new_and_vanished_are_told() -> None:
    assert lineage([now("xyz", 2)], [before("FC-0001", "abc")]) == [
        Lineage("S2", "FC-0002", "new", None, 0),
        Lineage("S2", "FC-0001", "vanished", None, 0),
    ]


@pytest.mark.parametrize(
    ("members", "cosine", "relation", "other", "shared"),
    [
        ("vwxyz", 0.7, "split", "FC-0001", 0),  # the old members stay, only new failures stand apart, near to them
        ("cvwxy", 0.7, "split", "FC-0001", 1),
        ("devwxy", 0.7, "new", None, 0),  # what stood in a cluster came from another one
        ("vwxyz", 0.5, "new", None, 0),  # less alike than KIN
    ],
)
def test_new_failures_near_a_standing_cluster_split_off_it(
    members: str, cosine: float, relation: str, other: str | None, shared: int
) -> None:
    register = [before("FC-0001", "abcghijkl"), before("FC-0002", "demnopqrst", 1)]
    split_off = replace(now(members), centroid=between(cosine))
    stays = [now("abghijkl"), now("mnopqrst", 1)]
    assert [row for row in lineage([*stays, split_off], register) if row.cluster == "FC-0003"] == [
        Lineage("S2", "FC-0003", relation, other, shared)
    ]


def test_where_standing_clusters_are_as_near_to_each_other_a_near_one_is_new() -> None:
    register = [before("FC-0001", "abc"), replace(before("FC-0002", "def"), centroid=between(0.8).tobytes())]
    stays = [now("abc"), replace(now("def"), centroid=between(0.8))]
    other = replace(now("xyz"), centroid=np.asarray([0.7, 0.7, 0.14, 0], np.float32))
    assert lineage([*stays, other], register)[-1] == Lineage("S2", "FC-0003", "new", None, 0)


def test_neither_a_vanished_nor_a_mechanical_cluster_is_split_off() -> None:
    gone = [before("FC-0001", "abc", active=False), before("FC-0002", "de", key="empty-reply")]
    near = replace(now("vwxyz"), centroid=between(0.7))
    assert lineage([now("de", key="empty-reply"), near], gone)[-1] == Lineage("S2", "FC-0003", "new", None, 0)


APART = between(0.5)
"""Another cluster's centroid, not near to the first axis."""
BRIDGE = unit_rows((axis(0) + APART)[None])[0]
"""What lies between the first axis and that."""


def with_passages(members: str, rows: list[Vectors], centroid: Vectors) -> Cluster:
    """A topical cluster of these members with a passage each."""
    return replace(now(members), centroid=centroid, passages=np.stack(rows))


@pytest.mark.parametrize(
    ("name", "new", "also", "merged"),
    [
        ("new failures come between the two, and the other gets none", [BRIDGE] * 3, [], True),
        ("a cluster that dries up beside one that grows is a fix", [axis(0)] * 3, [], False),
        ("the other still gets failures of its own", [BRIDGE] * 3, [APART], False),
        ("two new failures tell nothing", [BRIDGE] * 2, [], False),
        ("too few of the new ones lie between", [BRIDGE, BRIDGE, axis(0), axis(0)], [], False),
    ],
)
def test_a_merge_over_time(name: str, new: list[Vectors], also: list[Vectors], merged: bool) -> None:
    register = [before("FC-0001", "abc"), replace(before("FC-0002", "def"), centroid=APART.tobytes())]
    grown = with_passages("abc" + "uvwxyz"[: len(new)], [axis(0)] * 3 + new, axis(0))
    other = with_passages("def" + "n" * len(also), [APART] * 3 + also, APART)
    changes = [row for row in lineage([grown, other], register) if row.relation != "continued"]
    assert changes == ([Lineage("S2", "FC-0001", "merged", "FC-0002", 0)] if merged else [])


def test_a_new_cluster_between_two_that_dried_up_has_taken_up_both() -> None:
    register = [before("FC-0001", "abc"), replace(before("FC-0002", "def"), centroid=APART.tobytes())]
    stays = [with_passages("abc", [axis(0)] * 3, axis(0)), with_passages("def", [APART] * 3, APART)]
    news = [*stays, with_passages("xyz", [BRIDGE] * 3, BRIDGE)]
    assert [row for row in lineage(news, register) if row.cluster == "FC-0003"] == [
        Lineage("S2", "FC-0003", "merged", "FC-0001", 0),
        Lineage("S2", "FC-0003", "merged", "FC-0002", 0),
    ]

import numpy as np

from tests.support.clusters import cluster
from workbench.clusters.cluster import Cluster
from workbench.clusters.naming import Namer
from workbench.clusters.patterns import Alike, find_patterns
from workbench.clusters.themes import find_themes
from workbench.embedding.vectors import unit_rows

EARLY, BONUS, CARD, PIN, FEES = "mortgage early", "mortgage bonus", "card declined", "card pin", "fees abroad"
PLACES = {EARLY: [3, 3, 0, 0], BONUS: [3, 2, 1, 0], CARD: [3, 0, 0, 3], PIN: [3, 0, 1, 3], FEES: [3, -2, -3, -2]}


def themes(*topics: str) -> list[str | None]:
    """The themes of clusters of three failures each, all of which share their first dimension."""
    texts = [topic for topic in topics for _ in range(3)]
    passages = unit_rows(np.asarray([PLACES[text] for text in texts], np.float32))
    groups = [[3 * n, 3 * n + 1, 3 * n + 2] for n in range(len(topics))]
    return find_themes(passages, groups, Namer(texts, [[]] * len(texts), {}))


def test_clusters_about_the_same_thing_are_a_theme_called_by_their_common_words() -> None:
    assert themes(EARLY, BONUS, CARD, PIN, FEES) == ["mortgage", "mortgage", "card", "card", None]


def test_a_theme_that_would_hold_one_cluster_or_all_is_none() -> None:
    assert themes(EARLY, CARD, FEES) == [None, None, None]
    assert themes(EARLY, BONUS) == [None, None]
    assert themes(EARLY) == [None]


def comparable(id: str, bot: str, key: str | None, fact: str | None, *place: float) -> Cluster:
    return cluster(["k"], np.asarray(place, np.float32), key, bot, fact, id)


def test_a_pattern_is_the_same_fault_or_the_same_request_that_went_the_same_way_in_another_bot() -> None:
    clusters = [
        comparable("FC-1", "shop", "empty-reply", "empty reply", 1, 0),
        comparable("FC-2", "bank", "empty-reply", "empty reply", 0, 1),
        comparable("FC-3", "shop", None, "promise without a call", 0.75, 0.6614378),
        comparable("FC-4", "bank", None, "promise without a call", 1, 0),
        comparable("FC-5", "bank", None, "promise without a call", 0, 1),
        comparable("FC-6", "bank", None, "handed to a human", 0.75, 0.6614378),
        comparable("FC-8", "shop", "repeated-call", "same call in a loop", 1, 0),
        comparable("FC-9", "bank", "repeated-call", "same call in a loop", 0, 1),
        comparable("FC-7", "shop", None, "promise without a call", 1, 0),
    ]
    assert find_patterns(clusters) == [
        Alike("FC-1", "FC-2", "empty reply", 0.0),
        Alike("FC-2", "FC-1", "empty reply", 0.0),
        Alike("FC-3", "FC-4", "promise without a call", 0.75),
        Alike("FC-4", "FC-7", "promise without a call", 1.0),
        Alike("FC-4", "FC-3", "promise without a call", 0.75),
        Alike("FC-7", "FC-4", "promise without a call", 1.0),
    ]


def test_clusters_with_mixed_outcomes_or_without_others_are_no_pattern() -> None:
    mixed = [comparable("FC-1", "shop", None, None, 1, 0), comparable("FC-2", "bank", None, None, 1, 0)]
    assert find_patterns(mixed) == find_patterns([]) == []

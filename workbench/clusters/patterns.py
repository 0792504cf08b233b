"""Patterns: the same problem in several bots, found by comparing their clusters, never by mixing them.

The same problem is the same mechanical fault, or similar requests with the same thing observed in how it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.clusters.cluster import Cluster
from workbench.embedding.vectors import unit_rows

SIMILAR = 0.7
"""Least cosine of two clusters' centroids where what they share names no fault by itself."""
_ANY_TOOL = frozenset({"repeated-call", "repeated-write"})
"""Mechanical keys that leave open which tool it was."""


@dataclass(frozen=True)
class Alike:
    """A cluster and one of another bot with the same problem."""

    cluster: str
    """The one cluster's id."""
    other: str
    """The other's id."""
    shared: str
    """What they share: the fact that both are named by."""
    similarity: float
    """The cosine of their centroids."""


def find_patterns(clusters: Sequence[Cluster]) -> list[Alike]:
    """Pairs of clusters of different bots with the same problem, each in both directions, most similar first."""
    if not clusters:
        return []
    centroids = unit_rows(np.stack([cluster.centroid for cluster in clusters]))
    cosines = np.round((centroids @ centroids.T).astype(float), 4)
    pairs = []
    for i, cluster in enumerate(clusters):
        fact, key = cluster.name.fact, cluster.mechanical_key
        for j, other in enumerate(clusters):
            if cluster.bot == other.bot or fact is None or (fact, key) != (other.name.fact, other.mechanical_key):
                continue
            says_enough = key is not None and key not in _ANY_TOOL
            if says_enough or cosines[i, j] >= SIMILAR:
                pairs.append(Alike(cluster.id, other.id, fact, float(cosines[i, j])))
    return sorted(pairs, key=lambda pair: (pair.cluster, -pair.similarity, pair.other))

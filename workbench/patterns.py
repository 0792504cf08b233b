"""Patterns: the same problem in several bots, found by comparing their clusters, never by mixing them.

The same problem has the same mechanical fault, or similar requests with the same thing observed in how it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.embedding import Vectors, unit_rows

SIMILAR = 0.7
"""Least cosine of two topical clusters' centroids."""


@dataclass(frozen=True)
class Comparable:
    """A cluster as it is compared with those of other bots. `fact` is what its name rests on, `centroid` its mean passage."""

    cluster: str
    bot: str
    mechanical_key: str | None
    fact: str | None
    centroid: Vectors


@dataclass(frozen=True)
class Alike:
    """A cluster and one of another bot with the same problem: what they share, and the cosine of their centroids."""

    cluster: str
    other: str
    shared: str
    similarity: float


def find_patterns(clusters: Sequence[Comparable]) -> list[Alike]:
    """Pairs of clusters of different bots with the same problem, each in both directions, most similar first."""
    if not clusters:
        return []
    centroids = unit_rows(np.stack([one.centroid for one in clusters]))
    cosines = np.round((centroids @ centroids.T).astype(float), 4)
    found = []
    for i, one in enumerate(clusters):
        for j, other in enumerate(clusters):
            same_fault = one.mechanical_key is not None and one.mechanical_key == other.mechanical_key
            same_way = one.mechanical_key is other.mechanical_key is None and one.fact is not None
            if one.bot == other.bot or one.fact != other.fact:
                continue
            if same_fault or (same_way and cosines[i, j] >= SIMILAR):
                found.append(Alike(one.cluster, other.cluster, one.fact or "", float(cosines[i, j])))
    return sorted(found, key=lambda pair: (pair.cluster, -pair.similarity, pair.other))

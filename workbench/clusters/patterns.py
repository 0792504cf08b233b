"""Patterns: the same problem in several bots, found by comparing their clusters, never by mixing them.

The same problem is the same mechanical fault, or similar requests with the same thing observed in how it went.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.embedding import Vectors, unit_rows

SIMILAR = 0.7
"""Least cosine of two clusters' centroids where what they share names no fault by itself."""
_ANY_TOOL = frozenset({"repeated-call", "repeated-write"})
"""Mechanical keys that leave open which tool it was."""


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
            if (
                one.bot == other.bot
                or one.fact is None
                or (one.fact, one.mechanical_key)
                != (
                    other.fact,
                    other.mechanical_key,
                )
            ):
                continue
            says_enough = one.mechanical_key is not None and one.mechanical_key not in _ANY_TOOL
            if says_enough or cosines[i, j] >= SIMILAR:
                found.append(Alike(one.cluster, other.cluster, one.fact, float(cosines[i, j])))
    return sorted(found, key=lambda pair: (pair.cluster, -pair.similarity, pair.other))

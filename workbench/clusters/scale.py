"""How finely a bot's failures are cut: as wide as the bot is, not one resolution for all.

Modularity at one resolution splits few subjects too finely and many too coarsely (its resolution limit, Fortunato and Barthélemy
2007): the 150 intents of a wide bot came out as 99. So the graph is cut at three scales, what is alike is joined again, and another
scale than the usual one is taken where its groups lie clearly better apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.knn_graph import drawn
from workbench.embedding.vectors import Vectors

SCALES = (0.5, 2.0)
"""The coarser and the finer cut, in resolutions of the usual one."""
JOINED = 0.85
"""Likeness of two groups of another cut, in what is clustered, from which they are one."""
CLEARLY = 1.03
"""How many times the silhouette of the usual cut another one needs. On Banking77, DSTC11 and parts of them with 3 to 106 intents a finer or
coarser cut that has less is no better than the usual one (docs/decisions.md)."""
CUT_THRICE = range(750, 50_001)
"""Failures of which three cuts are made. Of fewer a silhouette tells little and clusters change with each week (on the demo's weeks a split
went untold, docs/decisions.md); of more, cutting takes minutes. There the usual cut stands."""
_COMPARED = 20_000
"""Failures on which the cuts are compared; of more, as many by chance."""

Labels = NDArray[np.intp]


def cut(
    graph: Any,
    vectors: Vectors,
    resolution: float,
    previous: Sequence[str | None] | None,
    leiden: Callable[[Any, float], Labels],
) -> Labels:
    """The labels of the cut whose groups lie best apart, (n,), from 0; `graph` has a vertex for each row of `vectors`.

    Where failures stood in clusters before (`previous` names them, or None), the cut that keeps these best together is the usual
    one: the scale must not flip from week to week.
    """
    usual = leiden(graph, resolution)
    if len(vectors) not in CUT_THRICE or usual.max(initial=0) == 0:
        return usual
    cuts = [usual, *(joined(leiden(graph, resolution * scale), vectors) for scale in SCALES)]
    if previous and any(previous):
        cuts.sort(key=lambda labels: -_kept_together(labels, previous))
    rows = drawn(len(vectors), _COMPARED)
    apart = [silhouette(labels[rows], vectors[rows]) for labels in cuts]
    best = int(np.argmax(apart))
    return cuts[best] if best and apart[best] >= CLEARLY * apart[0] and apart[best] > 0 else cuts[0]


def silhouette(labels: Labels, vectors: Vectors) -> float:
    """How well groups lie apart, in -1…1: the mean of (a - b) / max(a, b) over rows of unit length, of the cosine distances a to the
    nearest other group's centre and b to the own group's, the row itself left out (the simplified silhouette, Hruschka et al. 2004,
    of Rousseeuw 1987). A row alone in its group counts 0."""
    labels = np.unique(labels, return_inverse=True)[1]
    sizes = np.bincount(labels)
    if len(sizes) < 2:
        return 0.0
    sums = _sums(labels, vectors, len(sizes))
    centres = (sums / np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-9)).astype(np.float32)
    total = 0.0
    for start in range(0, len(vectors), 4096):
        block, inside = vectors[start : start + 4096], labels[start : start + 4096]
        cosines = block @ centres.T
        others = sums[inside] - block
        own = (others * block).sum(1) / np.maximum(np.linalg.norm(others, axis=1), 1e-9)
        cosines[np.arange(len(block)), inside] = -2
        near, far = 1 - own, 1 - cosines.max(1)
        widths = (far - near) / np.maximum(np.maximum(far, near), 1e-9)
        total += float(np.where(sizes[inside] > 1, widths, 0).sum())
    return total / len(vectors)


def joined(labels: Labels, vectors: Vectors, least: float = JOINED) -> Labels:
    """Groups joined, always the two most alike first, until none are as alike as `least` (`grouping.likeness`), (n,)."""
    count = int(labels.max(initial=-1)) + 1
    if count < 2:
        return labels
    sizes = np.bincount(labels).astype(np.float64)
    sums = _sums(labels, vectors, count)
    squares = np.bincount(labels, (vectors.astype(np.float64) ** 2).sum(1), count)
    home, alive = np.arange(count), np.ones(count, bool)

    def alike(group: int) -> NDArray[np.float64]:
        within = np.where(sizes > 1, ((sums**2).sum(1) - squares) / np.maximum(sizes * (sizes - 1), 1), squares)
        means = sums / sizes[:, None]
        row = means @ means[group] / np.sqrt(np.maximum(within * within[group], 1e-9))
        row[~alive], row[group] = -np.inf, -np.inf
        return np.asarray(row, np.float64)

    likeness = np.stack([alike(group) for group in range(count)])
    while True:
        first, second = np.unravel_index(int(np.argmax(likeness)), likeness.shape)
        if likeness[first, second] < least:
            return np.unique(home[labels], return_inverse=True)[1]
        sums[first] += sums[second]
        sizes[first] += sizes[second]
        squares[first] += squares[second]
        alive[second], home[home == second] = False, first
        likeness[second], likeness[:, second] = -np.inf, -np.inf
        row = alike(int(first))
        likeness[first], likeness[:, first] = row, row


def _sums(labels: Labels, vectors: Vectors, count: int) -> NDArray[np.float64]:
    sums = np.zeros((count, vectors.shape[1]))
    np.add.at(sums, labels, vectors)
    return sums


def _kept_together(labels: Labels, previous: Sequence[str | None]) -> float:
    """Agreement with the clusters that stood, over those that were in one: `adjusted_rand`."""
    place = {cluster: n for n, cluster in enumerate(dict.fromkeys(previous))}
    stood = [row for row, cluster in enumerate(previous) if cluster]
    return adjusted_rand(np.array([place[previous[row]] for row in stood], np.intp), labels[stood])


def adjusted_rand(labels: Labels, others: Labels) -> float:
    """The adjusted Rand index of two groupings of the same rows, (n,) each, numbered from 0 (Hubert and Arabie 1985); 1 where they agree.

    Without scikit-learn, which takes two seconds to load: a week on top of a store needs nothing else of it.
    """
    cells = np.unique(labels * (int(others.max(initial=0)) + 1) + others, return_counts=True)[1]
    both, first, second = (_pairs(counts) for counts in (cells, np.bincount(labels), np.bincount(others)))
    expected = first * second / max(_pairs(np.array([len(labels)])), 1)
    most = (first + second) / 2
    return 1.0 if most == expected else (both - expected) / (most - expected)


def _pairs(counts: NDArray[np.intp]) -> float:
    return float((counts * (counts - 1) // 2).sum())

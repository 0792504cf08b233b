"""The nearest neighbours of vectors, and the graph that they make: exact up to `EXACT` rows, by an index beyond."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.embedding.vectors import Vectors

NEIGHBOURS = 10
NEARNESS = 4
"""Power of the cosine that weighs an edge: in a bot of one subject all cosines are high, and what is nearest must still stand out."""
EXACT = 20_000
"""Rows up to which all are compared with all: 12 s for 30,000 on two cores, and four times that for twice as many."""
CELLS = 4
"""Cells of the index per square root of the rows (the rule of thumb of FAISS's own guidelines)."""
PROBES = 16
"""Cells that are searched for a row: recall of the ten nearest 0.996 among 30,000, 0.999 among 100,000 (docs/decisions.md)."""
SEED = 20_240_229
GRID = 2.0**11
"""Vectors are snapped to steps of 1/GRID before they are compared. Products are then whole multiples of 2⁻²² and sums of them
below 4 need no more than float32's 24 bits: exact, in whatever order a machine adds them up."""
_BLOCK = 2048
_RUN = 64
_LEAST_COSINE = 1e-4


def neighbour_graph(vectors: Vectors, neighbours: int = NEIGHBOURS) -> Any:
    """The undirected kNN graph (igraph) with `cosine`, floored just above 0, and `weight`, its power `NEARNESS`; k = min(neighbours, √n).

    With k near n everything neighbours everything and a few failures fall apart into singletons (docs/decisions.md).
    """
    import igraph

    k = min(neighbours, len(vectors) - 1, max(2, math.isqrt(len(vectors))))
    if k < 1:
        return igraph.Graph(n=len(vectors), edge_attrs={"cosine": [], "weight": []})
    rows = snapped(vectors)
    indices, cosines = nearest(rows, rows, k, skip_self=True) if len(rows) <= EXACT else indexed_nearest(rows, k)
    edges, values = _undirected(indices, cosines)
    weights = [max(round(cosine**NEARNESS, 4), _LEAST_COSINE) for cosine in values]
    return igraph.Graph(n=len(vectors), edges=edges, edge_attrs={"cosine": values, "weight": weights})


def _undirected(indices: NDArray[np.intp], cosines: Vectors) -> tuple[NDArray[np.int64], list[float]]:
    """Each pair of neighbours once, (edges, 2), in order, and its cosine to four digits; an index below 0 is no neighbour."""
    n, k = indices.shape
    rows, columns = np.repeat(np.arange(n), k), indices.ravel().astype(np.int64)
    there = columns >= 0
    rows, columns, values = rows[there], columns[there], cosines.ravel()[there].astype(np.float64)
    codes, first = np.unique(np.minimum(rows, columns) * n + np.maximum(rows, columns), return_index=True)
    return np.stack([codes // n, codes % n], 1), np.maximum(np.round(values[first], 4), _LEAST_COSINE).tolist()


def nearest(vectors: Vectors, others: Vectors, count: int, skip_self: bool = False) -> tuple[NDArray[np.intp], Vectors]:
    """The `count` most similar rows of `others` for each row of `vectors`: indices and cosines, (n, count), best first.

    Of equally similar rows the first come first. With `skip_self`, row i is not its own neighbour (both arrays are then the same).
    """
    indices = np.zeros((len(vectors), count), np.intp)
    cosines = np.zeros((len(vectors), count), np.float32)
    for start in range(0, len(vectors), _BLOCK):
        block = vectors[start : start + _BLOCK] @ others.T
        if skip_self:
            block[np.arange(len(block)), np.arange(start, start + len(block))] = -np.inf
        top = _largest(block, count)
        order = np.argsort(-np.take_along_axis(block, top, 1), axis=1, kind="stable")
        indices[start : start + len(block)] = np.take_along_axis(top, order, 1)
        cosines[start : start + len(block)] = np.take_along_axis(block, indices[start : start + len(block)], 1)
    return indices, cosines


def indexed_nearest(rows: Vectors, count: int) -> tuple[NDArray[np.intp], Vectors]:
    """The `count` most similar other rows of each row, nearly always: indices (-1: none) and cosines, (n, count).

    FAISS's inverted file (Johnson et al. 2019): rows are compared within the `PROBES` nearest of k-means' cells. A fixed
    seed gives the same neighbours again on one machine.
    """
    import faiss

    dimension = rows.shape[1]
    cells = CELLS * math.isqrt(len(rows))
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(dimension), dimension, cells, faiss.METRIC_INNER_PRODUCT)
    index.cp.seed, index.cp.max_points_per_centroid = SEED, 64
    index.train(rows)
    index.add(rows)
    index.nprobe = PROBES
    cosines, indices = index.search(rows, count + 1)
    own = indices == np.arange(len(rows))[:, None]
    # Where a row is not among its own nearest, many are equal to it: then the last is left out instead.
    own[~own.any(1), -1] = True
    return indices[~own].reshape(len(rows), count), cosines[~own].reshape(len(rows), count)


def _largest(block: Vectors, count: int) -> NDArray[np.intp]:
    """Columns of the `count` largest values of each row, ascending; of equal values the first columns.

    argpartition alone takes any of the equal ones, and another processor takes others.
    """
    columns = _of_the_best_runs(block, count)
    values = np.take_along_axis(block, np.minimum(columns, block.shape[1] - 1), 1)
    values[columns >= block.shape[1]] = -np.inf
    best = np.argpartition(-values, count - 1, axis=1)[:, :count]
    top = np.take_along_axis(columns, best, 1)
    least = np.take_along_axis(values, best, 1).min(1, keepdims=True)
    for row in np.flatnonzero((block >= least).sum(1) > count):
        better = np.flatnonzero(block[row] > least[row])
        equal = np.flatnonzero(block[row] == least[row])
        top[row] = np.concatenate([better, equal[: count - len(better)]])
    return np.sort(top, axis=1)


def _of_the_best_runs(block: Vectors, count: int) -> NDArray[np.intp]:
    """Columns among which the `count` largest values of each row are: runs of `_RUN`, which may reach beyond the last column.

    Those values lie in no more than `count` runs, and a run's maximum is found far sooner than an order within the row.
    """
    rows, width = block.shape
    whole = width // _RUN
    if whole <= count:
        return np.tile(np.arange(width), (rows, 1))
    maxima = block[:, : whole * _RUN].reshape(rows, whole, _RUN).max(2)
    if width % _RUN:
        maxima = np.hstack([maxima, block[:, whole * _RUN :].max(1, keepdims=True)])
    runs = np.argpartition(-maxima, count - 1, axis=1)[:, :count]
    return (runs[:, :, None] * _RUN + np.arange(_RUN)).reshape(rows, -1)


def snapped(vectors: Vectors) -> Vectors:
    """Unit rows on a grid that makes their float32 cosines exact, so that every machine finds the same neighbours."""
    return np.asarray(np.round(vectors * GRID) / GRID, np.float32)


def drawn(n: int, count: int) -> NDArray[np.intp]:
    """`count` of n rows, in order, by chance but always the same: a log may repeat itself in any rhythm."""
    return np.sort(drawn_order(n)[:count])


def drawn_order(n: int) -> NDArray[np.intp]:
    """The rows from 0 to n in an order by chance, always the same."""
    return np.random.default_rng(SEED).permutation(n)


class seeded:
    """igraph draws from Python's generator while this is open, always from the same start."""

    def __enter__(self) -> None:
        import igraph

        igraph.set_random_number_generator(random.Random(SEED))

    def __exit__(self, *_: object) -> None:
        import igraph

        igraph.set_random_number_generator(random)

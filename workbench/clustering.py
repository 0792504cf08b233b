"""Groups of failures: a cosine kNN graph, Leiden on it, and a 2-D map of the same graph.

Everything here is deterministic: the same vectors give the same clusters. One call handles the failures of one bot.
"""

from __future__ import annotations

import math
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.embedding import Vectors, unit_rows

NEIGHBOURS = 10
PASSAGE_SHARE = 0.6
MECHANICAL_MINIMUM = 3
"""Failures that must share a mechanical signature before it is a cluster of its own."""
RESOLUTION = {"few": 1.0, "normal": 2.0, "many": 4.0}
NEAR = 0.45
"""Least cosine to a cluster's centroid for a new failure to be put into it between two clusterings."""
ALIKE = 0.97
"""Cosine of two communities' centres from which they are one problem."""
SEED = 20_240_229
GRID = 2.0**11
"""Vectors are snapped to steps of 1/GRID before they are compared. Products are then whole multiples of 2⁻²² and sums of them
below 4 need no more than float32's 24 bits: exact, in whatever order a machine adds them up."""
_BLOCK = 2048
_VOCABULARY = 1024


@dataclass(frozen=True)
class Group:
    """Rows of one bot's failures that belong together. `kind` is mechanical (with its key) or topical."""

    kind: str
    mechanical_key: str | None
    members: list[int]


@dataclass(frozen=True)
class Grouping:
    """All groups of one bot and the failures' places on its map, (n, 2)."""

    groups: list[Group]
    places: NDArray[np.float32]


def group_failures(
    passages: Vectors,
    signatures: Sequence[Sequence[str]],
    mechanical_keys: Sequence[str | None],
    granularity: str = "normal",
) -> Grouping:
    """Group n failures of one bot by how they failed, else by what was asked and how it went.

    `passages` is (n, d), unit rows, a zero row where there is no user text; `signatures` the tokens of each failure;
    `mechanical_keys` the strong mechanical signature of each, or None. `granularity` is few, normal or many.
    """
    vectors = failure_vectors(passages, signatures)
    shared = Counter(key for key in mechanical_keys if key)
    groups = [
        Group("mechanical", key, [i for i, other in enumerate(mechanical_keys) if other == key])
        for key, count in sorted(shared.items())
        if count >= MECHANICAL_MINIMUM
    ]
    taken = {member for group in groups for member in group.members}
    rest = [i for i in range(len(vectors)) if i not in taken]
    labels = _joined_where_alike(vectors[rest], leiden(neighbour_graph(vectors[rest]), RESOLUTION[granularity]))
    groups += [
        Group("topical", None, [rest[j] for j in np.flatnonzero(labels == label)])
        for label in sorted(set(labels.tolist()))
    ]
    return Grouping(groups, layout(neighbour_graph(vectors)))


@dataclass(frozen=True)
class Known:
    """A cluster that stands already: its mechanical key, its rows among the failures, its centroid over passages."""

    mechanical_key: str | None
    members: list[int]
    centroid: Vectors


def assign_failures(passages: Vectors, mechanical_keys: Sequence[str | None], known: Sequence[Known]) -> Grouping:
    """Put the failures that no cluster has yet into the known ones, instead of clustering anew: linear in n.

    A failure goes by its mechanical key, else to the nearest topical centroid; to none when that is farther than a
    cosine of `NEAR`. The map is the passages' first two principal components.
    """
    from sklearn.decomposition import PCA

    members = [list(cluster.members) for cluster in known]
    taken = {row for rows in members for row in rows}
    by_key = {cluster.mechanical_key: n for n, cluster in enumerate(known) if cluster.mechanical_key}
    topical = [n for n, cluster in enumerate(known) if not cluster.mechanical_key]
    rest = [row for row in range(len(passages)) if row not in taken]
    for row in rest:
        home = by_key.get(mechanical_keys[row] or "")
        if home is not None:
            members[home].append(row)
    rest = [row for row in rest if mechanical_keys[row] not in by_key]
    if rest and topical:
        indices, cosines = nearest(passages[rest], np.stack([known[n].centroid for n in topical]), 1)
        for row, index, cosine in zip(rest, indices[:, 0].tolist(), cosines[:, 0].tolist(), strict=True):
            if cosine >= NEAR:
                members[topical[index]].append(row)
    groups = [
        Group("mechanical" if cluster.mechanical_key else "topical", cluster.mechanical_key, sorted(rows))
        for cluster, rows in zip(known, members, strict=True)
        if rows
    ]
    return Grouping(groups, np.asarray(PCA(2, random_state=0).fit_transform(passages), np.float32))


def failure_vectors(passages: Vectors, signatures: Sequence[Sequence[str]]) -> Vectors:
    """What clustering compares: [√0.6 · passage | √0.4 · signature TF-IDF], rows of unit length, (n, d + vocabulary).

    A failure without signature stands on its passage alone, one without user text on its signature alone.
    """
    if not any(signatures):
        return unit_rows(passages)
    from sklearn.feature_extraction.text import TfidfVectorizer

    tfidf = TfidfVectorizer(analyzer=list, sublinear_tf=True, max_features=_VOCABULARY)
    marks = np.asarray(tfidf.fit_transform(signatures).toarray(), np.float32)
    return unit_rows(np.hstack([np.sqrt(PASSAGE_SHARE) * passages, np.sqrt(1 - PASSAGE_SHARE) * marks]))


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


def _largest(block: Vectors, count: int) -> NDArray[np.intp]:
    """Columns of the `count` largest values of each row, ascending; of equal values the first columns.

    argpartition alone takes any of the equal ones, and another processor takes others.
    """
    top = np.argpartition(-block, count - 1, axis=1)[:, :count]
    least = np.take_along_axis(block, top, 1).min(1, keepdims=True)
    for row in np.flatnonzero((block >= least).sum(1) > count):
        better = np.flatnonzero(block[row] > least[row])
        equal = np.flatnonzero(block[row] == least[row])
        top[row] = np.concatenate([better, equal[: count - len(better)]])
    return np.sort(top, axis=1)


def snapped(vectors: Vectors) -> Vectors:
    """Unit rows on a grid that makes their float32 cosines exact, so that every machine finds the same neighbours."""
    return np.asarray(np.round(vectors * GRID) / GRID, np.float32)


def neighbour_graph(vectors: Vectors, neighbours: int = NEIGHBOURS) -> Any:
    """The undirected kNN graph (igraph) with `weight` = cosine, floored just above 0; k = min(neighbours, √n).

    With k near n everything neighbours everything and a few failures fall apart into singletons (docs/decisions.md).
    """
    import igraph

    k = min(neighbours, len(vectors) - 1, max(2, math.isqrt(len(vectors))))
    if k < 1:
        return igraph.Graph(n=len(vectors), edge_attrs={"weight": []})
    rows = snapped(vectors)
    indices, cosines = nearest(rows, rows, k, skip_self=True)
    weights: dict[tuple[int, int], float] = {}
    for i, (row, values) in enumerate(zip(indices.tolist(), cosines.tolist(), strict=True)):
        for j, cosine in zip(row, values, strict=True):
            weights[(min(i, j), max(i, j))] = max(round(cosine, 4), 1e-4)
    edges = sorted(weights)
    return igraph.Graph(n=len(vectors), edges=edges, edge_attrs={"weight": [weights[e] for e in edges]})


def leiden(graph: Any, resolution: float) -> NDArray[np.intp]:
    """Communities of a graph: labels from 0 by falling size, (n,). Leiden with modularity (Traag et al. 2019)."""
    if graph.vcount() == 0:
        return np.zeros(0, np.intp)
    if graph.ecount() == 0:
        return np.arange(graph.vcount())
    with _seeded():
        found = graph.community_leiden(
            objective_function="modularity", weights="weight", resolution=resolution, n_iterations=10
        )
    membership = np.asarray(found.membership)
    first_seen = {label: int(np.flatnonzero(membership == label)[0]) for label in set(membership.tolist())}
    sizes = Counter(membership.tolist())
    ranked = sorted(sizes, key=lambda label: (-sizes[label], first_seen[label]))
    rank = {label: position for position, label in enumerate(ranked)}
    return np.asarray([rank[label] for label in membership.tolist()], np.intp)


def _joined_where_alike(vectors: Vectors, labels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Communities whose centres nearly coincide joined into one, (n,).

    Modularity parts a set of equals at random: without this, one problem said in the same words would be many clusters.
    """
    if len(labels) == 0:
        return labels
    centres = unit_rows(np.stack([vectors[labels == label].mean(0) for label in range(int(labels.max()) + 1)]))
    home = list(range(len(centres)))
    for a, b in np.argwhere(np.triu(centres @ centres.T, 1) >= ALIKE).tolist():
        first, second = sorted((home[a], home[b]))
        home = [first if place == second else place for place in home]
    return np.asarray([home[label] for label in labels.tolist()], np.intp)


def layout(graph: Any) -> NDArray[np.float32]:
    """Places of a graph's vertices for the map, (n, 2), by igraph's UMAP layout over cosine distances."""
    if graph.vcount() < 3 or graph.ecount() == 0:
        return np.asarray([[float(i), 0.0] for i in range(graph.vcount())], np.float32).reshape(-1, 2)
    distances = [max(0.0, 1 - weight) for weight in graph.es["weight"]]
    with _seeded():
        places = graph.layout_umap(dist=distances, dim=2, min_dist=0.05, epochs=200)
    return np.asarray(places.coords, np.float32)


class _seeded:
    """igraph draws from Python's generator while this is open, always from the same start."""

    def __enter__(self) -> None:
        import igraph

        igraph.set_random_number_generator(random.Random(SEED))

    def __exit__(self, *_: object) -> None:
        import igraph

        igraph.set_random_number_generator(random)

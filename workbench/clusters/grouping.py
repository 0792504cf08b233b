"""Groups of failures: a cosine kNN graph, and Leiden on it.

Everything here is deterministic: the same vectors give the same clusters. One call handles the failures of one bot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.equals import numbered
from workbench.clusters.failure_vectors import calls_only, failure_vectors, signature_vectors
from workbench.clusters.knn_graph import EXACT, NEIGHBOURS, drawn_order, nearest, neighbour_graph, seeded
from workbench.clusters.scale import cut
from workbench.embedding.vectors import Vectors, unit_rows

MECHANICAL_MINIMUM = 3
"""Failures that must share a mechanical signature before it is a cluster of its own."""
RESOLUTION = {"few": 1.0, "normal": 2.0, "many": 4.0}
"""Leiden's resolution of the usual cut, by granularity; `scale.cut` may take a coarser or finer one."""
NEAR = 0.45
"""Least cosine to a cluster's centroid for a new failure to be put into it between two clusterings."""
ALIKE = 0.95
"""Likeness of two communities, in what was asked and in what was called, from which they are one problem."""
HELD = 2.0
"""How much more an edge weighs whose ends stood in one cluster: what was found before speaks, too, so that clusters don't reshuffle
each week (evolutionary clustering, Chakrabarti et al. 2006)."""
STILL_ALIKE = 0.85
"""Likeness from which two communities of one standing cluster stay one: what was one must differ clearly to become two."""
RECUT = 0.75
"""Likeness, in what is clustered, from which two communities stay one that both consist mostly of failures that stood together: cut
anew without news from the log, they are one problem cut another way. So do parts of fewer than `FEW`."""
FEW = 8
"""Failures below which new ones don't split a standing cluster at its seams: of so few the words say too little."""
FULL_UP_TO = 200_000
"""Failures of one bot, equal ones counted once, up to which each is clustered; of more, as many taken by chance from each
way of failing are, and the rest join the nearest (`NEAR`)."""
MANY = 2_000
"""Failures beyond which equal ones are grouped once where they fill each other's neighbourhoods."""
OF_EACH = 10
"""Failures of each way of failing that are among those drawn, however rare it is."""
_BLOCK = 16_384


@dataclass(frozen=True)
class Group:
    """Failures of one bot that belong together."""

    kind: str
    """mechanical or topical."""
    mechanical_key: str | None
    """What all members of a mechanical group share."""
    members: list[int]
    """Rows of the bot's failures."""


@dataclass(frozen=True)
class Grouping:
    """All groups of one bot."""

    groups: list[Group]
    """Mechanical ones first, topical ones by falling size."""
    sampled: int | None = None
    """How many failures were clustered where not all were: the rest joined the nearest group, or none."""


def group_failures(
    passages: Vectors,
    signatures: Sequence[Sequence[str]],
    mechanical_keys: Sequence[str | None],
    granularity: str = "normal",
    previous: Sequence[str | None] | None = None,
) -> Grouping:
    """Group n failures of one bot by how they failed, else by what was asked and how it went.

    `passages` is (n, d), unit rows, a zero row where there is no user text; `signatures` the tokens of each failure;
    `mechanical_keys` the strong mechanical signature of each, or None. `granularity` is few, normal or many. `previous`
    names the topical cluster that each failure was in before, or None; those hold together (`HELD`, `STILL_ALIKE`, `RECUT`).
    """
    if len(passages) > FULL_UP_TO and len(_distinct(passages, signatures, previous)[0]) > FULL_UP_TO:
        return _sampled(passages, signatures, mechanical_keys, granularity, previous)
    with_key: dict[str, list[int]] = {}
    for i, key in enumerate(mechanical_keys):
        if key:
            with_key.setdefault(key, []).append(i)
    groups = [
        Group("mechanical", key, rows) for key, rows in sorted(with_key.items()) if len(rows) >= MECHANICAL_MINIMUM
    ]
    taken = {member for group in groups for member in group.members}
    rest = [i for i in range(len(passages)) if i not in taken]
    previous_of_rest = [previous[i] for i in rest] if previous else None
    labels = topics(passages[rest], [signatures[i] for i in rest], granularity, previous_of_rest)
    groups += [
        Group("topical", None, [rest[j] for j in np.flatnonzero(labels == label)])
        for label in sorted(set(labels.tolist()))
    ]
    return Grouping(groups)


def _sampled(
    passages: Vectors,
    signatures: Sequence[Sequence[str]],
    mechanical_keys: Sequence[str | None],
    granularity: str,
    previous: Sequence[str | None] | None,
) -> Grouping:
    """A part of the failures grouped, and the rest put to the group that they are nearest to, or to none (`NEAR`)."""
    strata = zip(mechanical_keys, map(tuple, signatures), previous or repeat(None), strict=False)
    sample = stratified(numbered(list(strata))[1], FULL_UP_TO)
    grouping = group_failures(
        passages[sample],
        [signatures[row] for row in sample.tolist()],
        [mechanical_keys[row] for row in sample.tolist()],
        granularity,
        [previous[row] for row in sample.tolist()] if previous else None,
    )
    groups = [
        PreviousCluster(
            group.mechanical_key,
            sample[group.members].tolist(),
            unit_rows(passages[sample[group.members]].mean(0, keepdims=True))[0],
        )
        for group in grouping.groups
    ]
    return replace(assign_failures(passages, mechanical_keys, groups), sampled=len(sample))


def stratified(strata: NDArray[np.intp], count: int) -> NDArray[np.intp]:
    """`count` rows, in order, by chance but always the same: of each stratum in proportion, and at least `OF_EACH`.

    `strata` numbers the stratum of each row from 0. A rare way of failing, which chance alone would leave out, is so among them.
    """
    by_chance = drawn_order(len(strata))
    order = by_chance[np.argsort(strata[by_chance], kind="stable")]
    sizes = np.bincount(strata)
    rank = np.arange(len(order)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    share = (rank + 0.5) / np.repeat(sizes, sizes)
    return np.sort(order[np.lexsort((order, share, rank >= OF_EACH))[:count]])


def topics(
    passages: Vectors,
    signatures: Sequence[Sequence[str]],
    granularity: str = "normal",
    previous: Sequence[str | None] | None = None,
) -> NDArray[np.intp]:
    """Groups of failures by what was asked and how it went: labels from 0 by falling size, (n,).

    Where each failure stood in a cluster and none is new, those stay: the same evidence again gives the same clusters.
    """
    if previous and all(previous):
        place = {cluster: n for n, cluster in enumerate(dict.fromkeys(previous))}
        return _by_size([place[cluster] for cluster in previous])
    if len(passages) > MANY or len(passages) > EXACT:
        rows, equals = _distinct(passages, signatures, previous)
        if (len(passages) > EXACT and len(rows) < len(passages)) or len(passages) >= NEIGHBOURS * len(rows):
            previous_of_rows = [previous[row] for row in rows] if previous else None
            labels = topics(passages[rows], [signatures[row] for row in rows], granularity, previous_of_rows)
            return _by_size(labels[equals].tolist())
    vectors = failure_vectors(passages, signatures)
    graph = neighbour_graph(vectors)
    if previous:
        _hold_together(graph, previous)
    labels = cut(graph, vectors, RESOLUTION[granularity], previous, leiden)
    axes = passages, signature_vectors(calls_only(signatures))
    labels = joined_where_alike(labels, *axes)
    return _still_one(labels, vectors, axes, previous) if previous else labels


def _distinct(
    passages: Vectors, signatures: Sequence[Sequence[str]], previous: Sequence[str | None] | None
) -> tuple[list[int], NDArray[np.intp]]:
    """The first row of each set of failures that are equal in all that is clustered; and for each failure, (n,), which of those it equals.

    Were many equal ones compared, they would only neighbour each other, and each text would be a cluster of its own.
    """
    places: dict[tuple[object, ...], int] = {}
    rows: list[int] = []
    equals = np.zeros(len(passages), np.intp)
    for row, (passage, tokens) in enumerate(zip(passages, signatures, strict=True)):
        place = places.setdefault((passage.tobytes(), tuple(tokens), previous[row] if previous else None), len(rows))
        if place == len(rows):
            rows.append(row)
        equals[row] = place
    return rows, equals


def _hold_together(graph: Any, previous: Sequence[str | None]) -> None:
    """Let the edges within a standing cluster weigh `HELD` times as much."""
    graph.es["weight"] = [
        round(weight * HELD, 4) if previous[a] and previous[a] == previous[b] else weight
        for (a, b), weight in zip(graph.get_edgelist(), graph.es["weight"], strict=True)
    ]


@dataclass(frozen=True, eq=False)
class PreviousCluster:
    """A cluster that stands already."""

    mechanical_key: str | None
    """What its members share where it is mechanical."""
    members: list[int]
    """Its rows among the failures."""
    centroid: Vectors
    """The mean of its members' passages as a unit vector."""


def assign_failures(
    passages: Vectors, mechanical_keys: Sequence[str | None], previous: Sequence[PreviousCluster]
) -> Grouping:
    """Put the failures that no cluster has yet into the previous ones, instead of clustering anew: linear in n.

    A failure goes by its mechanical key, else to the nearest topical centroid; to none when that is farther than a
    cosine of `NEAR`.
    """
    members = [list(cluster.members) for cluster in previous]
    taken = {row for rows in members for row in rows}
    by_key = {cluster.mechanical_key: n for n, cluster in enumerate(previous) if cluster.mechanical_key}
    topical = [n for n, cluster in enumerate(previous) if not cluster.mechanical_key]
    rest = [row for row in range(len(passages)) if row not in taken]
    for row in rest:
        home = by_key.get(mechanical_keys[row] or "")
        if home is not None:
            members[home].append(row)
    rest = [row for row in rest if mechanical_keys[row] not in by_key]
    if rest and topical:
        indices, cosines = nearest(passages[rest], np.stack([previous[n].centroid for n in topical]), 1)
        for row, index, cosine in zip(rest, indices[:, 0].tolist(), cosines[:, 0].tolist(), strict=True):
            if cosine >= NEAR:
                members[topical[index]].append(row)
    groups = [
        Group("mechanical" if cluster.mechanical_key else "topical", cluster.mechanical_key, sorted(rows))
        for cluster, rows in zip(previous, members, strict=True)
        if rows
    ]
    return Grouping(groups)


def leiden(graph: Any, resolution: float) -> NDArray[np.intp]:
    """Communities of a graph: labels from 0 by falling size, (n,). Leiden with modularity (Traag et al. 2019)."""
    if graph.vcount() == 0:
        return np.zeros(0, np.intp)
    if graph.ecount() == 0:
        return np.arange(graph.vcount())
    with seeded():
        communities = graph.community_leiden(
            objective_function="modularity", weights="weight", resolution=resolution, n_iterations=10
        )
    return _by_size(communities.membership)


def _by_size(membership: Sequence[int]) -> NDArray[np.intp]:
    """Labels renamed: 0 is the largest group, of equally large ones the first seen comes first."""
    sizes = Counter(membership)
    first_seen = {label: -place for place, label in reversed(list(enumerate(membership)))}
    ranked = sorted(sizes, key=lambda label: (-sizes[label], -first_seen[label]))
    rank = {label: position for position, label in enumerate(ranked)}
    return np.asarray([rank[label] for label in membership], np.intp)


def joined_where_alike(labels: NDArray[np.intp], *axes: Vectors) -> NDArray[np.intp]:
    """Groups that no axis tells apart (`ALIKE`) joined into one, (n,); `axes` are rows of unit length or zero.

    Modularity parts a set of equals at random, and a signature parts one fault by what went on beside it: without this,
    one problem said in the same words would be many clusters.
    """
    if len(labels) == 0:
        return labels
    return _joined(labels, np.all([likeness(labels, axis) >= ALIKE for axis in axes], axis=0))


def _still_one(
    labels: NDArray[np.intp], vectors: Vectors, axes: Sequence[Vectors], previous: Sequence[str | None]
) -> NDArray[np.intp]:
    """Groups joined whose members mostly were in the same cluster `previous`ly, of those that were in any, (n,).

    They are one where no axis tells them clearly apart (`STILL_ALIKE`). Where new failures are not what parts them, or a part has
    `FEW`, the space that was clustered must tell them apart (`RECUT`).
    """
    homes, sizes = _homes(labels, previous), np.bincount(labels)
    no_news = np.bincount(labels, [cluster is not None for cluster in previous]) * 2 > sizes
    few = sizes < FEW
    alike = np.all([likeness(labels, axis) >= STILL_ALIKE for axis in axes], axis=0)
    alike |= (np.logical_and.outer(no_news, no_news) | np.logical_or.outer(few, few)) & (
        likeness(labels, vectors) >= RECUT
    )
    return _joined(labels, alike & np.equal.outer(homes, homes) & (homes != ""))


def joined_where_read_alike(
    grouping: Grouping,
    passages: Vectors,
    signatures: Sequence[Sequence[str]],
    reads: Callable[[Sequence[int]], Hashable],
) -> Grouping:
    """The grouping with those topical groups joined that read the same and that no axis tells clearly apart (`STILL_ALIKE`).

    `reads` gives what there is to say of some rows. Forty near-identical requests are parted by nothing but their order
    numbers: nobody could tell the parts by their names.
    """
    topical = [group for group in grouping.groups if group.kind == "topical"]
    texts = [reads(group.members) for group in topical]
    if len(set(texts)) == len(texts):
        return grouping
    rows = [row for group in topical for row in group.members]
    labels = np.repeat(np.arange(len(topical)), [len(group.members) for group in topical])
    axes = passages[rows], signature_vectors(calls_only([signatures[row] for row in rows]))
    alike = np.all([likeness(labels, axis) >= STILL_ALIKE for axis in axes], axis=0)
    alike &= np.array([[text == other for other in texts] for text in texts])
    joined = _joined(labels, alike)
    groups = [
        Group("topical", None, sorted(row for row, label in zip(rows, joined.tolist(), strict=True) if label == which))
        for which in range(joined.max() + 1)
    ]
    return replace(grouping, groups=[group for group in grouping.groups if group.kind != "topical"] + groups)


def _joined(labels: NDArray[np.intp], alike: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Labels of groups joined wherever two are `alike`, (groups, groups), also by way of a third."""
    from scipy.sparse.csgraph import connected_components

    return _by_size(connected_components(alike, directed=False)[1][labels].tolist())


def _homes(labels: NDArray[np.intp], previous: Sequence[str | None]) -> NDArray[np.str_]:
    """The cluster that most of each group's members stood in, the first by name of equally many, "" for none; (groups,)."""
    counts: list[Counter[str]] = [Counter() for _ in range(labels.max() + 1)]
    for label, cluster in zip(labels.tolist(), previous, strict=True):
        if cluster:
            counts[label][cluster] += 1
    return np.asarray([min(count, key=lambda cluster: (-count[cluster], cluster), default="") for count in counts])


def likeness(labels: NDArray[np.intp], rows: Vectors) -> NDArray[np.float64]:
    """How alike groups are, (groups, groups): mean cosine between two over the geometric mean of that within each.

    It is the cosine of their centres with the members' own spread taken out (Spearman's correction for attenuation): 1
    where a member is no nearer to its own group than to the other, 0 where they share nothing. Rows without length are
    alike.
    """
    sizes = np.bincount(labels)
    sums, own = np.zeros((len(sizes), rows.shape[1] + 1)), np.zeros(len(sizes))
    for start in range(0, len(rows), _BLOCK):
        block, inside = rows[start : start + _BLOCK], labels[start : start + _BLOCK]
        with_blank = np.hstack([block, ~block.any(1, keepdims=True)]).astype(np.float64)
        np.add.at(sums, inside, with_blank)
        own += np.bincount(inside, (with_blank**2).sum(1), len(sizes))
    pairs = np.maximum(sizes * (sizes - 1), 1)
    within = np.where(sizes > 1, ((sums**2).sum(1) - own) / pairs, own)
    means = sums / sizes[:, None]
    ratio: NDArray[np.float64] = means @ means.T / np.sqrt(np.outer(within, within).clip(1e-9))
    return ratio

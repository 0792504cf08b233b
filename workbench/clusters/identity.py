"""FC-ids for life: a new clustering is matched to the register, and lineage says what became of each cluster.

Matching goes by mechanical signature, then by shared members (Hungarian, Kuhn 1955), then by centroid where there are
no common members to go by. Members count only among the conversations that both sides know, so a cluster that grows by new
conversations stays the same cluster. For the same reason a split shows in two ways: members move to a new cluster, or they
stay and it is the new failures that stand apart, near to the old cluster (`KIN`). So does a merge: members move into one cluster, or
they stay and it is the new failures that come between the two (`BETWEEN`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workbench.clusters.cluster import Cluster
from workbench.embedding.vectors import Vectors, unit_rows
from workbench.judgement.records.clusters import Lineage, Registered

SAME_MEMBERS = 0.3
"""Least share of common members (Jaccard) for a cluster to be the same."""
SAME_CENTROID = 0.85
"""Least cosine of centroids for a cluster to be the same where no members are common."""
PART = 0.25
"""Share of a cluster's members that must come from, or go to, another before lineage speaks of split or merge."""

KIN = 0.6
"""Least cosine of centroids for a new cluster of new failures to have split off a standing one, or to have come between two."""
BETWEEN = 0.75
"""Share of a cluster's new failures that must be nearer to another cluster than these two were to each other, to lie between them."""
FRESH = 3
"""New failures that it takes to tell where they lie."""


@dataclass(frozen=True)
class Identities:
    """What a clustering means for the register: its clusters under their ids, and what became of the others."""

    clusters: list[Cluster]
    """The clusters that were given, in their order, each with its id."""
    registered: list[Registered]
    """The same as the register is to record them."""
    lineage: list[Lineage]
    """What became of each cluster in this snapshot."""


def assign_ids(
    clusters: Sequence[Cluster],
    register: Sequence[Registered],
    first_number: int,
    model: str,
    snapshot: str,
    made_by_hand: frozenset[str] = frozenset(),
) -> Identities:
    """Give each cluster its id: an old one where it is the same, else the next free FC-number.

    A cluster that is `made_by_hand` and that the clustering doesn't find neither vanished nor parted: it lies within
    those that were found.
    """
    matched = _match(clusters, register, model)
    identified = []
    number = first_number
    for i, cluster in enumerate(clusters):
        old = matched.get(i)
        identified.append(replace(cluster, id=register[old].cluster if old is not None else f"FC-{number:04d}"))
        number += old is None
    registered = [
        Registered(
            cluster=cluster.id,
            bot=cluster.bot,
            kind=cluster.kind,
            mechanical_key=cluster.mechanical_key,
            name=cluster.name.text,
            members=sorted(cluster.keys),
            centroid=np.asarray(cluster.centroid, "<f4").tobytes(),
            model=model,
            active=True,
            last_snapshot=snapshot,
        )
        for cluster in identified
    ]
    ids = {cluster.id for cluster in identified}
    compared = [old for old in register if old.cluster in ids or old.cluster not in made_by_hand]
    return Identities(
        identified, registered, _lineage(registered, compared, snapshot, _merged_by_news(identified, model, compared))
    )


def _centroid(cluster: Registered) -> Vectors:
    centroid: Vectors = unit_rows(np.frombuffer(cluster.centroid, "<f4")[None])[0]
    return centroid


def _match(clusters: Sequence[Cluster], register: Sequence[Registered], model: str) -> dict[int, int]:
    matched: dict[int, int] = {}
    scores = ((_overlaps(clusters, register), SAME_MEMBERS), (_cosines(clusters, register, model), SAME_CENTROID))
    for bot in sorted({cluster.bot for cluster in clusters}):
        news = [i for i, cluster in enumerate(clusters) if cluster.bot == bot]
        olds = [j for j, cluster in enumerate(register) if cluster.bot == bot]
        mechanical = {register[j].mechanical_key: j for j in olds if register[j].mechanical_key}
        for i in news:
            key = clusters[i].mechanical_key
            if key in mechanical:
                matched[i] = mechanical[key]
        for score, least in scores:
            taken = set(matched.values())
            rows = [i for i in news if i not in matched]
            columns = [j for j in olds if j not in taken]
            matched |= _hungarian(rows, columns, score, least)
    return matched


def _hungarian(rows: list[int], columns: list[int], score: NDArray[np.float64], least: float) -> dict[int, int]:
    from scipy.optimize import linear_sum_assignment

    if not rows or not columns:
        return {}
    part = score[np.ix_(rows, columns)]
    chosen = linear_sum_assignment(-np.where(part >= least, part, 0))
    return {rows[a]: columns[b] for a, b in zip(*chosen, strict=True) if part[a, b] >= least}


def _overlaps(clusters: Sequence[Cluster], register: Sequence[Registered]) -> NDArray[np.float64]:
    """Jaccard of members among the conversations that both the build and the register have, (clusters, register)."""
    common = {key for cluster in clusters for key in cluster.keys} & {key for old in register for key in old.members}
    news = [common.intersection(cluster.keys) for cluster in clusters]
    olds = [common.intersection(old.members) for old in register]
    scores = np.zeros((len(news), len(olds)))
    for i, new in enumerate(news):
        for j, old in enumerate(olds):
            if shared := len(new & old):
                scores[i, j] = shared / len(new | old)
    return scores


def _cosines(clusters: Sequence[Cluster], register: Sequence[Registered], model: str) -> NDArray[np.float64]:
    """Cosine of centroids, (clusters, register); 0 for a mechanical cluster, another model, or where members decide."""
    scores = np.zeros((len(clusters), len(register)))
    current = {key for cluster in clusters for key in cluster.keys}
    for j, old in enumerate(register):
        centroid = _centroid(old)
        if old.mechanical_key or old.model != model or current.intersection(old.members):
            continue
        for i, cluster in enumerate(clusters):
            if cluster.mechanical_key is None and cluster.centroid.shape == centroid.shape:
                scores[i, j] = float(unit_rows(cluster.centroid[None])[0] @ centroid)
    return scores


def _lineage(
    current: Sequence[Registered], register: Sequence[Registered], snapshot: str, merged: Mapping[str, list[str]]
) -> list[Lineage]:
    before = {cluster.cluster: set(cluster.members) for cluster in register if cluster.active}
    rows: list[Lineage] = []
    succeeded: set[str] = set()
    ids = {cluster.cluster for cluster in current}
    for cluster in current:
        members = set(cluster.members)
        shared = {old: len(members & olds) for old, olds in before.items() if members & olds}
        sources = 0
        for old, count in sorted(shared.items()):
            if old == cluster.cluster:
                continue
            from_old, of_new = count / len(before[old]), count / len(members)
            if from_old > 0.5 and old not in ids:
                rows.append(Lineage(snapshot, cluster.cluster, "merged", old, count))
                succeeded.add(old)
                sources += 1
            elif from_old >= PART and of_new > 0.5:
                rows.append(Lineage(snapshot, cluster.cluster, "split", old, count))
                sources += 1
        came = [old for old in merged.get(cluster.cluster, []) if old not in succeeded]
        rows += [Lineage(snapshot, cluster.cluster, "merged", old, shared.get(old, 0)) for old in came]
        sources += len(came)
        if any(old.cluster == cluster.cluster for old in register):
            rows.append(Lineage(snapshot, cluster.cluster, "continued", None, shared.get(cluster.cluster, 0)))
        elif not sources:
            kin = _kin(cluster, [old for old in register if old.active])
            rows.append(Lineage(snapshot, cluster.cluster, "split" if kin else "new", kin, shared.get(kin or "", 0)))
    rows += [Lineage(snapshot, old, "vanished", None, 0) for old in sorted(before) if old not in ids | succeeded]
    return rows


def _kin(cluster: Registered, before: Sequence[Registered]) -> str | None:
    """The standing cluster that a new one of mostly new failures split off; None where there is none.

    Their centroids are at least `KIN` alike and more alike than any other standing one is to the old: the new failures would have been the
    old cluster's. Of members that stood in a cluster, most stood in that one.
    """
    topical = [
        old for old in before if old.bot == cluster.bot and old.model == cluster.model and not old.mechanical_key
    ]
    if cluster.mechanical_key or not topical:
        return None
    centroids = np.stack([_centroid(old) for old in topical])
    near = centroids @ _centroid(cluster)
    nearest = int(near.argmax())
    others = np.delete(centroids @ centroids[nearest], nearest)
    if near[nearest] < others.max(initial=KIN):
        return None
    from_any = sum(len(set(old.members).intersection(cluster.members)) for old in before)
    from_nearest = len(set(topical[nearest].members).intersection(cluster.members))
    return topical[nearest].cluster if 2 * from_nearest > from_any or not from_any else None


def _merged_by_news(clusters: Sequence[Cluster], model: str, register: Sequence[Registered]) -> dict[str, list[str]]:
    """For each cluster the standing ones that merged into it by new failures alone: these come between two, and the other gets none.

    A cluster that dries up beside one that grows is what a good fix looks like, so the place of the new failures decides: nearer to
    each of the two than the two were to each other, at least `BETWEEN` of them, and to no other cluster nearer.
    """
    registered = {member for old in register for member in old.members}
    fresh = {
        cluster.id: cluster.passages[[key not in registered for key in cluster.keys]]
        for cluster in clusters
        if len(cluster.passages)
    }
    ever = {old.cluster for old in register}
    merged: dict[str, list[str]] = {}
    for bot in sorted({cluster.bot for cluster in clusters}):
        topical = [cluster for cluster in clusters if cluster.bot == bot and not cluster.mechanical_key]
        before = [old for old in register if old.active and old.bot == bot and not old.mechanical_key]
        before = [old for old in before if old.model == model]
        if len(before) < 2:
            continue
        centroids = np.stack([_centroid(old) for old in before])
        for cluster in topical:
            new = fresh.get(cluster.id, ())
            if len(new) < FRESH:
                continue
            near = centroids @ unit_rows(np.mean(new, axis=0, keepdims=True))[0]
            first, second = np.argsort(-near, kind="stable")[:2]
            apart = float(centroids[first] @ centroids[second])
            others = {before[first].cluster, before[second].cluster} - {cluster.id}
            if len(others) == 2 and cluster.id in ever:
                continue
            dried = all(other in fresh and not len(fresh[other]) for other in others)
            if dried and near[second] > max(apart, KIN) and np.mean(new @ centroids[second] > apart) >= BETWEEN:
                merged[cluster.id] = sorted(others)
    return merged

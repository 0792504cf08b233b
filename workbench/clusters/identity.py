"""FC-ids for life: a new clustering is matched to the register, and lineage says what became of each cluster.

Matching goes by mechanical signature, then by shared members (Hungarian, Kuhn 1955), then by centroid where there are
no common members to go by. Members count only among the conversations that both sides know, so a cluster that grows by new
conversations stays the same cluster. For the same reason a split shows in two ways: members move to a new cluster, or they
stay and it is the new failures that stand apart, near to the old cluster (`KIN`). So does a merge: members move into one cluster, or
they stay and it is the new failures that come between the two (`BETWEEN`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workbench.embedding import Vectors, unit_rows
from workbench.judgement.records import Lineage, Registered

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
class Found:
    """A cluster as this build found it, before it has an id. `members` are conversation keys, `centroid` a unit vector.

    `passages` has each member's unit vector, (members, d), or no rows where nobody asks for the new ones among them.
    """

    bot: str
    kind: str
    mechanical_key: str | None
    name: str
    members: list[str]
    centroid: Vectors
    passages: Vectors = field(default_factory=lambda: np.zeros((0, 1), np.float32))


def assign_ids(
    found: Sequence[Found],
    register: Sequence[Registered],
    first_number: int,
    model: str,
    snapshot: str,
    by_hand: frozenset[str] = frozenset(),
) -> tuple[list[Registered], list[Lineage]]:
    """Give each found cluster its id: an old one where it is the same, else the next free FC-number.

    Returns what to record, in the order of `found`, and the lineage rows of this snapshot. A cluster made `by_hand` that
    the clustering doesn't find neither vanished nor parted: it lies within those that were found.
    """
    matched = _match(found, register, model)
    recorded = []
    number = first_number
    for i, cluster in enumerate(found):
        old = matched.get(i)
        name = register[old].cluster if old is not None else f"FC-{number:04d}"
        number += old is None
        recorded.append(
            Registered(
                cluster=name,
                bot=cluster.bot,
                kind=cluster.kind,
                mechanical_key=cluster.mechanical_key,
                name=cluster.name,
                members=sorted(cluster.members),
                centroid=np.asarray(cluster.centroid, "<f4").tobytes(),
                model=model,
                active=True,
                last_snapshot=snapshot,
            )
        )
    ids = {one.cluster for one in recorded}
    told = [one for one in register if one.cluster in ids or one.cluster not in by_hand]
    return recorded, _lineage(recorded, told, snapshot, _met(found, recorded, told))


def _centroid(cluster: Registered) -> Vectors:
    found: Vectors = unit_rows(np.frombuffer(cluster.centroid, "<f4")[None])[0]
    return found


def _match(found: Sequence[Found], register: Sequence[Registered], model: str) -> dict[int, int]:
    matched: dict[int, int] = {}
    scores = ((_overlaps(found, register), SAME_MEMBERS), (_cosines(found, register, model), SAME_CENTROID))
    for bot in sorted({cluster.bot for cluster in found}):
        news = [i for i, cluster in enumerate(found) if cluster.bot == bot]
        olds = [j for j, cluster in enumerate(register) if cluster.bot == bot]
        mechanical = {register[j].mechanical_key: j for j in olds if register[j].mechanical_key}
        for i in news:
            key = found[i].mechanical_key
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


def _overlaps(found: Sequence[Found], register: Sequence[Registered]) -> NDArray[np.float64]:
    """Jaccard of members among the conversations that both the build and the register know, (found, register)."""
    common = {key for cluster in found for key in cluster.members} & {key for old in register for key in old.members}
    news = [common.intersection(cluster.members) for cluster in found]
    olds = [common.intersection(old.members) for old in register]
    scores = np.zeros((len(news), len(olds)))
    for i, new in enumerate(news):
        for j, old in enumerate(olds):
            if shared := len(new & old):
                scores[i, j] = shared / len(new | old)
    return scores


def _cosines(found: Sequence[Found], register: Sequence[Registered], model: str) -> NDArray[np.float64]:
    """Cosine of centroids, (found, register); 0 for a mechanical cluster, another model, or where members decide."""
    scores = np.zeros((len(found), len(register)))
    known = {key for cluster in found for key in cluster.members}
    for j, old in enumerate(register):
        centroid = _centroid(old)
        if old.mechanical_key or old.model != model or known.intersection(old.members):
            continue
        for i, cluster in enumerate(found):
            if cluster.mechanical_key is None and cluster.centroid.shape == centroid.shape:
                scores[i, j] = float(unit_rows(cluster.centroid[None])[0] @ centroid)
    return scores


def _lineage(
    recorded: Sequence[Registered], register: Sequence[Registered], snapshot: str, met: Mapping[str, list[str]]
) -> list[Lineage]:
    before = {cluster.cluster: set(cluster.members) for cluster in register if cluster.active}
    rows: list[Lineage] = []
    succeeded: set[str] = set()
    for cluster in recorded:
        members = set(cluster.members)
        shared = {old: len(members & olds) for old, olds in before.items() if members & olds}
        sources = 0
        for old, count in sorted(shared.items()):
            if old == cluster.cluster:
                continue
            from_old, of_new = count / len(before[old]), count / len(members)
            if from_old > 0.5 and old not in {other.cluster for other in recorded}:
                rows.append(Lineage(snapshot, cluster.cluster, "merged", old, count))
                succeeded.add(old)
                sources += 1
            elif from_old >= PART and of_new > 0.5:
                rows.append(Lineage(snapshot, cluster.cluster, "split", old, count))
                sources += 1
        came = [old for old in met.get(cluster.cluster, []) if old not in succeeded]
        rows += [Lineage(snapshot, cluster.cluster, "merged", old, shared.get(old, 0)) for old in came]
        sources += len(came)
        if any(old.cluster == cluster.cluster for old in register):
            rows.append(Lineage(snapshot, cluster.cluster, "continued", None, shared.get(cluster.cluster, 0)))
        elif not sources:
            kin = _kin(cluster, [old for old in register if old.active])
            rows.append(Lineage(snapshot, cluster.cluster, "split" if kin else "new", kin, shared.get(kin or "", 0)))
    current = {cluster.cluster for cluster in recorded}
    rows += [Lineage(snapshot, old, "vanished", None, 0) for old in sorted(before) if old not in current | succeeded]
    return rows


def _kin(cluster: Registered, before: Sequence[Registered]) -> str | None:
    """The standing cluster that a new one of mostly new failures split off; None where there is none.

    Their centroids are at least `KIN` alike and more alike than any other standing one is to the old: the new failures would have been the
    old cluster's. Of members that stood in a cluster, most stood in that one.
    """
    topical = [
        one for one in before if one.bot == cluster.bot and one.model == cluster.model and not one.mechanical_key
    ]
    if cluster.mechanical_key or not topical:
        return None
    centroids = np.stack([_centroid(one) for one in topical])
    near = centroids @ _centroid(cluster)
    old = int(near.argmax())
    others = np.delete(centroids @ centroids[old], old)
    if near[old] < others.max(initial=KIN):
        return None
    came = [len(set(one.members).intersection(cluster.members)) for one in before]
    known, from_old = sum(came), len(set(topical[old].members).intersection(cluster.members))
    return topical[old].cluster if 2 * from_old > known or not known else None


def _met(
    found: Sequence[Found], recorded: Sequence[Registered], register: Sequence[Registered]
) -> dict[str, list[str]]:
    """For each cluster the standing ones that merged into it by new failures alone: these come between two, and the other gets none.

    A cluster that dries up beside one that grows is what a good fix looks like, so the place of the new failures decides: nearer to
    each of the two than the two were to each other, at least `BETWEEN` of them, and to no other cluster nearer.
    """
    known = {member for old in register for member in old.members}
    fresh = {
        row.cluster: cluster.passages[[key not in known for key in cluster.members]]
        for cluster, row in zip(found, recorded, strict=True)
        if len(cluster.passages)
    }
    ever = {old.cluster for old in register}
    met: dict[str, list[str]] = {}
    for bot in sorted({row.bot for row in recorded}):
        topical = [row for row in recorded if row.bot == bot and not row.mechanical_key]
        before = [old for old in register if old.active and old.bot == bot and not old.mechanical_key]
        before = [old for old in before if old.model == topical[0].model] if topical else []
        if len(before) < 2:
            continue
        centroids = np.stack([_centroid(old) for old in before])
        for row in topical:
            new = fresh.get(row.cluster, ())
            if len(new) < FRESH:
                continue
            near = centroids @ unit_rows(np.mean(new, axis=0, keepdims=True))[0]
            first, second = np.argsort(-near, kind="stable")[:2]
            apart = float(centroids[first] @ centroids[second])
            others = {before[first].cluster, before[second].cluster} - {row.cluster}
            if len(others) == 2 and row.cluster in ever:
                continue
            dried = all(other in fresh and not len(fresh[other]) for other in others)
            if dried and near[second] > max(apart, KIN) and np.mean(new @ centroids[second] > apart) >= BETWEEN:
                met[row.cluster] = sorted(others)
    return met

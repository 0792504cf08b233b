"""What people's edits make of a clustering: applied after it, in their order, so that they outlive it.

Clusters keep the id that the clustering's own shape gave them. What the register learns of those stays that shape; a
cluster made by hand stands in it with the members that it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.clusters.cluster import Cluster
from workbench.clusters.discovery import Discovery, by_size
from workbench.clusters.grouping import Group
from workbench.failures.cases import Cases
from workbench.judgement.records.clusters import Act, Registered

Home = dict[str, str | None]
"""The cluster of each listed conversation by its key; None: in no cluster."""


@dataclass(frozen=True)
class EditedClusters:
    """What stands after people's edits."""

    clusters: list[Cluster]
    """All clusters under their ids, by falling size."""
    made_by_hand: list[Registered]
    """Those that only hands made, as the register is to record them."""


class BotFailures:
    """The failures of one bot: where each stands among its cases, and how near they are to each other."""

    def __init__(self, cases: Cases, discovery: Discovery) -> None:
        self.discovery = discovery
        self.rows = {cases.keys[i]: row for row, i in enumerate(discovery.listed)}
        """The row of each failing or suspected conversation among those of the bot, by conversation key."""

    def nearer(self, keys: Sequence[str], these: Sequence[str], those: Sequence[str]) -> list[str]:
        """Which of `keys` have their nearest neighbour among `these`, and not among `those`; cosine of what is clustered."""
        vectors = self.discovery.vectors
        sides = [vectors[[self.rows[key] for key in side if key in self.rows]] for side in (these, those)]
        if not len(keys) or not all(map(len, sides)):
            return []
        rows = vectors[[self.rows[key] for key in keys]]
        first, second = (np.round(rows @ side.T, 4).max(1) for side in sides)
        return [key for key, goes in zip(keys, first > second, strict=True) if goes]


def edited(
    clusters: Sequence[Cluster],
    bots: Mapping[str, BotFailures],
    acts: Sequence[Act],
    registered: Sequence[Registered],
    model: str,
    snapshot: str,
) -> EditedClusters:
    """Apply the acts to clusters under their ids, and describe anew what they change.

    `registered` has every cluster that ever was and those of this build, the latter last.
    """
    if not acts:
        return EditedClusters(list(clusters), [])
    before = {cluster.id: cluster for cluster in clusters}
    ever = {record.cluster: record for record in registered}
    base = {key: cluster.id for cluster in clusters for key in cluster.keys}
    home: Home = {key: base.get(key) for failures in bots.values() for key in failures.rows}
    apply_acts(home, acts, {id: bots[record.bot] for id, record in ever.items() if record.bot in bots})
    members: dict[str, list[str]] = {}
    for key, id in home.items():
        if id is not None:
            members.setdefault(id, []).append(key)
    names = {act.into: act.name for act in acts if act.kind == "split" and act.name}
    after: list[Cluster] = []
    for id, keys in members.items():
        if id in before and set(before[id].keys) == set(keys):
            after.append(before[id])
            continue
        origin = next((before[place] for key in keys if (place := base.get(key)) in before), None)
        theme = origin.theme if origin else None
        after.append(_described(bots[ever[id].bot], ever[id], keys, theme, names.get(id)))
    after.sort(key=lambda cluster: (*by_size(cluster), cluster.id))
    made = [
        replace(_as_registered(ever[cluster.id], cluster), model=model, last_snapshot=snapshot)
        for cluster in after
        if cluster.id not in before
    ]
    return EditedClusters(after, made)


def apply_acts(home: Home, acts: Sequence[Act], bots: Mapping[str, BotFailures]) -> None:
    """Change where each failure is, act by act; `bots` has the failures of each cluster's bot."""
    for act in acts:
        if act.kind == "merge":
            home |= dict.fromkeys([key for key, cluster in home.items() if cluster == act.cluster], act.into)
            continue
        if act.kind == "split":
            home |= {key: act.cluster for key in act.stays if home.get(key) == act.into}
            named = {*act.members, *act.stays}
            later = [key for key, cluster in home.items() if cluster == act.cluster and key not in named]
            if act.cluster in bots:
                home |= dict.fromkeys(bots[act.cluster].nearer(later, act.members, act.stays), act.into)
        home |= {key: act.into for key in act.members if key in home}


def _described(
    failures: BotFailures, record: Registered, keys: Sequence[str], theme: str | None, name: str | None
) -> Cluster:
    """A cluster of these failures as the page shows it, under its id and the name that a person gave it."""
    group = Group(record.kind, record.mechanical_key, sorted(failures.rows[key] for key in keys))
    cluster = replace(failures.discovery.described(group, theme), id=record.cluster)
    return replace(cluster, name=replace(cluster.name, text=name, topic="")) if name else cluster


def _as_registered(record: Registered, cluster: Cluster) -> Registered:
    """A cluster as it stands now, for the register."""
    return replace(
        record,
        name=cluster.name.text,
        members=sorted(cluster.keys),
        centroid=np.asarray(cluster.centroid, "<f4").tobytes(),
        active=True,
    )

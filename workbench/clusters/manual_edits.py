"""What people's acts make of a clustering: applied after it, in their order, so that they outlive it.

Clusters keep the id that the clustering's own shape gave them. What the register learns of those stays that shape; a
cluster made by hand stands in it with the members that it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from workbench.clusters.discovery import Cluster, Discovery
from workbench.clusters.grouping import Group
from workbench.clusters.identity import Found
from workbench.failures.case import Case
from workbench.judgement.records import Act, Registered

Home = dict[str, str | None]
"""The cluster of each failure by conversation key; None: in no cluster."""
Entry = tuple[Cluster, list[Case], Found]


@dataclass(frozen=True)
class Rearranged:
    """What stands after the acts, by falling size: clusters with their ids; `made` are those that only hands made."""

    found: list[Entry]
    clusters: list[Registered]
    made: list[Registered]


class BotFailures:
    """The failures of one bot: where each stands among its cases, and how near they are to each other."""

    def __init__(self, bot: str, cases: list[Case], discovery: Discovery) -> None:
        self.bot, self.cases, self.discovery = bot, cases, discovery
        self.rows = {cases[i].key: row for row, i in enumerate(discovery.failing)}

    def nearer(self, keys: Sequence[str], these: Sequence[str], those: Sequence[str]) -> list[str]:
        """Which of `keys` have their nearest neighbour among `these`, and not among `those`; cosine of what is clustered."""
        vectors = self.discovery.vectors
        sides = [vectors[[self.rows[key] for key in side if key in self.rows]] for side in (these, those)]
        if not len(keys) or not all(map(len, sides)):
            return []
        rows = vectors[[self.rows[key] for key in keys]]
        first, second = (np.round(rows @ side.T, 4).max(1) for side in sides)
        return [key for key, goes in zip(keys, first > second, strict=True) if goes]


def rearranged(
    found: Sequence[Entry],
    recorded: Sequence[Registered],
    bots: Mapping[str, BotFailures],
    acts: Sequence[Act],
    register: Sequence[Registered],
    model: str,
    snapshot: str,
) -> Rearranged:
    """Apply the acts to clusters as they were found (`recorded` has their ids), and describe anew what they change."""
    if not acts:
        return Rearranged(list(found), list(recorded), [])
    standing = {known.cluster: entry for entry, known in zip(found, recorded, strict=True)}
    ids = {known.cluster: known for known in register} | {known.cluster: known for known in recorded}
    base = {key: cluster for cluster, (_, _, same) in standing.items() for key in same.members}
    home: Home = {key: base.get(key) for one in bots.values() for key in one.rows}
    applied(home, acts, {cluster: bots[known.bot] for cluster, known in ids.items() if known.bot in bots})
    members: dict[str, list[str]] = {}
    for key, cluster in home.items():
        if cluster is not None:
            members.setdefault(cluster, []).append(key)
    names = {act.into: act.name for act in acts if act.kind == "split" and act.name}
    whole: list[tuple[Entry, Registered]] = []
    for cluster, keys in members.items():
        entry, known = standing.get(cluster), ids[cluster]
        if entry is None or set(entry[2].members) != set(keys):
            like = next((standing[place] for key in keys if (place := base.get(key)) in standing), None)
            entry = _described(bots[known.bot], known, keys, like[0].theme if like else None, names.get(cluster))
        whole.append((entry, replace(_registered(known, entry[2]), model=model, last_snapshot=snapshot)))
    whole.sort(key=lambda pair: (-len(pair[0][0].members), pair[1].cluster))
    made = [known for _, known in whole if known.cluster not in standing]
    return Rearranged([entry for entry, _ in whole], [known for _, known in whole], made)


def applied(home: Home, acts: Sequence[Act], bots: Mapping[str, BotFailures]) -> None:
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


def _described(bot: BotFailures, known: Registered, keys: Sequence[str], theme: str | None, name: str | None) -> Entry:
    """A cluster of these failures as the page shows it, under the name that a person gave it."""
    group = Group(known.kind, known.mechanical_key, sorted(bot.rows[key] for key in keys))
    cluster = bot.discovery.described(group, theme)
    if name:
        cluster = replace(cluster, name=replace(cluster.name, text=name))
    same = Found(bot.bot, cluster.kind, cluster.mechanical_key, cluster.name.text, sorted(keys), cluster.centroid)
    return cluster, bot.cases, same


def _registered(known: Registered, same: Found) -> Registered:
    """A cluster as it stands now, under its id."""
    return replace(
        known,
        name=same.name,
        members=sorted(same.members),
        centroid=np.asarray(same.centroid, "<f4").tobytes(),
        active=True,
    )

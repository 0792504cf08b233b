"""The clusters of a build under their ids for life, as people's edits leave them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.clusters.cluster import Cluster
from workbench.clusters.discovery import by_size
from workbench.clusters.identity import assign_ids
from workbench.clusters.manual_edits import BotFailures, edited
from workbench.judgement.records.clusters import Act, Lineage, Registered
from workbench.pipeline.cluster import BotClustering, ClusterHistory


@dataclass(frozen=True)
class IdentifiedClusters:
    """What a snapshot shows of clusters, and what it proposes to the register."""

    clusters: list[Cluster]
    """All clusters under their ids, in rank order, as people's edits leave them."""
    clustered: list[Registered]
    """The clusters as the clustering made them."""
    made_by_hand: list[Registered]
    """Those that only hands made."""
    lineage: list[Lineage]
    """What became of each cluster that there was."""
    places: dict[str, tuple[float, float]]
    """The place of each failure on its bot's map, by conversation key."""
    laid_out: dict[str, int]
    """How many failures each bot had when its map was last laid out."""
    sampled: dict[str, int]
    """How many failures of a bot were clustered, by bot; those of which all were are absent."""


def identify(
    clusterings: Sequence[BotClustering],
    history: ClusterHistory,
    next_number: int,
    acts: Sequence[Act],
    snapshot: str,
) -> IdentifiedClusters:
    """Give the clusters their ids, the next free one being `next_number`, and apply people's `acts` in their order."""
    clusters = [cluster for clustering in clusterings for cluster in clustering.discovery.clusters]
    clusters.sort(key=by_size)
    places = {
        clustering.cases.keys[i]: place
        for clustering in clusterings
        for i, place in clustering.discovery.places.items()
    }
    laid_out = {clustering.bot: clustering.discovery.laid_out for clustering in clusterings}
    sampled = {
        clustering.bot: clustering.discovery.sampled
        for clustering in clusterings
        if clustering.discovery.sampled is not None
    }
    ids = assign_ids(clusters, history.register, next_number, history.model, snapshot, history.made_by_hand)
    lineage = ids.lineage
    if history.kept:
        lineage = [row for row in lineage if row.relation != "continued"]
    bots = {clustering.bot: BotFailures(clustering.cases, clustering.discovery) for clustering in clusterings}
    after = edited(ids.clusters, bots, acts, [*history.register, *ids.registered], history.model, snapshot)
    return IdentifiedClusters(after.clusters, ids.registered, after.made_by_hand, lineage, places, laid_out, sampled)

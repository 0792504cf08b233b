"""Each bot's failures grouped, anew or beside the clusters that there were before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from workbench.clusters.cluster import Cluster
from workbench.clusters.discovery import Discovery, carried, discover
from workbench.clusters.map_layout import StandingMap
from workbench.engine.engine import LOCAL, Engine
from workbench.failures.cases import Cases
from workbench.judgement.records.clusters import Registered
from workbench.pipeline.embed import BotVectors
from workbench.pipeline.job import Progress
from workbench.pipeline.kept_results import KeptResults

FULL_LIMIT = 200_000
"""Failures of one bot up to which every import clusters anew; above, an import assigns and `analyze` clusters."""


@dataclass(frozen=True)
class KeptClustering:
    """The clusters of a snapshot as they were found, before any hand changed them: a build that only rearranges keeps them."""

    model: str
    """The model and precision of its vectors, like NAME/float32."""
    dimension: int
    """The length of its vectors."""
    clusters: list[Registered]
    """Its clusters under their ids."""


@dataclass(frozen=True)
class StandingMaps:
    """The maps of a snapshot."""

    places: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    """The place of each failure on its bot's map, by conversation key."""
    laid_out: Mapping[str, int] = field(default_factory=dict)
    """How many failures a bot had when its map was last laid out, by bot."""

    def of_bot(self, bot: str) -> StandingMap:
        """The map of one bot."""
        return StandingMap(self.places, self.laid_out.get(bot, 0))


@dataclass(frozen=True)
class ClusterHistory:
    """What is known of clusters before a build makes its own."""

    register: Sequence[Registered]
    """Every cluster that ever was."""
    model: str
    """The model and precision of this build's vectors; clusters of another can't be compared with it."""
    made_by_hand: frozenset[str]
    """Ids of clusters that only hands made."""
    same_granularity: bool
    """Whether the snapshot before was clustered as finely."""
    kept: KeptClustering | None
    """The clusters that this build keeps; None where it clusters."""
    importing: bool
    """Whether new logs come in: above `FULL_LIMIT` their failures are only assigned."""
    maps: StandingMaps = field(default_factory=StandingMaps)
    """Where the failures stood in the snapshot before; nothing where its vectors were of another model."""

    def assigned_to(self, bot: str, failures: int) -> list[Registered] | None:
        """The bot's clusters where a build shall only assign to them; None where it clusters anew.

        Those that only hands made are not among them: what is theirs lies in the others until the acts are applied.
        """
        if self.kept is None and (not self.importing or failures <= FULL_LIMIT):
            return None
        clusters = [
            cluster
            for cluster in (self.kept.clusters if self.kept else self._standing(bot))
            if cluster.bot == bot and cluster.active and cluster.model == self.model
        ]
        return clusters or None

    def previous_cluster(self, bot: str, failures: int) -> dict[str, str]:
        """The topical cluster that each of the bot's failures was in before, by conversation key.

        None where the granularity is another, nor above `FULL_LIMIT`, where most were only assigned to theirs.
        """
        if not self.same_granularity or failures > FULL_LIMIT:
            return {}
        return {
            member: cluster.cluster
            for cluster in self._standing(bot)
            if not cluster.mechanical_key
            for member in cluster.members
        }

    def _standing(self, bot: str) -> list[Registered]:
        return [
            cluster
            for cluster in self.register
            if cluster.bot == bot and cluster.active and cluster.model == self.model
            if cluster.cluster not in self.made_by_hand
        ]


@dataclass(frozen=True, eq=False)
class BotClustering:
    """The clusters of one bot's failures."""

    bot: str
    """The bot."""
    cases: Cases
    """All its cases, in the order of their keys."""
    discovery: Discovery
    """Its clusters, without ids."""
    assigned: bool
    """Whether its failures were only put into clusters that stood before."""


@dataclass(frozen=True)
class BotClusters:
    """The clusters of one bot as they are kept for a build without news of it."""

    clusters: list[Cluster]
    """Ranked, without ids, and without the passages that the vectors have."""
    sampled: int | None
    """How many failures were clustered where not all were."""

    @classmethod
    def of(cls, clustering: BotClustering) -> BotClusters:
        """What is kept of a clustering."""
        discovery = clustering.discovery
        clusters = [replace(cluster, passages=cluster.passages[:0]) for cluster in discovery.clusters]
        return cls(clusters, discovery.sampled)


def cluster_log(
    cases: Mapping[str, Cases],
    vectors: Mapping[str, BotVectors],
    granularity: str,
    history: ClusterHistory,
    zone: str,
    progress: Progress,
    engine: Engine = LOCAL,
    kept: KeptResults | None = None,
) -> list[BotClustering]:
    """Cluster the failures of each bot, in the order of the bots' names; weeks are counted in the time zone `zone`.

    Of a bot without news the clusters are those that are `kept`.
    """
    before = {bot: kept.read(BotClusters, kept.of(bot)) for bot in cases} if kept else {}
    news = [(bot, of_bot, vectors[bot]) for bot, of_bot in sorted(cases.items()) if before.get(bot) is None]
    clusterings = [
        _carried(bot, cases[bot], vectors[bot], clusters, history, zone)
        for bot, clusters in before.items()
        if clusters is not None
    ]
    progress("cluster", len(clusterings), len(cases))
    for clustering in engine.each(partial(_cluster_bot, granularity, history, zone), news):
        clusterings.append(clustering)
        if kept:
            kept.keep(BotClusters.of(clustering), kept.of(clustering.bot))
        progress("cluster", len(clusterings), len(cases))
    return sorted(clusterings, key=lambda clustering: clustering.bot)


def _carried(
    bot: str, cases: Cases, vectors: BotVectors, before: BotClusters, history: ClusterHistory, zone: str
) -> BotClustering:
    standing = history.maps.of_bot(bot)
    discovery = carried(bot, cases, vectors.requests, vectors.passages, before.clusters, before.sampled, zone, standing)
    return BotClustering(bot, cases, discovery, history.assigned_to(bot, len(vectors.passages)) is not None)


def _cluster_bot(
    granularity: str, history: ClusterHistory, zone: str, of_bot: tuple[str, Cases, BotVectors]
) -> BotClustering:
    """The clusters of one bot's failures, anew or beside those that there were; a pure function."""
    bot, cases, vectors = of_bot
    failures = len(vectors.passages)
    assign_to = history.assigned_to(bot, failures)
    previous = history.previous_cluster(bot, failures)
    discovery = discover(
        bot,
        cases,
        vectors.requests,
        vectors.passages,
        granularity,
        assign_to,
        previous,
        zone,
        history.maps.of_bot(bot),
    )
    return BotClustering(bot, cases, discovery, assign_to is not None)

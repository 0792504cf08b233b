"""What a snapshot says of its conversations and clusters, as rows: signals, strands, patterns, suspects, contrasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from workbench.clusters.cluster import Cluster
from workbench.clusters.contrast_sets import Behaviour, BehaviourKind, Discriminator
from workbench.clusters.naming import Name, named_by_contrast, told_apart
from workbench.evidence.cluster_tables import BehaviourRecord
from workbench.evidence.schema import Rows
from workbench.judgement.records.clusters import Registered
from workbench.pipeline.embed import BotVectors
from workbench.pipeline.figures import BotFigures, bot_figures
from workbench.pipeline.identify import IdentifiedClusters
from workbench.pipeline.job import Progress
from workbench.pipeline.kept_results import KeptResults
from workbench.pipeline.rows import (
    cluster_rows,
    contrast_rows,
    failure_vector_rows,
    lineage_rows,
    pattern_rows,
    place_rows,
    proposed_rows,
    request_vector_rows,
    strand_rows,
    suspect_rows,
)
from workbench.pipeline.stored_cases import StoredCases
from workbench.pipeline.tables import member_tables, signal_tables, worked_table
from workbench.stats import benjamini_hochberg


def describe(
    cases: Mapping[str, StoredCases],
    vectors: Mapping[str, BotVectors],
    identified: IdentifiedClusters,
    kept: KeptResults | None = None,
    progress: Progress = lambda stage, done, total: None,
    shown: Mapping[str, StoredCases] | None = None,
) -> Rows:
    """The rows of every table that rests on cases and clusters, by table; of a bot without news its figures are as `kept`.

    `shown` are the cases as rows may hold them (`nameless`); without, as they are.
    """
    shown = cases if shown is None else shown
    figures: dict[str, BotFigures] = {}
    for n, (bot, of_bot) in enumerate(cases.items()):
        progress("describe", n, len(cases))
        figures[bot] = _figures(bot, of_bot, vectors[bot], identified, kept)
    contrasts = contrast_rows(identified.clusters, figures)
    clusters, clustered = _by_contrast(identified, contrasts)
    escalating = benjamini_hochberg([cluster.change[1] for cluster in clusters])
    return {
        **signal_tables(shown),
        **cluster_rows(clusters, shown, escalating),
        **member_tables(clusters, cases),
        **worked_table(figures.values()),
        **proposed_rows(clustered, identified.made_by_hand),
        **place_rows(identified.places),
        **strand_rows(clusters, cases),
        **pattern_rows(clusters),
        **suspect_rows(figures),
        **contrasts,
        **lineage_rows(identified.lineage),
        **request_vector_rows(cases, {bot: of_bot.requests for bot, of_bot in vectors.items()}),
        **failure_vector_rows(cases, figures),
    }


def _figures(
    bot: str, cases: StoredCases, vectors: BotVectors, identified: IdentifiedClusters, kept: KeptResults | None
) -> BotFigures:
    clusters = [cluster for cluster in identified.clusters if cluster.bot == bot]
    if kept is None:
        return bot_figures(cases, vectors, clusters)
    rests_on = kept.of(
        bot, [(cluster.id, cluster.kind, cluster.mechanical_key, cluster.failing) for cluster in clusters]
    )
    figures = kept.read(BotFigures, rests_on)
    if figures is None:
        figures = bot_figures(cases, vectors, clusters)
        kept.keep(figures, rests_on)
    return figures


def _by_contrast(identified: IdentifiedClusters, contrasts: Rows) -> tuple[list[Cluster], list[Registered]]:
    """The clusters, and as the register shall know them, those whose failures share nothing telling named by their clearest
    contrast, and no two of a bot alike."""
    of_cluster: dict[str, list[Discriminator]] = {}
    rows = [row for row in contrasts["parted"] if isinstance(row, BehaviourRecord)]
    for row in sorted(rows, key=lambda row: row.rank):
        behaviour = Behaviour(cast(BehaviourKind, row.kind), row.name, row.argument, row.value)
        contrast = Discriminator(behaviour, row.failing, row.failures, row.working, row.worked)
        of_cluster.setdefault(row.cluster, []).append(contrast)
    named: dict[str, Name] = {}
    for cluster in identified.clusters:
        named[cluster.id] = named_by_contrast(cluster.name, of_cluster.get(cluster.id, []))
    for bot in {cluster.bot for cluster in identified.clusters}:
        ids = sorted(cluster.id for cluster in identified.clusters if cluster.bot == bot)
        named |= zip(ids, told_apart([named[cluster] for cluster in ids]), strict=True)
    clusters = [replace(cluster, name=named[cluster.id]) for cluster in identified.clusters]
    names = {(cluster.id, cluster.name.text): named[cluster.id].text for cluster in identified.clusters}
    registered = [
        replace(record, name=names.get((record.cluster, record.name), record.name)) for record in identified.clustered
    ]
    return clusters, registered

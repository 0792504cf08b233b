"""What a snapshot says of its conversations and clusters, as rows: signals, strands, patterns, suspects, contrasts."""

from __future__ import annotations

from collections.abc import Mapping

from workbench.evidence.schema import Rows
from workbench.failures.case import Case
from workbench.pipeline.embed import BotVectors
from workbench.pipeline.identify import IdentifiedClusters
from workbench.pipeline.rows import (
    cluster_rows,
    contrast_rows,
    failure_vector_rows,
    lineage_rows,
    pattern_rows,
    place_rows,
    proposed_rows,
    request_vector_rows,
    signal_rows,
    strand_rows,
    suspect_rows,
)
from workbench.stats import benjamini_hochberg


def describe(
    cases: Mapping[str, list[Case]], vectors: Mapping[str, BotVectors], identified: IdentifiedClusters
) -> Rows:
    """The rows of every table that rests on cases and clusters, by table."""
    clusters = identified.clusters
    requests = {bot: of_bot.requests for bot, of_bot in vectors.items()}
    passages = {bot: of_bot.passages for bot, of_bot in vectors.items()}
    escalating = benjamini_hochberg([cluster.change[1] for cluster in clusters])
    return {
        **signal_rows(cases),
        **cluster_rows(clusters, cases, escalating),
        **proposed_rows(identified.clustered, identified.made_by_hand),
        **place_rows(identified.places),
        **strand_rows(clusters, cases),
        **pattern_rows(clusters),
        **suspect_rows(clusters, cases),
        **contrast_rows(clusters, cases, requests),
        **lineage_rows(identified.lineage),
        **request_vector_rows(cases, requests),
        **failure_vector_rows(cases, passages),
    }

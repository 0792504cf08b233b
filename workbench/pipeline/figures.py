"""What is worked out of one bot once its clusters stand: successes to compare with, contrasts, suspects, compressed vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import compress

from workbench.clusters.cluster import Cluster
from workbench.clusters.contrast_sets import Discriminator, behaviours, discriminators
from workbench.clusters.failure_vectors import compressed, failure_vectors
from workbench.clusters.matched_successes import MatchedSuccess, match_successes
from workbench.clusters.statements import statements
from workbench.clusters.suspects import Scope, Suspect, own_tool, suspects_of_bot
from workbench.embedding.vectors import Vectors
from workbench.failures.cases import Cases
from workbench.pipeline.embed import BotVectors


@dataclass(frozen=True, eq=False)
class BotFigures:
    """The figures of one bot."""

    worked: list[MatchedSuccess]
    """For each failure the successes like it, the most like first."""
    contrasts: list[list[Discriminator]]
    """What parts each cluster from those, in the order of the clusters."""
    suspects: list[Suspect]
    """Every test of what came with a cluster; which of them stand, all bots' tests decide."""
    compared: Vectors
    """What each failure is compared by when causes are suggested, (failures, 64)."""


def bot_figures(cases: Cases, vectors: BotVectors, clusters: Sequence[Cluster]) -> BotFigures:
    """The figures of a bot with these clusters; a pure function."""
    worked = match_successes(cases, vectors.requests)
    failing = cases.failed[cases.listed]
    tokens = [case.signature_tokens for case in compress(cases.listed_cases, failing.tolist())]
    scopes = [
        Scope(cluster.id, cluster.eligible, cluster.failing, own_tool(cluster.mechanical_key))
        for cluster in clusters
        if cluster.failing
    ]
    return BotFigures(
        worked,
        _contrasts(cases, worked, clusters),
        suspects_of_bot(cases.circumstances, cases.started_at, scopes),
        compressed(failure_vectors(vectors.passages[failing], tokens)),
    )


def _contrasts(
    cases: Cases, worked: Sequence[MatchedSuccess], clusters: Sequence[Cluster]
) -> list[list[Discriminator]]:
    compared = dict.fromkeys(key for match in worked for key in (match.key, match.other))
    rows = {key: row for row, key in enumerate(cases.keys) if key in compared}
    traces = dict(zip(rows, cases.traces(list(rows.values())), strict=True))
    seen = statements(cases, list(rows.values()))
    shows = {key: behaviours(trace, there) for (key, trace), there in zip(traces.items(), seen, strict=True)}
    beside: dict[str, list[str]] = defaultdict(list)
    for match in worked:
        beside[match.key].append(match.other)
    contrasts = []
    for cluster in clusters:
        members = [key for key in cluster.keys if key in beside]
        successes = dict.fromkeys(other for key in members for other in beside[key])
        sides = [members, list(successes)]
        failures, worked_well = ([traces[key] for key in side] for side in sides)
        observed, observed_well = ([shows[key] for key in side] for side in sides)
        contrasts.append(discriminators(failures, worked_well, (observed, observed_well)))
    return contrasts

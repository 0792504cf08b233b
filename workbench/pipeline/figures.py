"""What is worked out of one bot once its clusters stand: successes to compare with, contrasts, suspects, compressed vectors."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from workbench.clusters.cluster import Cluster
from workbench.clusters.contrast_sets import Discriminator, discriminators
from workbench.clusters.failure_vectors import compressed, failure_vectors
from workbench.clusters.matched_successes import Candidate, MatchedSuccess, match_successes
from workbench.clusters.statements import statements
from workbench.clusters.suspects import Scope, Suspect, own_tool, suspects_of_bot
from workbench.embedding.vectors import Vectors
from workbench.failures.case import Case
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


def bot_figures(cases: Sequence[Case], vectors: BotVectors, clusters: Sequence[Cluster]) -> BotFigures:
    """The figures of a bot with these clusters; a pure function."""
    candidates = [
        Candidate(
            case.key,
            case.analysis.failed,
            case.analysis.outcome.failed is False,
            case.trace,
            case.analysis.suspected,
        )
        for case in cases
    ]
    worked = match_successes(candidates, vectors.requests)
    listed = [case.analysis for case in cases if case.analysis.listed]
    failing = [row for row, analysis in enumerate(listed) if analysis.failed]
    scopes = [
        Scope(cluster.id, cluster.eligible, cluster.failing, own_tool(cluster.mechanical_key))
        for cluster in clusters
        if cluster.failing
    ]
    return BotFigures(
        worked,
        _contrasts(cases, worked, clusters),
        suspects_of_bot([case.circumstances for case in cases], [case.started_at for case in cases], scopes),
        compressed(failure_vectors(vectors.passages[failing], [listed[row].signature_tokens for row in failing])),
    )


def _contrasts(
    cases: Sequence[Case], worked: Sequence[MatchedSuccess], clusters: Sequence[Cluster]
) -> list[list[Discriminator]]:
    traces = {case.key: case.trace for case in cases}
    seen = dict(zip(traces, statements(cases), strict=True))
    beside: dict[str, list[str]] = defaultdict(list)
    for match in worked:
        beside[match.key].append(match.other)
    contrasts = []
    for cluster in clusters:
        members = [key for key in cluster.keys if key in beside]
        successes = dict.fromkeys(other for key in members for other in beside[key])
        sides = [members, list(successes)]
        failures, worked_well = ([traces[key] for key in side] for side in sides)
        shown, shown_well = ([seen[key] for key in side] for side in sides)
        contrasts.append(discriminators(failures, worked_well, (shown, shown_well)))
    return contrasts

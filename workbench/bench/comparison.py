"""What the bench says of a cluster beside others: its suspects, what parts it from successes, the same request that worked.

Log text leaves here masked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from workbench.bench.cluster_detail import BehaviourRow, PatternRow, StrandRow, StrandsOf, SuccessRow, SuspectRow
from workbench.bench.failure_rows import MemberRow
from workbench.clusters.contrast_sets import Behaviour, BehaviourKind
from workbench.clusters.matched_successes import ArgumentDifference, Contrast, StepPair, Tally, compare
from workbench.clusters.naming import FACT_SHARE
from workbench.clusters.strands import APART
from workbench.clusters.suspects import defines
from workbench.conversation import Conversation
from workbench.conversation.tool_calls import CallKind
from workbench.evidence.cluster_tables import BehaviourRecord, ClusterRecord, SuspectRecord
from workbench.evidence.queries import Evidence
from workbench.failures.action_trace import Step, action_trace
from workbench.stats import wilson
from workbench.text.masking import mask


def suspect_rows(evidence: Evidence, cluster: ClusterRecord) -> list[SuspectRow]:
    """A cluster's suspects without the tools that define it; those that stand come first."""
    shared = [fact.text for fact in cluster.facts if fact.count >= FACT_SHARE * cluster.size]
    return [
        _suspect(row)
        for row in evidence.suspects(cluster.cluster)
        if not defines(row.kind, row.value, cluster.mechanical_key, shared)
    ]


def strands_of(evidence: Evidence, cluster: ClusterRecord, members: Mapping[str, MemberRow]) -> StrandsOf:
    """The strands of a cluster, whose `members` are given by key."""
    keys: dict[str | None, list[str]] = defaultdict(list)
    for member in members.values():
        keys[member.strand].append(member.key)
    rows = [
        StrandRow(name, keys[name], members.get(row.example) or members[keys[name][0]])
        for row in evidence.strands(cluster.cluster)
        if (name := mask(row.strand)) in keys
    ]
    likeness = cluster.likeness
    return StrandsOf(rows, likeness, likeness is not None and likeness < APART)


def pattern_rows(evidence: Evidence, cluster: str) -> list[PatternRow]:
    """The clusters of other bots with the same problem, most similar first."""
    return [
        PatternRow(row.cluster, row.bot, mask(row.name), mask(row.shared), row.similarity)
        for row in evidence.patterns(cluster)
    ]


def behaviour_rows(evidence: Evidence, cluster: str) -> list[BehaviourRow]:
    """What parts a cluster's failures from the same requests that worked, the clearest first."""
    return [
        BehaviourRow(mask(_way(row).text), row.failing, row.failures, row.working, row.worked)
        for row in evidence.parted(cluster)
    ]


def success_rows(evidence: Evidence, key: str) -> list[SuccessRow]:
    """The successes beside a failure, nearest first; none for a success."""
    matches = evidence.worked(key)
    analysis = evidence.analysis(key)
    conversations = {each.key: each for each in evidence.conversations([key, *(match.other for match in matches)])}
    failure = conversations.get(key)
    if failure is None or analysis is None:
        return []
    ways = [_way(row) for row in evidence.parted(analysis.cluster)] if analysis.cluster else []
    telling = frozenset((way.name, way.argument) for way in ways if way.argument)
    tools = _tools(evidence).get(failure.bot, {})
    here = action_trace(failure, tools)
    rows = []
    for row in matches:
        other = conversations[row.other]
        rows.append(
            SuccessRow(
                key=other.key,
                conversation_id=other.conversation_id,
                started_at=other.started_at,
                release=other.release_name,
                similarity=row.similarity,
                same_task=row.same_task,
                contrast=_masked(compare(here, action_trace(other, tools), row.same_task, telling)),
            )
        )
    return rows


def first_differences(evidence: Evidence, failures: Sequence[Conversation]) -> dict[str, tuple[str, str]]:
    """Of each failure that has a success beside it, by key: the nearest success's id, and the first difference to it."""
    nearest = {row.key: row for row in evidence.nearest_worked([failure.key for failure in failures])}
    successes = evidence.conversations(sorted({row.other for row in nearest.values()}))
    others = {success.key: success for success in successes}
    telling = {
        cluster: frozenset((way.name, way.argument) for row in evidence.parted(cluster) if (way := _way(row)).argument)
        for cluster in {row.cluster for row in nearest.values() if row.cluster}
    }
    differences, kinds = {}, _tools(evidence)
    for failure in failures:
        tools = kinds.get(failure.bot, {})
        if row := nearest.get(failure.key):
            other = others[row.other]
            shown = telling.get(row.cluster or "", frozenset())
            contrast = compare(action_trace(failure, tools), action_trace(other, tools), row.same_task, shown)
            differences[failure.key] = other.conversation_id, _masked(contrast).first
    return differences


def _tools(evidence: Evidence) -> dict[str, dict[str, CallKind]]:
    """What people had said that tools do when the snapshot was built, by bot."""
    kinds: dict[str, dict[str, CallKind]] = evidence.meta.settings.get("tools", {})
    return kinds


def _suspect(row: SuspectRecord) -> SuspectRow:
    low, high = wilson(row.hits, row.total)
    rate, elsewhere = row.hits / row.total, row.elsewhere_hits / row.elsewhere
    return SuspectRow(
        kind=row.kind,
        value=mask(row.value),
        also=[mask(value) for value in row.also],
        hits=row.hits,
        total=row.total,
        rate=rate,
        low=low,
        high=high,
        elsewhere=elsewhere,
        lift=rate / elsewhere if elsewhere else None,
        p=row.p,
        stands=row.stands,
        first_seen=row.first_seen,
        begins=row.begins,
    )


def _way(row: BehaviourRecord) -> Behaviour:
    return Behaviour(cast(BehaviourKind, row.kind), row.name, row.argument, row.value)


def _masked(contrast: Contrast) -> Contrast:
    return replace(
        contrast,
        steps=[
            StepPair(
                _masked_step(pair.here), _masked_step(pair.there), [_masked_difference(d) for d in pair.differences]
            )
            for pair in contrast.steps
        ],
        documents=_masked_tallies(contrast.documents),
    )


def _masked_step(step: Step | None) -> Step | None:
    return None if step is None else replace(step, arguments=mask(step.arguments))


def _masked_difference(difference: ArgumentDifference) -> ArgumentDifference:
    here, there = (None if value is None else mask(value) for value in (difference.here, difference.there))
    return replace(difference, path=mask(difference.path), here=here, there=there)


def _masked_tallies(tallies: Sequence[Tally]) -> list[Tally]:
    return [replace(tally, name=mask(tally.name)) for tally in tallies]

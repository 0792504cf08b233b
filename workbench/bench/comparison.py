"""What the bench says of a cluster beside others: its suspects, what parts it from successes, the same request that worked.

Log text leaves here masked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from workbench.bench.rows import MemberRow, PartedRow, PatternRow, StrandRow, StrandsOf, SuspectRow, WorkedRow
from workbench.clusters.contrast_sets import Behaviour
from workbench.clusters.matched_successes import ArgumentDifference, Contrast, StepPair, Tally, compare
from workbench.clusters.strands import APART
from workbench.conversation import Conversation
from workbench.conversation.tool_calls import CallKind
from workbench.evidence.queries import Evidence
from workbench.failures.action_trace import Step, action_trace
from workbench.stats import wilson
from workbench.text.masking import mask


def suspect_rows(evidence: Evidence, cluster: str) -> list[SuspectRow]:
    """A cluster's suspects; those that stand come first."""
    return [_suspect(row) for row in evidence.suspects(cluster)]


def strands_of(evidence: Evidence, cluster: dict[str, Any], members: Mapping[str, MemberRow]) -> StrandsOf:
    """The strands of a cluster, a row of `Evidence.clusters`, whose `members` are given by key."""
    keys: dict[str | None, list[str]] = defaultdict(list)
    for member in members.values():
        keys[member.strand].append(member.key)
    rows = [
        StrandRow(name, keys[name], members.get(row["example"]) or members[keys[name][0]])
        for row in evidence.strands(cluster["cluster"])
        if (name := mask(row["strand"])) in keys
    ]
    likeness = cluster["likeness"]
    return StrandsOf(rows, likeness, likeness is not None and likeness < APART)


def pattern_rows(evidence: Evidence, cluster: str) -> list[PatternRow]:
    """The clusters of other bots with the same problem, most similar first."""
    return [
        PatternRow(row["cluster"], row["bot"], mask(row["name"]), mask(row["shared"]), row["similarity"])
        for row in evidence.patterns(cluster)
    ]


def parted_rows(evidence: Evidence, cluster: str) -> list[PartedRow]:
    """What parts a cluster's failures from the same requests that worked, the clearest first."""
    return [
        PartedRow(mask(_way(row).text), row["failing"], row["failures"], row["working"], row["worked"])
        for row in evidence.parted(cluster)
    ]


def worked_rows(evidence: Evidence, key: str) -> list[WorkedRow]:
    """The successes beside a failure, nearest first; none for a success."""
    failure = evidence.conversation(key)
    found = evidence.analysis(key)
    if failure is None or found is None:
        return []
    ways = [_way(row) for row in evidence.parted(found["cluster"])] if found["cluster"] else []
    telling = frozenset((way.name, way.argument) for way in ways if way.argument)
    tools = _tools(evidence).get(failure.bot, {})
    here = action_trace(failure, tools)
    rows = []
    for row in evidence.worked(key):
        other = evidence.conversation(row["other"])
        assert other is not None, "a snapshot compares only what it holds"
        rows.append(
            WorkedRow(
                key=other.key,
                conversation_id=other.conversation_id,
                started_at=other.started_at,
                release=other.release_name,
                similarity=row["similarity"],
                same_task=row["same_task"],
                contrast=_masked(compare(here, action_trace(other, tools), row["same_task"], telling)),
            )
        )
    return rows


def first_differences(evidence: Evidence, failures: Sequence[Conversation]) -> dict[str, tuple[str, str]]:
    """Of each failure that has a success beside it, by key: the nearest success's id, and the first difference to it."""
    nearest = {row["key"]: row for row in evidence.nearest_worked([one.key for one in failures])}
    others = {one.key: one for one in evidence.conversations(sorted({row["other"] for row in nearest.values()}))}
    telling = {
        cluster: frozenset((way.name, way.argument) for row in evidence.parted(cluster) if (way := _way(row)).argument)
        for cluster in {row["cluster"] for row in nearest.values() if row["cluster"]}
    }
    found, said = {}, _tools(evidence)
    for one in failures:
        tools = said.get(one.bot, {})
        if row := nearest.get(one.key):
            other = others[row["other"]]
            shown = telling.get(row["cluster"], frozenset())
            contrast = compare(action_trace(one, tools), action_trace(other, tools), row["same_task"], shown)
            found[one.key] = other.conversation_id, _masked(contrast).first
    return found


def _tools(evidence: Evidence) -> dict[str, dict[str, CallKind]]:
    """What people had said that tools do when the snapshot was built, by bot."""
    found: dict[str, dict[str, CallKind]] = evidence.meta.settings.get("tools", {})
    return found


def _suspect(row: dict[str, Any]) -> SuspectRow:
    low, high = wilson(row["hits"], row["total"])
    rate, elsewhere = row["hits"] / row["total"], row["elsewhere_hits"] / row["elsewhere"]
    return SuspectRow(
        kind=row["kind"],
        value=mask(row["value"]),
        also=[mask(one) for one in row["also"]],
        hits=row["hits"],
        total=row["total"],
        rate=rate,
        low=low,
        high=high,
        elsewhere=elsewhere,
        lift=rate / elsewhere if elsewhere else None,
        p=row["p"],
        stands=row["stands"],
        first_seen=row["first_seen"],
        begins=row["begins"],
    )


def _way(row: dict[str, Any]) -> Behaviour:
    return Behaviour(**{name: row[name] for name in Behaviour._fields})


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


def _masked_difference(one: ArgumentDifference) -> ArgumentDifference:
    here, there = (None if value is None else mask(value) for value in (one.here, one.there))
    return replace(one, path=mask(one.path), here=here, there=there)


def _masked_tallies(tallies: Sequence[Tally]) -> list[Tally]:
    return [replace(one, name=mask(one.name)) for one in tallies]

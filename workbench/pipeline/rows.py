"""What a build found, as rows of the snapshot's tables (`evidence.FINDINGS`)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from workbench.clusters.contrast_sets import parted
from workbench.clusters.discovery import Cluster
from workbench.clusters.grouping import compressed, failure_vectors
from workbench.clusters.identity import Found
from workbench.clusters.matched_successes import Candidate, find_worked
from workbench.clusters.patterns import Comparable, find_patterns
from workbench.clusters.suspects import Scope, Suspect, own_tool, standing, suspects_of_bot
from workbench.embedding import Vectors
from workbench.evidence.schema import FINDINGS, Rows
from workbench.failures.case import Case
from workbench.failures.learned_score import Learned
from workbench.failures.signals import REGISTRY
from workbench.judgement.records import Registered
from workbench.logs.parts import Part, read_manifest, read_rejects


def import_rows(parts: Sequence[Part]) -> Rows:
    """The manifests of the parts, and the rows that they rejected."""
    manifests = [read_manifest(part.folder) for part in parts]
    return {
        "imports": [
            {"import_id": part.import_id, "position": n, "manifest": json.dumps(asdict(manifest), ensure_ascii=False)}
            for n, (part, manifest) in enumerate(zip(parts, manifests, strict=True))
        ],
        "rejects": [
            {"import_id": part.import_id} | asdict(reject) for part in parts for reject in read_rejects(part.folder)
        ],
    }


def analysis_row(case: Case) -> dict[str, Any]:
    """What was found in one conversation."""
    analysis = case.analysis
    names = FINDINGS["analyses"].names
    return {name: getattr(analysis, name) for name in names if hasattr(analysis, name)} | {
        "key": case.key,
        "reply": case.reply,
        "outcome": analysis.outcome.value,
        "outcome_source": analysis.outcome.source,
        "logged": analysis.outcome.failed,
        "candidates": [candidate._asdict() for candidate in analysis.candidates],
        "codes": sorted({signal.code for signal in analysis.signals}),
    }


def found_cluster(bot: str, cluster: Cluster, cases: Sequence[Case], passages: Mapping[int, Vectors]) -> Found:
    """A cluster as it is matched to the identity register; `passages` has the vector of each failing row of the cases."""
    return Found(
        bot,
        cluster.kind,
        cluster.mechanical_key,
        cluster.name.text,
        [cases[i].key for i in cluster.members],
        cluster.centroid,
        np.stack([passages[i] for i in cluster.members]),
    )


def cluster_rows(
    found: Sequence[tuple[Cluster, list[Case], Found]],
    recorded: Sequence[Registered],
    escalating: Sequence[bool],
) -> Rows:
    """Clusters in rank order with their members and eligible conversations."""
    rows: Rows = {"clusters": [], "members": [], "eligible": []}
    for rank, ((cluster, cases, same), known, rises) in enumerate(zip(found, recorded, escalating, strict=True)):
        rate = cluster.rate or (None, None, None)
        rows["clusters"].append(
            {
                "cluster": known.cluster,
                "rank": rank,
                "bot": same.bot,
                "kind": cluster.kind,
                "mechanical_key": cluster.mechanical_key,
                "name": cluster.name.text,
                "keywords": cluster.name.keywords,
                "sentence": cases[cluster.medoid].analysis.request,
                "theme": cluster.theme,
                "size": len(cluster.members),
                "failures": cluster.failures,
                "eligible": len(cluster.eligible),
                "rate": rate[0],
                "low": rate[1],
                "high": rate[2],
                "excess": cluster.excess,
                "trend": cluster.trend,
                "escalating": rises and cluster.change[0] > 0,
                "severity": cluster.severity,
                "signature": cluster.signature,
                "first_seen": cluster.first_seen,
                "last_seen": cluster.last_seen,
                "examples": [cases[i].key for i in cluster.examples],
                "facts": [asdict(fact) for fact in cluster.facts],
                "weeks": [asdict(week) for week in cluster.weeks],
                "centroid": cluster.centroid,
                "likeness": cluster.strands.likeness,
            }
        )
        strand_of = {i: strand.name for strand in cluster.strands.strands for i in strand.members}
        for i, similarity in zip(cluster.members, cluster.similarity, strict=True):
            rows["members"].append(
                {
                    "key": cases[i].key,
                    "cluster": known.cluster,
                    "strand": strand_of.get(i),
                    "similarity": similarity,
                }
            )
        rows["eligible"] += [{"cluster": known.cluster, "key": cases[i].key} for i in cluster.eligible]
    return rows


def proposed_rows(recorded: Sequence[Registered], made: Sequence[Registered]) -> Rows:
    """What the register shall learn: the clusters as they were found, and those that only hands `made`."""
    rows = [asdict(one) | {"by_hand": False} for one in recorded] + [asdict(one) | {"by_hand": True} for one in made]
    return {"proposed": [{name: row[name] for name in FINDINGS["proposed"].names} for row in rows]}


def strand_rows(found: Sequence[tuple[Cluster, list[Case], Found]], recorded: Sequence[Registered]) -> Rows:
    """The strands of each cluster in their order, with the conversation most typical of each."""
    return {
        "strands": [
            {"cluster": known.cluster, "rank": rank, "strand": strand.name, "example": cases[strand.example].key}
            for (cluster, cases, _), known in zip(found, recorded, strict=True)
            for rank, strand in enumerate(cluster.strands.strands)
        ]
    }


def pattern_rows(found: Sequence[tuple[Cluster, list[Case], Found]], recorded: Sequence[Registered]) -> Rows:
    """Clusters of different bots that hold the same problem."""
    clusters = [
        Comparable(known.cluster, same.bot, cluster.mechanical_key, cluster.name.fact, cluster.centroid)
        for (cluster, _, same), known in zip(found, recorded, strict=True)
    ]
    return {"patterns": [asdict(pair) for pair in find_patterns(clusters)]}


def suspect_rows(found: Sequence[tuple[Cluster, list[Case], Found]], recorded: Sequence[Registered]) -> Rows:
    """What came with each cluster: the circumstances under which it is more frequent than elsewhere, best first."""
    scopes: dict[str, tuple[list[Case], list[Scope]]] = {}
    for (cluster, cases, same), known in zip(found, recorded, strict=True):
        scope = Scope(known.cluster, cluster.eligible, cluster.members, own_tool(cluster.mechanical_key))
        scopes.setdefault(same.bot, (cases, []))[1].append(scope)
    tests: list[Suspect] = []
    for cases, of_bot in scopes.values():
        tests += suspects_of_bot([case.circumstances for case in cases], [case.started_at for case in cases], of_bot)
    return {
        "suspects": [
            asdict(one) | {"rank": rank}
            for rank, one in enumerate(standing(tests))
            if one.hits * one.elsewhere > one.elsewhere_hits * one.total
        ]
    }


def failure_vector_rows(cases: Mapping[str, list[Case]], passages: Mapping[str, Vectors]) -> Rows:
    """What each failure is compared by when causes are suggested: passage and signature, compressed by bot."""
    rows = []
    for bot, of_bot in cases.items():
        failing = [case for case in of_bot if case.analysis.failed]
        vectors = compressed(failure_vectors(passages[bot], [case.analysis.signature_tokens for case in failing]))
        rows += [{"key": case.key, "vector": vector} for case, vector in zip(failing, vectors, strict=True)]
    return {"failure_vectors": rows}


def contrast_rows(
    found: Sequence[tuple[Cluster, list[Case], Found]],
    recorded: Sequence[Registered],
    cases: Mapping[str, list[Case]],
    requests: Mapping[str, Vectors],
) -> Rows:
    """For each failure the successes like it, and what parts each cluster from those."""
    rows: Rows = {"worked": [], "parted": []}
    courses = {case.key: case.course for of_bot in cases.values() for case in of_bot}
    beside: dict[str, list[str]] = defaultdict(list)
    for bot, of_bot in cases.items():
        candidates = [
            Candidate(case.key, case.analysis.failed, case.analysis.outcome.failed is False, case.course)
            for case in of_bot
        ]
        for one in find_worked(candidates, requests[bot]):
            beside[one.key].append(one.other)
            rows["worked"].append(asdict(one) | {"rank": len(beside[one.key])})
    for (cluster, of_bot, _), known in zip(found, recorded, strict=True):
        members = [key for i in cluster.members if (key := of_bot[i].key) in beside]
        worked = dict.fromkeys(other for key in members for other in beside[key])
        for rank, apart in enumerate(parted([courses[key] for key in members], [courses[key] for key in worked])):
            rows["parted"].append({"cluster": known.cluster, "rank": rank} | apart.way._asdict() | apart.counts)
    return rows


def signal_rows(cases: Mapping[str, list[Case]]) -> Rows:
    """The signals that fired, and those that would have fired but are switched off."""
    rows: Rows = {"signals": [], "silenced": []}
    for case in (case for of_bot in cases.values() for case in of_bot):
        for signal in case.analysis.signals:
            kind = REGISTRY[signal.code]
            rows["signals"].append(
                {
                    "key": case.key,
                    "code": signal.code,
                    "family": kind.family,
                    "strength": kind.strength,
                    "weight": kind.weight,
                    "position": signal.position,
                    "evidence": signal.evidence,
                }
            )
        codes = dict.fromkeys(signal.code for signal in case.analysis.silenced)
        rows["silenced"] += [{"key": case.key, "code": code} for code in codes]
    return rows


def learned_rows(found: Sequence[Learned], analyses: Sequence[dict[str, Any]]) -> Rows:
    """The rows of the table `learned`, and the analyses with the score and what spoke."""
    scores = {key: value for one in found for key, value in one.scores.items()}
    spoke = {key: value for one in found for key, value in one.spoke.items()}
    told = [
        row
        | {
            "learned": scores.get(row["key"]),
            "spoke": [{"feature": one.text, "weight": one.weight} for one in spoke.get(row["key"], ())],
        }
        for row in analyses
    ]
    return {"learned": [one.row() for one in found], "analyses": told}

"""What a build found, as rows of the snapshot's tables (`evidence.FINDINGS`)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from workbench.clusters.cluster import Cluster
from workbench.clusters.contrast_sets import discriminators
from workbench.clusters.grouping import compressed, failure_vectors
from workbench.clusters.matched_successes import Candidate, match_successes
from workbench.clusters.patterns import find_patterns
from workbench.clusters.suspects import Scope, Suspect, own_tool, significant, suspects_of_bot
from workbench.embedding import Vectors
from workbench.evidence.schema import FINDINGS, Rows
from workbench.failures.case import Case
from workbench.failures.learned_score import Learned
from workbench.failures.signals import REGISTRY
from workbench.judgement.records import Lineage, Registered
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


def cluster_rows(clusters: Sequence[Cluster], cases_of: Mapping[str, list[Case]], escalating: Sequence[bool]) -> Rows:
    """Clusters in rank order with their members and eligible conversations."""
    rows: Rows = {"clusters": [], "members": [], "eligible": []}
    for rank, (cluster, rises) in enumerate(zip(clusters, escalating, strict=True)):
        cases = cases_of[cluster.bot]
        rate = cluster.rate or (None, None, None)
        rows["clusters"].append(
            {
                "cluster": cluster.id,
                "rank": rank,
                "bot": cluster.bot,
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
                    "cluster": cluster.id,
                    "strand": strand_of.get(i),
                    "similarity": similarity,
                }
            )
        rows["eligible"] += [{"cluster": cluster.id, "key": cases[i].key} for i in cluster.eligible]
    return rows


def proposed_rows(clustered: Sequence[Registered], made_by_hand: Sequence[Registered]) -> Rows:
    """What the register shall learn: the clusters as they were found, and those that only hands made."""
    rows = [asdict(record) | {"by_hand": False} for record in clustered]
    rows += [asdict(record) | {"by_hand": True} for record in made_by_hand]
    return {"proposed": [{name: row[name] for name in FINDINGS["proposed"].names} for row in rows]}


def strand_rows(clusters: Sequence[Cluster], cases: Mapping[str, list[Case]]) -> Rows:
    """The strands of each cluster in their order, with the conversation most typical of each."""
    return {
        "strands": [
            {
                "cluster": cluster.id,
                "rank": rank,
                "strand": strand.name,
                "example": cases[cluster.bot][strand.example].key,
            }
            for cluster in clusters
            for rank, strand in enumerate(cluster.strands.strands)
        ]
    }


def pattern_rows(clusters: Sequence[Cluster]) -> Rows:
    """Clusters of different bots that hold the same problem."""
    return {"patterns": [asdict(pair) for pair in find_patterns(clusters)]}


def suspect_rows(clusters: Sequence[Cluster], cases_of: Mapping[str, list[Case]]) -> Rows:
    """What came with each cluster: the circumstances under which it is more frequent than elsewhere, best first."""
    scopes: dict[str, list[Scope]] = {}
    for cluster in clusters:
        scope = Scope(cluster.id, cluster.eligible, cluster.members, own_tool(cluster.mechanical_key))
        scopes.setdefault(cluster.bot, []).append(scope)
    tests: list[Suspect] = []
    for bot, of_bot in scopes.items():
        cases = cases_of[bot]
        tests += suspects_of_bot([case.circumstances for case in cases], [case.started_at for case in cases], of_bot)
    return {
        "suspects": [
            asdict(suspect) | {"rank": rank}
            for rank, suspect in enumerate(significant(tests))
            if suspect.hits * suspect.elsewhere > suspect.elsewhere_hits * suspect.total
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
    clusters: Sequence[Cluster], cases: Mapping[str, list[Case]], requests: Mapping[str, Vectors]
) -> Rows:
    """For each failure the successes like it, and what parts each cluster from those."""
    rows: Rows = {"worked": [], "parted": []}
    traces = {case.key: case.trace for of_bot in cases.values() for case in of_bot}
    beside: dict[str, list[str]] = defaultdict(list)
    for bot, of_bot in cases.items():
        candidates = [
            Candidate(case.key, case.analysis.failed, case.analysis.outcome.failed is False, case.trace)
            for case in of_bot
        ]
        for match in match_successes(candidates, requests[bot]):
            beside[match.key].append(match.other)
            rows["worked"].append(asdict(match) | {"rank": len(beside[match.key])})
    for cluster in clusters:
        members = [key for key in cluster.keys if key in beside]
        successes = dict.fromkeys(other for key in members for other in beside[key])
        tests = discriminators([traces[key] for key in members], [traces[key] for key in successes])
        rows["parted"] += [
            {"cluster": cluster.id, "rank": rank} | test.behaviour._asdict() | test.counts
            for rank, test in enumerate(tests)
        ]
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
        codes = dict.fromkeys(signal.code for signal in case.analysis.suppressed)
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


def place_rows(places: Mapping[str, tuple[float, float]]) -> Rows:
    """Where each failure stands on its bot's map."""
    return {"places": [{"key": key, "x": x, "y": y} for key, (x, y) in places.items()]}


def lineage_rows(lineage: Sequence[Lineage]) -> Rows:
    """What became of each cluster."""
    return {"lineage": [asdict(row) for row in lineage]}


def request_vector_rows(cases: Mapping[str, list[Case]], requests: Mapping[str, Vectors]) -> Rows:
    """The vector of each request that has a text."""
    return {
        "request_vectors": [
            {"key": case.key, "vector": vector}
            for bot, of_bot in cases.items()
            for case, vector in zip(of_bot, requests[bot], strict=True)
            if vector.any()
        ]
    }

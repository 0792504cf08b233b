"""What a build found, as rows of the snapshot's tables (`evidence.tables`)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import compress

import numpy as np

from workbench.clusters.cluster import Cluster
from workbench.clusters.patterns import find_patterns
from workbench.clusters.suspects import significant
from workbench.embedding.vectors import Vectors
from workbench.evidence.analysis_tables import CalibrationBin, FeatureWeight, LearnedRecord, PlaceRecord
from workbench.evidence.cluster_tables import (
    BehaviourRecord,
    LineageRecord,
    PatternRecord,
    ProposedRecord,
    SharedFact,
    StoredCluster,
    StrandRecord,
    SuspectRecord,
    WeekCount,
)
from workbench.evidence.import_tables import ImportRecord, RejectRecord, RewordedRecord
from workbench.evidence.schema import Rows
from workbench.failures.learned_score import Learned
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.logs.parts import Part, read_manifest, read_rejects
from workbench.pipeline.figures import BotFigures
from workbench.pipeline.read import reworded
from workbench.pipeline.stored_cases import StoredCases
from workbench.pipeline.tables import vector_table


def import_rows(parts: Sequence[Part]) -> Rows:
    """The manifests of the parts, the rows that they rejected, and the conversations whose words a later part replaced."""
    manifests = [read_manifest(part.folder) for part in parts]
    return {
        "imports": [
            ImportRecord(part.import_id, n, json.dumps(asdict(manifest), ensure_ascii=False))
            for n, (part, manifest) in enumerate(zip(parts, manifests, strict=True))
        ],
        "rejects": [
            RejectRecord(part.import_id, **vars(reject)) for part in parts for reject in read_rejects(part.folder)
        ],
        "reworded": [RewordedRecord(key, at) for key, at in reworded(parts).items()],
    }


def cluster_rows(clusters: Sequence[Cluster], cases_of: Mapping[str, StoredCases], escalating: Sequence[bool]) -> Rows:
    """Clusters in rank order."""
    rows = []
    for rank, (cluster, rises) in enumerate(zip(clusters, escalating, strict=True)):
        cases = cases_of[cluster.bot]
        rate, low, high = cluster.rate or (None, None, None)
        rows.append(
            StoredCluster(
                cluster=cluster.id,
                rank=rank,
                bot=cluster.bot,
                kind=cluster.kind,
                mechanical_key=cluster.mechanical_key,
                name=cluster.name.text,
                keywords=tuple(cluster.name.keywords),
                sentence=cases.requests[cluster.medoid],
                theme=cluster.theme,
                size=len(cluster.failing),
                failures=cluster.failures,
                eligible=len(cluster.eligible),
                rate=rate,
                low=low,
                high=high,
                excess=cluster.excess,
                trend=cluster.trend,
                escalating=rises and cluster.change[0] > 0,
                severity=cluster.severity,
                signature=cluster.signature,
                first_seen=cluster.first_seen,
                last_seen=cluster.last_seen,
                examples=tuple(cases.keys[i] for i in cluster.examples),
                facts=tuple(SharedFact(fact.text, fact.count, fact.base_rate) for fact in cluster.facts),
                weeks=tuple(WeekCount(week.week, week.eligible, week.failures) for week in cluster.weeks),
                centroid=cluster.centroid,
                likeness=cluster.strands.likeness,
                suspected=len(cluster.suspected),
            )
        )
    return {"clusters": rows}


def proposed_rows(clustered: Sequence[Registered], made_by_hand: Sequence[Registered]) -> Rows:
    """What the register shall learn: the clusters as they were found, and those that only hands made."""
    return {
        "proposed": [
            ProposedRecord(
                record.cluster,
                record.bot,
                record.kind,
                record.mechanical_key,
                record.name,
                tuple(record.members),
                record.centroid,
                by_hand,
            )
            for records, by_hand in ((clustered, False), (made_by_hand, True))
            for record in records
        ]
    }


def strand_rows(clusters: Sequence[Cluster], cases: Mapping[str, StoredCases]) -> Rows:
    """The strands of each cluster in their order, with the conversation most typical of each."""
    return {
        "strands": [
            StrandRecord(cluster.id, rank, strand.name, cases[cluster.bot].keys[strand.example])
            for cluster in clusters
            for rank, strand in enumerate(cluster.strands.strands)
        ]
    }


def pattern_rows(clusters: Sequence[Cluster]) -> Rows:
    """Clusters of different bots that hold the same problem."""
    return {"patterns": [PatternRecord(**vars(pair)) for pair in find_patterns(clusters)]}


def suspect_rows(figures: Mapping[str, BotFigures]) -> Rows:
    """What came with each cluster: the circumstances under which it is more frequent than elsewhere, best first."""
    tests = [test for of_bot in figures.values() for test in of_bot.suspects]
    return {
        "suspects": [
            SuspectRecord(**vars(suspect) | {"rank": rank, "also": tuple(suspect.also)})
            for rank, suspect in enumerate(significant(tests))
            if suspect.hits * suspect.elsewhere > suspect.elsewhere_hits * suspect.total
        ]
    }


def failure_vector_rows(cases: Mapping[str, StoredCases], figures: Mapping[str, BotFigures]) -> Rows:
    """What each failure is compared by when causes are suggested: passage and signature, compressed by bot."""
    keys = [key for of_bot in cases.values() for key in compress(of_bot.keys, of_bot.failed)]
    compared = [figures[bot].compared for bot in cases if len(figures[bot].compared)]
    return {"failure_vectors": vector_table(keys, np.concatenate(compared)) if compared else ()}


def contrast_rows(clusters: Sequence[Cluster], figures: Mapping[str, BotFigures]) -> Rows:
    """What parts each cluster from the successes like its failures."""
    contrasts = {bot: iter(of_bot.contrasts) for bot, of_bot in figures.items()}
    return {
        "parted": [
            BehaviourRecord(cluster.id, rank, *test.behaviour, test.failing, test.failures, test.working, test.worked)
            for cluster in clusters
            for rank, test in enumerate(next(contrasts[cluster.bot]))
        ],
    }


def learned_rows(learned: Sequence[Learned]) -> Rows:
    """What each bot's learned score is worth."""
    return {"learned": [_learned_record(score) for score in learned]}


def _learned_record(score: Learned) -> LearnedRecord:
    return LearnedRecord(
        bot=score.bot,
        failing=score.failing,
        fine=score.fine,
        groups=score.groups,
        auc=score.auc,
        auc_low=score.auc_low,
        auc_high=score.auc_high,
        length_auc=score.length_auc,
        brier=score.brier,
        base_brier=score.base_brier,
        bins=tuple(CalibrationBin(*held_out) for held_out in score.bins),
        weights=tuple(FeatureWeight(name, weight) for name, weight in score.weights.items()),
        lead=score.lead.value if score.lead else None,
        lead_low=score.lead.low if score.lead else None,
        lead_high=score.lead.high if score.lead else None,
        by_length=score.by_length,
        few=score.few,
    )


def place_rows(places: Mapping[str, tuple[float, float]]) -> Rows:
    """Where each failure stands on its bot's map."""
    return {"places": [PlaceRecord(key, x, y) for key, (x, y) in places.items()]}


def lineage_rows(lineage: Sequence[Lineage]) -> Rows:
    """What became of each cluster."""
    return {"lineage": [LineageRecord(row.cluster, row.relation, row.other, row.shared) for row in lineage]}


def request_vector_rows(cases: Mapping[str, StoredCases], requests: Mapping[str, Vectors]) -> Rows:
    """The vector of each request that has a text."""
    keys = [key for of_bot in cases.values() for key in of_bot.keys]
    vectors = [requests[bot] for bot in cases]
    return {"request_vectors": vector_table(keys, np.concatenate(vectors)) if vectors else ()}

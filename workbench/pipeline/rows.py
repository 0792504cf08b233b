"""What a build found, as rows of the snapshot's tables (`evidence.tables`)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from workbench.clusters.cluster import Cluster
from workbench.clusters.patterns import find_patterns
from workbench.clusters.suspects import significant
from workbench.embedding.vectors import Vectors
from workbench.evidence.schema import Rows
from workbench.evidence.tables import (
    AnalysisRecord,
    CalibrationBin,
    CandidateTurn,
    EligibleRecord,
    FeatureWeight,
    ImportRecord,
    LearnedRecord,
    LineageRecord,
    MemberRecord,
    PartedRecord,
    PatternRecord,
    PlaceRecord,
    ProposedRecord,
    RejectRecord,
    RewordedRecord,
    SharedFact,
    SignalRecord,
    SilencedRecord,
    StoredCluster,
    StrandRecord,
    SuspectRecord,
    VectorRecord,
    WeekCount,
    WorkedRecord,
)
from workbench.failures.case import Case
from workbench.failures.learned_score import Learned
from workbench.failures.signals import REGISTRY
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.logs.parts import Part, read_manifest, read_rejects
from workbench.pipeline.figures import BotFigures
from workbench.pipeline.read import reworded


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


def analysis_row(case: Case, learned: Learned | None = None) -> AnalysisRecord:
    """What was found in one conversation; `learned` is the score of its bot."""
    analysis = case.analysis
    return AnalysisRecord(
        key=case.key,
        failed=analysis.failed,
        score=analysis.score,
        verdict=analysis.verdict,
        outcome=analysis.outcome.value,
        outcome_source=analysis.outcome.source,
        failing_turn=analysis.failing_turn,
        candidates=tuple(CandidateTurn(*candidate) for candidate in analysis.candidates),
        signature=analysis.signature,
        mechanical_key=analysis.mechanical_key,
        facts=tuple(analysis.facts),
        severity=analysis.severity,
        writes=tuple(analysis.writes),
        request=analysis.request,
        passage=analysis.passage,
        reply=case.reply,
        codes=tuple(sorted({signal.code for signal in analysis.signals})),
        logged=analysis.outcome.failed,
        learned=learned.scores.get(case.key) if learned else None,
        spoke=tuple(FeatureWeight(*contribution) for contribution in learned.contributions.get(case.key, ()))
        if learned
        else (),
        last_good=analysis.transition.last_good if analysis.transition else None,
        first_failing=analysis.transition.first_failing if analysis.transition else None,
        suspected=analysis.suspected,
        signs=analysis.signs,
    )


def cluster_rows(clusters: Sequence[Cluster], cases_of: Mapping[str, list[Case]], escalating: Sequence[bool]) -> Rows:
    """Clusters in rank order with their failing members, their suspected ones, and eligible conversations."""
    rows, eligible = [], []
    members: list[MemberRecord] = []
    suspected: list[MemberRecord] = []
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
                sentence=cases[cluster.medoid].analysis.request,
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
                examples=tuple(cases[i].key for i in cluster.examples),
                facts=tuple(SharedFact(fact.text, fact.count, fact.base_rate) for fact in cluster.facts),
                weeks=tuple(WeekCount(week.week, week.eligible, week.failures) for week in cluster.weeks),
                centroid=cluster.centroid,
                likeness=cluster.strands.likeness,
                suspected=len(cluster.suspected),
            )
        )
        strand_of = {i: strand.name for strand in cluster.strands.strands for i in strand.members}
        for i, similarity in zip(cluster.members, cluster.similarity, strict=True):
            record = MemberRecord(cases[i].key, cluster.id, strand_of.get(i), similarity)
            (members if cases[i].analysis.failed else suspected).append(record)
        eligible += [EligibleRecord(cluster.id, cases[i].key) for i in cluster.eligible]
    return {"clusters": rows, "members": members, "suspected_members": suspected, "eligible": eligible}


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


def strand_rows(clusters: Sequence[Cluster], cases: Mapping[str, list[Case]]) -> Rows:
    """The strands of each cluster in their order, with the conversation most typical of each."""
    return {
        "strands": [
            StrandRecord(cluster.id, rank, strand.name, cases[cluster.bot][strand.example].key)
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


def failure_vector_rows(cases: Mapping[str, list[Case]], figures: Mapping[str, BotFigures]) -> Rows:
    """What each failure is compared by when causes are suggested: passage and signature, compressed by bot."""
    return {
        "failure_vectors": [
            VectorRecord(case.key, vector)
            for bot, of_bot in cases.items()
            for case, vector in zip(
                [case for case in of_bot if case.analysis.failed], figures[bot].compared, strict=True
            )
        ]
    }


def contrast_rows(clusters: Sequence[Cluster], figures: Mapping[str, BotFigures]) -> Rows:
    """For each failure the successes like it, and what parts each cluster from those."""
    ranks: Counter[str] = Counter()
    matches: list[WorkedRecord] = []
    for match in (match for of_bot in figures.values() for match in of_bot.worked):
        ranks[match.key] += 1
        matches.append(WorkedRecord(**vars(match), rank=ranks[match.key]))
    contrasts = {bot: iter(of_bot.contrasts) for bot, of_bot in figures.items()}
    return {
        "worked": matches,
        "parted": [
            PartedRecord(cluster.id, rank, *test.behaviour, test.failing, test.failures, test.working, test.worked)
            for cluster in clusters
            for rank, test in enumerate(next(contrasts[cluster.bot]))
        ],
    }


def signal_rows(cases: Mapping[str, list[Case]]) -> Rows:
    """The signals that fired, and those that would have fired but are switched off."""
    signals: list[SignalRecord] = []
    silenced: list[SilencedRecord] = []
    for case in (case for of_bot in cases.values() for case in of_bot):
        for signal in case.analysis.signals:
            kind = REGISTRY[signal.code]
            signals.append(
                SignalRecord(
                    case.key, signal.code, kind.family, kind.strength, kind.weight, signal.position, signal.evidence
                )
            )
        codes = dict.fromkeys(signal.code for signal in case.analysis.suppressed)
        silenced += [SilencedRecord(case.key, code) for code in codes]
    return {"signals": signals, "silenced": silenced}


def learned_rows(learned: Sequence[Learned], cases: Mapping[str, list[Case]]) -> Rows:
    """What was found in each conversation, with its learned score, and what each bot's score is worth."""
    by_bot = {score.bot: score for score in learned}
    return {
        "learned": [_learned_record(score) for score in learned],
        "analyses": [analysis_row(case, by_bot.get(bot)) for bot, of_bot in cases.items() for case in of_bot],
    }


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
    )


def place_rows(places: Mapping[str, tuple[float, float]]) -> Rows:
    """Where each failure stands on its bot's map."""
    return {"places": [PlaceRecord(key, x, y) for key, (x, y) in places.items()]}


def lineage_rows(lineage: Sequence[Lineage]) -> Rows:
    """What became of each cluster."""
    return {"lineage": [LineageRecord(row.cluster, row.relation, row.other, row.shared) for row in lineage]}


def request_vector_rows(cases: Mapping[str, list[Case]], requests: Mapping[str, Vectors]) -> Rows:
    """The vector of each request that has a text."""
    return {
        "request_vectors": [
            VectorRecord(case.key, vector)
            for bot, of_bot in cases.items()
            for case, vector in zip(of_bot, requests[bot], strict=True)
            if vector.any()
        ]
    }

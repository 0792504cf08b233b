"""A cluster and a conversation with all that their pages show, joined from evidence and judgement. Log text leaves here masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from workbench.bench.cluster_detail import ClusterDetail, Fact
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.comparison import behaviour_rows, pattern_rows, strands_of, suspect_rows
from workbench.bench.conversation_detail import ConversationDetail, FailingTurn
from workbench.bench.impact import week_rate
from workbench.bench.opened import Opened
from workbench.bench.overlay import JudgementOverlay
from workbench.bench.wording import signal_title
from workbench.clusters.suspects import onset
from workbench.evidence.analysis_tables import AnalysisRecord
from workbench.evidence.cluster_tables import ClusterRecord
from workbench.evidence.conversation_rows import AnalysedConversation
from workbench.evidence.filter import FailureFilter
from workbench.evidence.queries import Evidence
from workbench.failures.facets import in_words
from workbench.failures.tiers import Tier
from workbench.judgement.disabled_signals import DisabledSignal
from workbench.text.masking import mask


def cluster_detail(
    evidence: Evidence,
    overlay: JudgementOverlay,
    record: ClusterRecord,
    row: ClusterRow | None,
    disabled: Sequence[DisabledSignal],
) -> ClusterDetail:
    """One cluster with all that its page shows; `row` is its row of the ranked list, None where only suspected ones are in it."""
    of_cluster = FailureFilter(cluster=(record.cluster,))
    members = [overlay.member(failure) for failure in evidence.failures(of_cluster)]
    suspected = [overlay.member(failure) for failure in evidence.suspected(of_cluster)]
    by_key = {member.key: member for member in [*suspected, *members]}
    ids = {key: member.conversation_id for key, member in by_key.items()}
    speaking = record.size or record.suspected
    return ClusterDetail(
        row=row or overlay.cluster_row(record, ids, record.size),
        facts=_more_frequent(Fact(mask(fact.text), fact.count, speaking, fact.base_rate) for fact in record.facts),
        weeks=[week_rate(week.week, week.eligible, week.failures) for week in record.weeks],
        signals=_more_frequent(
            Fact(signal_title(signal.code), signal.count, signal.total, signal.base_rate)
            for signal in evidence.signal_counts(record.cluster)
        ),
        releases=[
            Fact(release.text, release.count, release.total, release.base_rate)
            for release in evidence.release_counts(record.cluster)
        ],
        examples=[by_key[key] for key in record.examples],
        members=members,
        label=overlay.labels.get(("cluster", record.cluster)),
        suspects=suspect_rows(evidence, record),
        parted=behaviour_rows(evidence, record.cluster),
        onset=onset([(week.week, week.eligible, week.failures) for week in record.weeks]),
        disabled_signals=list(disabled),
        strands=strands_of(evidence, record, by_key),
        patterns=pattern_rows(evidence, record.cluster),
        suspected=suspected,
    )


def conversation_detail(
    overlay: JudgementOverlay, opened: Opened, analysis: AnalysedConversation
) -> ConversationDetail:
    """One conversation with what the analysis and people say of it."""
    key = opened.conversation.key
    return ConversationDetail(
        conversation=opened.conversation,
        failed=analysis.failed,
        score=analysis.score,
        verdict=mask(analysis.verdict),
        outcome=analysis.outcome,
        outcome_source=analysis.outcome_source,
        signals=opened.signals,
        candidates=[FailingTurn(turn.position, mask(turn.why)) for turn in analysis.candidates],
        signature=mask(analysis.signature),
        cluster=analysis.cluster,
        cluster_name=analysis.cluster_name,
        label=overlay.labels.get(("conversation", key)),
        cluster_label=overlay.labels.get(("cluster", analysis.cluster)) if analysis.cluster else None,
        writes=list(analysis.writes),
        learned=analysis.learned,
        contributions=[(mask(in_words(part.feature)), part.weight) for part in analysis.spoke],
        verdicts=overlay.verdicts.get(key, []),
        reworded=overlay.reworded.get(key),
        tier=_tier(analysis),
        folded=opened.folds,
    )


def _tier(analysis: AnalysisRecord) -> Tier | None:
    return "failing" if analysis.failed else "suspected" if analysis.suspected else None


def _more_frequent(facts: Iterable[Fact]) -> list[Fact]:
    """What is rarer in a cluster than in the bot's other conversations says nothing of it."""
    return [fact for fact in facts if fact.base_rate is None or fact.count > fact.base_rate * fact.total]

"""Judgement laid over evidence: records of clusters and failures with what people said of them, masked."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import lru_cache
from typing import Any

from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import FailureRow, LabelRow, MemberRow
from workbench.bench.filter import Filter
from workbench.bench.score_rows import ScoreRow
from workbench.bench.suggestions import Suggestion, Suggestions
from workbench.evidence.cluster_tables import ClusterRecord
from workbench.evidence.failure_rows import ConversationRecord, FailureRecord
from workbench.judgement.effective_label import OUTDATED, SOURCES, effective_label, is_outdated
from workbench.judgement.records.labels import Label
from workbench.judgement.records.reading import Verdict
from workbench.judgement.records.tickets import Ticket
from workbench.judgement.verdicts import agreed_verdict
from workbench.text.formatting import excerpt
from workbench.text.masking import mask
from workbench.text.readable import readable

STATUSES = ("new", "triaged", "fixing", "watching", "verified", "not-fixed", "regressed", "muted")
LIVE = {
    "open": "fixing",
    "fixed": "watching",
    "verified": "verified",
    "not-fixed": "not-fixed",
    "regressed": "regressed",
}


@dataclass(frozen=True)
class JudgementOverlay:
    """What judgement says of clusters and conversations, read once a call."""

    labels: dict[tuple[str, str], Label]
    """What people said, by (target kind, target)."""
    owners: dict[str, str]
    """Who answers for a cluster, by its id."""
    tickets: dict[str, Ticket]
    """The newest live ticket of a cluster, by its id."""
    muted: frozenset[str]
    """Clusters that are muted today."""
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    """How readers judged a conversation, by its key."""
    suggested: Suggestions = field(default_factory=Suggestions)
    """Causes that are suggested where nobody said one."""
    reworded: Mapping[str, datetime] = field(default_factory=dict)
    """When a conversation's words were replaced, by its key, naive UTC."""

    def source(self, label: Label, key: str) -> str:
        """Where a conversation's root cause is from; of a label of its own that was given before its words were replaced, outdated."""
        own = label.target_kind == "conversation"
        return (
            OUTDATED
            if own and is_outdated(label.decided_at or label.at, self.reworded.get(key))
            else SOURCES[label.target_kind]
        )

    def status(self, cluster: str) -> str:
        """Where a cluster is in its life, one of `STATUSES`; its newest live ticket counts, and a mute hides all else."""
        if cluster in self.muted:
            return "muted"
        if cluster in self.tickets:
            return LIVE[self.tickets[cluster].status]
        label = self.labels.get(("cluster", cluster))
        return "triaged" if label and label.decides else "new"

    def cause_of(
        self, label: Label | None, source: str | None, suggested: Suggestion | None
    ) -> tuple[str | None, str | None]:
        """The root cause and where it comes from; a suggestion only where no person said a cause or a disposition."""
        if label is not None and label.decides:
            return label.cause, source if label.cause else None
        return (suggested.cause, "suggested") if suggested else (None, None)

    def has_status(self, cluster: str | None, filter: Filter) -> bool:
        """Whether a cluster's status passes the filter; the rest of a filter is evidence's (`evidence.filter`)."""
        return not filter.status or (cluster is not None and self.status(cluster) in filter.status)

    def cluster_row(self, record: ClusterRecord, ids: Mapping[str, str], size: int) -> ClusterRow:
        """A cluster with its label, status and owner; `ids` are the logged ids of its examples, `size` the failures that count.

        What a row has and evidence too goes over by its name: a new column needs no line here. Texts are masked.
        """
        label = self.labels.get(("cluster", record.cluster))
        severity = label.severity if label else None
        cause, cause_source = self.cause_of(label, "person", self.suggested.clusters.get(record.cluster))
        return ClusterRow(
            **_carried(record),
            keywords=list(record.keywords),
            sentence=_words(record.sentence),
            size=size,
            failure_rate=record.rate,
            rate_low=record.low,
            rate_high=record.high,
            status=self.status(record.cluster),
            severity=severity or record.severity,
            severity_source="person" if severity else "suggested" if record.severity else None,
            root_cause=cause,
            root_cause_source=cause_source,
            owner=self.owners.get(record.cluster),
            examples=[ids[key] for key in record.examples],
        )

    def member(self, record: FailureRecord) -> MemberRow:
        """A failing or suspected conversation as the pages list it."""
        key = record.key
        label = effective_label(self.labels, key, record.cluster)
        source = self.source(label, key) if label else None
        cause, cause_source = self.cause_of(label, source, self.suggested.conversations.get(key))
        return MemberRow(
            key=key,
            conversation_id=record.conversation_id,
            bot=record.bot,
            cluster=record.cluster or "",
            cluster_name=_name(record.cluster_name or ""),
            started_at=record.started_at,
            week=record.week,
            release=record.release and _name(record.release),
            outcome=record.outcome,
            score=record.score,
            signals=list(record.codes),
            signature=_name(record.signature),
            failing_turn=record.failing_turn,
            request_excerpt=_words(record.request),
            reply_excerpt=_words(record.reply),
            similarity=record.similarity,
            x=record.x,
            y=record.y,
            root_cause=cause,
            root_cause_source=cause_source,
            severity=(label.severity if label else None) or record.severity,
            agreed=agreed_verdict(self.verdicts.get(key, ())),
            read_by=[verdict.reader for verdict in self.verdicts.get(key, ())],
            strand=_name(record.strand) if record.strand else None,
            tier="suspected" if record.suspected else "failing",
        )

    def failure(self, record: FailureRecord) -> FailureRow:
        """A failing conversation as `export failures` writes it."""
        member = self.member(record)
        ticket = self.tickets.get(record.cluster or "")
        shared = {field.name for field in fields(FailureRow)} & {field.name for field in fields(MemberRow)}
        base_url = os.environ.get("WORKBENCH_BASE_URL")
        return FailureRow(
            **{name: getattr(member, name) for name in shared - {"cluster", "cluster_name"}},
            cluster=member.cluster or None,
            cluster_name=member.cluster_name or None,
            theme=record.theme,
            status=self.status(record.cluster) if record.cluster else None,
            owner=self.owners.get(record.cluster or ""),
            ticket=ticket.ticket if ticket else None,
            ticket_key=ticket.tracker_key if ticket else None,
            link=f"{base_url}/conversation?k={record.key}" if base_url else None,
        )

    def scored(self, record: ConversationRecord) -> ScoreRow:
        """What is said of a conversation; of one that counts as fine no suggestion, only what a person said."""
        label = effective_label(self.labels, record.key, record.cluster)
        agreed = agreed_verdict(self.verdicts.get(record.key, ()))
        failed = record.failed if agreed is None else agreed == "failed"
        member, ticket = self.member(record), self.tickets.get(record.cluster or "")
        graded = label is not None and bool(label.severity)
        says = (failed or member.root_cause_source != "suggested") and member.root_cause_source != OUTDATED
        cause = member.root_cause if says else None
        severity = member.severity if failed or graded else None
        return ScoreRow(
            conversation_id=record.conversation_id,
            bot=record.bot,
            trace_id=record.trace_id,
            failed=failed,
            failed_source="workbench" if agreed is None else "person",
            failing_turn=record.failing_turn if failed else None,
            root_cause=cause,
            root_cause_source=member.root_cause_source if cause else None,
            note=mask(label.note) if label is not None and cause and label.cause == cause and label.note else None,
            severity=severity,
            severity_source=None if severity is None else "person" if graded else "suggested",
            cluster=record.cluster,
            cluster_name=member.cluster_name or None,
            ticket=ticket.ticket if ticket else None,
        )

    def labelled(self, record: FailureRecord) -> LabelRow:
        """A labelled conversation as `export labels` writes it; a person must have labelled it or its cluster."""
        label = effective_label(self.labels, record.key, record.cluster)
        assert label is not None
        source = self.source(label, record.key)
        return LabelRow(
            **vars(self.failure(record))
            | {"root_cause": label.cause, "root_cause_source": source if label.cause or source == OUTDATED else None},
            labelled_by=label.decided_by or label.by,
            labelled_at=label.decided_at or label.at,
            contributing=label.contributing,
            disposition=label.disposition,
            note=mask(label.note),
            read_by=[verdict.reader for verdict in self.verdicts.get(record.key, ())],
            said_of=OUTDATED if source == OUTDATED else label.target_kind,
        )


_JOINED = frozenset({"keywords", "sentence", "size", "severity", "examples"})
"""Columns of a cluster's row that evidence names too, but that are joined with something else."""
_NAMES = frozenset({"cluster", "kind", "theme", "bot", "trend"})
"""Ids, codes and names that people filter by: they go over as they are, all other texts masked."""


def _carried(record: ClusterRecord) -> dict[str, Any]:
    names = {field.name for field in fields(ClusterRow)} & {field.name for field in fields(record)} - _JOINED
    values = {name: getattr(record, name) for name in names}
    return {
        name: _name(value) if isinstance(value, str) and name not in _NAMES else value for name, value in values.items()
    }


_MASKED = 65_536
"""Texts of which the masked form is kept: most of a page is what the page before showed, and masking was half of its time."""
_name = lru_cache(_MASKED)(mask)


@lru_cache(_MASKED)
def _words(text: str | None) -> str:
    """The masked beginning of a log text on one line, without markup, JSON and control tokens."""
    return excerpt(readable(mask(text or "")))

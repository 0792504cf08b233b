"""Tickets: a draft made from clusters, kept with its evidence, its fix recorded, and read as rows.

The draft says what was observed and leaves the rest to the person who edits it. Titles and descriptions may hold log
text, so they leave this module masked like everything else.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from workbench.bench import Bench
from workbench.errors import UserError
from workbench.judgement import Ticket
from workbench.masking import mask
from workbench.ticket_evidence import TicketEvidence, cluster_evidence, example, examples, read_evidence
from workbench.ticket_words import acceptance, description, title
from workbench.views import ClusterDetail, ClusterRow, Filter


@dataclass(frozen=True)
class TicketDraft:
    """A ticket before anybody kept it. `cause_source` and `severity_source` are person, suggested or None."""

    title: str
    clusters: list[str]
    cause: str | None
    cause_source: str | None
    severity: str | None
    severity_source: str | None
    owner: str | None
    description: str
    evidence: TicketEvidence


@dataclass(frozen=True)
class TicketRow:
    """One line of `export tickets`. Numbers are those of the day that it was made; with several clusters, which may
    share conversations, there is no common rate. `examples` are conversation ids; `evidence` has all the rest."""

    ticket: str
    title: str
    status: str
    severity: str | None
    cause: str | None
    owner: str | None
    due: date | None
    bots: list[str]
    clusters: list[str]
    failures: int | None
    eligible: int | None
    failure_rate: float | None
    rate_low: float | None
    rate_high: float | None
    trend: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    fixed_release: str | None
    fixed_date: date | None
    ticket_key: str | None
    examples: list[str]
    description: str
    acceptance: str
    created_by: str
    created_at: datetime
    link: str | None
    evidence: TicketEvidence = field(default_factory=TicketEvidence)


def draft(bench: Bench, clusters: Sequence[str]) -> TicketDraft:
    """A ticket for these clusters (FC-ids), worded from what was observed; `UserError` for one that isn't there."""
    wanted = list(dict.fromkeys(name.strip().upper() for name in clusters if name.strip()))
    if not wanted:
        raise UserError("A ticket is for at least one cluster. `python -m workbench clusters` lists them.")
    details = [bench.cluster(name) for name in wanted]
    numbers = [cluster_evidence(detail) for detail in details]
    found = [
        [example(bench.conversation(member.key), detail.row.cluster) for member in detail.examples]
        for detail in details
    ]
    summary = bench.summary()
    rows = [detail.row for detail in details]
    cause, severity = _cause(rows), _severity(rows)
    return TicketDraft(
        title=title(numbers),
        clusters=wanted,
        cause=cause.root_cause if cause else None,
        cause_source=cause.root_cause_source if cause else None,
        severity=severity.severity if severity else None,
        severity_source=severity.severity_source if severity else None,
        owner=next((row.owner for row in rows if row.owner), None),
        description=description(numbers),
        evidence=TicketEvidence(summary.snapshot, summary.data_through, numbers, examples(found), acceptance(numbers)),
    )


def create(bench: Bench, kept: TicketDraft, due: date | None = None) -> Ticket:
    """Keep a draft as the next ticket, with its evidence as it is now."""
    return bench.judgement.create_ticket(
        kept.title,
        kept.clusters,
        actor=bench.actor,
        cause=kept.cause,
        severity=kept.severity,
        owner=kept.owner,
        due=due,
        description=kept.description,
        evidence=kept.evidence.as_json(),
    )


def fix(
    bench: Bench, ticket: str, *, release: str | None = None, day: date | None = None, version: int | None = None
) -> Ticket:
    """Record that the fix is out, and freeze by which requests it will be judged."""
    known = bench.judgement.ticket(ticket)
    return bench.judgement.mark_fixed(
        ticket, actor=bench.actor, release=release, day=day, eligible=_eligible(bench, known), version=version
    )


def rows(bench: Bench, filter: Filter = Filter()) -> list[TicketRow]:  # noqa: B008 - frozen
    """The tickets by number, narrowed by bot and by `status`, which here is the ticket's own."""
    found = [row(ticket) for ticket in bench.judgement.tickets()]
    return [
        one
        for one in found
        if (not filter.bot or set(filter.bot) & set(one.bots)) and (not filter.status or one.status in filter.status)
    ]


def row(ticket: Ticket) -> TicketRow:
    """A ticket as it is shown and exported."""
    evidence = read_evidence(ticket.evidence)
    clusters = evidence.clusters
    only = clusters[0] if len(clusters) == 1 else None
    base = os.environ.get("WORKBENCH_BASE_URL")
    return TicketRow(
        ticket=ticket.ticket,
        title=mask(ticket.title),
        status=ticket.status,
        severity=ticket.severity,
        cause=ticket.cause,
        owner=ticket.owner,
        due=ticket.due,
        bots=list(dict.fromkeys(one.bot for one in clusters)),
        clusters=ticket.clusters,
        failures=sum(one.failures for one in clusters) if clusters else None,
        eligible=only.eligible if only else None,
        failure_rate=only.failure_rate if only else None,
        rate_low=only.rate_low if only else None,
        rate_high=only.rate_high if only else None,
        trend=only.trend if only else None,
        first_seen=min((one.first_seen for one in clusters if one.first_seen), default=None),
        last_seen=max((one.last_seen for one in clusters if one.last_seen), default=None),
        fixed_release=ticket.fixed_release,
        fixed_date=ticket.fixed_date,
        ticket_key=ticket.tracker_key,
        examples=[one.conversation_id for one in evidence.examples],
        description=mask(ticket.description),
        acceptance=evidence.acceptance,
        created_by=ticket.created_by,
        created_at=ticket.created_at,
        link=f"{base}/ticket?t={ticket.ticket}" if base else None,
        evidence=evidence,
    )


def _cause(rows: Sequence[ClusterRow]) -> ClusterRow | None:
    """The cluster whose cause the ticket takes: one that a person agreed on, before one that the log suggests."""
    told = [row for row in rows if row.root_cause]
    return min(told, key=lambda row: row.root_cause_source != "person", default=None)


def _severity(rows: Sequence[ClusterRow]) -> ClusterRow | None:
    """The worst that a person said, else the worst that the log suggests."""
    told = [row for row in rows if row.severity]
    return min(told, key=lambda row: (row.severity_source != "person", row.severity), default=None)


def _eligible(bench: Bench, ticket: Ticket) -> dict[str, Any]:
    """Which conversations will count: those with the same bot and a request near those of these members."""
    present = {one.cluster for one in bench.clusters()}
    details = [bench.cluster(name) for name in ticket.clusters if name in present]
    return {"snapshot": bench.summary().snapshot, "clusters": [_definition(detail) for detail in details]}


def _definition(detail: ClusterDetail) -> dict[str, Any]:
    row = detail.row
    return {
        "cluster": row.cluster,
        "bot": row.bot,
        "kind": row.kind,
        "members": sorted(member.key for member in detail.members),
        "failures": row.failures,
        "eligible": row.eligible,
    }

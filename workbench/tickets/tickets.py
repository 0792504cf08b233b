"""Tickets: a draft made from clusters, kept with its evidence, its fix recorded, and read as rows.

The draft says what was observed and leaves the rest to the person who edits it. Titles and descriptions may hold log
text, so they leave this module masked like everything else.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import ClusterDetail
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.failure_rows import MemberRow
from workbench.bench.filter import Filter
from workbench.errors import UserError
from workbench.judgement.records.tickets import Ticket
from workbench.judgement.taxonomy import Cause, Taxonomy
from workbench.text.masking import mask
from workbench.tickets.evidence import cluster_evidence, example, examples, peers, regression_set
from workbench.tickets.frozen_evidence import ClusterEvidence, Example, TicketEvidence, read_evidence
from workbench.tickets.verification import before_fix
from workbench.tickets.wording import acceptance, description, suspect, title


@dataclass(frozen=True)
class TicketDraft:
    """A ticket before anybody kept it."""

    title: str
    """One line, from what was observed."""
    clusters: list[str]
    """FC-ids, in the order given."""
    cause: str | None
    """A taxonomy's code."""
    cause_source: str | None
    """person or suggested; None without a cause."""
    severity: str | None
    """S1 to S4; None where nobody said one and the log suggests none."""
    severity_source: str | None
    """person or suggested; None without a severity."""
    owner: str | None
    """Who answers for its first cluster that somebody owns."""
    description: str
    """Plain text."""
    evidence: TicketEvidence
    """All that it will carry."""
    whose: str = ""
    """Whose work it may be: the discipline of its cause, and who answers for its bots."""


@dataclass(frozen=True)
class TicketRow:
    """One line of `export tickets`.

    Numbers, suspects, examples and acceptance are frozen: those of the day that the clusters were put on the ticket. All else is as it stands now.
    """

    ticket: str
    """Like FIX-0001."""
    title: str
    """One line, masked."""
    status: str
    """open, fixed, verified, not-fixed, regressed or wont-fix."""
    severity: str | None
    """S1 to S4; None where nobody said one and the log suggests none."""
    cause: str | None
    """A taxonomy's code."""
    owner: str | None
    """Who fixes it."""
    due: date | None
    """The day that it is promised for."""
    bots: list[str]
    """Of its clusters."""
    clusters: list[str]
    """FC-ids, in the order given."""
    conversations: int | None
    """Failing ones of all clusters together."""
    users: int | None
    """Those touched; None where the log names none."""
    failures: int | None
    """Those that the rates count."""
    eligible: int | None
    """Conversations with a request like theirs; None with several clusters, as are rate and trend."""
    failure_rate: float | None
    """`failures` of `eligible`."""
    rate_low: float | None
    """The lower 95 % bound of the rate (Wilson)."""
    rate_high: float | None
    """The upper 95 % bound of the rate (Wilson)."""
    trend: str | None
    """rising, falling, flat or new."""
    first_seen: datetime | None
    """Its first conversation, naive UTC."""
    last_seen: datetime | None
    """Its last conversation, naive UTC."""
    fixed_release: str | None
    """The release that carries its fix."""
    fixed_date: date | None
    """The day from which on its fix holds."""
    ticket_key: str | None
    """Its key in a tracker."""
    tracker_state: str | None
    """Its state there, in the tracker's words."""
    fingerprint: str
    """What the tracker's issue is known by at the next export."""
    suspects: list[str]
    """In sentences."""
    examples: list[str]
    """Conversation ids."""
    description: str
    """Plain text, masked."""
    acceptance: str
    """When it is done, plain text."""
    regression: list[str]
    """Conversation ids."""
    created_by: str
    """Who made it."""
    created_at: datetime
    """When, naive UTC."""
    link: str | None
    """Its page; None where no address is set."""
    evidence: TicketEvidence = field(default_factory=TicketEvidence)
    """All the rest."""
    root_cause: Cause | None = None
    """What its cause is in the taxonomy of the pod."""
    remedy: str = ""
    """What was done to mend it, masked; empty where nobody said."""

    @property
    def discipline(self) -> str | None:
        """Whose work its root cause usually is."""
        return self.root_cause.discipline or None if self.root_cause else None


def draft(bench: Bench, clusters: Sequence[str]) -> TicketDraft:
    """A ticket for these clusters (FC-ids), worded from what was observed; `UserError` for one that isn't there."""
    wanted = _named(clusters)
    return bench.remember(("draft", *wanted), lambda: _drafted(bench, wanted))


def _drafted(bench: Bench, wanted: list[str]) -> TicketDraft:
    details = [bench.cluster(name) for name in wanted]
    rows = [detail.row for detail in details]
    cause, severity = _cause(rows), _severity(rows)
    taken = _evidence(bench, details)
    return TicketDraft(
        title=title(taken.clusters),
        clusters=wanted,
        cause=cause.root_cause if cause else None,
        cause_source=cause.root_cause_source if cause else None,
        severity=severity.severity if severity else None,
        severity_source=severity.severity_source if severity else None,
        owner=next((row.owner for row in rows if row.owner), None),
        description=description(taken.clusters),
        evidence=taken,
        whose=_whose(bench, cause.root_cause if cause else None, list(dict.fromkeys(row.bot for row in rows))),
    )


def create(bench: Bench, kept: TicketDraft, due: date | None = None) -> Ticket:
    """Keep a draft as the next ticket, with its evidence as it is now."""
    return bench.judgement.tickets.create(
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


def set_clusters(bench: Bench, ticket: str, clusters: Sequence[str], version: int | None = None) -> Ticket:
    """Make a ticket one for these clusters (FC-ids), and freeze its evidence anew, as of now.

    A cluster that this snapshot no longer has keeps what the ticket carried of it. Title and description are worded
    again only where nobody reworded them. Raises `UserError` where the ticket's fix is being judged: by its old clusters.
    """
    current = bench.tickets.get(ticket)
    if current.status in ("fixed", "verified"):
        raise UserError(
            f"{ticket} is {current.status}: its fix is judged by its clusters. Open it again to change them."
        )
    wanted = _named(clusters)
    before = read_evidence(current.evidence)
    kept = {cluster.cluster: cluster for cluster in before.clusters}
    present = {row.cluster for row in bench.clusters()}
    gone = [name for name in wanted if name not in present and name in kept]
    taken = _evidence(bench, [bench.cluster(name) for name in wanted if name not in gone], before, gone)
    return bench.judgement.tickets.set_clusters(
        ticket,
        wanted,
        actor=bench.actor,
        evidence=taken.as_json(),
        title=title(taken.clusters) if before.clusters and current.title == title(before.clusters) else None,
        description=description(taken.clusters) if current.description == description(before.clusters) else None,
        version=version,
    )


def fix(
    bench: Bench,
    ticket: str,
    *,
    release: str | None = None,
    day: date | None = None,
    remedy: str = "",
    version: int | None = None,
) -> Ticket:
    """Record that the fix is out and what was done (`remedy`), and freeze by which requests it will be judged."""
    current = bench.tickets.get(ticket)
    return bench.judgement.tickets.mark_fixed(
        ticket,
        actor=bench.actor,
        release=release,
        day=day,
        eligible=_eligible(bench, current),
        remedy=remedy,
        version=version,
    )


def rows(bench: Bench, filter: Filter = Filter(), ticket: str | None = None) -> list[TicketRow]:  # noqa: B008 - frozen
    """The tickets by number, or the one named; narrowed by bot and by `status`, which here is the ticket's own."""
    taxonomy = bench.causes.taxonomy()
    wanted = [bench.tickets.get(ticket)] if ticket is not None else bench.tickets.all()
    listed = [row(each, taxonomy) for each in wanted]
    return [
        line
        for line in listed
        if (not filter.bot or set(filter.bot) & set(line.bots)) and (not filter.status or line.status in filter.status)
    ]


def fingerprint(ticket: Ticket) -> str:
    """What a tracker's issue is known by, whatever becomes of its title: the same at every export, another in every store."""
    made = f"{ticket.ticket} {ticket.created_at.isoformat()}"
    return f"wb-{hashlib.blake2b(made.encode(), digest_size=6).hexdigest()}"


def row(ticket: Ticket, taxonomy: Taxonomy) -> TicketRow:
    """A ticket as it is shown and exported; the taxonomy is the pod's, whose own causes have a discipline too."""
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
        bots=list(dict.fromkeys(cluster.bot for cluster in clusters)),
        clusters=ticket.clusters,
        conversations=evidence.conversations if clusters else None,
        users=evidence.users,
        failures=sum(cluster.failures for cluster in clusters) if clusters else None,
        eligible=only.eligible if only else None,
        failure_rate=only.failure_rate if only else None,
        rate_low=only.rate_low if only else None,
        rate_high=only.rate_high if only else None,
        trend=only.trend if only else None,
        first_seen=min((cluster.first_seen for cluster in clusters if cluster.first_seen), default=None),
        last_seen=max((cluster.last_seen for cluster in clusters if cluster.last_seen), default=None),
        fixed_release=ticket.fixed_release,
        fixed_date=ticket.fixed_date,
        ticket_key=ticket.tracker_key,
        tracker_state=ticket.tracker_state,
        fingerprint=fingerprint(ticket),
        suspects=[suspect(suspect_row) for cluster in clusters for suspect_row in cluster.suspects],
        examples=[example.conversation_id for example in evidence.examples],
        description=mask(ticket.description),
        acceptance=evidence.acceptance,
        regression=[conversation.conversation_id for conversation in evidence.regression],
        created_by=ticket.created_by,
        created_at=ticket.created_at,
        link=f"{base}/ticket?t={ticket.ticket}" if base else None,
        evidence=evidence,
        root_cause=taxonomy.causes.get(ticket.cause or ""),
        remedy=mask(ticket.remedy),
    )


def _named(clusters: Sequence[str]) -> list[str]:
    """The ids as given, each once; a ticket for none would be about nothing."""
    wanted = list(dict.fromkeys(name.strip().upper() for name in clusters if name.strip()))
    if not wanted:
        raise UserError("A ticket is for at least one cluster. `python -m workbench clusters` lists them.")
    return wanted


def _evidence(
    bench: Bench, details: Sequence[ClusterDetail], before: TicketEvidence | None = None, gone: Sequence[str] = ()
) -> TicketEvidence:
    """All that a ticket for these clusters carries, as of now; of the clusters that are `gone`, what stood `before`."""
    before = before or TicketEvidence()
    if unproven := next((detail.row.cluster for detail in details if not detail.members), None):
        raise UserError(
            f"Nothing in {unproven} is known to have failed: it holds suspected conversations only. Read some of them; what a "
            "person finds counts from the next analysis on, and a ticket can carry it."
        )
    summary, names = bench.summary(), [detail.row.cluster for detail in details]
    clusters = [_counted(bench, detail) for detail in details]
    clusters += [cluster for cluster in before.clusters if cluster.cluster in gone]
    shown = [[_example(bench, member, detail.row.cluster) for member in detail.examples] for detail in details]
    shown += [[example for example in before.examples if example.cluster == name] for name in gone]
    return TicketEvidence(
        snapshot=summary.snapshot,
        data_through=summary.data_through,
        clusters=clusters,
        examples=examples(shown),
        acceptance=acceptance(clusters),
        users=bench.evidence.users_touched(names) if names else None,
        regression=[
            *(conversation for detail in details for conversation in regression_set(detail)),
            *(conversation for conversation in before.regression if conversation.cluster in gone),
        ],
    )


def _counted(bench: Bench, detail: ClusterDetail) -> ClusterEvidence:
    """The numbers of a cluster, with those that a verdict on its fix would count."""
    judged = before_fix(bench, _definition(bench, detail))
    numbers = replace(
        cluster_evidence(detail, bench.evidence.users_touched([detail.row.cluster])),
        peers=peers(bench.clusters(), detail.row),
    )
    if not judged.eligible:
        return numbers
    return replace(numbers, judged_failures=judged.failures, judged_eligible=judged.eligible)


def _example(bench: Bench, member: MemberRow, cluster: str) -> Example:
    key = member.key
    return example(bench.conversation(key), cluster, bench.to_replay(key), bench.worked(key))


def _whose(bench: Bench, cause: str | None, bots: Sequence[str]) -> str:
    root_cause = bench.causes.taxonomy().causes.get(cause or "")
    sentences = (
        [f"{root_cause.title} is usually the work of {root_cause.discipline}."]
        if root_cause and root_cause.discipline
        else []
    )
    answering = bench.pod.bots()
    for bot in bots:
        if bot in answering and answering[bot].owner:
            deputy = f", deputy {answering[bot].deputy}" if answering[bot].deputy else ""
            sentences.append(f"{answering[bot].owner} answers for the bot {bot}{deputy}.")
    return " ".join(sentences)


def _cause(rows: Sequence[ClusterRow]) -> ClusterRow | None:
    """The cluster whose cause the ticket takes: one that a person agreed on, before one that the log suggests."""
    with_cause = [row for row in rows if row.root_cause]
    return min(with_cause, key=lambda row: row.root_cause_source != "person", default=None)


def _severity(rows: Sequence[ClusterRow]) -> ClusterRow | None:
    """The worst that a person said, else the worst that the log suggests."""
    with_severity = [row for row in rows if row.severity]
    return min(with_severity, key=lambda row: (row.severity_source != "person", row.severity), default=None)


def _eligible(bench: Bench, ticket: Ticket) -> dict[str, Any]:
    """Which conversations will count: those with the same bot and a request near those of these members."""
    present = {row.cluster for row in bench.clusters()}
    details = [bench.cluster(name) for name in ticket.clusters if name in present]
    return {"snapshot": bench.summary().snapshot, "clusters": [_definition(bench, detail) for detail in details]}


def _definition(bench: Bench, detail: ClusterDetail) -> dict[str, Any]:
    row = detail.row
    return {
        "cluster": row.cluster,
        "bot": row.bot,
        "kind": row.kind,
        "members": sorted(member.key for member in detail.members),
        "failures": row.failures,
        "eligible": row.eligible,
        "peers": peers(bench.clusters(), row),
    }

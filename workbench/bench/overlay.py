"""Where clusters and failures stand: rows of evidence with what judgement says of them, masked."""

from __future__ import annotations

import os
from dataclasses import dataclass, field, fields
from typing import Any

from workbench.bench.rows import ClusterRow, FailureRow, LabelRow, MemberRow
from workbench.bench.suggestions import Suggestion, Suggestions
from workbench.judgement.effective_label import SOURCES, label_of
from workbench.judgement.records import Label, Ticket, Verdict
from workbench.judgement.verdicts import settled
from workbench.text.masking import mask

STATUSES = ("new", "triaged", "fixing", "watching", "verified", "not-fixed", "regressed", "muted")
EXCERPT = 240
LIVE = {
    "open": "fixing",
    "fixed": "watching",
    "verified": "verified",
    "not-fixed": "not-fixed",
    "regressed": "regressed",
}


@dataclass(frozen=True)
class Standing:
    """What judgement says of clusters and conversations, read once a call."""

    labels: dict[tuple[str, str], Label]
    owners: dict[str, str]
    tickets: dict[str, Ticket]
    muted: frozenset[str]
    verdicts: dict[str, list[Verdict]] = field(default_factory=dict)
    suggested: Suggestions = field(default_factory=Suggestions)

    def status(self, cluster: str) -> str:
        """Where a cluster is in its life (DESIGN.md); its newest live ticket counts, and a mute hides all else."""
        if cluster in self.muted:
            return "muted"
        if cluster in self.tickets:
            return LIVE[self.tickets[cluster].status]
        label = self.labels.get(("cluster", cluster))
        return "triaged" if label and label.decides else "new"

    def cause_of(self, label: Label | None, source: str | None, suggested: Suggestion | None) -> dict[str, str | None]:
        """The root cause and where it comes from; a suggestion only where no person said a cause or a disposition."""
        if label is not None and label.decides:
            return {"root_cause": label.cause, "root_cause_source": source if label.cause else None}
        return {
            "root_cause": suggested.cause if suggested else None,
            "root_cause_source": "suggested" if suggested else None,
        }

    def cluster_row(self, row: dict[str, Any], ids: dict[str, str], size: int) -> ClusterRow:
        """A cluster with its label, status and owner; `ids` are the logged ids of its examples, `size` the failures that count."""
        label = self.labels.get(("cluster", row["cluster"]))
        said = label.severity if label else None
        return ClusterRow(
            cluster=row["cluster"],
            kind=row["kind"],
            name=mask(row["name"]),
            keywords=row["keywords"],
            sentence=excerpt(row["sentence"]),
            theme=row["theme"],
            bot=row["bot"],
            size=size,
            failures=row["failures"],
            eligible=row["eligible"],
            failure_rate=row["rate"],
            rate_low=row["low"],
            rate_high=row["high"],
            excess=row["excess"],
            trend=row["trend"],
            escalating=row["escalating"],
            status=self.status(row["cluster"]),
            severity=said or row["severity"],
            severity_source="person" if said else "suggested" if row["severity"] else None,
            signature=mask(row["signature"]),
            **self.cause_of(label, "person", self.suggested.clusters.get(row["cluster"])),
            owner=self.owners.get(row["cluster"]),
            first_seen=row["first_seen"],
            last_seen=row["last_seen"],
            examples=[ids[key] for key in row["examples"]],
            example_keys=row["examples"],
        )

    def member(self, row: dict[str, Any]) -> MemberRow:
        """A failing conversation as the pages list it."""
        label = label_of(self.labels, row["key"], row["cluster"])
        source = SOURCES[label.target_kind] if label else None
        return MemberRow(
            key=row["key"],
            conversation_id=row["conversation_id"],
            bot=row["bot"],
            cluster=row["cluster"] or "",
            cluster_name=mask(row["cluster_name"] or ""),
            started_at=row["started_at"],
            week=row["week"],
            release=row["release"] and mask(row["release"]),
            outcome=row["outcome"],
            score=row["score"],
            signals=row["codes"],
            signature=mask(row["signature"]),
            failing_turn=row["failing_turn"],
            request_excerpt=excerpt(row["request"]),
            reply_excerpt=excerpt(row["reply"]),
            similarity=row["similarity"],
            x=row["x"],
            y=row["y"],
            **self.cause_of(label, source, self.suggested.conversations.get(row["key"])),
            severity=(label.severity if label else None) or row["severity"],
            said=settled(self.verdicts.get(row["key"], ())),
            read_by=[verdict.reader for verdict in self.verdicts.get(row["key"], ())],
            strand=mask(row["strand"]) if row["strand"] else None,
        )

    def failure(self, row: dict[str, Any]) -> FailureRow:
        """A failing conversation as `export failures` writes it."""
        member = self.member(row)
        ticket = self.tickets.get(row["cluster"] or "")
        shared = {field.name for field in fields(FailureRow)} & {field.name for field in fields(MemberRow)}
        return FailureRow(
            **{name: getattr(member, name) for name in shared - {"cluster", "cluster_name"}},
            cluster=member.cluster or None,
            cluster_name=member.cluster_name or None,
            theme=row["theme"],
            status=self.status(row["cluster"]) if row["cluster"] else None,
            owner=self.owners.get(row["cluster"] or ""),
            ticket=ticket.ticket if ticket else None,
            ticket_key=ticket.tracker_key if ticket else None,
            link=f"{base_url}/conversation?k={row['key']}"
            if (base_url := os.environ.get("WORKBENCH_BASE_URL"))
            else None,
        )

    def labelled(self, row: dict[str, Any]) -> LabelRow:
        """A labelled conversation as `export labels` writes it; `row` is one of those whose label is known."""
        label = label_of(self.labels, row["key"], row["cluster"])
        assert label is not None
        failure = self.failure(row)
        base = {field.name: getattr(failure, field.name) for field in fields(FailureRow)}
        return LabelRow(
            **base
            | {"root_cause": label.cause, "root_cause_source": SOURCES[label.target_kind] if label.cause else None},
            labelled_by=label.by,
            labelled_at=label.at,
            contributing=label.contributing,
            disposition=label.disposition,
            note=mask(label.note),
            read_by=[verdict.reader for verdict in self.verdicts.get(row["key"], ())],
            said_of=label.target_kind,
        )


def excerpt(text: str | None) -> str:
    """The masked beginning of a log text on one line."""
    line = mask(" ".join((text or "").split()))
    return line if len(line) <= EXCERPT else line[: EXCERPT - 1].rstrip() + "…"

"""Did the fix work? The rate of a cluster's failures among similar requests, before and after, by event time.

The rule (DESIGN.md, "Life of a cluster"): below the exposure that could show it, *too little traffic*; from there on *fixed* when the
upper 90 % bound of the rate after lies below half of the rate before, else *not fixed*. One look at separate intervals
calls an untouched mode fixed in one run of ten; this rule in about one of a hundred.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import numpy as np

from workbench.bench.bench import Bench
from workbench.clusters.neighbourhood import neighbourhood
from workbench.errors import UserError
from workbench.judgement.records import TICKET_STATUSES, Ticket
from workbench.text.values import iso_utc
from workbench.tickets.fix_rule import Period, Verdict, judge


@dataclass(frozen=True)
class Verification:
    """The verdict on a ticket's fix, with both periods. `status` is the ticket's, as recorded with this verdict."""

    ticket: str
    status: str
    verdict: Verdict
    before: Period
    after: Period


def verify(bench: Bench, ticket: str, record: bool = False) -> Verification:
    """Judge a ticket's fix by the conversations that its fix froze as eligible; with `record`, move the ticket on.

    Raises `UserError` where no fix was recorded, or the evidence knows none of its conversations.
    """
    known = bench.judgement.ticket(ticket)
    if not known.eligible or not (known.fixed_date or known.fixed_release):
        raise UserError(f"{ticket} has no fix yet. Record it first: `ticket fixed {ticket} --release R` or `--date D`.")
    rows = _eligible(bench, known)
    clusters = _lineage(bench, known.clusters)
    fixed_at = _fixed_at(known, rows)
    dated = sorted((row for row in rows if row["started_at"]), key=lambda row: row["started_at"])
    onset = next((row["started_at"] for row in dated if row["cluster"] in clusters), None)
    before = [
        row
        for row in dated
        if (fixed_at is None or row["started_at"] < fixed_at) and onset and row["started_at"] >= onset
    ]
    older = {row["release"] for row in before} - {known.fixed_release} if known.fixed_release else set()
    after = [
        row for row in dated if fixed_at is not None and row["started_at"] >= fixed_at and row["release"] not in older
    ]
    was = _period(before, onset, fixed_at, clusters)
    now = _period(after, fixed_at, dated[-1]["started_at"] if after else None, clusters)
    verdict = judge(was, now)
    if told := _blind(known, rows, dated, fixed_at):
        verdict = replace(verdict, warning=told)
    status = decided_status(known.status, verdict.verdict)
    if record and status != known.status:
        known = bench.judgement.set_ticket_status(ticket, status, actor=bench.actor)
    return Verification(ticket, known.status, verdict, was, now)


def decided_status(status: str, verdict: str) -> str:
    """The ticket's status by a verdict; a verified fix that no longer holds has regressed."""
    moves = {
        "fixed": {"fixed": "verified", "not fixed": "not-fixed"},
        "verified": {"not fixed": "regressed"},
        "not-fixed": {"fixed": "verified"},
        "regressed": {"fixed": "verified"},
    }
    wanted = moves.get(status, {}).get(verdict, status)
    return wanted if wanted in (status, *TICKET_STATUSES[status]) else status


def _blind(ticket: Ticket, rows: Sequence[Any], dated: Sequence[Any], fixed_at: datetime | None) -> str | None:
    """What keeps the verdict from being told, or from counting everything."""
    if len(dated) < len(rows):
        return f"{len(rows) - len(dated):,} of {len(rows):,} similar conversations have no time and can't be counted."
    if fixed_at is None:
        return f"No conversation of the release {ticket.fixed_release} is in the data yet."
    return None


def as_json(found: Verification) -> dict[str, Any]:
    """The JSON of `verify` (DESIGN.md)."""
    return {
        "ticket": found.ticket,
        "status": found.status,
        "verdict": found.verdict.verdict,
        "improved": found.verdict.improved,
        "before": _period_json(found.before),
        "after": _period_json(found.after),
        "needed": found.verdict.needed,
    }


def in_words(found: Verification) -> str:
    """The verdict with its numbers, for a person."""
    told = [
        f"{found.ticket}: {found.verdict.verdict}" + (", but lower than before" if _only_improved(found) else "") + "."
    ]
    for name, period in (("Before", found.before), ("After", found.after)):
        rate = (
            ""
            if period.rate is None
            else f", {period.rate:.1%} (90 % interval {period.bounds[0]:.1%} to {period.bounds[1]:.1%})"
        )
        span = f" from {period.start:%Y-%m-%d}" if period.start else ""
        told.append(f"{name}{span}: {period.failures} of {period.eligible} similar requests failed this way{rate}.")
    if found.verdict.verdict == "too little traffic" and found.verdict.needed:
        told.append(
            f"It takes {found.verdict.needed} similar requests after the fix to tell; there are {found.after.eligible}."
        )
    return "\n".join([*told, *([found.verdict.warning] if found.verdict.warning else [])])


def _only_improved(found: Verification) -> bool:
    return found.verdict.improved and found.verdict.verdict != "fixed"


def _period_json(period: Period) -> dict[str, Any]:
    low, high = period.bounds
    return {
        "from": iso_utc(period.start) if period.start else None,
        "to": iso_utc(period.end) if period.end else None,
        "eligible": period.eligible,
        "failures": period.failures,
        "rate": period.rate,
        "low": low,
        "high": high,
    }


def _eligible(bench: Bench, ticket: Ticket) -> list[dict[str, Any]]:
    """The conversations in the neighbourhood of the members that stood when the fix was recorded; each once."""
    found: dict[str, dict[str, Any]] = {}
    for definition in (ticket.eligible or {}).get("clusters", []):
        rows = bench.evidence.history(definition["bot"])
        if definition["kind"] != "mechanical":
            width = max((len(row["vector"]) for row in rows if row["vector"]), default=1)
            vectors = np.asarray([row["vector"] or [0.0] * width for row in rows], np.float32).reshape(len(rows), width)
            members = set(definition["members"])
            near = neighbourhood(vectors, [i for i, row in enumerate(rows) if row["key"] in members])
            rows = [rows[i] for i in near]
        found |= {row["key"]: row for row in rows}
    if not found:
        raise UserError(
            f"None of the conversations that {ticket.ticket} was fixed by are in the store. Import their logs again."
        )
    return list(found.values())


def _lineage(bench: Bench, clusters: Sequence[str]) -> set[str]:
    """The clusters and all that split off from them, or took them in."""
    known, waiting = set(clusters), list(clusters)
    rows = bench.judgement.lineages()
    while waiting:
        cluster = waiting.pop()
        for row in rows:
            if row.other == cluster and row.cluster not in known:
                known.add(row.cluster)
                waiting.append(row.cluster)
    return known


def _fixed_at(ticket: Ticket, rows: Sequence[dict[str, Any]]) -> datetime | None:
    """When the fix took hold by event time: its day, or the first conversation of its release; None before that."""
    if ticket.fixed_date:
        return datetime.combine(ticket.fixed_date, time())
    return min(
        (r["started_at"] for r in rows if r["release"] == ticket.fixed_release and r["started_at"]), default=None
    )


def _period(rows: Sequence[dict[str, Any]], start: datetime | None, end: datetime | None, clusters: set[str]) -> Period:
    failing = sum(row["cluster"] in clusters for row in rows)
    return Period(start, end, len(rows), failing, sum(bool(row["failed"]) for row in rows))

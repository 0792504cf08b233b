"""Did the fix work? The rate of a cluster's failures among similar requests, before and after, by event time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
from typing import Any

import numpy as np

from workbench.bench.bench import Bench
from workbench.clusters.equals import distinct
from workbench.clusters.neighbourhood import neighbourhood
from workbench.errors import UserError
from workbench.evidence.conversation_rows import DatedConversation
from workbench.judgement.records.tickets import TICKET_STATUSES, FixFigures, Ticket
from workbench.text.values import iso_utc
from workbench.tickets.exposure import Exposure, exposure
from workbench.tickets.fix_rule import (
    FIXED,
    NOT_FIXED,
    TOO_LITTLE,
    FixVerdict,
    Period,
    Prior,
    contradicted,
    judge,
)


@dataclass(frozen=True)
class Verification:
    """The verdict on a ticket's fix."""

    ticket: str
    """Like FIX-0001."""
    status: str
    """The ticket's, as recorded with this verdict."""
    verdict: FixVerdict
    """By the fix rule."""
    before: Period
    """From the first failure to the fix, or of older releases that ran beside the fixed one."""
    after: Period
    """From the fix to the last conversation that counts."""
    side_by_side: bool = False
    """Whether both periods are one time, in which older releases ran beside the fixed one."""


def verify(bench: Bench, ticket: str, record: bool = False, until: datetime | None = None) -> Verification:
    """Judge a ticket's fix by the conversations that its fix froze as eligible; with `record`, move the ticket on.

    `until` (naive UTC) leaves out what came from then on: what the verdict was on a day.

    A verified fix stays so, with the figures that were recorded, until later conversations contradict it; one that came back is
    judged by what came after that. Raises `UserError` where no fix was recorded, or the evidence knows none of its conversations.
    """
    result = bench.remember(("verification", ticket, until), lambda: _verified(bench, ticket, until))
    current = bench.tickets.get(ticket)
    status = decided_status(current.status, result.verdict.verdict)
    if not record or status == current.status:
        return result
    moved = bench.tickets.set_status(ticket, status, figures=_figures(result))
    return replace(result, status=moved.status)


def _verified(bench: Bench, ticket: str, until: datetime | None) -> Verification:
    """The verdict as it stands, without a record of it."""
    current = bench.tickets.get(ticket)
    if not current.eligible or not (current.fixed_date or current.fixed_release):
        raise UserError(f"{ticket} has no fix yet. Record it first: `ticket fixed {ticket} --release R` or `--date D`.")
    rows = [row for row in _eligible(bench, current) if until is None or (row.started_at and row.started_at < until)]
    clusters = lineage(bench, current.clusters)
    fixed_at, prior = fixed_at_of(current, rows), _prior(current)
    since = current.verdict.counted_to if current.verdict and current.status == "regressed" else None

    def failing(row: DatedConversation) -> bool:
        return row.cluster in clusters

    seen = exposure(rows, failing, fixed_at, current.fixed_release, since)
    verdict = judge(seen.before, seen.after, prior)
    if current.verdict and current.status == "verified":
        later = exposure(rows, failing, fixed_at, current.fixed_release, current.verdict.counted_to)
        verdict = _standing(verdict, current.verdict, later, prior)
    if warning := _blind(current, seen, fixed_at):
        verdict = replace(verdict, warning=warning)
    return Verification(ticket, current.status, verdict, seen.before, seen.after, seen.side_by_side)


def before_fix(bench: Bench, definition: dict[str, Any]) -> Period:
    """What a verdict would count as before, were a fix of this cluster recorded now; `definition` is what a fix would freeze."""
    clusters = lineage(bench, [definition["cluster"]])
    return exposure(_near(bench, definition), lambda row: row.cluster in clusters, None, None).before


def decided_status(status: str, verdict: str) -> str:
    """The ticket's status by a verdict; a verified fix that no longer holds has regressed."""
    moves = {
        "fixed": {FIXED: "verified", NOT_FIXED: "not-fixed"},
        "verified": {NOT_FIXED: "regressed"},
        "not-fixed": {FIXED: "verified"},
        "regressed": {FIXED: "verified"},
    }
    wanted = moves.get(status, {}).get(verdict, status)
    return wanted if wanted in (status, *TICKET_STATUSES[status]) else status


def _prior(ticket: Ticket) -> Prior:
    """What the bot's clusters say of the rate before: of a fix for one cluster; several together were not picked as one."""
    definitions = (ticket.eligible or {}).get("clusters", [])
    return Prior.of(definitions[0].get("peers", [])) if len(definitions) == 1 else Prior()


def _standing(now: FixVerdict, recorded: FixFigures, later: Exposure, prior: Prior) -> FixVerdict:
    """The verdict that was recorded on a fix, or that it no longer holds."""
    if not contradicted(later.before, later.after, prior):
        return replace(now, verdict=FIXED)
    since = f"{later.after.failures:,} of {later.after.eligible:,} similar requests failed this way"
    return replace(
        now,
        verdict=NOT_FIXED,
        warning=f"It was verified with the logs up to {recorded.counted_to:%Y-%m-%d}; since then {since}: it came back.",
    )


def _figures(result: Verification) -> FixFigures | None:
    """What a verdict rested on, to be kept with it; None where nothing came after the fix."""
    if result.after.end is None:
        return None
    return FixFigures(
        result.verdict.verdict,
        result.before.failures,
        result.before.eligible,
        result.after.failures,
        result.after.eligible,
        result.after.end.isoformat(),
    )


def _blind(ticket: Ticket, seen: Exposure, fixed_at: datetime | None) -> str | None:
    """What keeps the verdict from being told, or from counting everything."""
    if seen.undated:
        eligible = seen.undated + seen.before.eligible + seen.after.eligible
        return f"{seen.undated:,} of {eligible:,} similar conversations have no time and can't be counted."
    if fixed_at is None:
        return f"No conversation of the release {ticket.fixed_release} is in the data yet."
    if seen.unsettled:
        return (
            f"{seen.unsettled:,} of the latest similar conversations don't count yet: logs of this bot come in late, and "
            "those that fail may be the ones that are missing."
        )
    return None


def as_json(verification: Verification) -> dict[str, Any]:
    """What `verify --json` prints."""
    return {
        "ticket": verification.ticket,
        "status": verification.status,
        "verdict": verification.verdict.verdict,
        "improved": verification.verdict.improved,
        "before": _period_json(verification.before),
        "after": _period_json(verification.after),
        "needed": verification.verdict.needed,
    }


def in_words(verification: Verification) -> str:
    """The verdict with its numbers, for a person."""
    sentences = [
        f"{verification.ticket}: {verification.verdict.verdict}"
        + (", but lower than before" if _only_improved(verification) else "")
        + "."
    ]
    names = ("Older releases", "The fixed one") if verification.side_by_side else ("Before", "After")
    for name, period in zip(names, (verification.before, verification.after), strict=True):
        rate = (
            ""
            if period.rate is None
            else f", {period.rate:.1%} (90 % interval {period.bounds[0]:.1%} to {period.bounds[1]:.1%})"
        )
        span = f" from {period.start:%Y-%m-%d}" if period.start else ""
        sentences.append(
            f"{name}{span}: {period.failures} of {period.eligible} similar requests failed this way{rate}."
        )
    if verification.verdict.verdict == TOO_LITTLE and verification.verdict.needed:
        sentences.append(
            f"It takes up to {verification.verdict.needed} similar requests after the fix to tell; there are {verification.after.eligible}."
        )
    return "\n".join([*sentences, *([verification.verdict.warning] if verification.verdict.warning else [])])


def _only_improved(verification: Verification) -> bool:
    return verification.verdict.improved and verification.verdict.verdict != FIXED


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


def _eligible(bench: Bench, ticket: Ticket) -> list[DatedConversation]:
    """The conversations in the neighbourhood of the members that stood when the fix was recorded; each once."""
    eligible: dict[str, DatedConversation] = {}
    for definition in (ticket.eligible or {}).get("clusters", []):
        eligible |= {row.key: row for row in _near(bench, definition)}
    if not eligible:
        raise UserError(
            f"None of the conversations that {ticket.ticket} was fixed by are in the store. Import their logs again."
        )
    return list(eligible.values())


def _near(bench: Bench, definition: dict[str, Any]) -> list[DatedConversation]:
    """The conversations near the members of a definition; of a mechanical fault all of the bot's: it can show in any."""
    rows = bench.evidence.history(definition["bot"])
    if definition["kind"] == "mechanical":
        return rows
    width = max((len(row.vector) for row in rows if row.vector is not None), default=1)
    nothing = np.zeros(width, np.float32)
    vectors = np.asarray([nothing if row.vector is None else row.vector for row in rows], np.float32).reshape(
        len(rows), width
    )
    members = set(definition["members"])
    anchors = [i for i, row in enumerate(rows) if row.key in members]
    return [rows[i] for i in neighbourhood(vectors, anchors, distinct(vectors)[1])]


def lineage(bench: Bench, clusters: Sequence[str]) -> set[str]:
    """The clusters and all that split off from them, or took them in."""
    line, waiting = set(clusters), list(clusters)
    rows = bench.judgement.register.lineages()
    while waiting:
        cluster = waiting.pop()
        for row in rows:
            if row.other == cluster and row.cluster not in line:
                line.add(row.cluster)
                waiting.append(row.cluster)
    return line


def fixed_at_of(ticket: Ticket, rows: Sequence[DatedConversation]) -> datetime | None:
    """When the fix took hold by event time: its day, or the first conversation of its release; None before that."""
    if ticket.fixed_date:
        return datetime.combine(ticket.fixed_date, time())
    return min((row.started_at for row in rows if row.release == ticket.fixed_release and row.started_at), default=None)

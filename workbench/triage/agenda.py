"""What a session should take up, and why: the agenda proposed, its reasons, what was decided before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.overlay import JudgementOverlay
from workbench.judgement.records.sessions import AgendaItem, Decision
from workbench.judgement.taxonomy import DISPOSITION_TITLES
from workbench.text import formatting

MOST = 6


_WAITING = ("new", "triaged", "not-fixed", "regressed")


_TRENDS = {"rising": "rising", "new": "new in the data"}


def propose(rows: Sequence[ClusterRow], overlay: JudgementOverlay, past: Mapping[str, Decision]) -> list[AgendaItem]:
    """At most six clusters that a meeting should look at, the most pressing first, each with why.

    Clusters that have stopped (`ranking.silence`), muted ones and those that are decided (an open or shipped ticket, or nothing to fix) come only when they
    escalate. `past` is the last decision of each cluster in earlier sessions.
    """
    waiting = [row for row in rows if _waits(row, overlay)]
    ranked = sorted(waiting, key=lambda row: -_pressure(row, overlay, past))
    return [AgendaItem(row.cluster, reason(row, overlay, past)) for row in ranked[:MOST]]


def reason(row: ClusterRow, overlay: JudgementOverlay, past: Mapping[str, Decision]) -> str:
    """Why a cluster is on an agenda, in plain words: "18 failures, rising; nobody has looked at it"."""
    size = formatting.count(row.size, "failure")
    trend = "escalating" if row.escalating else "stopped" if row.stopped else _TRENDS.get(row.trend or "")
    recent = f"{row.last_week:,} in the last complete week" if row.last_week else None
    return "; ".join(
        part for part in (", ".join(filter(None, (size, recent, trend))), _so_far(row, overlay, past)) if part
    )


def agenda(bench: Bench) -> list[AgendaItem]:
    """The agenda to propose now."""
    return propose(bench.clusters(), bench.overlay(), past_decisions(bench))


def reasons(bench: Bench) -> dict[str, str]:
    """Why each cluster would be on an agenda."""
    overlay, past = bench.overlay(), past_decisions(bench)
    return {row.cluster: reason(row, overlay, past) for row in bench.clusters()}


def people(bench: Bench) -> list[str]:
    """The names to choose an owner from: who works here, and who owns something already."""
    owners = bench.pod.owners().values()
    names = [bench.actor, *owners, *(person.name for person in bench.pod.people())]
    return sorted({name for name in names if name}, key=str.casefold)


def past_decisions(bench: Bench) -> dict[str, Decision]:
    """The last decision of each cluster over all sessions."""
    decisions: dict[str, Decision] = {}
    for session in reversed(bench.sessions.all()):
        decisions |= bench.sessions.decisions(session.session)
    return decisions


def _waits(row: ClusterRow, overlay: JudgementOverlay) -> bool:
    label = overlay.labels.get(("cluster", row.cluster))
    nothing_to_fix = label is not None and label.disposition is not None
    return row.escalating or (row.status in _WAITING and not nothing_to_fix and not row.stopped)


def _pressure(row: ClusterRow, overlay: JudgementOverlay, past: Mapping[str, Decision]) -> float:
    """What it is ranked by (`ranking.priority`), weighted: escalating ×3, a fix that did not hold ×2, nobody looked ×2, rising or new ×1.5."""
    weight = 3.0 if row.escalating else 1.5 if row.trend in _TRENDS else 1.0
    if row.status in ("not-fixed", "regressed") or _untouched(row, overlay, past):
        weight *= 2
    return row.priority * weight


def _untouched(row: ClusterRow, overlay: JudgementOverlay, past: Mapping[str, Decision]) -> bool:
    return not (("cluster", row.cluster) in overlay.labels or row.cluster in overlay.tickets or row.cluster in past)


def _so_far(row: ClusterRow, overlay: JudgementOverlay, past: Mapping[str, Decision]) -> str:
    """What people did about it up to now."""
    ticket, label = overlay.tickets.get(row.cluster), overlay.labels.get(("cluster", row.cluster))
    if row.cluster in overlay.muted:
        return "muted"
    if ticket is not None:
        reasons = {
            "open": f"{ticket.ticket} is open",
            "fixed": f"{ticket.ticket} is shipped",
            "verified": f"{ticket.ticket} was verified",
            "not-fixed": f"the fix of {ticket.ticket} did not help",
            "regressed": f"back after the fix of {ticket.ticket}",
        }
        return reasons[ticket.status]
    if label is not None:
        return (
            f"called “{DISPOSITION_TITLES.get(label.disposition, label.disposition)}”"
            if label.disposition
            else "labelled, no ticket yet"
        )
    earlier = past.get(row.cluster)
    if earlier is not None:
        return f"{'skipped' if earlier.state == 'skipped' else 'discussed'} in {earlier.session}"
    return "nobody has looked at it"

"""The triage session: what to put on its agenda, what is shown of a cluster, its clock, and what is decided of it."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Unpack

from workbench import tickets
from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.overlay import Standing
from workbench.bench.rows import ClusterDetail, ClusterRow, ConversationDetail, Fact
from workbench.conversation.roles import is_user
from workbench.conversation.transcript import Fold, fold_at, folds
from workbench.failures.signals import REGISTRY
from workbench.judgement.records import AgendaItem, Decision, DecisionChange, Session
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES, Taxonomy
from workbench.text import formatting
from workbench.text.markdown import escaped, fenced
from workbench.text.masking import mask

MOST = 6
FACTS_SHOWN = 4
STEPS_SHOWN = 2
_WAITING = ("new", "triaged", "not-fixed", "regressed")
_JUDGED = REGISTRY["log-says-failed"].title
_TRENDS = {"rising": "rising", "new": "new in the data"}


def propose(rows: Sequence[ClusterRow], standing: Standing, past: Mapping[str, Decision]) -> list[AgendaItem]:
    """At most six clusters that a meeting should look at, the most pressing first, each with why.

    Muted clusters and those that are decided (an open or shipped ticket, or nothing to fix) come only when they
    escalate. `past` is the last decision of each cluster in earlier sessions.
    """
    waiting = [row for row in rows if _waits(row, standing)]
    ranked = sorted(waiting, key=lambda row: -_pressure(row, standing, past))
    return [AgendaItem(row.cluster, reason(row, standing, past)) for row in ranked[:MOST]]


def reason(row: ClusterRow, standing: Standing, past: Mapping[str, Decision]) -> str:
    """Why a cluster is on an agenda, in plain words: "18 failures, rising; nobody has looked at it"."""
    size = formatting.count(row.size, "failure")
    trend = "escalating" if row.escalating else _TRENDS.get(row.trend or "")
    return "; ".join(part for part in (", ".join(filter(None, (size, trend))), _so_far(row, standing, past)) if part)


def agenda(bench: Bench) -> list[AgendaItem]:
    """The agenda to propose now."""
    return propose(bench.clusters(), bench.standing(), past_decisions(bench))


def reasons(bench: Bench) -> dict[str, str]:
    """Why each cluster would be on an agenda."""
    standing, past = bench.standing(), past_decisions(bench)
    return {row.cluster: reason(row, standing, past) for row in bench.clusters()}


def people(bench: Bench) -> list[str]:
    """The names to choose an owner from: who works here, and who owns something already."""
    owners = bench.judgement.owners().values()
    known = [bench.actor, *owners, *(person.name for person in bench.judgement.people())]
    return sorted({name for name in known if name}, key=str.casefold)


def past_decisions(bench: Bench) -> dict[str, Decision]:
    """The last decision of each cluster over all sessions."""
    found: dict[str, Decision] = {}
    for session in reversed(bench.judgement.sessions()):
        found |= bench.judgement.decisions(session.session)
    return found


def telling(cluster: ClusterDetail) -> list[Fact]:
    """The facts that set the cluster apart most, by how much more often they hold here than elsewhere.

    That the log calls them failed is left out: it says nothing of how.
    """
    once = {fact.text: fact for fact in [*cluster.signals, *cluster.facts] if fact.total and fact.text != _JUDGED}
    return sorted(once.values(), key=lambda fact: (fact.base_rate or 0) - fact.count / fact.total)[:FACTS_SHOWN]


def exchange(detail: ConversationDetail) -> list[Fold]:
    """What happened around the likely failing turn: the user's last words, up to two steps, what the user answered."""
    shown = folds(detail.conversation)
    if not shown:
        return []
    at = fold_at(shown, detail.candidates[0].position if detail.candidates else None)
    asked = max((index for index in range(at + 1) if _speaks(shown[index])), default=None)
    steps = shown[0 if asked is None else asked + 1 : at + 1][-STEPS_SHOWN:]
    answer = [fold for fold in shown[at + 1 : at + 2] if _speaks(fold)]
    return [*([] if asked is None else [shown[asked]]), *steps, *answer]


def opens(detail: ConversationDetail, around: Sequence[Fold]) -> bool:
    """Whether an exchange already begins with what the user asked first."""
    first = next((turn.position for turn in detail.conversation.turns if is_user(turn.role)), None)
    return bool(around) and first in around[0].positions


def decide(bench: Bench, session: str, cluster: str, **said: Unpack[DecisionChange]) -> Decision:
    """Add to what the session decides of a cluster; its label, owner and ticket follow."""
    return bench.judgement.decide(session, cluster, actor=bench.actor, **said)


def give_ticket(bench: Bench, session: str, cluster: str, due: date | None) -> Decision:
    """Give a cluster its ticket, due on a day: the one that it has if that is open, else a new one with its evidence."""
    known = bench.standing().tickets.get(cluster)
    if known is None or known.status != "open":
        known = tickets.create(bench, tickets.draft(bench, [cluster]))
    return decide(bench, session, cluster, ticket=known.ticket, due=due)


class Clock:
    """The time of one session, in all and on each cluster, in seconds. Safe for threads.

    It runs only while a screen shows it: each `tick` adds what went by since the one before, at most five seconds, so
    that two screens count once and a closed laptop not at all. `now` is a monotonic time.
    """

    LAPSE = 5.0

    def __init__(self, total: float = 0.0) -> None:
        self.total = total
        self.running = True
        self._on: dict[str, float] = {}
        self._last: float | None = None
        self._lock = threading.Lock()

    def tick(self, cluster: str, now: float) -> None:
        """Count the time since the last tick to the cluster on screen."""
        with self._lock:
            gone = 0.0 if self._last is None else min(max(now - self._last, 0.0), self.LAPSE)
            self._last = now
            if self.running:
                self.total += gone
                self._on[cluster] = self._on.get(cluster, 0.0) + gone

    def on(self, cluster: str) -> float:
        """The time spent on a cluster."""
        return self._on.get(cluster, 0.0)


def clock_face(seconds: float) -> str:
    """A time like "3:05" or "1:02:45"."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def minutes(bench: Bench, session: Session) -> str:
    """The minutes of a session as Markdown: decisions, owners, due dates, what was skipped and what stays open.

    Log text stands escaped or in fences, as in a ticket. A cluster that is not in the data any more keeps its id.
    """
    known = {row.cluster: row for row in bench.clusters()}
    decisions = bench.judgement.decisions(session.session)
    taxonomy = bench.judgement.taxonomy()
    decided = [item.cluster for item in session.agenda if _state(decisions, item.cluster) == "decided"]
    parts = [
        f"# {escaped(mask(session.title) or session.session)}",
        _who_and_when(bench, session, decisions, len(decided)),
        "## Decisions",
        _overview([decisions[cluster] for cluster in decided], taxonomy) if decided else "None.",
    ]
    for number, cluster in enumerate(decided, 1):
        parts += _decided(number, known.get(cluster), decisions[cluster], taxonomy)
    skipped = [item.cluster for item in session.agenda if _state(decisions, item.cluster) == "skipped"]
    unreached = [item.cluster for item in session.agenda if item.cluster not in decisions]
    left_open = [point for cluster in decided if (point := _open_point(decisions[cluster]))]
    left_open += [f"{cluster}: skipped" for cluster in skipped] + [f"{cluster}: not reached" for cluster in unreached]
    parts += ["## Skipped", _points([_skipped(decisions[cluster], known, taxonomy) for cluster in skipped])]
    parts += ["## What stays open", _points(left_open)]
    return "\n\n".join(parts) + "\n"


def _speaks(fold: Fold) -> bool:
    return any(is_user(block.role) for block in fold.blocks)


# ── the agenda ──


def _waits(row: ClusterRow, standing: Standing) -> bool:
    label = standing.labels.get(("cluster", row.cluster))
    nothing_to_fix = label is not None and label.disposition is not None
    return row.escalating or (row.status in _WAITING and not nothing_to_fix)


def _pressure(row: ClusterRow, standing: Standing, past: Mapping[str, Decision]) -> float:
    """Failures, weighted: escalating ×3, a fix that did not hold ×2, nobody looked ×2, rising or new ×1.5."""
    weight = 3.0 if row.escalating else 1.5 if row.trend in _TRENDS else 1.0
    if row.status in ("not-fixed", "regressed") or _untouched(row, standing, past):
        weight *= 2
    return row.size * weight


def _untouched(row: ClusterRow, standing: Standing, past: Mapping[str, Decision]) -> bool:
    return not (("cluster", row.cluster) in standing.labels or row.cluster in standing.tickets or row.cluster in past)


def _so_far(row: ClusterRow, standing: Standing, past: Mapping[str, Decision]) -> str:
    """What people did about it up to now."""
    ticket, label = standing.tickets.get(row.cluster), standing.labels.get(("cluster", row.cluster))
    if row.cluster in standing.muted:
        return "muted"
    if ticket is not None:
        told = {
            "open": f"{ticket.ticket} is open",
            "fixed": f"{ticket.ticket} is shipped",
            "verified": f"{ticket.ticket} was verified",
            "not-fixed": f"the fix of {ticket.ticket} did not help",
            "regressed": f"back after the fix of {ticket.ticket}",
        }
        return told[ticket.status]
    if label is not None:
        return f"called {label.disposition}" if label.disposition else "labelled, no ticket yet"
    earlier = past.get(row.cluster)
    if earlier is not None:
        return f"{'skipped' if earlier.state == 'skipped' else 'discussed'} in {earlier.session}"
    return "nobody has looked at it"


# ── the minutes ──


def _state(decisions: Mapping[str, Decision], cluster: str) -> str | None:
    return decisions[cluster].state if cluster in decisions else None


def _who_and_when(bench: Bench, session: Session, decisions: Mapping[str, Decision], decided: int) -> str:
    people = dict.fromkeys([session.created_by, *(decision.by for decision in decisions.values())])
    spent = clock_face(bench.judgement.progress(session.session).elapsed)
    told = [
        f"{session.session}, {formatting.day(session.created_at)}",
        ", ".join(escaped(name) for name in people),
        f"{decided} of {formatting.count(len(session.agenda), 'cluster')} decided in {spent}",
        f"data through {formatting.day(bench.summary().data_through)}",
    ]
    return " · ".join(told)


def _overview(decisions: Sequence[Decision], taxonomy: Taxonomy) -> str:
    lines = ["| Cluster | Root cause | Severity | Owner | Ticket | Due |", "| --- | --- | --- | --- | --- | --- |"]
    for one in decisions:
        cells = [one.cluster, _verdict(one, taxonomy), one.severity, escaped(one.owner or ""), one.ticket, one.due]
        lines.append(f"| {' | '.join(str(cell or '–') for cell in cells)} |")
    return "\n".join(lines)


def _verdict(decision: Decision, taxonomy: Taxonomy) -> str:
    """The root cause, or why there is nothing to fix."""
    cause = escaped(taxonomy.title(decision.cause))
    return ", ".join(part for part in (cause, decision.disposition) if part)


def _decided(number: int, row: ClusterRow | None, decision: Decision, taxonomy: Taxonomy) -> list[str]:
    said = _said(decision, taxonomy)
    if row is None:
        return [f"### {number}. {decision.cluster}", "Not in the data any more.", _points(said)]
    asked = ["A typical request:", fenced(row.sentence)] if row.sentence else []
    facts = [
        f"How often: {escaped(wording.how_often(row))}",
        f"Seen: {formatting.day(row.first_seen)} to {formatting.day(row.last_seen)}",
    ]
    return [f"### {number}. {_named(row.cluster, {row.cluster: row})}", *asked, _points([*facts, *said])]


def _said(decision: Decision, taxonomy: Taxonomy) -> list[str]:
    """What was decided, a line for each thing."""
    cause, told = taxonomy.causes.get(decision.cause or ""), []
    if decision.cause:
        meaning = f" ({escaped(cause.meaning)})" if cause and cause.meaning else ""
        told.append(f"Root cause: {escaped(taxonomy.title(decision.cause))}{meaning}")
    if decision.disposition:
        told.append(f"Nothing to fix: {decision.disposition} ({DISPOSITIONS.get(decision.disposition, '')})")
    if decision.severity:
        told.append(f"Severity: {decision.severity} ({SEVERITIES.get(decision.severity, '')})")
    if decision.owner:
        told.append(f"Owner: {escaped(decision.owner)}")
    if decision.ticket:
        told.append(f"Ticket: {decision.ticket}{f', due {decision.due}' if decision.due else ''}")
    if decision.note:
        told.append(f"Note: {escaped(mask(decision.note))}")
    return told


def _open_point(decision: Decision) -> str | None:
    """What a decision leaves to be decided; nothing where there is nothing to fix."""
    missing = [
        name
        for name, value in (("root cause", decision.cause), ("owner", decision.owner), ("ticket", decision.ticket))
        if not value
    ]
    return f"{decision.cluster}: no {', no '.join(missing)}" if missing and not decision.disposition else None


def _named(cluster: str, known: Mapping[str, ClusterRow]) -> str:
    return f"{cluster} {escaped(known[cluster].name)}" if cluster in known else cluster


def _skipped(decision: Decision, known: Mapping[str, ClusterRow], taxonomy: Taxonomy) -> str:
    return "; ".join([_named(decision.cluster, known), *_said(decision, taxonomy)])


def _points(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "Nothing."

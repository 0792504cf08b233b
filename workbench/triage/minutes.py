"""The minutes of a triage session."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.judgement.records.sessions import Decision, Session
from workbench.judgement.taxonomy import DISPOSITION_TITLES, SEVERITIES, Taxonomy, disposition_choice
from workbench.text import formatting
from workbench.text.markdown import escaped, fenced
from workbench.text.masking import mask
from workbench.triage.clock import clock_face


def minutes(bench: Bench, session: Session) -> str:
    """The minutes of a session as Markdown: decisions, owners, due dates, what was skipped and what stays open.

    Log text stands escaped or in fences, as in a ticket. A cluster that is not in the data any more keeps its id.
    """
    rows = {row.cluster: row for row in bench.clusters()}
    decisions = bench.sessions.decisions(session.session)
    taxonomy = bench.causes.taxonomy()
    decided = [item.cluster for item in session.agenda if _state(decisions, item.cluster) == "decided"]
    parts = [
        f"# {escaped(mask(session.title) or session.session)}",
        _who_and_when(bench, session, decisions, len(decided)),
        "## Decisions",
        _overview([decisions[cluster] for cluster in decided], taxonomy) if decided else "None.",
    ]
    for number, cluster in enumerate(decided, 1):
        parts += _decided(number, rows.get(cluster), decisions[cluster], taxonomy)
    skipped = [item.cluster for item in session.agenda if _state(decisions, item.cluster) == "skipped"]
    unreached = [item.cluster for item in session.agenda if item.cluster not in decisions]
    left_open = [point for cluster in decided if (point := _open_point(decisions[cluster]))]
    left_open += [f"{cluster}: skipped" for cluster in skipped] + [f"{cluster}: not reached" for cluster in unreached]
    parts += ["## Skipped", _points([_skipped(decisions[cluster], rows, taxonomy) for cluster in skipped])]
    parts += ["## What stays open", _points(left_open)]
    return "\n\n".join(parts) + "\n"


def _state(decisions: Mapping[str, Decision], cluster: str) -> str | None:
    return decisions[cluster].state if cluster in decisions else None


def _who_and_when(bench: Bench, session: Session, decisions: Mapping[str, Decision], decided: int) -> str:
    people = dict.fromkeys([session.created_by, *(decision.by for decision in decisions.values())])
    spent = clock_face(bench.sessions.progress(session.session).elapsed)
    facts = [
        f"{session.session}, {formatting.day(session.created_at)}",
        ", ".join(escaped(name) for name in people),
        f"{decided} of {formatting.count(len(session.agenda), 'cluster')} decided in {spent}",
        f"data through {formatting.day(bench.summary().data_through)}",
    ]
    return " · ".join(facts)


def _overview(decisions: Sequence[Decision], taxonomy: Taxonomy) -> str:
    lines = ["| Cluster | Root cause | Severity | Owner | Ticket | Due |", "| --- | --- | --- | --- | --- | --- |"]
    for decision in decisions:
        cells = [
            decision.cluster,
            _verdict(decision, taxonomy),
            decision.severity,
            escaped(decision.owner or ""),
            decision.ticket,
            decision.due,
        ]
        lines.append(f"| {' | '.join(str(cell or '–') for cell in cells)} |")
    return "\n".join(lines)


def _verdict(decision: Decision, taxonomy: Taxonomy) -> str:
    """The root cause, or why there is nothing to fix."""
    cause = escaped(taxonomy.title(decision.cause))
    return ", ".join(part for part in (cause, DISPOSITION_TITLES.get(decision.disposition or "")) if part)


def _decided(number: int, row: ClusterRow | None, decision: Decision, taxonomy: Taxonomy) -> list[str]:
    points = _decision_points(decision, taxonomy)
    if row is None:
        return [f"### {number}. {decision.cluster}", "Not in the data any more.", _points(points)]
    asked = ["A typical request:", fenced(row.sentence)] if row.sentence else []
    facts = [
        f"How often: {escaped(wording.how_often(row))}",
        f"Seen: {formatting.day(row.first_seen)} to {formatting.day(row.last_seen)}",
    ]
    return [f"### {number}. {_named(row.cluster, {row.cluster: row})}", *asked, _points([*facts, *points])]


def _decision_points(decision: Decision, taxonomy: Taxonomy) -> list[str]:
    """What was decided, a line for each thing."""
    cause, parts = taxonomy.causes.get(decision.cause or ""), []
    if decision.cause:
        meaning = f" ({escaped(cause.meaning)})" if cause and cause.meaning else ""
        parts.append(f"Root cause: {escaped(taxonomy.title(decision.cause))}{meaning}")
    if decision.disposition:
        parts.append(f"Nothing to fix: {disposition_choice(decision.disposition)}")
    if decision.severity:
        parts.append(f"Severity: {decision.severity} ({SEVERITIES.get(decision.severity, '')})")
    if decision.owner:
        parts.append(f"Owner: {escaped(decision.owner)}")
    if decision.ticket:
        parts.append(f"Ticket: {decision.ticket}{f', due {decision.due}' if decision.due else ''}")
    if decision.note:
        parts.append(f"Note: {escaped(mask(decision.note))}")
    return parts


def _open_point(decision: Decision) -> str | None:
    """What a decision leaves to be decided; nothing where there is nothing to fix."""
    missing = [
        name
        for name, value in (("root cause", decision.cause), ("owner", decision.owner), ("ticket", decision.ticket))
        if not value
    ]
    return f"{decision.cluster}: no {', no '.join(missing)}" if missing and not decision.disposition else None


def _named(cluster: str, rows: Mapping[str, ClusterRow]) -> str:
    return f"{cluster} {escaped(rows[cluster].name)}" if cluster in rows else cluster


def _skipped(decision: Decision, rows: Mapping[str, ClusterRow], taxonomy: Taxonomy) -> str:
    return "; ".join([_named(decision.cluster, rows), *_decision_points(decision, taxonomy)])


def _points(lines: Sequence[str]) -> str:
    return "\n".join(f"- {line}" for line in lines) or "Nothing."

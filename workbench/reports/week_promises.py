"""What was promised for a week: fixes that are watched, tickets that are due, what is mine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.overlay import LIVE, JudgementOverlay
from workbench.errors import UserError
from workbench.judgement.records.sessions import Decision, Session
from workbench.judgement.records.tickets import Ticket
from workbench.reports.week_rows import JUDGED, OLD, SESSIONS, Mine, Promise, WaitingFix
from workbench.text import formatting
from workbench.text.masking import mask
from workbench.tickets import verification
from workbench.tickets.fix_rule import TOO_LITTLE


def _promised(
    bench: Bench,
    rows: Sequence[ClusterRow],
    overlay: JudgementOverlay,
    bot: str | None,
    today: date,
) -> list[Promise]:
    names, bots = {row.cluster: row.name for row in rows}, {row.cluster: row.bot for row in rows}
    tickets = {ticket.ticket: ticket for ticket in bench.tickets.all()}
    about = {name: {bots.get(cluster) for cluster in ticket.clusters} for name, ticket in tickets.items()}
    held = bench.sessions.all()[:SESSIONS]
    owners = overlay.owners
    whose = {name: next((owners[c] for c in ticket.clusters if c in owners), None) for name, ticket in tickets.items()}
    made = promises(
        [ticket for ticket in tickets.values() if bot is None or bot in about[ticket.ticket]],
        [(session, bench.sessions.decisions(session.session)) for session in held],
        {cluster: name for cluster, name in names.items() if bot is None or bots[cluster] == bot},
        {cluster: ticket.ticket for cluster, ticket in overlay.tickets.items()},
        today,
    )
    made = [replace(promise, owner=promise.owner or whose.get(promise.ticket or "")) for promise in made]
    watched = [promise.ticket for promise in made if promise.ticket and promise.kind == "watching"][:JUDGED]
    return [
        replace(promise, watch=watch(bench, promise.ticket))
        if promise.ticket and promise.ticket in watched
        else promise
        for promise in made
    ]


def promises(
    tickets: Sequence[Ticket],
    held: Sequence[tuple[Session, Mapping[str, Decision]]],
    names: Mapping[str, str],
    ticket_of: Mapping[str, str],
    today: date,
) -> list[Promise]:
    """Late tickets, the latest first; shipped fixes without a verdict; what sessions decided, by due date; old tickets.

    `names` are those of the clusters that count, `ticket_of` their live tickets. Each ticket comes once.
    """
    kept = [made for ticket in tickets if (made := _of_ticket(ticket, today))]
    listed = {promise.ticket for promise in kept if promise.kind != "old"}
    live = {ticket.ticket: ticket for ticket in tickets}
    decided: dict[str, Promise] = {}
    for session, decisions in held:
        for cluster, decision in decisions.items():
            ticket = decision.ticket or ticket_of.get(cluster)
            at = ticket or cluster
            done = ticket is not None and (ticket not in live or live[ticket].status != "open")
            if (
                cluster in names
                and not done
                and ticket not in listed
                and at not in decided
                and _binds(decision, ticket)
            ):
                due = live[ticket].due if ticket else decision.due
                owner = (live[ticket].owner if ticket else None) or decision.owner
                title = mask(live[ticket].title) if ticket else names[cluster]
                decided[at] = Promise("decided", title, cluster, ticket, owner, due, session.session)
    kept = [promise for promise in kept if promise.ticket not in decided] + list(decided.values())
    order = ("late", "watching", "decided", "old")
    return sorted(
        kept,
        key=lambda promise: (order.index(promise.kind), promise.due or date.max, -(promise.days or 0), promise.title),
    )


def _binds(decision: Decision, ticket: str | None) -> bool:
    """Whether a decision promises anything: not one that was skipped, or found nothing to fix."""
    return decision.state == "decided" and not decision.disposition and bool(decision.owner or decision.due or ticket)


def _of_ticket(ticket: Ticket, today: date) -> Promise | None:
    """What a ticket promises by itself; None where it is neither late, shipped nor old."""
    made = Promise("", mask(ticket.title), ticket=ticket.ticket, owner=ticket.owner, due=ticket.due)
    if ticket.status == "fixed":
        fixes = (
            ticket.fixed_release and f"with {mask(ticket.fixed_release)}",
            ticket.fixed_date and f"on {formatting.day(ticket.fixed_date)}",
        )
        out = ", ".join(part for part in fixes if part)
        return replace(made, kind="watching", due=None, shipped=out or None)
    if ticket.status != "open":
        return None
    if ticket.due:
        return replace(made, kind="late", days=(today - ticket.due).days) if ticket.due < today else None
    age = (today - ticket.created_at.date()).days
    return replace(made, kind="old", days=age) if age > OLD else None


def watch(bench: Bench, ticket: str) -> WaitingFix:
    """How far a shipped fix is from its verdict, from the whole history of its bots."""
    try:
        result = verification.verify(bench, ticket)
    except UserError as e:
        return WaitingFix(0, 0, None, TOO_LITTLE, str(e))
    verdict = result.verdict
    return WaitingFix(result.after.eligible, result.after.failures, verdict.needed, verdict.verdict, verdict.warning)


def _mine(bench: Bench, rows: Sequence[ClusterRow], overlay: JudgementOverlay, bot: str | None) -> Mine:
    me = bench.actor.casefold()
    if not me:
        return Mine([], [])
    bots = {row.cluster for row in rows}
    return Mine(
        [
            replace(ticket, title=mask(ticket.title))
            for ticket in bench.tickets.all()
            if (ticket.owner or "").casefold() == me
            and ticket.status in LIVE
            and ticket.status != "verified"
            and (bot is None or bots.intersection(ticket.clusters))
        ],
        [row for row in rows if (row.owner or "").casefold() == me and row.status == "new"],
    )

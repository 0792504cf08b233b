"""What was promised for a week: fixes that are watched, tickets that are due, what is mine."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from workbench.bench.bench import Bench
from workbench.bench.overlay import LIVE, Standing
from workbench.bench.rows import ClusterRow
from workbench.errors import UserError
from workbench.judgement.records import Decision, Session, Ticket
from workbench.reports.week_rows import JUDGED, OLD, SESSIONS, Mine, Promise, Watch
from workbench.text import formatting
from workbench.text.masking import mask
from workbench.tickets import verification
from workbench.tickets.fix_rule import TOO_LITTLE


def _promised(
    bench: Bench,
    rows: Sequence[ClusterRow],
    standing: Standing,
    bot: str | None,
    today: date,
    judge: Callable[[Bench, str], Watch],
) -> list[Promise]:
    names, bots = {row.cluster: row.name for row in rows}, {row.cluster: row.bot for row in rows}
    tickets = {one.ticket: one for one in bench.judgement.tickets()}
    about = {name: {bots.get(cluster) for cluster in one.clusters} for name, one in tickets.items()}
    held = bench.judgement.sessions()[:SESSIONS]
    owners = standing.owners
    whose = {name: next((owners[c] for c in one.clusters if c in owners), None) for name, one in tickets.items()}
    told = promises(
        [one for one in tickets.values() if bot is None or bot in about[one.ticket]],
        [(session, bench.judgement.decisions(session.session)) for session in held],
        {cluster: name for cluster, name in names.items() if bot is None or bots[cluster] == bot},
        {cluster: one.ticket for cluster, one in standing.tickets.items()},
        today,
    )
    told = [replace(one, owner=one.owner or whose.get(one.ticket or "")) for one in told]
    watched = [one.ticket for one in told if one.ticket and one.kind == "watching"][:JUDGED]
    return [
        replace(one, watch=judge(bench, one.ticket)) if one.ticket and one.ticket in watched else one for one in told
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
    found = [made for one in tickets if (made := _of_ticket(one, today))]
    told = {one.ticket for one in found if one.kind != "old"}
    live = {one.ticket: one for one in tickets}
    decided: dict[str, Promise] = {}
    for session, decisions in held:
        for cluster, said in decisions.items():
            ticket = said.ticket or ticket_of.get(cluster)
            at = ticket or cluster
            done = ticket is not None and (ticket not in live or live[ticket].status != "open")
            if cluster in names and not done and ticket not in told and at not in decided and _binds(said, ticket):
                due = live[ticket].due if ticket else said.due
                owner = (live[ticket].owner if ticket else None) or said.owner
                title = mask(live[ticket].title) if ticket else names[cluster]
                decided[at] = Promise("decided", title, cluster, ticket, owner, due, session.session)
    found = [one for one in found if one.ticket not in decided] + list(decided.values())
    order = ("late", "watching", "decided", "old")
    return sorted(found, key=lambda one: (order.index(one.kind), one.due or date.max, -(one.days or 0), one.title))


def _binds(said: Decision, ticket: str | None) -> bool:
    """Whether a decision promises anything: not one that was skipped, or found nothing to fix."""
    return said.state == "decided" and not said.disposition and bool(said.owner or said.due or ticket)


def _of_ticket(one: Ticket, today: date) -> Promise | None:
    """What a ticket promises by itself; None where it is neither late, shipped nor old."""
    made = Promise("", mask(one.title), ticket=one.ticket, owner=one.owner, due=one.due)
    if one.status == "fixed":
        told = (
            one.fixed_release and f"with {mask(one.fixed_release)}",
            one.fixed_date and f"on {formatting.day(one.fixed_date)}",
        )
        out = ", ".join(part for part in told if part)
        return replace(made, kind="watching", due=None, shipped=out or None)
    if one.status != "open":
        return None
    if one.due:
        return replace(made, kind="late", days=(today - one.due).days) if one.due < today else None
    age = (today - one.created_at.date()).days
    return replace(made, kind="old", days=age) if age > OLD else None


def watch(bench: Bench, ticket: str) -> Watch:
    """How far a shipped fix is from its verdict, from the whole history of its bots."""
    try:
        found = verification.verify(bench, ticket)
    except UserError as e:
        return Watch(0, 0, None, TOO_LITTLE, str(e))
    verdict = found.verdict
    return Watch(found.after.eligible, found.after.failures, verdict.needed, verdict.verdict, verdict.warning)


def _mine(bench: Bench, rows: Sequence[ClusterRow], standing: Standing, bot: str | None) -> Mine:
    me = bench.actor.casefold()
    if not me:
        return Mine([], [])
    bots = {row.cluster for row in rows}
    return Mine(
        [
            replace(one, title=mask(one.title))
            for one in bench.judgement.tickets()
            if (one.owner or "").casefold() == me
            and one.status in LIVE
            and one.status != "verified"
            and (bot is None or bots.intersection(one.clusters))
        ],
        [row for row in rows if (row.owner or "").casefold() == me and row.status == "new"],
    )

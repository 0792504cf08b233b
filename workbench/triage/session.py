"""The triage session: what to put on its agenda, what is shown of a cluster, its clock, and what is decided of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Unpack

from workbench.bench.bench import Bench
from workbench.bench.cluster_detail import ClusterDetail, Fact
from workbench.bench.conversation_detail import ConversationDetail
from workbench.conversation.roles import is_user
from workbench.conversation.transcript import Fold
from workbench.failures.signals import REGISTRY
from workbench.judgement.records.sessions import Decision, DecisionChange
from workbench.tickets import tickets

FACTS_SHOWN = 4
STEPS_SHOWN = 2
_JUDGED = REGISTRY["log-says-failed"].title


def telling(cluster: ClusterDetail) -> list[Fact]:
    """The facts that set the cluster apart most, by how much more often they hold here than elsewhere.

    That the log calls them failed is left out: it says nothing of how.
    """
    once = {fact.text: fact for fact in [*cluster.signals, *cluster.facts] if fact.total and fact.text != _JUDGED}
    return sorted(once.values(), key=lambda fact: (fact.base_rate or 0) - fact.count / fact.total)[:FACTS_SHOWN]


def exchange(detail: ConversationDetail) -> list[Fold]:
    """What happened around the likely failing turn: the user's last words, up to two steps, what the user answered."""
    shown = detail.folds
    if not shown:
        return []
    at = shown.holding(detail.candidates[0].position if detail.candidates else None)
    asked = next((index for index in range(at, -1, -1) if _speaks(shown[index])), None)
    steps = shown[0 if asked is None else asked + 1 : at + 1][-STEPS_SHOWN:]
    answer = [fold for fold in shown[at + 1 : at + 2] if _speaks(fold)]
    return [*([] if asked is None else [shown[asked]]), *steps, *answer]


def opens(detail: ConversationDetail, around: Sequence[Fold]) -> bool:
    """Whether an exchange already begins with what the user asked first."""
    first = next((turn.position for turn in detail.conversation.turns if is_user(turn.role)), None)
    return bool(around) and first in around[0].positions


def decide(bench: Bench, session: str, cluster: str, **change: Unpack[DecisionChange]) -> Decision:
    """Add to what the session decides of a cluster; its label, owner and ticket follow."""
    return bench.judgement.sessions.decide(session, cluster, actor=bench.actor, **change)


def give_ticket(bench: Bench, session: str, cluster: str, due: date | None) -> Decision:
    """Give a cluster its ticket, due on a day: the one that it has if that is open, else a new one with its evidence."""
    ticket = bench.overlay().tickets.get(cluster)
    if ticket is None or ticket.status != "open":
        ticket = tickets.create(bench, tickets.draft(bench, [cluster]))
    return decide(bench, session, cluster, ticket=ticket.ticket, due=due)


def _speaks(fold: Fold) -> bool:
    return any(is_user(block.role) for block in fold.blocks)

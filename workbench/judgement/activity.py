"""The history as people look through it: which events concern a subject, and which can be undone."""

from __future__ import annotations

from workbench.judgement.event_wording import conversation_id
from workbench.judgement.kinds import ACT, TICKET
from workbench.judgement.records.events import Event
from workbench.judgement.store import Judgement
from workbench.judgement.undo import FORGOTTEN_IN

PAGE = 30
"""Events on a page."""
CHUNK = 500
"""Events that are read at once."""


def find_events(judgement: Judgement, subject: str, actor: str, before: int | None) -> tuple[list[Event], bool]:
    """The newest events older than `before` that concern a subject and come from an actor, and whether there are more.

    `subject` is a whole subject (`label:cluster:FC-0001`) or one id of it (`FC-0001`, also where a ticket is for it).
    Empty texts ask for all.
    """
    page: list[Event] = []
    while len(page) <= PAGE:
        chunk = judgement.journal.events(CHUNK, before)
        page += [event for event in chunk if concerns(event, subject.strip()) and _by(event, actor.strip())]
        if len(chunk) < CHUNK:
            break
        before = chunk[-1].sequence
    return page[:PAGE], len(page) > PAGE


def concerns(event: Event, subject: str) -> bool:
    """Whether an event is about a subject, or about a ticket for it."""
    wanted = subject.casefold()
    kind, *ids = event.subject.split(":")
    for state in filter(None, (event.before, event.after)):
        if kind == "ticket" and (ticket := TICKET.restored(state)):
            ids += ticket.clusters
        elif kind == "act" and (act := ACT.restored(state)):
            ids += [act.cluster, act.into or ""]
        elif kind in ("label", "verdict"):
            ids.append(conversation_id(kind, state))
        elif kind == "reveal":
            ids.append(str(state.get("conversation_id")))
    return not wanted or wanted in (name.casefold() for name in (event.subject, *ids))


def _by(event: Event, actor: str) -> bool:
    return not actor or actor.casefold() == event.actor.casefold()


def undoable(event: Event) -> bool:
    """Whether an event changed something that people said; imports, snapshots and forgetting did not. A reveal stays."""
    kind = event.subject.split(":")[0]
    by_machine = kind in ("import", "mapping", "snapshot", "events", "backup", "database")
    revealed = (kind, event.what) == ("round", "revealed") or event.what == FORGOTTEN_IN
    return not (by_machine or revealed or event.forgotten or event.damaged)

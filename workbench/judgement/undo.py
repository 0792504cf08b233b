"""Taking a change back: what stood before it stands again, and with it what followed from the change.

What follows from a change is written in its transaction, right after it: what a split or a merge of clusters hands on,
what a merged root cause takes along. A change that took a lead is taken back by a lead, also by an undo of its undo.
"""

from __future__ import annotations

import re
from itertools import takewhile

from workbench.errors import Conflict, Denied, UserError
from workbench.judgement import hash_chain
from workbench.judgement.journal import Change, Journal, differences, last_change
from workbench.judgement.kinds import KINDS, PERSON, ROUND, VOTE
from workbench.judgement.records.events import Event
from workbench.judgement.roles import keep_a_lead
from workbench.judgement.tables import events

FORGOTTEN_IN = "forgotten in"
"""What an event did that took a text out of a state, for good."""
INHERITED, TO_CONFIRM, FOLLOWED = "inherited", "to confirm", "followed the merge of"
MERGED, TAKEN_BACK = "merged", "merge taken back"
TIME_ZONE_SET = "time zone set"
_FOLLOWS = re.compile(rf"{INHERITED}|{TO_CONFIRM}|{FOLLOWED} .*")
_UNDO = re.compile(r"undo (\d+)")
_TAKE_A_LEAD = {
    "setting": (TIME_ZONE_SET,),
    "person": ("role set",),
    "cause": (MERGED, TAKEN_BACK, "retired", "offered again"),
}


def undo(journal: Journal, sequence: int, actor: str) -> Event:
    """Restore what stood before an event, as a new event, which can itself be undone.

    What followed from it comes back, too, where nothing has changed it since. It takes the role that the change
    took. Raises `Conflict` where the subject has changed since, `UserError` where the event is not one to undo.
    """
    with journal.changing(actor) as change:
        event = change.find(sequence)
        kind = KINDS.get(event.subject.split(":")[0])
        if kind is None or event.what == FORGOTTEN_IN:
            raise UserError(f"Event {sequence} ({event.what} {event.subject}) can't be undone.")
        if event.forgotten:
            raise UserError(f"What event {sequence} changed was forgotten, so it can't be undone.")
        if event.damaged:
            raise UserError(
                f"What event {sequence} changed is not as it was written, so it can't be undone. "
                "`python -m workbench doctor` says more."
            )
        if _takes_a_lead(_origin(change, event)):
            change.require_role("lead")
        key = kind.key(event.subject, event.after, event.before)
        _refuse_in_rounds(change, event)
        then, now = kind.restored(event.after), change.get(kind, *key)
        if kind.state(then) != kind.state(now):
            raise Conflict(_changed(change, event, differences(kind.state(then), kind.state(now))))
        following = followers(change, event)
        change.put(kind, key, kind.restored(event.before), f"undo {sequence}")
        undone = change.find(change.sequence)
        for follower in following:
            restore_state(change, follower)
        if kind is PERSON:
            keep_a_lead(change.connection, change.local)
        return undone


def followers(change: Change, event: Event) -> list[Event]:
    """The events that followed from one: of its transaction, right after it. What followed leads no others."""
    if _FOLLOWS.fullmatch(event.what):
        return []
    before = _taken_back(change, event)
    undone = None if before is None else {f"undo {follower.sequence}" for follower in followers(change, before)}
    together = hash_chain.STORED.where(
        events.c.sequence > event.sequence, events.c.actor == event.actor, events.c.at == event.at
    ).order_by(events.c.sequence)
    later = enumerate(hash_chain.read(change.connection, together), start=event.sequence + 1)

    def follows(place: tuple[int, Event]) -> bool:
        expected, event_after = place
        fits = _FOLLOWS.fullmatch(event_after.what) is not None if undone is None else event_after.what in undone
        return event_after.sequence == expected and fits

    return [follower for _, follower in takewhile(follows, later)]


def restore_state(change: Change, event: Event) -> bool:
    """Restore what stood before one event, where nothing has changed it since. Whether it did."""
    kind = KINDS[event.subject.split(":")[0]]
    key = kind.key(event.subject, event.after, event.before)
    if event.forgotten or event.damaged:
        return False
    if kind.state(change.get(kind, *key)) != kind.state(kind.restored(event.after)):
        return False
    change.put(kind, key, kind.restored(event.before), f"undo {event.sequence}")
    return True


def last_merge(change: Change, subject: str, before: int | None = None) -> Event | None:
    """The last event by which a root cause was merged into another, of those before a sequence."""
    query = hash_chain.STORED.where(events.c.subject == subject, events.c.what == MERGED)
    if before is not None:
        query = query.where(events.c.sequence < before)
    merges = hash_chain.read(change.connection, query.order_by(events.c.sequence.desc()).limit(1))
    return merges[0] if merges else None


def _taken_back(change: Change, event: Event) -> Event | None:
    """The event that this one took back; None where it took none back."""
    if undo := _UNDO.fullmatch(event.what):
        return change.find(int(undo[1]))
    return last_merge(change, event.subject, event.sequence) if event.what == TAKEN_BACK else None


def _origin(change: Change, event: Event) -> Event:
    """The change that an undo, or an undo of one, is about."""
    while undo := _UNDO.fullmatch(event.what):
        event = change.find(int(undo[1]))
    return event


def _takes_a_lead(event: Event) -> bool:
    return event.what.startswith(FOLLOWED) or event.what in _TAKE_A_LEAD.get(event.subject.split(":")[0], ())


def _refuse_in_rounds(change: Change, event: Event) -> None:
    """Keep blind rounds blind: a vote is its rater's while the round is open, and what was shown stays shown."""
    kind, round, *_ = event.subject.split(":")
    if kind == VOTE.name:
        if VOTE.key(event.subject)[-1] != change.actor:
            raise Denied("A vote is undone only by who gave it.")
        current = change.get(ROUND, round)
        if current is None or current.status != "open":
            raise UserError(f"{round} is revealed: its votes stay as they were given.")
    elif kind == ROUND.name:
        if event.before and event.after and event.before["status"] != event.after["status"]:
            raise UserError(f"What the reveal of {round} showed can't be made blind again. Start another round.")
        if event.before is None and any(vote.round == round for vote in change.all(VOTE)):
            raise UserError(f"People voted in {round} already, so its start can't be undone.")


def _changed(change: Change, event: Event, differ: str) -> str:
    if event.subject.startswith(f"{VOTE.name}:"):  # what was voted is told nowhere before the reveal
        return f"This vote has changed since event {event.sequence}. Undo that first, or vote again."
    return (
        f"{event.subject} has changed since event {event.sequence}: {differ} "
        f"({last_change(change, event.subject)}). Undo that first, or change it by hand."
    )

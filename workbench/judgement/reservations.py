"""Reading shared out: who reads what of a shared list or blind round just now, so that no conversation is read more often than wanted.

A reservation is no judgement and no event: it frees itself after a while, so a laptop that is closed holds nothing up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import sqlalchemy as sa

from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import VERDICT, VOTE
from workbench.judgement.tables import reservations

HOLD = timedelta(minutes=15)
"""For how long a conversation is kept for whoever took it up last."""

Readers = Callable[[Change], dict[str, set[str]]]
"""Gives who is through with which conversation, by key."""


class Reservations(JournalPart):
    """The reservations of a judgement store."""

    def reserve(
        self, queue: str, conversations: Sequence[str], readers: int, read: Readers, *, actor: str
    ) -> str | None:
        """The conversation (key) that the actor reads next, kept for them for `HOLD`; None where nothing is left for them.

        It is the one that they hold already, else the first in this order that they have not read and that fewer than `readers`
        people have read or hold.
        """
        with self._journal.changing(actor) as change:
            connection = change.connection
            connection.execute(reservations.delete().where(reservations.c.until <= change.at))
            through = read(change)
            held: dict[str, set[str]] = {}
            for row in connection.execute(sa.select(reservations).where(reservations.c.queue == queue)):
                held.setdefault(row.conversation, set()).add(row.reader)
            unread = [key for key in conversations if change.actor not in through.get(key, ())]
            own = [key for key in unread if change.actor in held.get(key, ())]
            free = [key for key in unread if len(through.get(key, set()) | held.get(key, set())) < readers]
            mine = reservations.c.queue == queue, reservations.c.reader == change.actor
            connection.execute(reservations.delete().where(*mine))
            key = next(iter([*own, *free]), None)
            if key is not None:
                taken = {"queue": queue, "conversation": key, "reader": change.actor, "until": change.at + HOLD}
                connection.execute(reservations.insert(), taken)
            return key

    def held(self, queue: str) -> dict[str, list[str]]:
        """Who holds which conversation of a queue, by key; those whose time is over may be among them."""
        holding: dict[str, list[str]] = {}
        query = sa.select(reservations).where(reservations.c.queue == queue).order_by(reservations.c.reader)
        with self._journal.reading() as connection:
            for row in connection.execute(query):
                holding.setdefault(row.conversation, []).append(row.reader)
        return holding


def verdicts_given(change: Change) -> dict[str, set[str]]:
    """Who gave a verdict on which conversation."""
    return _by_conversation((verdict.conversation, verdict.reader) for verdict in change.all(VERDICT))


def votes_given(round: str) -> Readers:
    """Who voted on which conversation of a round."""
    return lambda change: _by_conversation(
        (vote.conversation, vote.rater) for vote in change.all(VOTE) if vote.round == round
    )


def _by_conversation(given: Iterable[tuple[str, str]]) -> dict[str, set[str]]:
    people: dict[str, set[str]] = {}
    for conversation, person in given:
        people.setdefault(conversation, set()).add(person)
    return people

"""One conversation without its masks, for one lead, for a reason and for a quarter of an hour: each time an event, never a state.

What is open follows from the events alone, so nothing has to be closed: it ends by itself, also where the server stood still
meanwhile. A clock that was set back opens nothing.
"""

from __future__ import annotations

from datetime import timedelta

from workbench.errors import UserError
from workbench.judgement import hash_chain
from workbench.judgement.journal import JournalPart
from workbench.judgement.records.events import Reveal
from workbench.judgement.roles import role_of
from workbench.judgement.tables import events

LASTS = timedelta(minutes=15)
"""How long a conversation stays unmasked for whoever asked."""
SHORTEST_REASON, LONGEST_REASON = 5, 300
"""Characters of a reason."""
_REVEALED, _MASKED = "revealed", "masked again"


class Reveals(JournalPart):
    """Who sees which conversation unmasked."""

    def reveal(self, conversation: str, reason: str, *, conversation_id: str, bot: str, actor: str) -> Reveal:
        """Unmask a conversation (key) for the actor, who must be a lead, until `LASTS` is over.

        Raises `Denied` for whoever is none, `UserError` without a reason that others can read later.
        """
        reason = " ".join(reason.split())
        if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
            raise UserError(
                f"Say why you need to see this conversation unmasked, in {SHORTEST_REASON} to {LONGEST_REASON} characters; "
                f"got {len(reason)}. The reason stands on the page Activity."
            )
        with self._journal.changing(actor, "lead") as change:
            after = {"conversation_id": conversation_id, "bot": bot, "reason": reason}
            change.append(_REVEALED, _subject(conversation), None, after)
            return Reveal(conversation, change.actor, reason, change.at, change.at + LASTS)

    def end(self, conversation: str, *, actor: str) -> None:
        """Mask a conversation again that is unmasked for the actor, before its time is over; else nothing happens."""
        with self._journal.changing(actor, "lead") as change:
            if self.open_for(conversation, actor) is not None:
                change.append(_MASKED, _subject(conversation), None, None)

    def open_for(self, conversation: str, person: str) -> Reveal | None:
        """The act that unmasks a conversation (key) for this person now; None: it is masked for them, as it is for all others.

        Whoever is no lead any more sees it masked from the next look on.
        """
        person = person.strip()
        if not person:
            return None
        latest = (
            hash_chain.STORED.where(events.c.subject == _subject(conversation), events.c.actor == person)
            .order_by(events.c.sequence.desc())
            .limit(1)
        )
        with self._journal.reading() as connection:
            acts = hash_chain.read(connection, latest)
            if not acts or acts[0].what != _REVEALED or not acts[0].after:
                return None
            if role_of(connection, person, self._journal.local) != "lead":
                return None
        at, until = acts[0].at, acts[0].at + LASTS
        if not at <= self._journal.now() < until:
            return None
        return Reveal(conversation, person, str(acts[0].after["reason"]), at, until)


def _subject(conversation: str) -> str:
    return f"reveal:{conversation}"

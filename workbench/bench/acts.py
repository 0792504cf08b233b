"""What people say through the bench, a group of acts for each subject; whatever writes does so as the bench's actor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from typing import Unpack

from workbench.errors import Denied
from workbench.judgement import activity
from workbench.judgement.causes import CauseChange
from workbench.judgement.records.causes import CauseEdit
from workbench.judgement.records.events import Event, Reveal
from workbench.judgement.records.pod import Bot, BotChange, Mute, Person, Prompt
from workbench.judgement.records.reading import Mode, ModeChange
from workbench.judgement.records.rounds import Round
from workbench.judgement.records.sessions import AgendaItem, Decision, Progress, Session
from workbench.judgement.records.tickets import FixFigures, Ticket, TicketChange
from workbench.judgement.store import Judgement
from workbench.judgement.taxonomy import CauseRow, Taxonomy


class _Acts:
    def __init__(self, judgement: Judgement, actor: str) -> None:
        self._judgement, self._actor = judgement, actor


class TicketActs(_Acts):
    """Tickets as they are kept; `workbench.tickets` drafts, verifies and writes them."""

    def get(self, ticket: str) -> Ticket:
        """One ticket; `UserError` where there is none."""
        return self._judgement.tickets.get(ticket)

    def all(self) -> list[Ticket]:
        """Every ticket, in the order of its number."""
        return self._judgement.tickets.all()

    def edit(self, ticket: str, version: int, **changes: Unpack[TicketChange]) -> Ticket:
        """Change a ticket's fields; `Conflict` where somebody was faster."""
        return self._judgement.tickets.edit(ticket, version, actor=self._actor, **changes)

    def set_status(
        self, ticket: str, status: str, version: int | None = None, figures: FixFigures | None = None
    ) -> Ticket:
        """Move a ticket on, with the figures of the verdict that moves it, or open it again."""
        return self._judgement.tickets.set_status(ticket, status, actor=self._actor, version=version, figures=figures)


class SessionActs(_Acts):
    """Triage sessions; `workbench.triage` proposes agendas and decides."""

    def create(self, title: str, agenda: Sequence[AgendaItem]) -> Session:
        """Open a session under the next number."""
        return self._judgement.sessions.create(title, agenda, actor=self._actor)

    def get(self, session: str) -> Session:
        """One session; `UserError` where there is none."""
        return self._judgement.sessions.get(session)

    def all(self) -> list[Session]:
        """Every session, the newest first."""
        return self._judgement.sessions.all()

    def close(self, session: str) -> Session:
        """End a session; it takes no decision until it is opened again."""
        return self._judgement.sessions.close(session, actor=self._actor)

    def reopen(self, session: str) -> Session:
        """Open a closed session again."""
        return self._judgement.sessions.reopen(session, actor=self._actor)

    def skip(self, session: str, cluster: str) -> Decision:
        """Leave a cluster for another time."""
        return self._judgement.sessions.skip(session, cluster, actor=self._actor)

    def decisions(self, session: str) -> dict[str, Decision]:
        """What a session decided or skipped, by cluster."""
        return self._judgement.sessions.decisions(session)

    def progress(self, session: str) -> Progress:
        """Where the session's screen and clock are."""
        return self._judgement.sessions.progress(session)

    def code(self, session: str) -> str:
        """The code by which devices vote in a session."""
        return self._judgement.sessions.code(session)

    def of_code(self, code: str) -> Session | None:
        """The open session that a code is for; None where there is none."""
        return self._judgement.sessions.of_code(code)

    def set_progress(self, session: str, progress: Progress) -> None:
        """Keep where the session's screen and clock are; no event. A viewer who looks along moves nobody else's."""
        with suppress(Denied):
            self._judgement.sessions.set_progress(session, progress, actor=self._actor)


class RoundActs(_Acts):
    """Blind rounds; `workbench.review` draws their samples and compares their votes."""

    def all(self) -> list[Round]:
        """Every round, the newest first."""
        return self._judgement.rounds.all()

    def voted(self) -> dict[str, dict[str, int]]:
        """How many conversations of each round each rater has voted on."""
        return self._judgement.rounds.voted()

    def unvote(self, round: str, conversation: str) -> None:
        """Take the actor's vote back."""
        self._judgement.rounds.unvote(round, conversation, actor=self._actor)

    def reveal(self, round: str) -> Round:
        """Show everybody all votes, and take no more."""
        return self._judgement.rounds.reveal(round, actor=self._actor)


class CauseActs(_Acts):
    """The pod's root causes."""

    def taxonomy(self) -> Taxonomy:
        """The root causes as the pod has them now."""
        return self._judgement.causes.taxonomy()

    def rows(self) -> list[CauseRow]:
        """Every root cause with how often it is said, those that are offered first."""
        return self._judgement.causes.rows()

    def add(self, code: str, **words: Unpack[CauseChange]) -> CauseEdit:
        """Add a root cause."""
        return self._judgement.causes.add(code, actor=self._actor, **words)

    def edit(self, code: str, version: int, **words: Unpack[CauseChange]) -> CauseEdit:
        """Change the words of a root cause; `Conflict` where somebody was faster."""
        return self._judgement.causes.edit(code, version, actor=self._actor, **words)

    def retire(self, code: str, *, retired: bool = True) -> CauseEdit:
        """Offer a root cause no more, or again; a lead's act."""
        return self._judgement.causes.retire(code, actor=self._actor, retired=retired)

    def merge(self, code: str, into: str) -> int:
        """Merge a root cause into another; how many labels, tickets and failure modes followed. A lead's act."""
        return self._judgement.causes.merge(code, into, actor=self._actor)

    def unmerge(self, code: str) -> int:
        """Take a merge back; how many labels, tickets and failure modes came back. A lead's act."""
        return self._judgement.causes.unmerge(code, actor=self._actor)


class ModeActs(_Acts):
    """Failure modes that people made of readers' notes."""

    def all(self) -> list[Mode]:
        """Every failure mode, the merged ones too, the oldest first."""
        return self._judgement.modes.all()

    def edit(self, mode: str, **changes: Unpack[ModeChange]) -> Mode:
        """Rename a mode, define it, change its notes, or say which cause or cluster it became."""
        return self._judgement.modes.edit(mode, actor=self._actor, **changes)

    def merge(self, mode: str, into: str) -> Mode:
        """Count a mode's notes with another mode from now on."""
        return self._judgement.modes.merge(mode, into, actor=self._actor)


class PodActs(_Acts):
    """People and their roles, who answers for bots and clusters, and what is muted."""

    def people(self) -> list[Person]:
        """Every remembered person, by name."""
        return self._judgement.pod.people()

    def remember(self, name: str) -> None:
        """Remember the name of somebody who works here."""
        self._judgement.pod.remember(name)

    def role_of(self, name: str) -> str:
        """A person's role: viewer, triager or lead."""
        return self._judgement.pod.role_of(name)

    def set_role(self, name: str, role: str | None) -> None:
        """Give a person a role; None leaves it to the default again. A lead's act."""
        self._judgement.pod.set_role(name, role, actor=self._actor)

    def bots(self) -> dict[str, Bot]:
        """What people said of each bot."""
        return self._judgement.pod.bots()

    def set_bot(self, bot: str, **changes: Unpack[BotChange]) -> Bot:
        """Change who answers for a bot, or what its tools do."""
        return self._judgement.pod.set_bot(bot, actor=self._actor, **changes)

    def set_bots(self, changes: Mapping[str, BotChange]) -> list[int]:
        """Change several bots, all or none; the events that it took."""
        return self._judgement.pod.set_bots(changes, actor=self._actor)

    def time_zone(self) -> str:
        """The zone by whose clocks the weeks of the next analysis begin."""
        return self._judgement.pod.time_zone()

    def set_time_zone(self, name: str | None) -> str:
        """Set that zone; None goes back to UTC. A lead's act, which says how the name is spelled."""
        return self._judgement.pod.set_time_zone(name, actor=self._actor)

    def owners(self) -> dict[str, str]:
        """The owner of each cluster that has one."""
        return self._judgement.pod.owners()

    def set_owner(self, cluster: str, owner: str | None) -> None:
        """Name a cluster's owner; None leaves it to its ticket and its bot again."""
        self._judgement.pod.set_owner(cluster, owner, actor=self._actor)

    def set_owner_each(self, clusters: Sequence[str], owner: str | None) -> list[int]:
        """Name the owner of several clusters, all or none; the events that it took."""
        return self._judgement.pod.set_owner_each(clusters, owner, actor=self._actor)

    def mute_each(self, clusters: Sequence[str], until: date) -> list[int]:
        """Mute several clusters, all or none; the events that it took."""
        return self._judgement.pod.mute_each(clusters, until, actor=self._actor)

    def views(self) -> dict[str, dict[str, list[str]]]:
        """The saved views of the ranked list by name."""
        return self._judgement.pod.views()

    def save_view(self, name: str, parts: Mapping[str, Sequence[str]] | None) -> None:
        """Save a view under a name; None deletes it."""
        self._judgement.pod.save_view(name, parts, actor=self._actor)

    def mutes(self) -> dict[str, Mute]:
        """Every mute by cluster, those that have run out too."""
        return self._judgement.pod.mutes()

    def mute(self, cluster: str, until: date) -> None:
        """Hide a cluster from what needs attention, up to and without a day."""
        self._judgement.pod.mute(cluster, until, actor=self._actor)

    def unmute(self, cluster: str) -> None:
        """Show a muted cluster again."""
        self._judgement.pod.unmute(cluster, actor=self._actor)


class PromptActs(_Acts):
    """What bots were told to do, by version; texts are raw here, `reports.prompts` masks them."""

    def of(self, bot: str) -> dict[str, Prompt]:
        """The texts of a bot by version."""
        return self._judgement.prompts.of(bot)

    def set_each(self, bot: str, texts: Mapping[str, str]) -> list[int]:
        """Keep the text of each of these versions, all or none; an empty one takes the text away. The events that it took."""
        return self._judgement.prompts.set_each(bot, texts, actor=self._actor)


class RevealActs(_Acts):
    """Conversations that the actor sees unmasked; `Bench.unmasked` gives what they hold."""

    def open(self, key: str) -> Reveal | None:
        """The act that unmasks a conversation for the actor now; None where none does."""
        return self._judgement.reveals.open_for(key, self._actor)

    def end(self, key: str) -> None:
        """Mask it again before its time is over."""
        self._judgement.reveals.end(key, actor=self._actor)


class HistoryActs(_Acts):
    """What happened, event by event, and the way back."""

    def sequence(self) -> int:
        """The last event's sequence."""
        return self._judgement.journal.sequence()

    def shortage(self) -> str | None:
        """What the judgement store lacks of what was saved in it, with the mend; None where it lacks nothing."""
        return self._judgement.journal.shortage()

    def of(self, subject: str, limit: int = 100) -> list[Event]:
        """The newest events of one subject, e.g. `ticket:FIX-0001`, the newest first."""
        return self._judgement.journal.events(limit, subject=subject)

    def find(self, subject: str, actor: str, before: int | None) -> tuple[list[Event], bool]:
        """A page of events that concern a subject and come from an actor, and whether there are more."""
        return activity.find_events(self._judgement, subject, actor, before)

    def undo(self, sequence: int) -> Event:
        """Restore what stood before an event; `Conflict` where its subject has changed since."""
        return self._judgement.undo(sequence, self._actor)

    def mapping_deleted(self, name: str, text: str) -> None:
        """Tell that a saved mapping was deleted, and what it was."""
        self._judgement.journal.append_event(
            "deleted the mapping", f"mapping:{name}", {"text": text}, actor=self._actor
        )

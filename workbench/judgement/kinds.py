"""How one row of state becomes the JSON of an event and back, for each kind of state.

A table of state belongs to a `Kind`: its rows are only ever written through `Journal.put`, which appends the event.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, Generic, TypeVar

import sqlalchemy as sa

from workbench.judgement import tables
from workbench.judgement.records.causes import CauseEdit
from workbench.judgement.records.clusters import Act
from workbench.judgement.records.labels import Label
from workbench.judgement.records.pod import Bot, Mute, Owner, Person, Prompt, Setting
from workbench.judgement.records.reading import CheckScope, Draw, Mode, ReadingScope, Verdict
from workbench.judgement.records.rounds import Round, Vote
from workbench.judgement.records.sessions import AgendaItem, Decision, Session
from workbench.judgement.records.tickets import FixFigures, Ticket

R = TypeVar("R")


@dataclass(frozen=True)
class Kind(Generic[R]):
    """One kind of state."""

    name: str
    """The first part of its events' subjects."""
    table: sa.Table
    """Where its rows stand; the primary key is the rest of the subject."""
    record: Callable[..., R]
    """Makes the record of a row, by the names of its columns."""

    def subject(self, key: tuple[str, ...]) -> str:
        """What events name the state with this key by."""
        return ":".join((self.name, *key))

    def key(self, subject: str, *states: Mapping[str, Any] | None) -> tuple[str, ...]:
        """The key of what an event is about: as one of its states has it, else as `subject` has it.

        In a subject only the last part may itself hold a colon; a bot's name may, too.
        """
        names = [column.name for column in self.table.primary_key]
        state = next((state for state in states if state and all(name in state for name in names)), None)
        if state is not None:
            return tuple(str(state[name]) for name in names)
        return tuple(subject.split(":", len(names))[1:])

    def where(self, key: tuple[str, ...]) -> sa.ColumnElement[bool]:
        """The row with this key."""
        return sa.and_(*(column == part for column, part in zip(self.table.primary_key, key, strict=True)))

    def row(self, record: Any) -> dict[str, Any]:
        """A record's values by the names of its columns."""
        return asdict(record)

    def state(self, record: R | None) -> dict[str, Any] | None:
        """What an event keeps of the record: its row with times as ISO text, without the version."""
        if record is None:
            return None
        return {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in self.row(record).items()
            if name != "version"
        }

    def restored(self, state: Mapping[str, Any] | None) -> R | None:
        """The record that an event kept. It may come from an older schema: what it lacks gets the record's default."""
        if state is None:
            return None
        row = {name: value for name, value in state.items() if name in self.table.c}
        for name, value in row.items():
            if isinstance(value, str) and isinstance(self.table.c[name].type, sa.DateTime):
                row[name] = datetime.fromisoformat(value)
            elif isinstance(value, str) and isinstance(self.table.c[name].type, sa.Date):
                row[name] = date.fromisoformat(value)
        return self.record(**row)


def _session(*, agenda: list[Any], **row: Any) -> Session:
    items = [item if isinstance(item, AgendaItem) else AgendaItem(**item) for item in agenda]
    return Session(**row, agenda=items)


def _draw(*, scope: Any, **row: Any) -> Draw:
    if isinstance(scope, dict):
        of = CheckScope if "check" in scope else ReadingScope
        scope = of(**{part.name: scope[part.name] for part in fields(of) if part.name in scope})
    return Draw(**row, scope=scope)


def _ticket(*, verdict: Any = None, **row: Any) -> Ticket:
    return Ticket(**row, verdict=FixFigures(**verdict) if isinstance(verdict, dict) else verdict)


LABEL = Kind("label", tables.labels, Label)
TICKET = Kind("ticket", tables.tickets, _ticket)
BOT = Kind("bot", tables.bots, Bot)
MUTE = Kind("mute", tables.mutes, Mute)
OWNER = Kind("owner", tables.owners, Owner)
PERSON = Kind("person", tables.people, Person)
SETTING = Kind("setting", tables.settings, Setting)
SESSION = Kind("session", tables.sessions, _session)
DECISION = Kind("decision", tables.decisions, Decision)
VERDICT = Kind("verdict", tables.verdicts, Verdict)
DRAW = Kind("draw", tables.draws, _draw)
MODE = Kind("mode", tables.modes, Mode)
CAUSE = Kind("cause", tables.causes, CauseEdit)
ROUND = Kind("round", tables.rounds, Round)
VOTE = Kind("vote", tables.votes, Vote)
ACT = Kind("act", tables.acts, Act)
PROMPT = Kind("prompt", tables.prompts, Prompt)

_EVERY: tuple[Kind[Any], ...] = (
    *(LABEL, TICKET, BOT, MUTE, OWNER, PERSON, SETTING, SESSION, DECISION),
    *(VERDICT, DRAW, MODE, CAUSE, ROUND, VOTE, ACT, PROMPT),
)
KINDS: dict[str, Kind[Any]] = {kind.name: kind for kind in _EVERY}

"""Forgetting: what judgement says with a text, or of conversations that are erased, is taken out of what holds now and of the history.

Notes, titles, frozen evidence and the like keep the rest of what they say, with a mark where the text stood; what was said of an
erased conversation alone goes whole. The payload of each event that tells of it is blanked, and the chain still verifies. What
the chain is made of (actors and subjects) and keys that other things hang on (a person's name) stay, and are listed.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import sqlalchemy as sa

from workbench.errors import UserError
from workbench.judgement import hash_chain
from workbench.judgement.journal import Change, JournalPart, clean
from workbench.judgement.kinds import KINDS, LABEL, VERDICT, VOTE, Kind
from workbench.judgement.records.events import Forgotten
from workbench.judgement.roles import require_role
from workbench.judgement.tables import events, payloads, registered
from workbench.judgement.undo import FORGOTTEN_IN
from workbench.text.naming import FORGOTTEN, naming, texts

SHORTEST = 3
"""Characters that a text to forget has at least: fewer stand in half of all words."""
QUOTE = 24
"""Characters from which on a text that stands word for word in an erased conversation counts as a quotation of it."""
_OF_A_CONVERSATION = {LABEL.name: "target", VERDICT.name: "conversation", VOTE.name: "conversation"}
_PEOPLE = frozenset(("by", "decided_by", "owner", "deputy", "pod", "raters", "created_by"))
_QUOTED = re.compile(r"[“„«\"'][^”“»\"']{24,2000}[”“»\"']")
_KEY = re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])")
_GONE = object()


@dataclass(frozen=True)
class Gone:
    """The conversations that are erased together with a text."""

    keys: frozenset[str] = frozenset()
    """Their keys."""
    ids: frozenset[str] = frozenset()
    """Their ids as logged, those that are long enough to be told from other words."""
    words: str = ""
    """What their users and tools said, as `flat` makes it."""


def flat(text: str) -> str:
    """A text without case and with single blanks, as quotations of it are looked for."""
    return " ".join(text.casefold().split())


@dataclass(frozen=True)
class _Plan:
    """What forgetting changes."""

    states: list[tuple[Kind[Any], tuple[str, ...], Any]] = field(default_factory=list)
    """Each kind, key and record as it is to be; None where it goes."""
    clusters: list[dict[str, Any]] = field(default_factory=list)
    """Rows of the register as they are to be."""
    events: list[int] = field(default_factory=list)
    """Events whose payload is blanked."""
    named_in: list[int] = field(default_factory=list)
    """Events that name it where the chain needs it."""


class Erasing(JournalPart):
    """Forgetting in a judgement store."""

    def conversation_keys(self) -> set[str]:
        """The keys of all conversations that judgement tells of, in what holds now and as subjects of events."""
        with self._journal.reading() as connection:
            subjects = connection.execute(sa.select(events.c.subject)).scalars().all()
            members = connection.execute(sa.select(registered.c.members)).scalars().all()
            texts_held = texts([*subjects, *hash_chain.states(connection).values()])
            return {key for text in texts_held for key in _KEY.findall(text)}.union(
                *(zlib.decompress(each).decode().splitlines() for each in members)
            )

    def forget(
        self, text: str, actor: str, dry_run: bool = False, gone: Gone | None = None, least: str | None = "lead"
    ) -> Forgotten:
        """Take `text` (whole words, any case) and what is said of the conversations that are `gone` out of states and history.

        With `dry_run` nothing is changed; it takes a lead all the same, since it looks behind every mask. `least` is None
        where a lead asked for it earlier. Raises `UserError` for a text that is too short.
        """
        text, gone = clean(text.strip()), gone or Gone()
        if len(text) < SHORTEST:
            raise UserError(f"{text!r} is too short to forget. Give the whole name, id or address.")
        sieve, copies = _Sieve(naming(text), gone), self._journal.database.copies()
        if dry_run:
            with self._journal.reading() as connection:
                require_role(connection, clean(actor.strip()), "lead", self._journal.local)
                return replace(_forgotten(connection, sieve, _plan(connection, sieve)), copies=copies)
        with self._journal.changing(actor, least) as change:
            plan = _plan(change.connection, sieve)
            forgotten = _forgotten(change.connection, sieve, plan)
            if least is None and not (plan.states or plan.clusters or plan.events):
                return forgotten  # an erasure taken up again had come further than this
            for kind, key, record in plan.states:
                _put(change, kind, key, record)
            for row in plan.clusters:
                of = registered.c.cluster == row["cluster"]
                change.connection.execute(registered.update().where(of).values(row))
            if plan.events:
                blank = payloads.update().where(payloads.c.sequence == sa.bindparam("event"))
                change.connection.execute(
                    blank.values(salt=None, before=None, after=None), [{"event": number} for number in plan.events]
                )
            after = {"events": plan.events} | ({"conversations": len(gone.keys)} if gone.keys else {})
            change.append(hash_chain.FORGET, "events", None, after)
        return replace(forgotten, copies=copies, in_log=not self._journal.database.truncate_wal())


def _put(change: Change, kind: Kind[Any], key: tuple[str, ...], record: Any) -> None:
    """Write a state without what is forgotten; its event tells of no state before, which would keep it."""
    record = None if record is None else kind.record(**clean(kind.row(record)))
    sequence = change.append(FORGOTTEN_IN, kind.subject(key), None, kind.state(record))
    if record is None:
        change.connection.execute(kind.table.delete().where(kind.where(key)))
    else:
        row = kind.row(record) | {"version": sequence}
        change.connection.execute(kind.table.update().where(kind.where(key)).values(row))


def _plan(connection: sa.Connection, sieve: _Sieve) -> _Plan:
    plan = _Plan()
    for kind in KINDS.values():
        columns = [column.name for column in kind.table.primary_key]
        for row in connection.execute(sa.select(kind.table).order_by(*kind.table.primary_key)).mappings().all():
            key = tuple(str(row[name]) for name in columns)
            if row.get(_OF_A_CONVERSATION.get(kind.name, "")) in sieve.gone.keys:
                plan.states.append((kind, key, None))
                continue
            kept = {name: value if name in columns else sieve.column(name, value) for name, value in row.items()}
            if kept != dict(row):
                plan.states.append((kind, key, kind.record(**kept)))
    plan.clusters.extend(_clusters(connection, sieve))
    blanked, named_in = hash_chain.naming_events(connection, sieve.tells)
    plan.events.extend(blanked)
    plan.named_in.extend(named_in)
    return plan


def _clusters(connection: sa.Connection, sieve: _Sieve) -> list[dict[str, Any]]:
    changed = []
    columns = (registered.c.cluster, registered.c.name, registered.c.mechanical_key, registered.c.members)
    for row in connection.execute(sa.select(*columns).order_by(registered.c.number)).mappings():
        members = zlib.decompress(row["members"]).decode().splitlines()
        stay = [key for key in members if key not in sieve.gone.keys]
        kept = dict(row) | {name: sieve.column(name, row[name]) for name in ("name", "mechanical_key")}
        if len(stay) < len(members):
            kept["members"] = zlib.compress("\n".join(stay).encode(), level=1)
        if kept != dict(row):
            changed.append(kept)
    return changed


def _forgotten(connection: sa.Connection, sieve: _Sieve, plan: _Plan) -> Forgotten:
    changed = {kind.subject(key): kind.state(record) for kind, key, record in plan.states}
    present = hash_chain.states(connection) | changed
    still = [subject for subject, state in present.items() if subject not in changed or state is not None]
    return Forgotten(
        plan.events,
        [subject for subject in still if sieve.names(subject, present[subject])],
        plan.named_in,
        changed=[*changed, *(f"registered:{row['cluster']}" for row in plan.clusters)],
        trackers=_handed_on(connection, sieve),
    )


def _handed_on(connection: sa.Connection, sieve: _Sieve) -> list[str]:
    """The tickets that told of it and that a tracker has as well, with the tracker's key."""
    kind = KINDS["ticket"]
    rows = connection.execute(sa.select(kind.table).where(kind.table.c.tracker_key.is_not(None))).mappings().all()
    return [
        f"{row['ticket']} ({row['tracker_key']})"
        for row in rows
        if any(sieve.column(name, value, keys_too=False) != value for name, value in row.items())
    ]


class _Sieve:
    """Takes what is forgotten out of values."""

    def __init__(self, pattern: re.Pattern[str], gone: Gone) -> None:
        self.gone = gone
        self._pattern = pattern
        ids = "|".join(map(re.escape, sorted(gone.ids, key=len, reverse=True)))
        self._ids = re.compile(rf"(?<![\w-])(?:{ids})(?![\w-])") if ids else None

    def names(self, *values: Any) -> bool:
        """Whether a value holds the text itself."""
        return any(self._pattern.search(part) for part in texts(list(values)))

    def tells(self, *values: Any) -> bool:
        """Whether values tell of it: the text, a conversation as their subject or with its words; a mere key tells nothing."""
        if self.names(*values):
            return True
        of = {part for value in values[1:2] if isinstance(value, str) for part in value.split(":")}
        return not of.isdisjoint(self.gone.keys) or any(self._without(value, False) != value for value in values[2:])

    def column(self, name: str, value: Any, *, keys_too: bool = True) -> Any:
        """A column's value without what is forgotten; names of people stay, as others hang on them."""
        if name in _PEOPLE or value is None:
            return value
        kept = self._without(value, keys_too)
        return ("" if isinstance(value, str) else type(value)()) if kept is _GONE else kept

    def _without(self, value: Any, keys_too: bool) -> Any:
        if isinstance(value, str):
            return self._text(value, keys_too)
        if isinstance(value, Mapping):
            if value.get("key") in self.gone.keys:
                return _GONE
            parts = {
                self._pattern.sub(FORGOTTEN, str(name)): self._without(part, keys_too)
                for name, part in value.items()
                if not (keys_too and name in self.gone.keys)
            }
            return {name: None if part is _GONE else part for name, part in parts.items()}
        if isinstance(value, list | tuple):
            kept = [self._without(part, keys_too) for part in value if not (keys_too and self._is_of_one(part))]
            return [part for part in kept if part is not _GONE]
        return value

    def _is_of_one(self, value: Any) -> bool:
        """Whether a part of a list is a row about an erased conversation, which its key begins."""
        return isinstance(value, list | tuple) and bool(value) and value[0] in self.gone.keys

    def _text(self, value: str, keys_too: bool) -> Any:
        if keys_too and value in self.gone.keys:
            return _GONE
        if self._quotes(value):
            return FORGOTTEN
        value = _QUOTED.sub(lambda part: FORGOTTEN if self._quotes(part[0][1:-1]) else part[0], value)
        return (self._ids or self._pattern).sub(FORGOTTEN, self._pattern.sub(FORGOTTEN, value))

    def _quotes(self, value: str) -> bool:
        words = flat(value.rstrip("…"))
        return len(words) >= QUOTE and words.count(" ") > 2 and words in self.gone.words

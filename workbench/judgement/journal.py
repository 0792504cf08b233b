"""The journal: every change of judgement and its event, in one transaction."""

from __future__ import annotations

import math
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workbench.access import current
from workbench.dates import utc_now
from workbench.errors import Conflict, ShortHistory, UserError
from workbench.judgement import hash_chain
from workbench.judgement.anchor import anchor_lease, is_sealed, read_anchor
from workbench.judgement.database import Database, legible
from workbench.judgement.kinds import Kind, R
from workbench.judgement.records.events import ChainCheck, Event
from workbench.judgement.roles import require_role
from workbench.judgement.tables import chain_head, counters, events, payloads


class Change:
    """One transaction that writes: `at` is its time, `sequence` its last event, `local` whether the store is a file here."""

    def __init__(self, connection: sa.Connection, actor: str, at: datetime, local: bool) -> None:
        self.connection = connection
        self.actor = actor
        self.local = local
        self.at = at
        # On PostgreSQL this lock makes us the only writer; SQLite's `begin immediate` already did.
        head = hash_chain.head(connection, lock=True)
        self.sequence: int = head.sequence
        self._hash: str = head.hash
        # What was read or written here: nobody else writes meanwhile, and on PostgreSQL each look is a round trip.
        self._states: dict[tuple[str, tuple[str, ...]], Any] = {}

    def require_role(self, least: str) -> None:
        """`Denied` unless the actor has at least this role."""
        require_role(self.connection, self.actor, least, self.local)

    def append(self, what: str, subject: str, before: Any, after: Any) -> int:
        """Append one event; its sequence."""
        self.sequence += 1
        salt, old, new = secrets.token_hex(16), hash_chain.dump(before), hash_chain.dump(after)
        event = {
            "sequence": self.sequence,
            "at": self.at,
            "actor": self.actor,
            "what": what,
            "subject": subject,
            "digest": hash_chain.digest(salt, old, new),
        }
        self._hash = hash_chain.link(self._hash, event)
        self.connection.execute(events.insert(), event | {"hash": self._hash})
        payload = {"sequence": self.sequence, "salt": salt, "before": old, "after": new}
        self.connection.execute(payloads.insert(), payload)
        self.connection.execute(chain_head.update().values(sequence=self.sequence, hash=self._hash))
        return self.sequence

    def get(self, kind: Kind[R], *key: str) -> R | None:
        """The state with this key as this transaction has it; None where there is none."""
        key = tuple(clean(key))
        if (kind.name, key) not in self._states:
            self._states[kind.name, key] = _read_state(self.connection, kind, key)
        state: R | None = self._states[kind.name, key]
        return state

    def check_version(self, kind: Kind[R], key: tuple[str, ...], version: int | None) -> R | None:
        """The state as it is now, which must be the one that the person saw: `version` (0: there was none; None: any).

        Raises `Conflict` with what differs, who changed it and when.
        """
        now = self.get(kind, *key)
        standing = 0 if now is None else kind.row(now)["version"]
        if version is None or version == standing:
            return now
        subject = kind.subject(tuple(clean(key)))
        query = hash_chain.STORED.where(events.c.subject == subject, events.c.sequence == version)
        seen = hash_chain.read(self.connection, query)
        then = seen[0].after if seen else None
        raise Conflict(
            f"{' '.join(key)} was changed while you edited it: {differences(then, kind.state(now))} "
            f"({last_change(self, subject)}). Load it again and repeat your change."
        )

    def all(self, kind: Kind[R]) -> list[R]:
        """Every state of one kind, in the order of its key."""
        return _every(self.connection, kind)

    def put(self, kind: Kind[R], key: tuple[str, ...], record: R | None, what: str) -> R | None:
        """Write the state of one subject (None: remove it) with its event, and return it as written."""
        key = tuple(clean(key))
        before = self.get(kind, *key)
        after = None if record is None else kind.record(**clean(kind.row(record)))
        if kind.state(before) == kind.state(after):
            return before  # nothing changes, so nothing happened
        sequence = self.append(what, kind.subject(key), kind.state(before), kind.state(after))
        if after is None:
            self.connection.execute(kind.table.delete().where(kind.where(key)))
            self._states[kind.name, key] = None
            return None
        row = kind.row(after) | {"version": sequence}
        if before is None:
            self.connection.execute(kind.table.insert(), row)
        else:
            self.connection.execute(kind.table.update().where(kind.where(key)).values(row))
        self._states[kind.name, key] = written = kind.record(**row)
        return written

    def next_number(self, counter: str) -> int:
        """The next of a counter's numbers, from 1; undoing what it was for does not give it back."""
        where = counters.c.name == counter
        value = self.connection.execute(sa.select(counters.c.value).where(where)).scalar()
        if value is None:
            self.connection.execute(counters.insert(), {"name": counter, "value": 1})
            return 1
        self.connection.execute(counters.update().where(where).values(value=value + 1))
        return int(value) + 1

    def find(self, sequence: int) -> Event:
        """An event of this store; `UserError` where there is none."""
        stored = hash_chain.read(self.connection, hash_chain.STORED.where(events.c.sequence == sequence))
        if not stored:
            raise UserError(f"There is no event {sequence}; the last one is {self.sequence}.")
        return stored[0]


class Journal:
    """The events of a judgement store, and the one way to write: connection, lock, clock, chain. Safe to use from many threads; several processes may share one database.

    `clock` gives naive UTC; with `anew` a new file may begin where one with saved events is gone. Raises `UserError` where the
    database can't be opened or used.
    """

    def __init__(self, url: str, clock: Callable[[], datetime] = utc_now, anew: bool = False) -> None:
        self.database = Database(url, anew)
        self._clock = clock

    def close(self) -> None:
        """Let go of the database."""
        self.database.close()

    @property
    def local(self) -> bool:
        """Whether the store is a file of this machine that nobody signs in to: then whoever has no role is a lead."""
        return self.database.local and not current().shared

    def reading(self) -> AbstractContextManager[sa.Connection]:
        """A connection that sees one committed state, however many statements it runs."""
        return self.database.reading()

    @property
    def address(self) -> str:
        """The database's URL, without a password."""
        return self.database.url

    def now(self) -> datetime:
        """The time by which events are dated, naive UTC."""
        return self._clock()

    def sequence(self) -> int:
        """The last event's sequence; cheap, so that it can key a cache."""
        with self.reading() as connection:
            return int(hash_chain.head(connection).sequence)

    def head(self) -> str:
        """The last event's sequence and the beginning of its hash: also after a restore no two states share it."""
        with self.reading() as connection:
            head = hash_chain.head(connection)
            return f"{head.sequence}-{head.hash[:12]}"

    def events(self, limit: int = 100, before: int | None = None, subject: str | None = None) -> list[Event]:
        """The newest events first; `before` is the sequence to go on from, `subject` narrows to one thing's history."""
        query = hash_chain.STORED.order_by(events.c.sequence.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.sequence < before)
        if subject is not None:
            query = query.where(events.c.subject == subject)
        with self.reading() as connection:
            return hash_chain.read(connection, query)

    def append_event(self, what: str, subject: str, after: Any, *, actor: str, least: str | None = "triager") -> int:
        """Append an event about something that is no state here: an import, an undo of one, a rollback, a refusal."""
        with self.changing(actor, least) as change:
            return change.append(what, subject, None, after)

    def verify_chain(self) -> ChainCheck:
        """Check every link and payload, the chain's end, and that each state is what its last event wrote."""
        with self.reading() as connection:
            return hash_chain.verify(connection)

    @contextmanager
    def changing(self, actor: str, least: str | None = "triager", accepting: bool = False) -> Iterator[Change]:
        """One transaction by `actor`, who has at least this role: all of its states and events are kept, or none."""
        with self.writing(actor, least, accepting) as (connection, by):
            yield self.change(connection, by)

    def change(self, connection: sa.Connection, actor: str) -> Change:
        """What the actor changes in a transaction that writes."""
        return Change(connection, actor, self._clock(), self.local)

    @contextmanager
    def writing(self, actor: str, least: str | None, accepting: bool = False) -> Iterator[tuple[sa.Connection, str]]:
        """One transaction for a named person who has at least this role, and that name.

        Raises `ShortHistory` where the database holds less than was saved, unless that is to be accepted: then the history goes
        on from what it holds.
        """
        actor = clean(actor.strip())
        if not actor:
            raise UserError("Nobody is named for this change. Say who you are (--actor NAME, or the name field).")
        with ExitStack() as after_the_commit:
            lease = None
            with self.database.writing() as connection:
                if self.database.file is not None:
                    lease = after_the_commit.enter_context(anchor_lease(self.database.file))
                    anchor = lease.take()
                    if not accepting and (shortage := hash_chain.shortage(connection, anchor)):
                        raise ShortHistory(self._told(shortage))
                if least is not None:
                    require_role(connection, actor, least, self.local)
                if not accepting:
                    self._say_what_became_of_the_file(connection, actor)
                yield connection, actor
                head = hash_chain.head(connection)
            if lease is not None:
                with suppress(OSError):  # the change is saved; a full disk must not have it said twice
                    lease.keep(head.sequence, head.hash)

    def _say_what_became_of_the_file(self, connection: sa.Connection, actor: str) -> None:
        if copy := self.database.rescued:
            what = "put back" if self.database.file and copy == self.database.file.name else "replaced"
            self.change(connection, actor).append(what, "database", None, {"copy": copy})
            self.database.rescued = None

    def require_writable(self) -> None:
        """`UserError` where nothing could be saved now: the database is damaged, out of reach, or held by another program."""
        with self.database.writing() as connection:
            hash_chain.head(connection)

    def shortage(self) -> str | None:
        """What the database lacks of what was saved, in a sentence with the mend; None where it lacks nothing."""
        shortage = self._shortage()
        return shortage and self._told(shortage)

    def _shortage(self) -> str | None:
        if self.database.file is None:
            return None
        with anchor_lease(self.database.file) as lease:
            # Read before the head: whoever saves notes the anchor last. Sealed, the two must agree, so nobody may save meanwhile.
            anchor = lease.take() if is_sealed() else read_anchor(self.database.file)
            with self.reading() as connection:
                return hash_chain.shortage(connection, anchor)

    def accept(self, actor: str) -> str | None:
        """Go on with the history as the database holds it, though it lacks something; what it lacks. A lead's act."""
        shortage = self._shortage()
        with self.changing(actor, "lead", accepting=True) as change:
            if shortage:
                change.append("accepted", "database", None, {"lacked": shortage})
        return shortage

    def _told(self, shortage: str) -> str:
        mend = self.database.mend().removesuffix(".")
        return (
            f"The judgement store {self.address} {shortage}. What it holds can be read, but nothing is saved in it. "
            f"{mend}; `python -m workbench doctor --accept-history` goes on with what it holds."
        )

    def get(self, kind: Kind[R], *key: str) -> R | None:
        """The state with this key; None where there is none."""
        with self.reading() as connection:
            return _read_state(connection, kind, key)

    def all(self, kind: Kind[R]) -> list[R]:
        """Every state of one kind, in the order of its key."""
        with self.reading() as connection:
            return _every(connection, kind)


class JournalPart:
    """One subject of a judgement store, e.g. its labels; all parts of a store write through one journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal


def clean(value: Any) -> Any:
    """The value as every database takes it: no NUL, no lone surrogate (both come with log text), no number but finite."""
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {clean(name): clean(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [clean(part) for part in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def differences(then: dict[str, Any] | None, now: dict[str, Any] | None) -> str:
    """What a person needs to know of two states: the fields that differ, with their values."""
    if then is None or now is None:
        return "it was removed" if now is None else "it was made again"
    changed = [
        name for name in now if now[name] != then.get(name) and name not in ("by", "at", "decided_by", "decided_at")
    ]
    return "; ".join(f"{name}: {_shown(then.get(name))} → {_shown(now[name])}" for name in changed) or "said again"


def last_change(change: Change, subject: str) -> str:
    """Who changed a subject last, and when."""
    query = hash_chain.STORED.where(events.c.subject == subject).order_by(events.c.sequence.desc()).limit(1)
    changes = hash_chain.read(change.connection, query)
    if not changes:
        return "its history is not in this store"
    (event,) = changes
    return f"{event.what} by {event.actor}, {event.at:%Y-%m-%d %H:%M} UTC, event {event.sequence}"


def _read_state(connection: sa.Connection, kind: Kind[R], key: tuple[str, ...]) -> R | None:
    with legible(kind.table.name):
        row = connection.execute(sa.select(kind.table).where(kind.where(tuple(clean(key))))).mappings().one_or_none()
        return None if row is None else kind.record(**row)


def _every(connection: sa.Connection, kind: Kind[R]) -> list[R]:
    with legible(kind.table.name):
        rows = connection.execute(sa.select(kind.table).order_by(*kind.table.primary_key)).mappings()
        return [kind.record(**row) for row in rows]


def _shown(value: Any) -> str:
    text = str(value) if value not in (None, "", [], {}) else "nothing"
    return text if len(text) <= 80 else text[:79] + "…"

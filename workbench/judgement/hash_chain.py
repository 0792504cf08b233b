"""The hash chain over events: how a link is made, how the whole is checked, and where a text stands in it.

An event's hash covers the hash before it, its sequence, time, actor, what, subject and a salted digest of its payload
(the state before and after). The payload stands in a table of its own, so it can be blanked and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import sqlalchemy as sa

from workbench.judgement.anchor import Anchor, is_sealed
from workbench.judgement.database import UNREADABLE, legible
from workbench.judgement.kinds import KINDS, Kind
from workbench.judgement.records.events import ChainCheck, Event
from workbench.judgement.tables import chain_head, events, payloads

GENESIS = "0" * 64
FORGET = "forget"  # the event that lists which payloads were blanked
ILLEGIBLE: dict[str, Any] = {"": "can't be read"}  # no state that an event keeps has a field without a name

STORED = sa.select(events, payloads.c.salt, payloads.c.before, payloads.c.after).outerjoin(
    payloads, events.c.sequence == payloads.c.sequence
)


def dump(value: Any) -> str:
    """A value as the JSON text that is hashed: the same value is the same text."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(salt: str, before: str, after: str) -> str:
    """The salted digest of a payload, 64 hex digits; without the salt nobody can guess a short one from it."""
    return _sha256([salt, before, after])


def link(previous: str, event: Mapping[str, Any]) -> str:
    """The hash of an event's row that follows `previous`, 64 hex digits."""
    time = event["at"].isoformat(timespec="microseconds")
    return _sha256(
        [previous, event["sequence"], time, event["actor"], event["what"], event["subject"], event["digest"]]
    )


def head(connection: sa.Connection, lock: bool = False) -> sa.Row[Any]:
    """The chain's end; a writer locks it, so that it is the only one."""
    query = sa.select(chain_head)
    with legible("end of the chain of events"):
        return connection.execute(query.with_for_update() if lock else query).one()


def shortage(connection: sa.Connection, anchor: Anchor | None) -> str | None:
    """What the chain lacks of what its anchor says was saved; None where it lacks nothing, or there is no anchor."""
    end = head(connection)
    if anchor is None or anchor.sequence == 0:
        return "has no anchor that its key sealed" if end.sequence and is_sealed() else None
    if anchor.sequence > end.sequence:
        count = anchor.sequence - end.sequence
        lost = (
            f"event {anchor.sequence:,} is" if count == 1 else f"the last {count:,} of {anchor.sequence:,} events are"
        )
        return f"ends at event {end.sequence:,}: {lost} missing"
    stored = connection.execute(sa.select(events.c.hash).where(events.c.sequence == anchor.sequence)).scalar()
    if stored != anchor.hash:
        return f"holds another history: its event {anchor.sequence:,} is not the one that was saved last"
    if anchor.broken_seal:
        return f"has an anchor at event {anchor.sequence:,} that its key did not seal: somebody wrote without it"
    if is_sealed() and end.sequence > anchor.sequence:
        return f"has events after {anchor.sequence:,} that are not sealed: somebody wrote them, or died while saving"
    return None


def read(connection: sa.Connection, query: sa.Select[Any]) -> list[Event]:
    """The events that a query over `STORED` finds, in its order."""
    with legible("events"):
        return [to_event(row) for row in connection.execute(query)]


def to_event(row: sa.Row[Any]) -> Event:
    """An event with what it changed, where that is as it was written."""
    before = after = None
    damaged = row.salt is not None and row.digest != _digest_of(row)
    if row.salt is not None and not damaged:
        before, after = json.loads(row.before), json.loads(row.after)
    return Event(row.sequence, row.at, row.actor, row.what, row.subject, before, after, row.salt is None, damaged)


def verify(connection: sa.Connection) -> ChainCheck:
    """Check every link and payload, the chain's end, and that each state is what its last event wrote.

    What can't be read is something that is wrong, too, and no exception.
    """
    count = connection.execute(sa.select(sa.func.count()).select_from(events)).scalar_one()
    previous = GENESIS
    last: dict[str, sa.Row[Any]] = {}  # the last event of each subject that has a state
    gone: list[int] = []
    forgotten: set[int] = set()
    rows = iter(connection.execute(STORED.order_by(events.c.sequence)))
    for expected in range(1, count + 1):
        try:
            row = next(rows)
            problem = _broken_link(row, expected, previous)
            if problem is None and row.salt is None:
                gone.append(expected)
            elif problem is None and row.what == FORGET:
                forgotten.update(json.loads(row.after)["events"])
        except UNREADABLE:
            problem = "the event can't be read"
        if problem:
            return ChainCheck(count, expected, problem)
        previous = row.hash
        if _kind_name(row.subject) in KINDS:
            last[row.subject] = row
    for sequence in gone:
        if sequence not in forgotten:
            return ChainCheck(count, sequence, "the payload is gone, and nobody had it forgotten")
    return _check_end(connection, count, previous) or _check_states(connection, count, last)


def _broken_link(row: sa.Row[Any], expected: int, previous: str) -> str | None:
    if row.sequence != expected:
        return f"event {expected} is missing"
    if row.hash != link(previous, row._asdict()):
        return "the event was changed after it was written"
    if row.salt is not None and row.digest != _digest_of(row):
        return "the payload was changed after it was written"
    return None


def _check_end(connection: sa.Connection, count: int, last_hash: str) -> ChainCheck | None:
    ends = connection.execute(sa.select(chain_head.c.sequence, chain_head.c.hash)).all()
    if len(ends) != 1:
        return ChainCheck(count, count + 1, "the mark of the chain's end is missing")
    if tuple(ends[0]) != (count, last_hash):
        return ChainCheck(count, count + 1, f"the last of {ends[0].sequence} events are missing")
    return None


def _check_states(connection: sa.Connection, count: int, last: Mapping[str, sa.Row[Any]]) -> ChainCheck:
    present = states(connection)
    for subject in sorted(last.keys() | present.keys()):
        row, state = last.get(subject), present.get(subject)
        if row is None:
            return ChainCheck(count, None, f"{subject} was written without an event")
        if state == ILLEGIBLE:
            return ChainCheck(count, row.sequence, f"{subject} can't be read: it was changed without an event since")
        if row.salt is None:  # forgotten: there is nothing to compare with
            continue
        kind = KINDS[_kind_name(subject)]
        if kind.state(kind.restored(json.loads(row.after))) != state:
            return ChainCheck(count, row.sequence, f"{subject} was changed without an event since")
    return ChainCheck(count)


def states(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """The present state of every subject, as an event would keep it; `ILLEGIBLE` where it can't be read."""
    present: dict[str, dict[str, Any]] = {}
    for kind in KINDS.values():
        key, query = kind.table.primary_key, sa.select(kind.table)
        try:
            rows = [(tuple(row[column] for column in key), row) for row in connection.execute(query).mappings()]
            present |= {kind.subject(key): kind.state(kind.record(**row)) or {} for key, row in rows}
        except UNREADABLE:  # one of them; which, only a look at each tells
            for row in connection.execute(sa.select(*key)).all():
                present[kind.subject(tuple(map(str, row)))] = _state(connection, kind, tuple(row))
    return present


def _state(connection: sa.Connection, kind: Kind[Any], key: tuple[str, ...]) -> dict[str, Any]:
    try:
        row = connection.execute(sa.select(kind.table).where(kind.where(key))).mappings().one()
        return kind.state(kind.record(**row)) or {}
    except UNREADABLE:
        return ILLEGIBLE


def naming_events(connection: sa.Connection, names_it: Callable[..., bool]) -> tuple[list[int], list[int]]:
    """The events with a payload that names something, and those that name it as their actor or in their subject."""
    with legible("events"):
        rows = connection.execute(STORED.order_by(events.c.sequence)).all()
    named_in = [row.sequence for row in rows if names_it(row.actor, row.subject)]
    blanked = [
        row.sequence
        for row, event in zip(rows, map(to_event, rows), strict=True)
        if not event.forgotten
        and event.what != FORGET
        # a damaged payload may be no JSON, so it is searched as it is
        and names_it(
            row.actor, row.subject, event.before, event.after, *((row.before, row.after) if event.damaged else ())
        )
    ]
    return blanked, named_in


def _digest_of(row: sa.Row[Any]) -> str | None:
    """The digest of a payload as it is now; None where it is no text any more."""
    payload = (row.salt, row.before, row.after)
    return digest(*payload) if all(isinstance(part, str) for part in payload) else None


def _kind_name(subject: str) -> str:
    return subject.split(":")[0]


def _sha256(parts: list[Any]) -> str:
    return hashlib.sha256(dump(parts).encode()).hexdigest()

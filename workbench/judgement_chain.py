"""The hash chain over events: how a link is made, how the whole is checked, and where a text stands in it.

An event's hash covers the hash before it, its sequence, time, actor, what, subject and a salted digest of its payload
(the state before and after). The payload stands in a table of its own, so it can be blanked and the chain still holds.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from workbench.judgement_records import Event, Verification
from workbench.judgement_tables import KINDS, chain_head, events, payloads

GENESIS = "0" * 64
FORGET = "forget"  # the event that lists which payloads were blanked

STORED = sa.select(events, payloads.c.salt, payloads.c.before, payloads.c.after).outerjoin(
    payloads, events.c.sequence == payloads.c.sequence
)


def dump(value: Any) -> str:
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


def to_event(row: sa.Row[Any]) -> Event:
    forgotten = row.salt is None
    before, after = (None, None) if forgotten else (json.loads(row.before), json.loads(row.after))
    return Event(row.sequence, row.at, row.actor, row.what, row.subject, before, after, forgotten)


def verify(connection: sa.Connection) -> Verification:
    """Check every link and payload, the chain's end, and that each state is what its last event wrote."""
    rows = connection.execute(STORED.order_by(events.c.sequence)).all()
    head = connection.execute(sa.select(chain_head)).one()
    blanked = {
        sequence for row in rows if row.what == FORGET and row.after for sequence in json.loads(row.after)["events"]
    }
    previous = GENESIS
    for expected, row in enumerate(rows, start=1):
        problem = _broken_link(row, expected, previous, row.sequence in blanked)
        if problem:
            return Verification(len(rows), expected, problem)
        previous = row.hash
    if (head.sequence, head.hash) != (len(rows), previous):
        return Verification(len(rows), len(rows) + 1, f"the last of {head.sequence} events are missing")
    return _check_states(connection, rows)


def _broken_link(row: sa.Row[Any], expected: int, previous: str, blanked: bool) -> str | None:
    if row.sequence != expected:
        return f"event {expected} is missing"
    if row.hash != link(previous, row._asdict()):
        return "the event was changed after it was written"
    if row.salt is None:
        return None if blanked else "the payload is gone, and nobody had it forgotten"
    if row.digest != digest(row.salt, row.before, row.after):
        return "the payload was changed after it was written"
    return None


def _check_states(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> Verification:
    last = {row.subject: row for row in rows if _kind_name(row.subject) in KINDS}
    present = states(connection)
    for subject in sorted(last.keys() | present.keys()):
        row = last.get(subject)
        if row is None:
            return Verification(len(rows), None, f"{subject} was written without an event")
        if row.salt is None:  # forgotten: there is nothing to compare with
            continue
        kind = KINDS[_kind_name(subject)]
        if kind.state(kind.restored(json.loads(row.after))) != present.get(subject):
            return Verification(len(rows), row.sequence, f"{subject} was changed without an event since")
    return Verification(len(rows))


def states(connection: sa.Connection) -> dict[str, dict[str, Any]]:
    """The present state of every subject, as an event would keep it."""
    found = {}
    for kind in KINDS.values():
        for row in connection.execute(sa.select(kind.table)).mappings():
            key = tuple(row[column] for column in kind.table.primary_key)
            found[kind.subject(key)] = kind.state(kind.record(**row)) or {}
    return found


def naming(connection: sa.Connection, text: str) -> tuple[list[int], list[str]]:
    """Where `text` stands as whole words, in any case: the events with a payload to blank, and the present subjects."""
    pattern = re.compile(rf"(?<!\w){re.escape(text)}(?!\w)", re.IGNORECASE)
    found = [
        event.sequence
        for event in map(to_event, connection.execute(STORED.order_by(events.c.sequence)))
        if not event.forgotten
        and event.what != FORGET
        and any(pattern.search(part) for part in (event.actor, event.subject, *_texts([event.before, event.after])))
    ]
    still_in = [
        subject
        for subject, state in states(connection).items()
        if any(pattern.search(part) for part in (subject, *_texts(state)))
    ]
    return found, still_in


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield name
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def _kind_name(subject: str) -> str:
    return subject.split(":")[0]


def _sha256(parts: list[Any]) -> str:
    return hashlib.sha256(dump(parts).encode()).hexdigest()

"""Triage sessions: the pod's weekly meeting, one cluster a screen, kept so that a reload loses nothing."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar, Unpack, cast

import sqlalchemy as sa

from workbench.errors import UserError
from workbench.judgement.causes import pod_taxonomy
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import DECISION, LABEL, SESSION
from workbench.judgement.labels import say_more
from workbench.judgement.pod import put_owner
from workbench.judgement.records.labels import LabelChange
from workbench.judgement.records.sessions import AgendaItem, Decision, DecisionChange, Progress, Session
from workbench.judgement.records.tickets import TicketChange
from workbench.judgement.roles import require_role
from workbench.judgement.tables import session_codes, session_progress
from workbench.judgement.taxonomy import disposition_code, severity_code
from workbench.judgement.tickets import follow

T = TypeVar("T")
_CODE_LETTERS, _CODE_LENGTH = "ABCDEFGHJKMNPQRSTUVWXYZ23456789", 8
"""Without those that people take for another one."""


class Sessions(JournalPart):
    """The triage sessions of a judgement store."""

    def create(self, title: str, agenda: Sequence[AgendaItem], *, actor: str) -> Session:
        """Open a session under the next number."""
        with self._journal.changing(actor) as change:
            session = Session(
                f"TS-{change.next_number('session'):04}",
                title.strip(),
                _agenda(agenda),
                created_by=change.actor,
                created_at=change.at,
            )
            return _existing(session.session, change.put(SESSION, (session.session,), session, "opened"))

    def close(self, session: str, *, actor: str) -> Session:
        """End a session: nothing of it changes any more. `UserError` where it is closed."""
        with self._journal.changing(actor) as change:
            closed = replace(_open(change, session), status="closed", closed_at=change.at)
            return _existing(session, change.put(SESSION, (session,), closed, "closed"))

    def reopen(self, session: str, *, actor: str) -> Session:
        """Go on with a session that was closed."""
        with self._journal.changing(actor) as change:
            opened = replace(_existing(session, change.get(SESSION, session)), status="open", closed_at=None)
            return _existing(session, change.put(SESSION, (session,), opened, "opened again"))

    def get(self, session: str) -> Session:
        """One session; `UserError` where there is none."""
        return _existing(session, self._journal.get(SESSION, session))

    def all(self) -> list[Session]:
        """Every session, the newest first."""
        return sorted(self._journal.all(SESSION), key=lambda session: session.created_at, reverse=True)

    def decide(self, session: str, cluster: str, *, actor: str, **parts: Unpack[DecisionChange]) -> Decision:
        """Add to what the session decides of a cluster; its label, owner and ticket follow in the same transaction."""
        if parts.get("severity"):
            parts["severity"] = severity_code(parts["severity"] or "")
        if parts.get("disposition"):
            parts["disposition"] = disposition_code(parts["disposition"] or "")
        with self._journal.changing(actor) as change:
            if parts.get("cause"):
                label = change.get(LABEL, "cluster", cluster)
                standing = label.cause if label else None
                parts["cause"] = pod_taxonomy(change.connection).code(parts["cause"] or "", standing)
            decision = replace(_decision(change, session, cluster), state="decided", **parts)
            say_more(change, "cluster", cluster, _part(parts, LabelChange))
            if "owner" in parts:
                put_owner(change, cluster, parts["owner"])
            if decision.ticket:
                follow(change, decision.ticket, _part(parts, TicketChange))
            return change.put(DECISION, (session, cluster), decision, "decided") or decision

    def skip(self, session: str, cluster: str, *, actor: str) -> Decision:
        """Leave a cluster for another time; what was decided of it stays."""
        with self._journal.changing(actor) as change:
            decision = replace(_decision(change, session, cluster), state="skipped")
            return change.put(DECISION, (session, cluster), decision, "skipped") or decision

    def decisions(self, session: str) -> dict[str, Decision]:
        """What a session decided or skipped, by cluster."""
        return {decision.cluster: decision for decision in self._journal.all(DECISION) if decision.session == session}

    def progress(self, session: str) -> Progress:
        """Where the session's screen and clock are."""
        query = sa.select(session_progress).where(session_progress.c.session == session)
        with self._journal.reading() as connection:
            row = connection.execute(query).one_or_none()
        return Progress() if row is None else Progress(row.position, row.elapsed)

    def set_progress(self, session: str, progress: Progress, *, actor: str) -> None:
        """Keep where the session's screen and clock are. This is no judgement, so it is no event, and takes no name."""
        with self._journal.database.writing() as connection:
            require_role(connection, actor.strip(), "triager", self._journal.local)
            connection.execute(session_progress.delete().where(session_progress.c.session == session))
            row = {"session": session, "position": progress.position, "elapsed": progress.elapsed}
            connection.execute(session_progress.insert(), row)

    def code(self, session: str) -> str:
        """The code by which devices vote in a session, made at the first asking. It is no judgement, so it is no event."""
        query = sa.select(session_codes.c.code).where(session_codes.c.session == session)
        with self._journal.database.writing() as connection:
            code = connection.execute(query).scalar()
            if code is None:
                code = "".join(secrets.choice(_CODE_LETTERS) for _ in range(_CODE_LENGTH))
                connection.execute(session_codes.insert(), {"session": session, "code": code})
        return str(code)

    def of_code(self, code: str) -> Session | None:
        """The open session that a code is for, however it is typed; None where there is none."""
        plain = "".join(code.split()).replace("-", "").upper()
        query = sa.select(session_codes.c.session).where(session_codes.c.code == plain)
        with self._journal.reading() as connection:
            session = connection.execute(query).scalar()
        held = None if session is None else self._journal.get(SESSION, session)
        return held if held is not None and held.status == "open" else None


def _agenda(items: Sequence[AgendaItem]) -> list[AgendaItem]:
    agenda = list({item.cluster: item for item in items}.values())
    if not agenda:
        raise UserError("A session needs at least one cluster on its agenda.")
    return agenda


def _decision(change: Change, session: str, cluster: str) -> Decision:
    """The decision to change, by this actor and now; `UserError` where the session is closed or has no such cluster."""
    if cluster not in [item.cluster for item in _open(change, session).agenda]:
        raise UserError(f"{cluster} is not on the agenda of {session}.")
    previous = change.get(DECISION, session, cluster) or Decision(session, cluster)
    return replace(previous, by=change.actor, at=change.at)


def _part(parts: DecisionChange, of: type[T]) -> T:
    """What of a decision is a change of `of`, too."""
    return cast("T", {name: value for name, value in parts.items() if name in of.__annotations__})


def _open(change: Change, session: str) -> Session:
    current = _existing(session, change.get(SESSION, session))
    if current.status != "open":
        raise UserError(f"{session} is closed. Open it again to change it.")
    return current


def _existing(name: str, session: Session | None) -> Session:
    if session is None:
        raise UserError(f"There is no session {name}.")
    return session

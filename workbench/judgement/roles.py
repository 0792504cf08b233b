"""Who may do what: a viewer reads, a triager says what is wrong, a lead changes what holds for all."""

from __future__ import annotations

import sqlalchemy as sa

from workbench.errors import Denied, UserError
from workbench.judgement.records.pod import ROLES
from workbench.judgement.tables import people


def role_of(connection: sa.Connection, name: str, local: bool) -> str:
    """A person's role. Whoever was given none is a lead on a local store, or while nobody has a role; else a viewer."""
    roles = _roles(connection)
    return roles.get(name) or ("lead" if local or not roles else "viewer")


def require_role(connection: sa.Connection, actor: str, least: str, local: bool) -> None:
    """`Denied` unless the actor has at least this role."""
    role = role_of(connection, actor, local)
    if ROLES.index(role) < ROLES.index(least):
        raise Denied(f"{actor} is a {role} here, and this takes a {least}. A lead can give {actor} another role.")


def keep_a_lead(connection: sa.Connection, local: bool) -> None:
    """`UserError` where roles are given and none is a lead's: on a shared store nobody could give another one."""
    if lacks_a_lead(connection, local):
        raise UserError("Then nobody would be a lead here, and nobody could give roles. Make somebody a lead first.")


def lacks_a_lead(connection: sa.Connection, local: bool) -> bool:
    """Whether roles are given on a shared store, and none of them is a lead's."""
    given = set(_roles(connection).values())
    return bool(given) and "lead" not in given and not local


def _roles(connection: sa.Connection) -> dict[str, str]:
    """The role of everybody who was given one; what is none was written without this program, and gives none."""
    given = connection.execute(sa.select(people.c.name, people.c.role).where(people.c.role.in_(ROLES)))
    return {row.name: row.role for row in given}

"""The whole of a judgement store as one SQLite file, and back: the same for SQLite and PostgreSQL, while others work."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from workbench.errors import UserError
from workbench.judgement import hash_chain
from workbench.judgement.database import UNREADABLE, Database
from workbench.judgement.journal import JournalPart
from workbench.judgement.kinds import PERSON
from workbench.judgement.records.pod import Person
from workbench.judgement.roles import lacks_a_lead
from workbench.judgement.tables import chain_head, lineage, metadata
from workbench.store import sqlite_url

ROWS_AT_ONCE = 2_000


class Copies(JournalPart):
    """Copying a judgement store out and in."""

    def copy_to(self, file: Path) -> None:
        """Write one committed state of the store to `file`, which must not exist, as an SQLite database."""
        if self._journal.database.copied_by_sqlite(file):
            return
        with closing(Database(sqlite_url(file))) as target, self._journal.reading() as old, target.writing() as new:
            _replace_all(old, new)

    def restore_from(
        self, file: Path, backup: dict[str, Any], *, actor: str, keep: Callable[[], str | None]
    ) -> str | None:
        """Put what `file` holds (an SQLite database, of this schema or older) in the place of everything here.

        `backup` says, as JSON, when and by whom it was made. It is one transaction, whose last event tells of it:
        readers see what was before, or all that is restored.
        `keep` copies what stands, while nobody writes, and gives the copy's name, which is told and given back. What
        stands may be damaged. Where roles come to a shared store, and none is a lead's, whoever restores becomes one.
        Raises `UserError`, with nothing changed, where the chain of what comes is broken.
        """
        with (
            closing(Database(sqlite_url(file))) as source,
            source.reading() as old,
            self._journal.writing(actor, "lead", accepting=True) as (connection, by),
        ):
            # The chain's head is locked, so that nobody writes meanwhile; a damaged store may have none.
            connection.execute(sa.select(chain_head).with_for_update()).all()
            kept = keep()
            try:
                _replace_all(old, connection)
            except UNREADABLE as e:
                raise UserError(f"The backup holds a row that can't be read ({e}). Nothing was restored.") from e
            change = self._journal.change(connection, by)
            change.append("restored", "backup", None, backup | {"kept": kept})
            if lacks_a_lead(connection, change.local):
                change.put(PERSON, (by,), Person(by, "lead"), "role set")
            check = hash_chain.verify(connection)
            if not check.intact:
                raise UserError(f"The chain of events in the backup breaks at {check.broken}: {check.problem}.")
            return kept


def _replace_all(old: sa.Connection, new: sa.Connection) -> None:
    """Copy every table. The chain's head is changed in its place, because waiting writers hold on to its row."""
    tables = [table for table in metadata.sorted_tables if table is not chain_head]
    for table in reversed(tables):
        new.execute(table.delete())
    for table in tables:
        for rows in old.execute(sa.select(table)).mappings().partitions(ROWS_AT_ONCE):
            new.execute(table.insert(), [dict(row) for row in rows])
    head = old.execute(sa.select(chain_head.c.sequence, chain_head.c.hash)).mappings().one()
    if new.execute(chain_head.update().values(dict(head))).rowcount != 1:
        new.execute(chain_head.delete())
        new.execute(chain_head.insert(), dict(head) | {"id": 1})
    if new.dialect.name == "postgresql":  # it numbers the next rows by a counter of its own
        counter = sa.func.pg_get_serial_sequence(lineage.name, lineage.c.id.name)
        new.execute(sa.select(sa.func.setval(counter, sa.select(sa.func.max(lineage.c.id)).scalar_subquery())))

"""The identity register: which clusters there ever were, with their members, and what became of each."""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from workbench.judgement.hash_chain import dump
from workbench.judgement.inheritance import inherit_labels
from workbench.judgement.journal import JournalPart, clean
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.judgement.tables import events, recorded, register_row, registered
from workbench.judgement.tables import lineage as lineage_table


class Register(JournalPart):
    """The register of a judgement store."""

    def clusters(self) -> list[Registered]:
        """Every cluster that ever was, in the order of its number."""
        with self._journal.reading() as connection:
            rows = connection.execute(sa.select(registered).order_by(registered.c.number)).mappings()
            return [_registered(dict(row)) for row in rows]

    def next_number(self) -> int:
        """The first number that no cluster has had."""
        with self._journal.reading() as connection:
            return (connection.execute(sa.select(sa.func.max(registered.c.number))).scalar() or 0) + 1

    def lineage(self, cluster: str) -> list[Lineage]:
        """What became of a cluster, oldest first."""
        columns = [column for column in lineage_table.c if column.name != "id"]
        query = sa.select(*columns).where(lineage_table.c.cluster == clean(cluster)).order_by(lineage_table.c.id)
        with self._journal.reading() as connection:
            return [Lineage(**row) for row in connection.execute(query).mappings()]

    def lineages(self) -> list[Lineage]:
        """What became of every cluster, oldest first."""
        columns = [column for column in lineage_table.c if column.name != "id"]
        with self._journal.reading() as connection:
            return [
                Lineage(**row)
                for row in connection.execute(sa.select(*columns).order_by(lineage_table.c.id)).mappings()
            ]

    def recorded_at(self) -> dict[str, datetime]:
        """When each snapshot was recorded, the last time where its id came back with other content."""
        query = sa.select(recorded.c.snapshot, sa.func.max(events.c.at).label("at")).join_from(recorded, events)
        with self._journal.reading() as connection:
            return {row.snapshot: row.at for row in connection.execute(query.group_by(recorded.c.snapshot))}

    def record(
        self, snapshot: str, clusters: Sequence[Registered], lineage: Sequence[Lineage], actor: str = "build"
    ) -> bool:
        """Bring the register to what a snapshot found; False where this very snapshot was recorded before.

        Clusters that the snapshot doesn't have become inactive. A snapshot id that comes back with other content (all
        evidence was deleted and built again) is recorded anew.
        """
        rows = [_row(replace(cluster, active=True, last_snapshot=snapshot)) for cluster in clusters]
        rows_of_lineage = [asdict(row) for row in lineage]
        digest = _digest(rows, rows_of_lineage)
        was = sa.select(recorded).where(recorded.c.snapshot == snapshot, recorded.c.digest == digest)
        with self._journal.reading() as connection:  # whoever only looks waits for no writer
            if connection.execute(was).one_or_none() is not None:
                return False
        with self._journal.changing(actor, None) as change:
            if change.connection.execute(was).one_or_none() is not None:
                return False
            _write_register(change.connection, rows)
            if rows_of_lineage:
                change.connection.execute(lineage_table.insert(), rows_of_lineage)
            for row in lineage:
                if row.other is not None and row.relation in ("split", "merged"):
                    inherit_labels(change, row.other, row.cluster, parted=row.relation == "split")
            after = {"clusters": len(rows), "members": sum(len(c.members) for c in clusters), "digest": digest}
            sequence = change.append("recorded", f"snapshot:{snapshot}", None, after)
            change.connection.execute(recorded.insert(), {"snapshot": snapshot, "digest": digest, "sequence": sequence})
        return True


def _write_register(connection: sa.Connection, rows: list[dict[str, Any]]) -> None:
    connection.execute(registered.update().values(active=False))
    numbered = set(connection.execute(sa.select(registered.c.cluster)).scalars())
    new = [row for row in rows if row["cluster"] not in numbered]
    old = [row | {"of": row["cluster"]} for row in rows if row["cluster"] in numbered]
    if new:
        connection.execute(registered.insert(), new)
    if old:
        connection.execute(registered.update().where(registered.c.cluster == sa.bindparam("of")), old)


def _row(cluster: Registered) -> dict[str, Any]:
    return vars(cluster) | register_row(cluster.cluster, cluster.members)


def _registered(row: dict[str, Any]) -> Registered:
    row.pop("number")
    return Registered(**row | {"members": zlib.decompress(row["members"]).decode().splitlines()})


def _digest(rows: list[dict[str, Any]], rows_of_lineage: list[dict[str, Any]]) -> str:
    """What was recorded, in whatever order it comes: a build ranks its clusters, a snapshot gives them by id."""
    content = [
        {name: value.hex() if isinstance(value, bytes) else value for name, value in row.items()} for row in rows
    ]
    parts = [sorted(dump(row) or "" for row in part) for part in (content, rows_of_lineage)]
    return hashlib.sha256(dump(parts).encode()).hexdigest()

"""Clusters changed by hand: split, merge, move, set aside. Each is one act, applied again after every clustering.

Here an act is only written, with what follows from it for labels, tickets, owners and mutes; `by_hand` applies it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa

from workbench.errors import UserError
from workbench.judgement.inheritance import inherit_labels
from workbench.judgement.journal import Change, JournalPart
from workbench.judgement.kinds import ACT
from workbench.judgement.records.clusters import Act
from workbench.judgement.tables import registered


class ClusterEdits(JournalPart):
    """The acts of a judgement store."""

    def all(self) -> list[Act]:
        """Every act that holds, in the order in which they were done."""
        return sorted(self._journal.all(ACT), key=lambda act: int(act.act.removeprefix("HA-")))

    def split(self, cluster: str, members: Sequence[str], stays: Sequence[str], *, actor: str, name: str = "") -> Act:
        """Make `members` (conversation keys) a cluster of their own; `stays` are those that stay.

        What was said of the cluster holds for both parts until a person confirms it. Nobody else may build the store
        meanwhile: a build numbers its new clusters, too.
        """
        if not members or not stays:
            raise UserError("A split has failures on both sides: choose some of the cluster's failures, not all.")
        with self._journal.changing(actor) as change:
            into = _new_cluster(change, cluster, members, name)
            act = _put(change, Act("", "split", cluster, into, sorted(members), sorted(stays), name.strip()))
            inherit_labels(change, cluster, into, parted=True)
            return act

    def merge(self, cluster: str, into: str, *, actor: str) -> Act:
        """Put all of one cluster into another; what was said of it goes along where nothing was said of the other."""
        with self._journal.changing(actor) as change:
            act = _put(change, Act("", "merge", cluster, into))
            inherit_labels(change, cluster, into, parted=False)
            return act

    def move(self, cluster: str, into: str, members: Sequence[str], *, actor: str) -> Act:
        """Put some failures of one cluster into another."""
        with self._journal.changing(actor) as change:
            return _put(change, Act("", "move", cluster, into, sorted(members)))

    def set_aside(self, cluster: str, members: Sequence[str], *, actor: str) -> Act:
        """Take failures that belong nowhere out of every cluster; failures they stay."""
        with self._journal.changing(actor) as change:
            return _put(change, Act("", "aside", cluster, None, sorted(members)))


def _put(change: Change, act: Act) -> Act:
    if act.kind in ("split", "move", "aside") and not act.members:
        raise UserError("No failure was chosen. Mark the ones that it is about in the table.")
    if act.cluster == act.into:
        raise UserError(f"{act.cluster} is already there: choose another cluster.")
    number = f"HA-{change.next_number('act'):04d}"
    written = change.put(ACT, (number,), replace(act, act=number, by=change.actor, at=change.at), act.kind)
    assert written is not None
    return written


def _new_cluster(change: Change, cluster: str, members: Sequence[str], name: str) -> str:
    """Take the next number in the register for a cluster made by hand; the build fills in what it is like."""
    from workbench.judgement.tables import register_row  # it hands on what follows from a lineage, with this module

    origin = change.connection.execute(sa.select(registered).where(registered.c.cluster == cluster)).mappings().first()
    if origin is None:
        raise UserError(f"There is no cluster {cluster!r}.")
    number = (change.connection.execute(sa.select(sa.func.max(registered.c.number))).scalar() or 0) + 1
    new = f"FC-{number:04d}"
    row = {"cluster": new, "kind": "topical", "mechanical_key": None, "name": name.strip() or origin["name"]}
    blank = {"centroid": b"", "active": False, "last_snapshot": ""}
    change.connection.execute(registered.insert(), dict(origin) | row | blank | register_row(new, members))
    return new

"""What a cluster leaves to the cluster that follows it: labels, owners, tickets."""

from __future__ import annotations

from dataclasses import replace

import sqlalchemy as sa

from workbench.judgement.journal import Change
from workbench.judgement.kinds import LABEL, MUTE, OWNER, TICKET
from workbench.judgement.undo import INHERITED, TO_CONFIRM


def inherit_labels(change: Change, old: str, new: str, *, parted: bool) -> None:
    """What was said of cluster `old` holds for `new`, too, where nothing was said of that yet.

    The label says whom it is from. Where a cluster `parted`, its own label asks to be confirmed as well, and a mute
    holds for both parts; a merge mutes nobody's cluster. An undo of the act takes all of it back.
    """
    label = change.get(LABEL, "cluster", old)
    if label is not None:
        if change.get(LABEL, "cluster", new) is None:
            change.put(LABEL, ("cluster", new), replace(label, target=new, inherited_from=old), INHERITED)
        if parted and label.inherited_from is None:
            change.put(LABEL, ("cluster", old), replace(label, inherited_from=old), TO_CONFIRM)
    owner = change.get(OWNER, old)
    if owner is not None and change.get(OWNER, new) is None:
        change.put(OWNER, (new,), replace(owner, cluster=new), INHERITED)
    mute = change.get(MUTE, old)
    if parted and mute is not None and change.get(MUTE, new) is None:
        change.put(MUTE, (new,), replace(mute, cluster=new), INHERITED)
    for row in change.connection.execute(sa.select(TICKET.table)).mappings().all():
        ticket = TICKET.record(**row)
        if old in ticket.clusters and new not in ticket.clusters and ticket.status != "wont-fix":
            change.put(TICKET, (ticket.ticket,), replace(ticket, clusters=[*ticket.clusters, new]), INHERITED)

"""Changing clusters by hand, as a person at the bench does it: what may be changed, what became of a cluster, and when
the change stands.

An act is kept at once; the next snapshot, a rearrangement of the clusters that stand, shows it some seconds later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from workbench.bench.bench import Bench
from workbench.bench.failure_rows import MemberRow
from workbench.bench.filter import Filter
from workbench.errors import Conflict, UserError
from workbench.evidence.filter import NO_CLUSTER
from workbench.judgement.records.clusters import Act
from workbench.pipeline.build_lock import sole_builder

if TYPE_CHECKING:
    from workbench.pipeline.worker import RunningJob


@dataclass(frozen=True)
class Step:
    """One step in the life of a cluster."""

    relation: str
    """What became of it: continued, split, merged, new, vanished, moved, aside."""
    other: str | None
    """The cluster that it is about."""
    into: bool
    """Whether this one went there; else it came from there."""
    shared: int
    """How many failures."""
    at: datetime | None
    """When, naive UTC."""
    by: str | None = None
    """The person, where a hand did it."""
    snapshot: str | None = None
    """The snapshot, where a clustering did."""
    version: int | None = None
    """The event to undo, where a hand did it."""

    @property
    def moved_on(self) -> bool:
        """Whether a clustering told by new failures alone that the cluster goes on as another; its old members stay."""
        return self.relation == "merged" and self.into and bool(self.snapshot) and not self.shared


def split(bench: Bench, cluster: str, keys: Sequence[str], name: str = "") -> Act:
    """Make some of a cluster's failures a cluster of their own, which gets an id for life."""
    members = _members(bench, cluster, keys)
    stays = [member.key for member in bench.cluster(cluster).members if member.key not in set(members)]

    def busy(builder: str) -> None:
        raise Conflict(
            f"An import or analysis is running ({builder}) and may number new clusters. Split when it is done."
        )

    with sole_builder(bench.store, busy):
        return bench.judgement.edits.split(cluster, members, stays, name=name, actor=bench.actor)


def merge(bench: Bench, cluster: str, into: str) -> Act:
    """Put all of a cluster into another of the same bot."""
    _same_bot(bench, cluster, into)
    return bench.judgement.edits.merge(cluster, into, actor=bench.actor)


def move(bench: Bench, cluster: str, into: str, keys: Sequence[str]) -> Act:
    """Put some of a cluster's failures into another of the same bot."""
    _same_bot(bench, cluster, into)
    return bench.judgement.edits.move(cluster, into, _members(bench, cluster, keys), actor=bench.actor)


def set_aside(bench: Bench, cluster: str, keys: Sequence[str]) -> Act:
    """Take failures out of every cluster; failures they stay."""
    return bench.judgement.edits.set_aside(cluster, _members(bench, cluster, keys), actor=bench.actor)


def confirm(bench: Bench, cluster: str) -> None:
    """Say that what a cluster inherited is still right: from now on the label is this person's."""
    label = bench.judgement.labels.all().get(("cluster", cluster))
    if label is None or label.inherited_from is None:
        raise Conflict(f"There is nothing to confirm on {cluster}: somebody did, or the label was taken back.")
    bench.label(
        cluster,
        cause=label.cause,
        contributing=label.contributing,
        disposition=label.disposition,
        severity=label.severity,
        note=label.note,
    )


def pending(bench: Bench) -> bool:
    """Whether hands changed clusters, or took that back, since the serving snapshot was built."""
    settings = bench.evidence.meta.settings
    if not settings.get("analyzed"):
        return False
    return bool({act.act: act.version for act in bench.judgement.edits.all()} != settings.get("acts", {}))


def rearrange(bench: Bench) -> RunningJob:
    """Start the build that applies what hands changed."""
    from workbench.pipeline.job import Job  # builds bring in what a page does not need
    from workbench.pipeline.worker import start

    return start(Job(store=str(bench.store.root), rearrange=True, actor=bench.actor))


def in_no_cluster(bench: Bench, filter: Filter = Filter()) -> list[MemberRow]:  # noqa: B008 - frozen
    """The failures in no cluster: too far from every one between two clusterings, or set aside by hand."""
    return bench.points(replace(filter, cluster=(NO_CLUSTER,)))


def life(bench: Bench, cluster: str) -> list[Step]:
    """What became of a cluster, oldest first, by clusterings and by hand; hands that were undone left no trace here."""
    dates = bench.judgement.register.recorded_at()
    steps = [
        Step(
            row.relation,
            row.other if row.cluster == cluster else row.cluster,
            row.cluster != cluster,
            row.shared,
            dates.get(row.snapshot),
            snapshot=row.snapshot,
        )
        for row in bench.judgement.register.lineages()
        if cluster in (row.cluster, row.other) and row.relation != "continued"
    ]
    for act in bench.judgement.edits.all():
        if cluster in (act.cluster, act.into):
            away = act.cluster == cluster
            kind = "merged" if act.kind == "merge" else "moved" if act.kind == "move" else act.kind
            other = act.into if away else act.cluster
            steps.append(Step(kind, other, away, len(act.members), act.at, act.by, version=act.version))
    return sorted(steps, key=lambda step: step.at or datetime.min)


def continued(bench: Bench, cluster: str) -> str:
    """How often clusterings found a cluster again, and when last."""
    rows = [row.snapshot for row in bench.judgement.register.lineage(cluster) if row.relation == "continued"]
    if not rows:
        return "No clustering has found it again yet."
    at = bench.judgement.register.recorded_at().get(rows[-1])
    when = f"{at:%Y-%m-%d}, " if at else ""
    return f"Found again by {len(rows):,} {'clusterings' if len(rows) > 1 else 'clustering'}, last {when}{rows[-1]}."


def successor(bench: Bench, cluster: str) -> Step | None:
    """What last became of a cluster that the serving snapshot doesn't have; None where it never was."""
    gone = [step for step in life(bench, cluster) if step.relation == "vanished" or (step.into and step.other)]
    if gone:
        return gone[-1]
    registered = any(entry.cluster == cluster for entry in bench.judgement.register.clusters())
    return Step("vanished", None, False, 0, None) if registered else None


def _members(bench: Bench, cluster: str, keys: Sequence[str]) -> list[str]:
    """The keys, each checked to be one of the cluster's now."""
    there = {member.key for member in _cluster(bench, cluster)}
    gone = [key for key in keys if key not in there]
    if gone:
        raise Conflict(
            f"{len(gone)} of the {len(keys)} chosen failures are not in {cluster} any more: "
            "somebody moved them, or new data did. Choose again."
        )
    return list(dict.fromkeys(keys))


def _cluster(bench: Bench, cluster: str) -> list[MemberRow]:
    if pending(bench):
        raise Conflict("A change before this one is still being applied. Try again in a few seconds.")
    if bench.evidence.cluster(cluster) is None:
        raise Conflict(f"{cluster} is gone: it was merged, or the data changed. Its page says what became of it.")
    return bench.cluster(cluster).members


def _same_bot(bench: Bench, cluster: str, into: str) -> None:
    _cluster(bench, cluster)
    bots = {row.cluster: row.bot for row in bench.evidence.clusters()}
    if into not in bots:
        raise Conflict(f"{into} is gone: it was merged, or the data changed. Choose another cluster.")
    if bots[cluster] != bots[into]:
        raise UserError(f"{into} belongs to {bots[into]}, {cluster} to {bots[cluster]}: a cluster belongs to one bot.")

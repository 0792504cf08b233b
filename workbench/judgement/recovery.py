"""What a snapshot proposed to the identity register, recorded where a crash came between the two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from workbench.judgement.records.clusters import Lineage, Registered

if TYPE_CHECKING:
    from workbench.judgement.store import Judgement


class ProposedCluster(Protocol):
    """A cluster that a build proposes to the register; `evidence.cluster_tables.ProposedRecord` is one."""

    @property
    def cluster(self) -> str: ...
    @property
    def bot(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def mechanical_key(self) -> str | None: ...
    @property
    def name(self) -> str: ...
    @property
    def members(self) -> Sequence[str]: ...
    @property
    def centroid(self) -> bytes: ...


class ProposedLineage(Protocol):
    """What a build says became of a cluster; `evidence.cluster_tables.LineageRecord` is one."""

    @property
    def cluster(self) -> str: ...
    @property
    def relation(self) -> str: ...
    @property
    def other(self) -> str | None: ...
    @property
    def shared(self) -> int: ...


class SnapshotMeta(Protocol):
    """What a snapshot says of itself, as far as the register needs it."""

    @property
    def snapshot(self) -> str: ...
    @property
    def model(self) -> str | None: ...
    @property
    def analyzed(self) -> bool: ...


class Proposals(Protocol):
    """A snapshot as far as the register needs it; `Evidence` is one."""

    @property
    def meta(self) -> SnapshotMeta: ...

    def proposed(self) -> Sequence[ProposedCluster]: ...

    def lineage(self) -> Sequence[ProposedLineage]: ...


def registered(row: ProposedCluster, model: str, snapshot: str = "") -> Registered:
    """A cluster as the register keeps it, its vectors made by this model."""
    members = list(row.members)
    return Registered(
        row.cluster,
        row.bot,
        row.kind,
        row.mechanical_key,
        row.name,
        members,
        row.centroid,
        model,
        last_snapshot=snapshot,
    )


def record_proposals(evidence: Proposals, judgement: Judgement) -> None:
    """Record a snapshot's clusters and lineage; recording is idempotent by snapshot, so this is safe at every open."""
    model, snapshot = evidence.meta.model, evidence.meta.snapshot
    if not model or not evidence.meta.analyzed:
        return
    recorded = [registered(row, model, snapshot) for row in evidence.proposed()]
    lineage = [Lineage(snapshot, row.cluster, row.relation, row.other, row.shared) for row in evidence.lineage()]
    judgement.register.record(snapshot, recorded, lineage)

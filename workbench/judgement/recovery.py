"""What a snapshot proposed to the identity register, recorded where a crash came between the two."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from workbench.judgement.records import Lineage, Registered

if TYPE_CHECKING:
    from workbench.judgement.store import Judgement


class Proposals(Protocol):
    """A snapshot as far as the register needs it; `Evidence` is one."""

    @property
    def meta(self) -> Any: ...

    def proposed(self) -> list[dict[str, Any]]: ...

    def lineage(self) -> list[dict[str, Any]]: ...


def record_proposals(evidence: Proposals, judgement: Judgement) -> None:
    """Record a snapshot's clusters and lineage; recording is idempotent by snapshot, so this is safe at every open."""
    model, snapshot = evidence.meta.settings.get("model"), evidence.meta.snapshot
    if not model or not evidence.meta.settings.get("analyzed"):
        return
    recorded = [Registered(**row, model=model, last_snapshot=snapshot) for row in evidence.proposed()]
    judgement.register.record(snapshot, recorded, [Lineage(snapshot=snapshot, **row) for row in evidence.lineage()])

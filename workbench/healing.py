"""What a snapshot proposed to the identity register, recorded where a crash came between the two."""

from __future__ import annotations

from workbench.evidence.queries import Evidence
from workbench.judgement import Judgement
from workbench.judgement_records import Lineage, Registered


def record_proposals(evidence: Evidence, judgement: Judgement) -> None:
    """Record a snapshot's clusters and lineage; recording is idempotent by snapshot, so this is safe at every open."""
    model, snapshot = evidence.meta.settings.get("model"), evidence.meta.snapshot
    if not model or not evidence.meta.settings.get("analyzed"):
        return
    recorded = [Registered(**row, model=model, last_snapshot=snapshot) for row in evidence.proposed()]
    judgement.record_snapshot(snapshot, recorded, [Lineage(snapshot=snapshot, **row) for row in evidence.lineage()])

"""What a snapshot proposed to the identity register, recorded where a crash came between the two."""

from __future__ import annotations

import numpy as np

from workbench.evidence import Evidence
from workbench.judgement import Judgement, Lineage, Registered


def record_proposals(evidence: Evidence, judgement: Judgement) -> None:
    """Record a snapshot's clusters and lineage; recording is idempotent by snapshot, so this is safe at every open."""
    model, snapshot = evidence.meta.settings.get("model"), evidence.meta.snapshot
    if not model or not evidence.meta.settings.get("analyzed"):
        return
    recorded = [
        Registered(
            cluster=row["cluster"],
            bot=row["bot"],
            kind=row["kind"],
            mechanical_key=row["mechanical_key"],
            name=row["name"],
            members=row["members"],
            centroid=np.asarray(row["centroid"], "<f4").tobytes(),
            model=model,
            active=True,
            last_snapshot=snapshot,
        )
        for row in evidence.members_and_centroids()
    ]
    judgement.record_snapshot(snapshot, recorded, [Lineage(snapshot=snapshot, **row) for row in evidence.lineage()])

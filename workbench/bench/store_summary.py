"""How much a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StoreSummary:
    """What the store holds now, for headers and `doctor`."""

    snapshot: str
    """The snapshot that serves, like S000001."""
    built_at: datetime
    """When it was built, naive UTC."""
    conversations: int
    """Conversations of all bots."""
    turns: int
    """Their turns."""
    failures: int
    """Conversations that count as failing."""
    suspected: int
    """Conversations that are suspected, and count as nothing."""
    clusters: int
    """Clusters with a failing conversation."""
    bots: int
    """Bots."""
    rejects: int
    """Entries in the list of rows that could not be taken; one may stand for several rows."""
    data_from: datetime | None
    """When the first conversation began; None where no log has times."""
    data_through: datetime | None
    """When the last one ended."""

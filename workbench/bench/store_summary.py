"""How much a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class StoreSummary:
    """What the store holds now, for headers and `doctor`."""

    snapshot: str
    built_at: datetime
    conversations: int
    turns: int
    failures: int
    suspected: int
    clusters: int
    bots: int
    rejects: int
    data_from: datetime | None
    data_through: datetime | None

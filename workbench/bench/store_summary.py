"""How much a store holds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.overview_rows import Totals


@dataclass(frozen=True)
class StoreSummary(Totals):
    """What the store holds now, for headers and `doctor`."""

    snapshot: str
    """The snapshot that serves, like S000001."""
    built_at: datetime
    """When it was built, naive UTC."""

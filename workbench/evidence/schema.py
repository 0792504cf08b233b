"""What a build hands over to be a snapshot, and what a snapshot says of itself. No engine is needed to know them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from workbench.dates import DEFAULT_ZONE

if TYPE_CHECKING:
    import pyarrow as pa

SCHEMA = 8
"""Raised with every change of a table; a snapshot of another layout is built again from its parts."""


@dataclass(frozen=True)
class Table:
    """What all rows of tables have in common: nothing but that a snapshot may hold them."""


Rows = dict[str, "Sequence[Table] | pa.Table"]
"""Rows by the name of their table in `TABLES`, all of the dataclass that stands there, or the same as columns."""


@dataclass(frozen=True)
class SnapshotCounts:
    """What a snapshot holds."""

    conversations: int
    """Conversations of all bots."""
    turns: int
    """Their turns."""
    failures: int
    """Conversations that count as failing."""
    clusters: int
    """Clusters with a failing conversation."""


@dataclass(frozen=True)
class Meta:
    """What a snapshot says of itself."""

    snapshot: str
    """Its name, like S000001."""
    built_at: datetime
    """When it was built, naive UTC."""
    schema: int
    """The layout of its tables, a `SCHEMA` of its time."""
    settings: dict[str, Any] = field(default_factory=dict)
    """What it was built with, by name, e.g. model, granularity, time_zone."""

    @property
    def model(self) -> str | None:
        """The model and precision that its vectors were made with; None before the first analysis."""
        model: str | None = self.settings.get("model")
        return model

    @property
    def analyzed(self) -> bool:
        """Whether its conversations were analysed, not only imported."""
        return bool(self.settings.get("analyzed"))

    @property
    def time_zone(self) -> str:
        """The zone by whose clocks its weeks begin; UTC in snapshots older than the setting."""
        return str(self.settings.get("time_zone", DEFAULT_ZONE))

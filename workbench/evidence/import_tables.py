"""The tables of a snapshot that hold what its imports were and refused: a dataclass a table, its Arrow schema derived from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.evidence.schema import Table


@dataclass(frozen=True)
class RejectRecord(Table):
    """A row of a log that could not be taken."""

    import_id: str
    """The import."""
    file: str
    """The file."""
    row: int
    """The row in it, from 1."""
    column: str | None
    """The column that is at fault."""
    reason: str
    """What is wrong."""
    value: str
    """An excerpt of what was logged."""
    rows: int
    """How many rows this stands for."""


@dataclass(frozen=True)
class ImportRecord(Table):
    """One import that the snapshot was built from."""

    import_id: str
    """The import."""
    position: int
    """Its place, from 0; the oldest comes first."""
    manifest: str
    """What it read, as JSON."""


@dataclass(frozen=True)
class RewordedRecord(Table):
    """A conversation whose words an import replaced: what was said of it before was said of other words."""

    key: str
    """The conversation."""
    at: datetime
    """When the last such import came to serve."""

"""What a build did, as `import --json` prints it."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.evidence.schema import SnapshotCounts
from workbench.logs.manifest import Manifest


@dataclass(frozen=True)
class BuildResult:
    """What a build read, what it found in that, and what the store holds now."""

    conversations: int
    """Conversations that are new or newer than those of the store."""
    turns: int
    """Their turns."""
    rows_read: int
    """Rows of the logs."""
    rows_kept: int
    """Rows that became part of a conversation."""
    rows_rejected: int
    """Rows that could not be read."""
    rows_duplicate: int
    """Rows that were there already."""
    rejected: int
    """The same as `rows_rejected`."""
    duplicates: int
    """Conversations that were there already."""
    refused: list[dict[str, str]]
    """Files that are no log, each with the reason."""
    failures: int
    """Failing conversations among those of this import; all where nothing was imported."""
    clusters: int
    """Clusters that hold one of those."""
    clustering: str
    """full, assigned or none."""
    snapshot: str
    """The snapshot that serves now."""
    seconds: dict[str, float]
    """What each stage took."""
    store: SnapshotCounts
    """What the snapshot holds."""


def result_of(
    manifest: Manifest | None,
    clustering: str,
    snapshot: str,
    seconds: dict[str, float],
    store: SnapshotCounts,
    failures: int = 0,
    clusters: int = 0,
) -> BuildResult:
    """The result of a build; `manifest` is that of what it imported, None where it imported nothing."""
    return BuildResult(
        conversations=manifest.conversations if manifest else 0,
        turns=manifest.turns if manifest else 0,
        rows_read=manifest.rows_read if manifest else 0,
        rows_kept=manifest.rows_kept if manifest else 0,
        rows_rejected=manifest.rows_rejected if manifest else 0,
        rows_duplicate=manifest.rows_duplicate if manifest else 0,
        rejected=manifest.rows_rejected if manifest else 0,
        duplicates=manifest.duplicates if manifest else 0,
        refused=manifest.refused if manifest else [],
        failures=failures,
        clusters=clusters,
        clustering=clustering,
        snapshot=snapshot,
        seconds=seconds,
        store=store,
    )

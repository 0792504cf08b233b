"""What a build needs to know of the snapshot before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from workbench.dates import DEFAULT_ZONE
from workbench.evidence.index import StandingIndex
from workbench.evidence.queries import reading
from workbench.evidence.schema import Rows
from workbench.judgement.records.clusters import Act
from workbench.judgement.recovery import registered
from workbench.logs.parts import Part, run_files
from workbench.pipeline.cluster import KeptClustering, StandingMaps
from workbench.pipeline.kept_results import fingerprint
from workbench.pipeline.source_version import source_version
from workbench.store import Pointer, Store


def indexed(parts: Sequence[Part]) -> list[str]:
    """What stands for a snapshot's index of conversations: the version of what makes it, and each part as its files are now.

    A part is written again where a conversation is taken out of it.
    """
    names = [source_version("conversation", "evidence/index.py", "evidence/schema.py", "logs/parts.py", "text")]
    for part in parts:
        files = [(file.name, file.stat().st_size, file.stat().st_mtime_ns) for file in run_files(part.folder)]
        names.append(fingerprint(part.import_id, files))
    return names


@dataclass(frozen=True)
class PreviousSnapshot:
    """The snapshot that serves when a build begins, whatever its layout."""

    store: Store
    """The store that it is in."""
    pointer: Pointer
    """Its name and its imports."""
    settings: dict[str, Any]
    """How it was built."""

    @classmethod
    def open(cls, store: Store, pointer: Pointer) -> PreviousSnapshot:
        """The snapshot that a pointer names."""
        with reading(store.snapshot_file(pointer.snapshot), any_layout=True) as evidence:
            return cls(store, pointer, evidence.meta.settings)

    @property
    def granularity(self) -> str:
        """How finely it was clustered."""
        return str(self.settings.get("granularity", "normal"))

    @property
    def time_zone(self) -> str:
        """The zone whose weeks its findings are counted in."""
        return str(self.settings.get("time_zone", DEFAULT_ZONE))

    def shows(self, acts: Sequence[Act]) -> bool:
        """Whether people's edits of clusters are in it as they are now: another build may have applied them meanwhile."""
        return bool(self.settings.get("acts", {}) == {act.act: act.version for act in acts})

    def index_of(self, parts: Sequence[Part]) -> StandingIndex | None:
        """Its index, where that holds for the first of these parts; None where it was made otherwise, or of others."""
        before: list[str] = self.settings.get("indexed", [])
        if not before or indexed(parts)[: len(before)] != before:
            return None
        return StandingIndex(self.store.snapshot_file(self.pointer.snapshot), len(before) - 1)

    def rows(self) -> Rows:
        """What an analysis found, as rows by table."""
        with reading(self.store.snapshot_file(self.pointer.snapshot), any_layout=True) as evidence:
            return evidence.findings()

    def clustering(self) -> KeptClustering | None:
        """Its clusters as they were found, before any hand changed them; None where it has none."""
        model = self.settings.get("model")
        with reading(self.store.snapshot_file(self.pointer.snapshot), any_layout=True) as evidence:
            rows = evidence.proposed(by_hand=False) if evidence.has("proposed") else []
            if not model or not rows:
                return None
            clusters = [registered(row, model) for row in rows]
            return KeptClustering(str(model), len(rows[0].centroid) // 4, clusters)

    def maps(self, model: str) -> StandingMaps:
        """Where its failures stand on their maps; nothing where its vectors are of another model."""
        laid_out = self.settings.get("laid_out", {})
        if self.settings.get("model") != model or not laid_out:
            return StandingMaps()
        with reading(self.store.snapshot_file(self.pointer.snapshot), any_layout=True) as evidence:
            return StandingMaps(evidence.places(), laid_out)

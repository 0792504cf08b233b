"""What a store's imports read and refused, masked, uploads under the names that they came with."""

from __future__ import annotations

from dataclasses import replace

from workbench.evidence.queries import Evidence
from workbench.logs.manifest import Manifest
from workbench.logs.uploads import as_given
from workbench.logs.values.records import Reject
from workbench.store import Store
from workbench.text.masking import mask


def readable_imports(evidence: Evidence, store: Store) -> list[Manifest]:
    """What the snapshot was built from, the newest import first."""
    return [_readable(manifest, store) for manifest in reversed(evidence.imports())]


def readable_rejects(evidence: Evidence, store: Store, import_id: str) -> list[Reject]:
    """The rows of an import that could not be taken."""
    return [
        Reject(
            _shown(row.file, store),
            row.row,
            row.column,
            _shown(row.reason, store),
            _shown(row.value, store),
            row.rows,
        )
        for row in evidence.rejects(import_id)
    ]


def _readable(manifest: Manifest, store: Store) -> Manifest:
    return replace(
        manifest,
        files=[
            file | {name: _shown(str(file[name]), store) for name in ("name", "path") if name in file}
            for file in manifest.files
        ],
        refused=[{name: _shown(text, store) for name, text in refused.items()} for refused in manifest.refused],
        notes=[_shown(note, store) for note in manifest.notes],
    )


def _shown(text: str, store: Store) -> str:
    return mask(as_given(text, store))

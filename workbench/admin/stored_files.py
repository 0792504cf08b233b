"""Whether the files of a store are as they were written: imports and snapshots by their SHA-256, what is made of them by its pages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa

from workbench.errors import WorkbenchError
from workbench.logs.integrity import checksum, damaged_files
from workbench.logs.parts import MEND, opened_run
from workbench.pipeline.snapshots import snapshot_names
from workbench.store import Pointer, Store

_MADE_AGAIN = "observations-*.parquet", "search-texts-*.parquet"


def import_damage(store: Store, pointer: Pointer) -> list[str]:
    """What is wrong with the files of the imports that count, a sentence a file with the mend."""
    return [
        f"{file} is {'not as it was written' if file.exists() else 'gone'}. {MEND}"
        for name in pointer.parts
        for file in damaged_files(store.parts / name)
    ]


def derived_damage(store: Store, pointer: Pointer | None) -> list[str]:
    """What is wrong with the files that can be made again, a sentence a file with the mend."""
    made = [file for pattern in _MADE_AGAIN for file in sorted(store.parts.glob(f"*/{pattern}"))]
    made += sorted(store.vectors.glob("*/*.parquet"))
    broken = [
        f"{file} is damaged. Delete it: `python -m workbench analyze` makes it again."
        for file in made
        if not _whole_pages(file)
    ]
    return [*broken, *_snapshot_damage(store, pointer)]


def _snapshot_damage(store: Store, pointer: Pointer | None) -> Iterator[str]:
    for name in snapshot_names(store):
        file = store.snapshot_file(name)
        stated = json.loads((store.snapshots / f"{name}.json").read_text("utf-8")).get("sha256")
        if stated and (not file.is_file() or checksum(file) != stated):
            serves = pointer is not None and pointer.snapshot == name
            yield f"The snapshot {file} is damaged. " + (
                "`python -m workbench analyze` builds another." if serves else "It does not serve; delete it."
            )


def _whole_pages(file: Path) -> bool:
    try:
        with opened_run(file) as opened:
            for number in range(opened.num_row_groups):
                opened.read_row_group(number)
    except (OSError, pa.ArrowInvalid, WorkbenchError):
        return False
    return True

"""A snapshot's way to those who read it: written beside the others, then served by a switch of the pointer."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workbench.dates import utc_now
from workbench.evidence.index import StandingIndex
from workbench.evidence.queries import reading
from workbench.evidence.schema import SCHEMA, Meta, Rows, SnapshotCounts
from workbench.evidence.snapshot import write_snapshot
from workbench.logs.integrity import checksum
from workbench.logs.parts import Part
from workbench.pipeline.beside import keep_unfinished
from workbench.pipeline.job import Progress
from workbench.pipeline.snapshots import SNAPSHOTS_KEPT, has_illegible, snapshot_names, snapshot_parts
from workbench.store import PUBLISHED, Pointer, Store, remove, write_json


def draft_part(store: Store) -> Path:
    """The folder that an import writes before its snapshot serves."""
    return store.parts / ".draft"


def write(
    store: Store,
    snapshot: str,
    settings: Mapping[str, Any],
    parts: Sequence[Part],
    rows: Rows,
    standing: StandingIndex | None = None,
    progress: Progress = lambda stage, done, total: None,
) -> SnapshotCounts:
    """Write a snapshot beside those that serve, whole or not at all; what the `standing` one indexed is copied from it."""
    draft = store.snapshots / f".{snapshot}.duckdb"
    draft.unlink(missing_ok=True)
    meta = Meta(snapshot, utc_now().replace(microsecond=0), SCHEMA, dict(settings))
    counts = write_snapshot(draft, meta, parts, rows, standing, lambda done, total: progress("write", done, total))
    os.replace(draft, store.snapshot_file(snapshot))
    return counts


def publish(store: Store, snapshot: str, parts: Sequence[Part], left_out: str | None) -> None:
    """Let a snapshot serve, and forget the oldest. `left_out` is the import that it does without from now on."""
    for part in parts:
        if part.folder == draft_part(store):
            os.replace(part.folder, store.parts / part.import_id)
    pointer = Pointer(snapshot, [part.import_id for part in parts])
    if left_out:
        (store.parts / left_out / PUBLISHED).unlink(missing_ok=True)
    file = store.snapshot_file(snapshot)
    stated = {"sha256": checksum(file), "bytes": file.stat().st_size}
    write_json(store.snapshots / f"{snapshot}.json", asdict(pointer) | stated)
    store.switch(pointer)
    for name in pointer.parts:
        marker = store.parts / name / PUBLISHED
        if not marker.exists():
            marker.write_text(utc_now().isoformat(), "ascii")
    for name in snapshot_names(store)[:-SNAPSHOTS_KEPT]:
        if name != snapshot:
            store.snapshot_file(name).unlink(missing_ok=True)
            (store.snapshots / f"{name}.json").unlink(missing_ok=True)


def sweep(store: Store, pointer: Pointer | None) -> None:
    """Remove what a killed build left: drafts, and a part that no snapshot came to use; what it observed is kept aside."""
    keep_unfinished(draft_part(store), store.unfinished)
    for draft in [*store.snapshots.glob(".S*"), *store.parts.glob(".draft*"), *store.parts.glob("*/*.tmp")]:
        remove(draft)
    if pointer is None:
        return
    if has_illegible(store):  # it may need any of them
        return
    used = set(pointer.parts)
    for name in snapshot_names(store):
        used.update(snapshot_parts(store, name) or ())
    for folder in store.parts.glob("I*"):  # what else lies there is not ours
        if folder.is_dir() and folder.name not in used:
            shutil.rmtree(folder)


def count(store: Store, pointer: Pointer) -> SnapshotCounts:
    """What the serving snapshot holds."""
    with reading(store.snapshot_file(pointer.snapshot), any_layout=True) as evidence:
        totals = evidence.totals()
    return SnapshotCounts(totals.conversations, totals.turns, totals.failures, totals.clusters)


def failures_of(store: Store, snapshot: str, import_id: str | None) -> tuple[int, int, int]:
    """Failures among the conversations of one import (None: of all), what is suspected in all, and the clusters that hold such a failure."""
    with reading(store.snapshot_file(snapshot), any_layout=True) as evidence:
        return evidence.failures_of(import_id)

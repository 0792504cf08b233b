"""Where in a store something of a conversation may stand: for whoever must find or remove it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from workbench.store import Store


@dataclass(frozen=True)
class Holding:
    """A file of a store in which a conversation's key, its user's id or its words may stand."""

    file: Path
    """The file."""
    kind: str
    """What it belongs to: parts, snapshots, judged, results, vectors, unfinished, jobs, uploads or judges."""
    rebuilt: bool
    """Whether a build makes it again from the parts, so that it can be deleted while none runs."""


def holdings(store: Store) -> list[Holding]:
    """Every file of a store that holds something of conversations, beside judgement; drafts that a kill left among them.

    Parts are where logs were read to. What is beside them (observations, search texts), snapshots, judged cases, kept
    results and vectors follow from them: a conversation is gone from these once it is gone from the parts and they were built again. Vectors
    are kept by the digest of a text and name no conversation. Job folders hold the names of what was imported, and texts in
    messages of errors; what judges answered quotes conversations, and was paid for.
    """
    return list(_holdings(store))


def _holdings(store: Store) -> Iterator[Holding]:
    folders = {
        "parts": store.parts,
        "snapshots": store.snapshots,
        "judged": store.root / "judged",
        "results": store.root / "results",
        "vectors": store.vectors,
        "unfinished": store.unfinished,
        "jobs": store.jobs,
        "uploads": store.root / "uploads",
        "judges": store.root / "judges",
    }
    for kind, folder in folders.items():
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                yield Holding(file, kind, _is_rebuilt(kind, file))


def _is_rebuilt(kind: str, file: Path) -> bool:
    if kind == "parts":
        return file.name.startswith(("observations-", "search-texts-"))
    kinds = ("snapshots", "judged", "results", "vectors", "unfinished")
    return kind in kinds and file.suffix in (".duckdb", ".parquet", ".gz")

"""What two builds must have in common, wherever their work was done: their files, and what people get of them."""

from __future__ import annotations

import hashlib
from contextlib import closing

from workbench.bench.bench import Bench
from workbench.exports import export_bytes
from workbench.store import Store

_OF_THEIR_TIME = ("manifest.json", "published")


def outputs(store: Store) -> dict[str, str]:
    """The digest of each file of the parts and the vectors but those that tell when, and of the CSVs, by name."""
    with closing(Bench(store)) as bench:
        exports = {
            "failures.csv": export_bytes("failures", "csv", bench.failures()),
            "clusters.csv": export_bytes("clusters", "csv", bench.clusters()),
        }
    files = {
        str(path.relative_to(store.root)): path.read_bytes()
        for folder in (store.parts, store.vectors)
        for path in folder.rglob("*")
        if path.is_file() and path.name not in _OF_THEIR_TIME
    }
    return {name: hashlib.sha256(text).hexdigest() for name, text in sorted((files | exports).items())}

"""The snapshots that are kept, and the way back to one."""

from __future__ import annotations

import json

from workbench.errors import UserError
from workbench.judgement.store import Judgement
from workbench.pipeline.build_lock import sole_builder
from workbench.pipeline.recovery import recover_register
from workbench.store import Pointer, Store

SNAPSHOTS_KEPT = 5


def rollback(store: Store, snapshot: str, actor: str) -> None:
    """Let an older snapshot serve again, with the imports that it was built from; `UserError` where it isn't kept."""

    def busy(builder: str) -> None:
        raise UserError(f"A build of this store is running ({builder}). Wait for it, or cancel it, and try again.")

    judgement = Judgement(store.judgement_url)
    try:
        judgement.pod.require_role(actor)
        if snapshot not in snapshot_names(store):
            kept = ", ".join(snapshot_names(store)) or "none"
            raise UserError(f"The snapshot {snapshot} is not kept. There are: {kept}.")
        with sole_builder(store, busy):
            recover_register(store, judgement)
            parts = snapshot_parts(store, snapshot) or []
            store.switch(Pointer(snapshot, parts))
        judgement.journal.append_event("rolled back to", f"snapshot:{snapshot}", {"imports": parts}, actor=actor)
    finally:
        judgement.close()


def snapshot_names(store: Store) -> list[str]:
    """The snapshots on disk that a rollback can go to, oldest first."""
    return [name for name in _all_names(store) if snapshot_parts(store, name) is not None]


def has_illegible(store: Store) -> bool:
    """Whether of some snapshot nobody can tell which imports it needs."""
    return len(snapshot_names(store)) < len(_all_names(store))


def snapshot_parts(store: Store, snapshot: str) -> list[str] | None:
    """The imports that a snapshot was built from; None where what says so can't be read."""
    try:
        parts = json.loads((store.snapshots / f"{snapshot}.json").read_text("utf-8"))["parts"]
        return [str(part) for part in parts]
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _all_names(store: Store) -> list[str]:
    return sorted(path.stem for path in store.snapshots.glob("S*.json") if store.snapshot_file(path.stem).exists())

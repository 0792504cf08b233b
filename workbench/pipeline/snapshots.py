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
            beside = json.loads((store.snapshots / f"{snapshot}.json").read_text("utf-8"))
            store.switch(Pointer(snapshot, beside["parts"]))
        judgement.journal.append_event(
            "rolled back to", f"snapshot:{snapshot}", {"imports": beside["parts"]}, actor=actor
        )
    finally:
        judgement.close()


def snapshot_names(store: Store) -> list[str]:
    """The snapshots on disk that a rollback can go to, oldest first."""
    return sorted(path.stem for path in store.snapshots.glob("S*.json") if store.snapshot_file(path.stem).exists())

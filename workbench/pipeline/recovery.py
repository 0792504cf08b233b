"""What a crash left between a snapshot and the register, recorded at the next open."""

from __future__ import annotations

from contextlib import suppress

from workbench.errors import WorkbenchError
from workbench.evidence.queries import reading
from workbench.judgement.recovery import record_proposals
from workbench.judgement.store import Judgement
from workbench.store import Store


def recover_register(store: Store, judgement: Judgement) -> None:
    """Record what the serving snapshot proposed to the identity register, where a crash came between the two.

    Recording is idempotent by snapshot, so this is safe at every open. Raises `UserError` where the snapshot can't be read.
    """
    pointer = store.pointer()
    if pointer is None:
        return
    with reading(store.snapshot_file(pointer.snapshot), any_layout=True) as evidence:
        record_proposals(evidence, judgement)


def recover_after_restore(store: Store, judgement: Judgement) -> None:
    """Let the register of a backup know the snapshot that serves, which the backup may be older than."""
    pointer = store.pointer()
    with suppress(WorkbenchError):  # a damaged or older snapshot is not restore's to mend; `analyze` builds another
        if pointer is not None:
            with reading(store.snapshot_file(pointer.snapshot)) as evidence:
                record_proposals(evidence, judgement)

"""The snapshot that serves now, followed along the store's pointer."""

from __future__ import annotations

import threading
from contextlib import suppress

from workbench.bench.opened import Opened, OpenedConversations
from workbench.bench.remembered import Remembered
from workbench.bench.suggestions import Suggester, Suggestions
from workbench.errors import StoreMissing, UserError
from workbench.evidence.queries import Evidence
from workbench.judgement.records.labels import Label
from workbench.judgement.recovery import record_proposals
from workbench.judgement.store import Judgement
from workbench.store import Store


class Serving:
    """The open snapshot, followed along the pointer; shared by all benches of a process that act on one store."""

    def __init__(self, store: Store, judgement: Judgement, recover: bool = True) -> None:
        self._store, self._judgement, self._recover = store, judgement, recover
        self._lock = threading.Lock()
        self._open: Evidence | None = None
        self._seen: tuple[str, int, int] | None = None
        self._suggester = Suggester()
        self.remembered = Remembered()
        """What was worked out of evidence and judgement as they are now."""
        self._opened = OpenedConversations()

    def labels_and_suggestions(self) -> tuple[dict[tuple[str, str], Label], Suggestions]:
        """What people labelled, and what is suggested where they did not."""
        labels = self._judgement.labels.all()
        return labels, self._suggester.now(self.evidence(), labels)

    def opened(self, key: str) -> Opened | None:
        """A conversation as it may be shown; None where the snapshot has none with this key."""
        evidence, version = self._followed()

        def read() -> Opened | None:
            logged = evidence.conversation(key)
            return None if logged is None else Opened.of(logged, evidence.signals_of([key]))

        return self._opened.get(version, key, read)

    def evidence(self) -> Evidence:
        """The open snapshot; `StoreMissing` while there is none."""
        return self._followed()[0]

    def _followed(self) -> tuple[Evidence, tuple[str, int, int]]:
        """The open snapshot, and what changes when its file does."""
        try:
            pointer = self._store.require_pointer()
        except StoreMissing as e:
            if self._seen is None:
                raise
            raise UserError(
                f"The store {self._store.root} was there and is not any more: its folder was moved or emptied, or its disk is not "
                "mounted. Put it back, and these pages go on by themselves; nothing can be saved until then."
            ) from e
        file = self._store.snapshot_file(pointer.snapshot)
        with self._lock:
            # A snapshot may have been deleted and built again under its old name.
            seen = (pointer.snapshot, file.stat().st_ino, file.stat().st_mtime_ns)
            if self._open is None or self._seen != seen:
                # The one before stays open until nobody reads it any more: a page may be half way through.
                self._open, self._seen = Evidence(file), seen
                if self._recover:
                    with suppress(
                        UserError
                    ):  # whatever keeps it from being written, every page says it; what was proposed is recorded at the next open
                        record_proposals(self._open, self._judgement)
            return self._open, seen

    def close(self) -> None:
        """Let go of the snapshot."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

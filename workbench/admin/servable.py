"""Whether this process can serve its store right now, in words of a fixed list, for whoever may ask without being known.

Nothing of the store stands in them: no path, no name, no count.
"""

from __future__ import annotations

import json

from workbench.errors import Damaged, WorkbenchError
from workbench.judgement.store import Judgement
from workbench.store import Store

GONE = "store gone"
UNREADABLE = "snapshot unreadable"
DAMAGED = "judgement damaged"
OUT_OF_REACH = "judgement out of reach"
_MAGIC = slice(8, 12), b"DUCK"
"""Where a file of DuckDB says what it is: behind the checksum of its first page."""


class Servable:
    """Looks at one store again and again. Not for several threads at once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._served = False
        self._judgement: Judgement | None = None

    def close(self) -> None:
        """Let go of the database."""
        if self._judgement is not None:
            self._judgement.close()
            self._judgement = None

    def store_faults(self) -> list[str]:
        """What keeps the pages from showing what was logged. A store in which nothing was imported yet has no fault."""
        if not self._store.is_there:
            return [GONE]
        try:
            pointer = self._store.pointer()
            if pointer is None:
                lost = self._store.last_parts() is not None or self._served
                return [UNREADABLE] if lost else []
            self._served = True
            return [] if self._is_whole(pointer.snapshot) else [UNREADABLE]
        except (OSError, WorkbenchError, TypeError, ValueError):
            return [UNREADABLE]

    def judgement_faults(self) -> list[str]:
        """What keeps people from saving what they say. It waits as long as a change would, where another program holds the file."""
        if not self._store.is_there:
            return []  # that says it all, and a database must not begin there
        try:
            if self._judgement is None:
                self._judgement = Judgement(self._store.judgement_url)
            self._judgement.journal.require_writable()
        except Damaged:
            return [DAMAGED]
        except Exception:  # a database that goes away ends a call in ways of its own
            return [OUT_OF_REACH]
        return []

    def _is_whole(self, snapshot: str) -> bool:
        """Whether the file is as long as it was written, and DuckDB's; `doctor` reads all of it."""
        file = self._store.snapshot_file(snapshot)
        place, magic = _MAGIC
        with file.open("rb") as opened:
            if opened.read(place.stop)[place] != magic:
                return False
        stated = json.loads((self._store.snapshots / f"{snapshot}.json").read_text("utf-8")).get("bytes")
        return stated is None or file.stat().st_size == stated

"""What is made once of each run file of a part and kept beside it: what was observed, and what searches look through.

A file beside a run file names the version of the program that made it, so that another version makes it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

_VERSION = b"made by"
CONVERSATIONS = "conversations"
"""How the names of run files begin."""


@dataclass(frozen=True)
class Beside:
    """One kind of files beside run files."""

    name: str
    """How their names begin, where those of run files say `conversations`."""
    version: str
    """The version of what makes them."""

    def file(self, run_file: Path) -> Path:
        """Where that of a run file stands."""
        return run_file.with_name(run_file.name.replace(CONVERSATIONS, self.name))

    def metadata(self, run_file: Path) -> dict[bytes, bytes]:
        """What that of a run file says of its making, for its schema."""
        return {_VERSION: f"{self.version} of {pq.read_metadata(run_file).num_rows} conversations".encode()}

    def stands(self, run_file: Path) -> bool:
        """Whether that of a run file is there, whole, and made by this version of all its conversations."""
        try:
            metadata = pq.read_metadata(self.file(run_file)).metadata or {}
        except (OSError, pa.ArrowInvalid):
            return False
        return metadata.items() >= self.metadata(run_file).items()

    def make(self, run_file: Path, write: Callable[[Path, dict[bytes, bytes]], None]) -> None:
        """Let `write` make that of a run file, with metadata for its schema; a kill leaves a whole file or none."""
        draft = self.file(run_file).with_suffix(".tmp")
        write(draft, self.metadata(run_file))
        draft.replace(self.file(run_file))

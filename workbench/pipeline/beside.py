"""What is made once of each run file of a part and kept beside it: what was observed, and what searches look through.

A file beside a run file names the version of the program that made it and the conversations that it is of, so that it is made
again where either is another, and counts again where the same conversations are read again after a kill.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from uuid import uuid4

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.engine.engine import LOCAL, Engine
from workbench.logs.parts import Part, run_files
from workbench.pipeline.job import Progress

_VERSION, _OF = b"made by", b"of"
CONVERSATIONS = "conversations"
"""How the names of run files begin."""


Report = Callable[[int], None]
"""Is told how many conversations of a run file are done."""
Write = Callable[[Path, Path, Mapping[bytes, bytes], Report], None]
"""Makes of a run file that beside it, at the path given, with this metadata of its schema."""


@dataclass(frozen=True)
class Beside:
    """One kind of files beside run files."""

    name: str
    """How their names begin, where those of run files say `conversations`."""
    version: str
    """The version of what makes them."""
    stage: str
    """What making them is called."""

    def file(self, run_file: Path) -> Path:
        """Where that of a run file stands."""
        return run_file.with_name(run_file.name.replace(CONVERSATIONS, self.name))

    def metadata(self, run_file: Path) -> dict[bytes, bytes]:
        """What that of a run file says of its making, for its schema."""
        return {_VERSION: self.version.encode(), _OF: _contents(run_file)}

    def stands(self, run_file: Path) -> bool:
        """Whether that of a run file is there, whole, and made by this version of all its conversations."""
        return _metadata(self.file(run_file)).items() >= self.metadata(run_file).items()

    def make_missing(self, parts: Sequence[Part], write: Write, progress: Progress, engine: Engine = LOCAL) -> None:
        """Let `write` make that of every run file that has none of this version; a kill leaves of each a whole file or none.

        An engine that spreads work has `write` called elsewhere, a run file at a time.
        """
        missing = [file for part in parts for file in run_files(part.folder) if not self.stands(file)]
        sizes = [pq.read_metadata(file).num_rows for file in missing]
        if engine.spreads:
            for n, _ in enumerate(engine.each(partial(self.make, write), missing), 1):
                _report(progress, self.stage, sum(sizes[:n]), sum(sizes), 0)
            for file in missing:  # what workers left that were killed at it
                for draft in self.file(file).parent.glob(f"{self.file(file).stem}.*.tmp"):
                    draft.unlink(missing_ok=True)
            return
        for n, file in enumerate(missing):
            self.make(write, file, partial(_report, progress, self.stage, sum(sizes[:n]), sum(sizes)))

    def make(self, write: Write, run_file: Path, report: Report = lambda done: None) -> None:
        """Let `write` make that of a run file, whole or not at all."""
        file = self.file(run_file)
        draft = file.with_suffix(f".{uuid4().hex}.tmp")  # a worker elsewhere that is thought dead may still write
        write(run_file, draft, self.metadata(run_file), report)
        draft.replace(file)


def _report(progress: Progress, stage: str, before: int, total: int, done: int) -> None:
    progress(stage, before + done, total)


def keep_unfinished(draft: Path, unfinished: Path) -> None:
    """Move what was made beside the run files of a killed import to `unfinished`, for when the same logs are read again."""
    made = [file for file in draft.glob("*.parquet") if _OF in _metadata(file)]
    if made:
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir()
    for file in made:
        file.replace(unfinished / file.name)


def take_unfinished(folder: Path, unfinished: Path) -> None:
    """Move what a killed import left to the part that reads the same conversations; what is of others goes."""
    for run_file in run_files(folder):
        for file in unfinished.glob(run_file.name.replace(CONVERSATIONS, "*")):
            if _metadata(file).get(_OF) == _contents(run_file):
                file.replace(folder / file.name)
    shutil.rmtree(unfinished, ignore_errors=True)


def narrow(file: Path, keep: pa.Array, run_file: Path | None = None) -> None:
    """Write what stands beside a run file again with the rows that are kept, in its place.

    With `run_file` it is of that file's conversations from now on; without, it is made again by the next build.
    """
    draft = file.with_suffix(f".{uuid4().hex}.tmp")
    rows = pq.read_table(file)
    kept = rows.filter(keep)
    if run_file is not None:
        kept = kept.replace_schema_metadata({**(rows.schema.metadata or {}), _OF: _contents(run_file)})
    pq.write_table(kept, draft, compression="zstd", write_page_checksum=True)
    draft.replace(file)


def _contents(run_file: Path) -> bytes:
    """32 hex digits that stand for the conversations of a run file and their order."""
    digest = hashlib.blake2b(digest_size=16)
    for content_hash in pq.read_table(run_file, columns=["content_hash"])["content_hash"].to_pylist():
        digest.update(content_hash.encode())
    return digest.hexdigest().encode()


def _metadata(file: Path) -> dict[bytes, bytes]:
    """What a Parquet file says of itself; nothing where it can't be read."""
    try:
        return pq.read_metadata(file).metadata or {}
    except (OSError, pa.ArrowInvalid):
        return {}

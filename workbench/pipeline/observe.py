"""Observations beside the conversations that they are of: a Parquet file for each run file of a part.

A part is observed at the first build that misses them, and again where the program observes otherwise than it did; what
was observed of a run file is kept when the build is killed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from workbench.engine.engine import LOCAL, Engine
from workbench.errors import WorkbenchError
from workbench.evidence.columns import arrow_table, maker
from workbench.failures.signals import Observation, observe
from workbench.logs.files.parquet import python_values
from workbench.logs.parts import Part, read_manifest, read_run, run_files
from workbench.pipeline.beside import Beside, Report
from workbench.pipeline.job import Progress
from workbench.pipeline.source_version import source_version

REPORTED_EVERY = 500
"""Conversations between two reports of progress."""
OBSERVED_BY = (
    "conversation",
    "failures/signals/language.py",
    "failures/signals/observation.py",
    "logs/parts.py",
    "text",
)
"""The source files that decide what is observed."""


def latest_observations(
    parts: Sequence[Part], progress: Progress, engine: Engine = LOCAL
) -> dict[str, tuple[Part, Observation]]:
    """Every conversation once, by key, with the part that it is from: of several versions, the one of the latest part.

    Raises `WorkbenchError` where a part lacks conversations that its import kept.
    """
    for part in parts:
        files = run_files(part.folder)
        kept, there = read_manifest(part.folder).conversations, sum(pq.read_metadata(file).num_rows for file in files)
        if there < kept:
            raise WorkbenchError(
                f"The import {part.import_id} has lost conversations: {there:,} of {kept:,} are in {part.folder}. "
                "Restore a backup, or undo that import on the data page and import its files again."
            )
    beside = _observations()
    beside.make_missing(parts, _observe, progress, engine)
    latest: dict[str, tuple[Part, Observation]] = {}
    for part in parts:
        for file in run_files(part.folder):
            try:
                observations = list(_read(beside.file(file)))
            except (OSError, pa.ArrowInvalid):  # damaged: made again
                beside.file(file).unlink()
                beside.make_missing([part], _observe, progress, engine)
                observations = list(_read(beside.file(file)))
            for seen in observations:
                latest.pop(seen.key, None)  # the order is that of the versions that count
                latest[seen.key] = part, seen
    return latest


def observed_otherwise(parts: Sequence[Part]) -> list[str]:
    """The imports that another version of this program observed, so that they are observed again."""
    beside = _observations()
    return [
        part.import_id
        for part in parts
        if any(beside.file(file).exists() and not beside.stands(file) for file in run_files(part.folder))
    ]


def _observations() -> Beside:
    return Beside("observations", source_version(*OBSERVED_BY), "observe")


def _read(file: Path) -> Iterator[Observation]:
    table = pq.read_table(file, page_checksum_verification=True)
    make = maker(Observation, tuple(table.column_names))
    return map(make, zip(*(python_values(column.combine_chunks()) for column in table.columns), strict=True))


def _observe(run_file: Path, out: Path, metadata: Mapping[bytes, bytes], report: Report) -> None:
    observations = []
    for n, conversation in enumerate(read_run(run_file)):
        if n % REPORTED_EVERY == 0:
            report(n)
        observations.append(observe(conversation))
    table = arrow_table(Observation, observations).replace_schema_metadata(dict(metadata))
    pq.write_table(table, out, compression="zstd", write_page_checksum=True)

"""Observations beside the conversations that they are of: a Parquet file for each run file of a part.

A part is observed at the first build that misses them, and again where the program observes otherwise than it did; what
was observed of a run file is kept when the build is killed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from workbench.conversation import Conversation
from workbench.engine.engine import LOCAL, Engine
from workbench.errors import WorkbenchError
from workbench.evidence.columns import arrow_schema, arrow_table
from workbench.failures.signals import Observation, Observations, observe
from workbench.failures.signals.observations import Times
from workbench.logs.files.parquet import python_values
from workbench.logs.parts import ZSTD_LEVEL, Part, opened_run, read_manifest, read_run, run_files
from workbench.pipeline.beside import Beside, Report
from workbench.pipeline.job import Progress
from workbench.pipeline.source_version import source_version

REPORTED_EVERY = 500
"""Conversations between two reports of progress."""
OBSERVED_BY = (
    "conversation",
    "failures/signals/changes.py",
    "failures/signals/ids.py",
    "failures/signals/language.py",
    "failures/signals/observation.py",
    "logs/parts.py",
    "pipeline/observe.py",
    "text",
)
"""The source files that decide what is observed."""


_OF_THE_LOG = ["key", "content_hash", "bot", "user_id", "started_at", "ended_at", "feedback_score"]
"""What an observation has of its conversation as it is: read from the run file, and not kept twice."""
BEGINNINGS = "beginnings"
"""Kept only where they are not those of the run file, which know neither user nor start."""
_AS_OBSERVED = arrow_schema(Observation)


@dataclass(frozen=True, eq=False)
class ObservedBot:
    """The conversations of one bot, each once: of several versions that of the latest part."""

    seen: Observations
    """What they show, in the order in which the versions that count came in."""
    parts: Sequence[Part]
    """The part that each is from."""


def latest_observations(parts: Sequence[Part], progress: Progress, engine: Engine = LOCAL) -> dict[str, ObservedBot]:
    """What was observed, by bot, observing what was not yet.

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
    tables, origins = [_AS_OBSERVED.empty_table()], list[int]()
    for number, part in enumerate(parts):
        for file in run_files(part.folder):
            try:
                observed = _read(beside.file(file))
            except (OSError, pa.ArrowInvalid):  # damaged: made again
                beside.file(file).unlink()
                beside.make_missing([part], _observe, progress, engine)
                observed = _read(beside.file(file))
            tables.append(_with_the_log(observed, file))
            origins += [number] * tables[-1].num_rows
    table = pa.concat_tables(tables)
    # The order is that of the versions that count.
    last = {key: row for row, key in enumerate(table["key"].to_pylist())}
    counted = np.array(sorted(last.values()), np.int64)
    bots = table["bot"].combine_chunks().dictionary_encode()
    of_bot = bots.indices.to_numpy()[counted]
    by_bot = {}
    for place, bot in enumerate(bots.dictionary.to_pylist()):
        if len(rows := counted[of_bot == place]):
            by_bot[bot] = ObservedBot(_columns(table.take(rows)), [parts[origins[row]] for row in rows.tolist()])
    return by_bot


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


def _columns(table: pa.Table) -> Observations:
    columns = {name: table[name].combine_chunks() for name in table.column_names}

    def times(name: str) -> Times:
        moments: Times = columns[name].to_numpy(zero_copy_only=False).astype("datetime64[us]")
        return moments

    def numbers(name: str) -> Any:
        return columns[name].to_numpy(zero_copy_only=False)

    return Observations(
        keys=columns["key"].to_pylist(),
        content_hashes=columns["content_hash"].to_pylist(),
        users=columns["user_id"].to_pylist(),
        started_at=times("started_at"),
        ended_at=times("ended_at"),
        turns=numbers("turns"),
        waits=columns["waits"].to_pylist(),
        slowest=numbers("slowest"),
        feedback_scores=numbers("feedback_score"),
        has_documents=numbers("has_documents"),
        tools=python_values(columns["tools"]),
        sentences=columns["sentences"].to_pylist(),
        beginnings=columns["beginnings"].to_pylist(),
        before_last_reply=numbers("before_last_reply"),
        agreed=numbers("agreed"),
        unasked=numbers("unasked"),
        named=python_values(columns["named"]),
        shown=python_values(columns["shown"]),
        unsourced=python_values(columns["unsourced"]),
    )


def _read(file: Path) -> pa.Table:
    return pq.read_table(file, page_checksum_verification=True)


def _with_the_log(observed: pa.Table, run_file: Path) -> pa.Table:
    """What was observed of a run file, a row a conversation, with what that has of them itself."""
    names = [*_OF_THE_LOG, BEGINNINGS] if BEGINNINGS in pq.read_schema(run_file).names else _OF_THE_LOG
    with opened_run(run_file) as file:
        logged = file.read(names)
    columns = {name: logged[name] for name in _OF_THE_LOG} | {name: observed[name] for name in observed.column_names}
    if BEGINNINGS in names:
        columns[BEGINNINGS] = pc.coalesce(observed[BEGINNINGS], logged[BEGINNINGS])
    return pa.table({name: columns[name] for name in _AS_OBSERVED.names}).cast(_AS_OBSERVED)


class Observer:
    """Observes the conversations of an import while they are written, and writes down of each run file what it showed."""

    def __init__(self) -> None:
        self._observations: list[Observation] = []

    def see(self, conversation: Conversation) -> None:
        """Observe a conversation of the run file that is being written."""
        self._observations.append(observe(conversation))

    def close(self, run_file: Path) -> None:
        """Write down what the conversations of a run file showed."""

        def write(run_file: Path, out: Path, metadata: Mapping[bytes, bytes], report: Report) -> None:
            _write(self._observations, run_file, out, metadata)

        _observations().make(write, run_file)
        self._observations = []


def _observe(run_file: Path, out: Path, metadata: Mapping[bytes, bytes], report: Report) -> None:
    observations = []
    for n, conversation in enumerate(read_run(run_file)):
        if n % REPORTED_EVERY == 0:
            report(n)
        observations.append(observe(conversation))
    _write(observations, run_file, out, metadata)


def _write(observations: Sequence[Observation], run_file: Path, out: Path, metadata: Mapping[bytes, bytes]) -> None:
    table = arrow_table(Observation, observations).drop_columns(_OF_THE_LOG)
    if BEGINNINGS in pq.read_schema(run_file).names:
        logged = pq.read_table(run_file, columns=[BEGINNINGS])[BEGINNINGS]
        same = pc.fill_null(pc.equal(table[BEGINNINGS], logged), False)
        own = pc.if_else(same, pa.scalar(None, pa.binary()), table[BEGINNINGS])
        table = table.set_column(table.column_names.index(BEGINNINGS), BEGINNINGS, own)
    table = table.replace_schema_metadata(dict(metadata))
    pq.write_table(table, out, compression="zstd", compression_level=ZSTD_LEVEL, write_page_checksum=True)

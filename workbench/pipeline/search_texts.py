"""The texts that searches look through, made once beside each run file of a part."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import pyarrow.parquet as pq

from workbench.evidence.search_texts import NAME, write_search_texts
from workbench.logs.parts import Part, run_files
from workbench.pipeline.beside import Beside
from workbench.pipeline.job import Progress
from workbench.pipeline.source_version import source_version

MADE_BY = ("evidence/search_texts.py", "evidence/turns.py", "logs/parts.py", "text")
"""The source files that decide what they are."""


def make_search_texts(parts: Sequence[Part], progress: Progress) -> None:
    """Make the search texts of every run file that has none of this version."""
    beside = Beside(NAME, source_version(*MADE_BY))
    missing = [file for part in parts for file in run_files(part.folder) if not beside.stands(file)]
    sizes = [pq.read_metadata(file).num_rows for file in missing]
    for n, file in enumerate(missing):
        report = partial(_report, progress, sum(sizes[:n]), sum(sizes))
        beside.make(file, partial(write_search_texts, file, report))


def _report(progress: Progress, before: int, total: int, done: int) -> None:
    progress("search texts", before + done, total)

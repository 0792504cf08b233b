"""A build in this process, with a small encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.encoders import WordHashEncoder
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job


def build(store: Path, *paths: Path, **options: Any) -> dict[str, Any]:
    """One build in this process, with the tiny encoder."""
    job = Job(store=str(store), paths=[str(path) for path in paths], actor="tests", **options)
    return Build(job, lambda stage, done, total: None, WordHashEncoder()).run()

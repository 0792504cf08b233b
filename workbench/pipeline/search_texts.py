"""The texts that searches look through, made once beside each run file of a part."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.engine.engine import LOCAL, Engine
from workbench.evidence.search_texts import NAME, write_search_texts
from workbench.logs.parts import Part
from workbench.pipeline.beside import Beside
from workbench.pipeline.job import Progress
from workbench.pipeline.source_version import source_version

MADE_BY = ("evidence/search_texts.py", "evidence/turns.py", "logs/parts.py", "text")
"""The source files that decide what they are."""


def make_search_texts(parts: Sequence[Part], progress: Progress, engine: Engine = LOCAL) -> None:
    """Make the search texts of every run file that has none of this version."""
    Beside(NAME, source_version(*MADE_BY), "search texts").make_missing(parts, write_search_texts, progress, engine)

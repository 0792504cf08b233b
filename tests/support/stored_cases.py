"""Cases of a test as a build keeps them."""

from __future__ import annotations

from collections.abc import Sequence

from workbench.evidence.columns import arrow_table
from workbench.failures.case import Case
from workbench.pipeline.judged_records import JudgedRecord, record_of
from workbench.pipeline.stored_cases import StoredCases


def stored(cases: Sequence[Case]) -> StoredCases:
    """The same cases over columns."""
    return StoredCases(arrow_table(JudgedRecord, [record_of(case.depends_on, case) for case in cases]))

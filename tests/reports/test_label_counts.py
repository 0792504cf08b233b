"""Labels counted by cause, severity, bot and week, with the share of reading behind them."""

from __future__ import annotations

from typing import Any

from tests.support.rows import FAILURE
from workbench.bench.failure_rows import LabelRow
from workbench.reports.label_counts import LabelCount, LabelFilter, by_severity, by_week, severities, weeks


def label(**parts: Any) -> LabelRow:
    return LabelRow(**vars(FAILURE) | {"root_cause": "loop", "severity": "S2", "labelled_by": "Ann"} | parts)


OWN = label(said_of="conversation", week="2025-W30")
READ = label(said_of="cluster", read_by=["Bo"])
INHERITED = label(said_of="cluster", severity=None)
NOT_A_BUG = label(said_of="cluster", root_cause=None, disposition="not-a-bug", labelled_by="Bo", bot="retail")


def test_a_cause_is_counted_by_severity_with_what_somebody_read() -> None:
    counts = by_severity([OWN, READ, INHERITED, NOT_A_BUG])
    assert counts == [
        LabelCount("loop", "", 3, 2, {"S2": 2, "none": 1}),
        LabelCount("not-a-bug", "", 1, 0, {"S2": 1}),
    ]
    assert severities(counts) == ["S1", "S2", "S3", "S4", "none"]


def test_a_cause_is_counted_by_bot_and_week() -> None:
    counts = by_week([OWN, READ, INHERITED, NOT_A_BUG, label(week=None, bot="retail")])
    assert counts == [
        LabelCount("loop", "airline", 3, 2, {"2025-W30": 1, "2025-W31": 2}),
        LabelCount("loop", "retail", 1, 0, {"no time": 1}),
        LabelCount("not-a-bug", "retail", 1, 0, {"2025-W31": 1}),
    ]
    assert weeks(counts) == ["2025-W30", "2025-W31", "no time"]


def test_labels_are_narrowed_by_cause_severity_and_who_said_it() -> None:
    rows = [OWN, READ, INHERITED, NOT_A_BUG]
    assert list(filter(LabelFilter(cause=("not-a-bug",)).passes, rows)) == [NOT_A_BUG]
    assert list(filter(LabelFilter(severity=("S2",), person=("Ann",)).passes, rows)) == [OWN, READ]
    assert list(filter(LabelFilter().passes, rows)) == rows

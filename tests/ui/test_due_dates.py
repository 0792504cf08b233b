"""The due dates that a session offers."""

from datetime import date

from workbench.ui.triage.keys import due_dates


def test_nothing_is_due_at_a_weekend() -> None:
    saturday, sunday, monday = date(2026, 11, 28), date(2026, 11, 29), date(2026, 11, 30)
    assert due_dates(saturday) == [date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 28), None]
    assert due_dates(sunday) == due_dates(saturday)
    assert due_dates(monday) == [date(2026, 12, 7), date(2026, 12, 14), date(2026, 12, 28), None]

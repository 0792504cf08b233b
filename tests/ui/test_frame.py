"""The frame around every page."""

import pytest

from workbench.ui.frame import page_title


@pytest.mark.parametrize(
    ("page", "query", "title"),
    [
        ("Health", {}, "Health · Triage Workbench"),
        ("Cluster", {"c": "FC-0007"}, "FC-0007 · Cluster · Triage Workbench"),
        ("Session", {"s": "TS-0001", "n": "2"}, "TS-0001 · Session · Triage Workbench"),
        ("Ticket", {"t": "buy now"}, "Ticket · Triage Workbench"),
    ],
)
def test_a_tab_names_the_thing_in_the_address_then_the_page(page: str, query: dict[str, str], title: str) -> None:
    assert page_title(page, query) == title

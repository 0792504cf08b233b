"""The bar: what stands in it, in which menu, and what it marks."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import open_from_bar

pytestmark = pytest.mark.browser
MENUS = {
    "Explore": ["Search", "Silent harm", "Health", "Bots", "Readiness", "Releases"],
    "Review": ["Read", "Labels", "Agreement"],
    "Set up": ["Data", "Signals", "Taxonomy", "Activity"],
}


def test_the_bar_holds_every_page_in_its_place_and_marks_the_one_that_is_open(
    page: Page, served: str, settled: Callable[[Page], None]
) -> None:
    bar = page.get_by_test_id("stTopNav")
    links = bar.get_by_role("link")
    marked = bar.locator("[aria-current=page]")
    weight = "menu => Number(getComputedStyle(menu).fontWeight)"
    for home in ("", "/clusters"):
        page.goto(served + home)
        settled(page)
        expect(links).to_have_text(["This week", "Clusters", "Sessions", "Tickets"])
        expect(marked).to_have_text(["Clusters"])
    expect(bar.get_by_role("button")).to_have_text(list(MENUS))
    for menu, titles in MENUS.items():
        bar.get_by_role("button", name=menu).click()
        expect(page.get_by_role("menuitem")).to_have_text(titles)
        page.keyboard.press("Escape")
        expect(page.get_by_role("menuitem")).to_have_count(0)
    open_from_bar(page, "Health", "Explore")
    page.wait_for_url("**/health")
    settled(page)
    expect(marked).to_have_count(0)
    assert [menu.evaluate(weight) for menu in bar.get_by_role("button").all()] == [600, 400, 400]
    open_from_bar(page, "Tickets")
    page.wait_for_url("**/tickets")
    expect(marked).to_have_text(["Tickets"])

"""A cluster is merged into another on its page; the page applies it, follows it, and it is undone there."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import serving
from workbench.bench.bench import Bench
from workbench.store import Store

pytestmark = pytest.mark.browser


@pytest.mark.slow
def test_a_merge_stands_in_seconds_leads_on_and_is_undone(
    page: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    one, two = [row.cluster for row in Bench(store).clusters()][:2]
    with serving(store) as address:
        page.goto(f"{address}/cluster?c={one}")
        settled(page)
        page.get_by_label("Your name").fill("Ana")
        page.get_by_role("button", name="Start").click()
        settled(page)
        page.get_by_text("Change this cluster by hand").click()
        page.get_by_text("Merge", exact=True).first.click()
        page.get_by_label("Into").click()
        page.get_by_role("option").filter(has_text=two).click()
        settled(page)
        page.locator(f".st-key-hand_do_{one} button").click()
        expect(page.get_by_role("heading", name=f"{one} is no more")).to_be_visible(timeout=40_000)
        expect(page.get_by_text(f"merged into {two}, by Ana").first).to_be_visible()
        # applied, too: an undo that comes while the merge is being built is followed by that build
        expect(page.locator(".st-key-applying")).to_have_count(0, timeout=40_000)

        page.get_by_text("History of this cluster").click()
        page.get_by_role("button", name="Undo").click()
        # what only a standing cluster's page has: the heading above also goes while the page draws itself anew
        expect(page.get_by_text("Change this cluster by hand")).to_be_visible(timeout=40_000)
        expect(page.locator(".st-key-applying")).to_have_count(0)
    assert one in {row.cluster for row in Bench(store).clusters()}

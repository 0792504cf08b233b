"""Walking a table by keys."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import click_row
from workbench.bench.bench import Bench
from workbench.store import Store

pytestmark = pytest.mark.browser


def test_the_arrows_walk_the_ranked_list_and_enter_opens_where_they_went(
    page: Page, built_store: Store, served: str, settled: Callable[[Page], None]
) -> None:
    order = [row.cluster for row in Bench(built_store).clusters()]
    page.goto(f"{served}/clusters")
    settled(page)
    page.get_by_test_id("stDataFrame").first.locator("canvas").first.focus()
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(1000)
    settled(page)
    page.keyboard.press("ArrowDown")
    page.wait_for_timeout(1000)
    settled(page)
    expect(page).to_have_url(f"{served}/clusters")
    page.keyboard.press("Enter")
    page.wait_for_url("**/cluster?c=*")
    assert page.url.endswith(order[2])
    page.go_back()
    settled(page)
    click_row(page, 1)
    page.wait_for_url(f"**/cluster?c={order[1]}")

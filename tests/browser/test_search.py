"""Searching in a real browser: typed, opened at its turn, gone back to; hostile text; the model only where it is needed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import click_row, serving, serving_fork
from tests.support.hostile_log import hostile_log
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.bench.search import search
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store

pytestmark = pytest.mark.browser


def test_from_typing_to_the_turn_and_back_without_the_model(
    page: Page, built_store: Store, settled: Callable[[Page], None]
) -> None:
    hit = search(Bench(built_store), '"on its way"').rows[1]
    with serving_fork(built_store) as (address, process):
        page.goto(f"{address}/search")
        settled(page)
        page.get_by_label("Search", exact=True).type('"on its way"', delay=20)
        page.wait_for_url("**/search?q=%22on+its+way%22")
        settled(page)
        expect(page.get_by_text("newest first")).to_be_visible()

        click_row(page, 1)
        page.wait_for_url(f"**/conversation?k={hit.key}&turn={hit.turn}")
        settled(page)
        expect(page.get_by_text("Your refund is on its way.").first).to_be_in_viewport()

        page.get_by_role("button", name="More conversations like this").click()
        page.wait_for_url(f"**/search?like={hit.key}")
        settled(page)
        expect(page.get_by_text("nearest in meaning")).to_be_visible()
        page.get_by_role("button", name="Back to the conversation").click()
        page.wait_for_url(f"**/conversation?k={hit.key}")
        assert "torch" not in Path(f"/proc/{process.pid}/maps").read_text()


def test_by_meaning_the_page_says_what_takes_the_seconds(
    page: Page, built_store: Store, settled: Callable[[Page], None]
) -> None:
    with serving(built_store) as address:
        page.goto(f"{address}/search?q=my+package+did+not+come&by=meaning")
        expect(page.get_by_text("Loading the language model")).to_be_visible(timeout=20_000)
        expect(page.get_by_text("nearest in meaning")).to_be_visible(timeout=60_000)


@pytest.mark.slow
def test_hostile_text_that_a_search_finds_stays_text(
    page: Page, tmp_path: Path, settled: Callable[[Page], None]
) -> None:
    log = write_chat(tmp_path / "hostile.parquet", hostile_log()[:14])
    run(Job(store=str(tmp_path / "s"), paths=[str(log)], actor="tests"))
    store = Store(tmp_path / "s")
    dialogs: list[str] = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss())[0])
    likes = [row.key for row in search(Bench(store), "please").rows[:3]]
    with serving(store) as address:
        for path in ("?q=collector", "?q=%3Cscript%3E", *(f"?like={key}" for key in likes)):
            page.goto(f"{address}/search{path}")
            settled(page)
            main = page.get_by_test_id("stMain")
            expect(main.get_by_test_id("stDataFrame")).to_be_visible()
            assert main.locator("img, script, iframe, table:not([role=grid])").count() == 0, path
            assert main.locator("a[href*='collector'], a[href^='javascript'], a[href^='data']").count() == 0, path
        page.goto(f"{address}/search?q=collector")
        settled(page)
        for name in ("Bot", "Release", "Said by"):
            page.get_by_label(name, exact=True).click()
            expect(page.get_by_role("option").first).to_be_visible()
            assert page.get_by_role("listbox").locator("img, script, a").count() == 0
            page.keyboard.press("Escape")
    assert dialogs == []

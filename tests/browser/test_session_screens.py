"""A triage session on several screens: they stay together, and who comes late joins it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import introduce, serving
from tests.support.walk import addresses
from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.store import Store

pytestmark = pytest.mark.browser


def test_open_screens_follow_and_a_latecomer_joins(
    chromium: Browser, store: Store, settled: Callable[[Page], None]
) -> None:
    bench = Bench(store, actor="Ana")
    agenda = [AgendaItem(cluster, "why") for cluster in ("FC-0001", "FC-0002", "FC-0003")]
    bench.judgement.sessions.create("Triage", agenda, actor="Ana")
    contexts = [chromium.new_context(viewport={"width": 1440, "height": 900}) for _ in range(3)]
    host, guest, late = (context.new_page() for context in contexts)
    with serving(store) as address:
        for page in (host, guest):
            page.goto(f"{address}/session?s=TS-0001&n=1")
            settled(page)
        host.get_by_label("Your name").fill("Ana")
        host.keyboard.press("Enter")
        expect(host.get_by_text("Working as Ana")).to_be_visible(timeout=15_000)
        settled(host)
        host.keyboard.press("j")
        host.wait_for_url("**/session?s=TS-0001&n=2")
        guest.wait_for_url("**/session?s=TS-0001&n=2", timeout=15_000)
        settled(host)
        host.keyboard.press("x")
        expect(host.locator(".st-key-room_palette")).to_be_visible(timeout=15_000)
        host.keyboard.press("1")
        expect(guest.locator(".st-key-room_decisions")).to_contain_text("Not a bug", timeout=20_000)

        late.goto(f"{address}/sessions")
        settled(late)
        expect(late.get_by_text("Running now: TS-0001 Triage, item 2 of 3")).to_be_visible(timeout=15_000)
        late.get_by_role("button", name="Join").click()
        late.wait_for_url("**/session?s=TS-0001&n=2", timeout=15_000)
    for context in contexts:
        context.close()


SMALLER = """least => {
  const small = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.textContent.trim(), element = walk.currentNode.parentElement;
    const box = element.getBoundingClientRect();
    const hidden = !element.checkVisibility({opacityProperty: true, visibilityProperty: true}) || box.width < 2;
    const size = parseFloat(getComputedStyle(element).fontSize);
    if (text && !hidden && !["STYLE", "SCRIPT", "NOSCRIPT", "TITLE"].includes(element.tagName) && size < least - 0.01)
      small.push(`${size} px: ${text.slice(0, 40)} (${element.tagName} in ${element.closest("[data-testid]")?.dataset.testid})`);
  }
  return [...new Set(small)];
}"""
"""Texts on screen in type below a size, in CSS pixels."""
CUT = """selectors => selectors.filter(selector => {
  const box = document.querySelector(selector)?.getBoundingClientRect();
  return !box || box.top < 0 || box.bottom > innerHeight + 1;
})"""
"""Which of the selectors show nothing, or something that is not on screen as a whole."""
MAIN = ["h1", ".st-key-why", ".st-key-room_asked", ".st-key-room_rate", ".st-key-room_decisions", ".st-key-room_keys"]


@pytest.mark.slow
def test_a_session_reads_from_four_metres_and_fits_a_small_screen(
    chromium: Browser, worked_store: Store, settled: Callable[[Page], None], tmp_path: Path
) -> None:
    shutil.copytree(worked_store.root, tmp_path / "store")
    pages = addresses(Store(tmp_path / "store"))
    context = chromium.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    small: dict[str, list[str]] = {}
    with serving(Store(tmp_path / "store")) as address:
        page.goto(address + pages["session"])
        settled(page)
        introduce(page, settled)
        for name in ("session", "session-promises", "session-minutes"):
            page.goto(address + pages[name])
            settled(page)
            small[name] = page.evaluate(SMALLER, 20)
        page.goto(address + pages["session"])
        settled(page)
        for key, brings in (
            ("a", ".st-key-room_palette"),
            ("1", ".st-key-room_exchange"),
            ("e", "[role=dialog]"),
            ("?", "dialog[open]"),
        ):
            page.keyboard.press(key)
            expect(page.locator(brings)).to_be_visible()
            settled(page)
            small[f"session, {key}"] = page.evaluate(SMALLER, 20)
            page.keyboard.press("Escape")
            expect(page.locator(brings)).to_have_count(0)
            settled(page)
        page.set_viewport_size({"width": 1280, "height": 720})
        settled(page)
        cut = page.evaluate(CUT, MAIN)
    context.close()
    assert {name: texts for name, texts in small.items() if texts} == {}
    assert cut == []

"""A triage session on several screens: they stay together, and who comes late joins it."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import serving
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
        expect(guest.locator(".st-key-room_decisions")).to_contain_text("not-a-bug", timeout=20_000)

        late.goto(f"{address}/sessions")
        settled(late)
        expect(late.get_by_text("Running now: TS-0001 Triage, item 2 of 3")).to_be_visible(timeout=15_000)
        late.get_by_role("button", name="Join").click()
        late.wait_for_url("**/session?s=TS-0001&n=2", timeout=15_000)
    for context in contexts:
        context.close()

"""Ten conversations read by keyboard alone, with a reload in the middle, and the time that a step takes."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import serving
from workbench.bench.bench import Bench
from workbench.review import reading_lists
from workbench.store import Store

pytestmark = pytest.mark.browser

NOTE = "The first thing that went wrong"
STEP = 2.0
"""Seconds from a key to the next conversation, at most: a busy machine included (0.1–0.3 s on one that is not)."""


class Reader:
    """Who reads by keys; each waits for what it brings up, and no more."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.slowest = 0.0

    def press(self, key: str, brings: str) -> None:
        began = time.monotonic()
        self.page.keyboard.press(key)
        expect(self.page.get_by_text(brings).first).to_be_visible(timeout=15_000)
        self.page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]")
        self.slowest = max(self.slowest, time.monotonic() - began)

    def note(self, text: str) -> None:
        expect(self.page.get_by_role("textbox", name=NOTE)).to_be_focused()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)


def test_ten_are_read_by_keyboard(page: Page, store: Store, settled: Callable[[Page], None]) -> None:
    bench = Bench(store, actor="Ana")
    listed = reading_lists.start(bench, "mixed", 10)
    assert listed.items[4].source == "cluster"
    fifth = bench.conversation(listed.items[4].key)
    before = max(first for first in fifth.folds.firsts if first < fifth.candidates[0].position)
    reader = Reader(page)
    with serving(store) as address:
        page.goto(f"{address}/read")
        settled(page)
        page.get_by_label("Your name").focus()
        page.keyboard.type("Ana")
        reader.press("Enter", "Go on with RD-0001: 0 of 10 read")
        page.goto(f"{address}/read?d=RD-0001")
        settled(page)
        reader.slowest = 0.0

        for place in (2, 3):
            reader.press("f", f"RD-0001 · {place} of 10 · {place - 1} read")
        reader.press("t", "RD-0001 · 4 of 10 · 3 read")
        reader.press("x", NOTE)
        reader.note("lost the date, 1 of 2")
        reader.press("Enter", "RD-0001 · 5 of 10 · 4 read")
        reader.press("u", "RD-0001 · 4 of 10 · 4 read")
        reader.press("n", NOTE)
        reader.note("lost the date")
        reader.press("Enter", "RD-0001 · 5 of 10 · 4 read")

        page.reload()
        settled(page)
        expect(page.get_by_text("RD-0001 · 5 of 10 · 4 read")).to_be_visible()
        reader.press("1", "read by Ana: failed")
        reader.press("ArrowUp", f"turn {before} · ")
        reader.press("j", "RD-0001 · 6 of 10 · 5 read")
        for place in range(7, 11):
            reader.press("f", f"RD-0001 · {place} of 10 · {place - 1} read")
        reader.press("f", "10 of 10 read by you: 7 fine, 2 failed, 1 can't tell.")

    verdicts = bench.judgement.verdicts.all()
    said = [verdicts[item.key][0] for item in listed.items]
    assert [one.verdict for one in said] == ["fine", "fine", "unsure", "failed", "failed"] + ["fine"] * 5
    assert [one.note for one in said if one.note] == ["lost the date"]
    assert said[4].failing_turn == before
    assert reader.slowest < STEP

"""Keys pressed faster than the page redraws."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import introduce, serving
from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.review import reading_lists
from workbench.store import Store

pytestmark = pytest.mark.browser


def test_no_press_is_lost_while_a_session_redraws(page: Page, store: Store, settled: Callable[[Page], None]) -> None:
    bench = Bench(store, actor="Ana")
    agenda = [AgendaItem(cluster) for cluster in ("FC-0001", "FC-0002", "FC-0003")]
    bench.judgement.sessions.create("Triage", agenda, actor="Ana")
    with serving(store) as address:
        page.goto(f"{address}/session?s=TS-0001&n=1")
        settled(page)
        introduce(page, settled)
        for key in "a6s1t2jx1js3":
            page.keyboard.press(key)
        expect(page.locator(".st-key-room_decisions:has-text('S3 left unserved')")).to_be_visible(timeout=60_000)
    decisions = bench.judgement.sessions.decisions("TS-0001").values()
    assert sorted((each.cluster, each.cause, each.severity, each.ticket, each.disposition) for each in decisions) == [
        ("FC-0001", "wrong-tool-call", "S1", "FIX-0001", None),
        ("FC-0002", None, None, None, "not-a-bug"),
        ("FC-0003", None, "S3", None, None),
    ]


def test_keys_that_overlap_as_in_quick_typing_count_each(
    page: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    bench = Bench(store, actor="Ana")
    listed = reading_lists.start(bench, "mixed", 4)
    with serving(store) as address:
        page.goto(f"{address}/read?d={listed.draw.draw}")
        settled(page)
        introduce(page, settled)
        page.keyboard.down("f")
        page.keyboard.down("t")
        page.keyboard.up("f")
        page.keyboard.up("t")
        expect(page.get_by_text("3 of 4 · 2 read")).to_be_visible()
    assert [bench.judgement.verdicts.all()[item.key][0].verdict for item in listed.items[:2]] == ["fine", "unsure"]


def test_what_is_typed_before_the_field_is_there_lands_in_it(
    page: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    listed = reading_lists.start(Bench(store, actor="Ana"), "mixed", 4)
    with serving(store) as address:
        page.goto(f"{address}/read?d={listed.draw.draw}")
        settled(page)
        introduce(page, settled)
        page.keyboard.press("x")
        page.keyboard.type("fJ lost 2 dates")
        expect(page.get_by_role("textbox", name="The first thing that went wrong")).to_have_value("fJ lost 2 dates")
        expect(page.get_by_text("1 of 4 · ")).to_be_visible()

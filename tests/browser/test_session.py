"""A triage session of three clusters on a shared screen, decided by keyboard alone and reloaded in the middle."""

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.browser import serving
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.triage import agenda
from workbench.triage import minutes as triage_minutes
from workbench.ui.triage.keys import due_dates

pytestmark = pytest.mark.browser


COLUMNS = "[data-testid=stColumn]:has(.st-key-room_decisions), [data-testid=stColumn]:has(~ * .st-key-room_decisions)"

HIDDEN = "boxes => boxes.map(box => box.scrollHeight - box.clientHeight)"


@pytest.fixture
def room(chromium: Browser) -> Iterator[Page]:
    """The shared screen."""
    context = chromium.new_context(viewport={"width": 1920, "height": 1080}, accept_downloads=True)
    yield context.new_page()
    context.close()


class Keyboard:
    """The session by keys. Each waits for what it brings up: a key that comes before its screen means something else."""

    def __init__(self, page: Page, settled: Callable[[Page], None]) -> None:
        self.page, self.settled = page, settled

    def press(self, key: str, brings: str) -> None:
        self.page.keyboard.press(key)
        expect(self.page.locator(brings)).to_be_visible(timeout=15_000)
        self.settled(self.page)

    def choose(self, list_key: str, choice: str, decided: str) -> None:
        """Open a list, check that it fits, choose."""
        self.press(list_key, ".st-key-room_palette")
        assert_fits(self.page)
        self.press(choice, f".st-key-room_decisions:has-text('{decided}')")

    def fill(self, field: str, text: str, keep: str) -> None:
        """Type into the field that is open."""
        self.page.keyboard.press("Tab")
        expect(self.page.get_by_role("textbox", name=field)).to_be_focused()
        self.page.keyboard.type(text)
        self.press(keep, f".st-key-room_decisions:has-text('{text}')")

    def look_at_example(self, key: str, close: str) -> None:
        self.press(key, ".st-key-room_exchange")
        assert_fits(self.page)
        self.press(close, ".st-key-room_asked")

    def go(self, key: str, n: int) -> None:
        self.page.keyboard.press(key)
        self.page.wait_for_url(f"**/session?s=TS-0001&n={n}")
        self.settled(self.page)
        assert_fits(self.page)


def assert_fits(page: Page) -> None:
    """Nothing of the main thing needs a scroll, once it stands as it is to stay."""
    for _ in range(20):
        hidden = page.locator(f"[data-testid=stMain], {COLUMNS}").evaluate_all(HIDDEN)
        if max(hidden) <= 0:
            return
        page.wait_for_timeout(250)
    raise AssertionError(f"{hidden} px of the page and its columns are hidden")


def test_three_clusters_decided_by_keyboard_alone(room: Page, store: Store, settled: Callable[[Page], None]) -> None:
    keyboard, bench = Keyboard(room, settled), Bench(store)
    due = due_dates(datetime.now(UTC).date())[1]
    with serving(store) as address:
        room.goto(f"{address}/sessions?a=FC-0001.FC-0002.FC-0003")
        settled(room)
        room.get_by_label("Your name").focus()
        room.keyboard.type("Ana")
        keyboard.press("Enter", "text=Working as Ana")
        keyboard.go("s", 1)

        keyboard.choose("a", "6", "Wrong tool call")
        keyboard.choose("s", "1", "S1 acted wrongly on the world")
        keyboard.press("o", ".st-key-room_palette")
        keyboard.press("0", "[role=dialog]")
        keyboard.fill("Name", "Bert 7 J", "Enter")
        keyboard.choose("t", "2", "FIX-0001")
        for example in "123":
            keyboard.look_at_example(example, close=example)
        keyboard.look_at_example("1", close="Escape")
        keyboard.go("j", 2)

        keyboard.choose("x", "1", "Not a bug")
        keyboard.press("e", "[role=dialog]")
        keyboard.fill("Note", "the shop refunds 1 week later", "Control+Enter")
        room.reload()
        settled(room)
        decided = room.locator(".st-key-room_decisions")
        expect(decided).to_contain_text("Not a bug")
        expect(decided).to_contain_text("the shop refunds 1 week later")
        assert_fits(room)

        keyboard.go("j", 3)
        keyboard.choose("s", "3", "S3 left unserved")
        keyboard.press("p", "text=in all · paused")
        keyboard.go("j", 4)
        with room.expect_download() as download:
            room.keyboard.press("d")
        minutes = Path(download.value.path()).read_text("utf-8")
        keyboard.press("q", "text=Closed: nothing changes any more.")

    said = [
        (one.cluster, one.cause, one.severity, one.disposition, one.owner, one.ticket, one.due, one.note, one.by)
        for one in bench.judgement.sessions.decisions("TS-0001").values()
    ]
    assert sorted(said) == [
        ("FC-0001", "wrong-tool-call", "S1", None, "Bert 7 J", "FIX-0001", due, "", "Ana"),
        ("FC-0002", None, None, "not-a-bug", None, None, None, "the shop refunds 1 week later", "Ana"),
        ("FC-0003", None, "S3", None, None, None, None, "", "Ana"),
    ]
    session = bench.judgement.sessions.get("TS-0001")
    assert session.status == "closed"
    assert minutes == triage_minutes.minutes(bench, session)
    assert minutes.endswith("## What stays open\n\n- FC-0003: no root cause, no owner, no ticket\n")


def test_the_clock_runs_by_itself_and_a_reload_keeps_it(
    room: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    bench = Bench(store, actor="Ana")
    bench.judgement.sessions.create("Triage", agenda.agenda(bench), actor="Ana")
    with serving(store) as address:
        room.goto(f"{address}/session?s=TS-0001&n=1")
        settled(room)
        clock = room.locator(".st-key-room_clock")
        expect(clock).to_have_text(re.compile(r"0:0[3-9] on this · 0:0[3-9] in all"), timeout=15_000)
        room.reload()
        settled(room)
        expect(clock).to_have_text(re.compile(r"0:(0[3-9]|[1-5]\d) on this · 0:(0[3-9]|[1-5]\d) in all"), timeout=1_000)

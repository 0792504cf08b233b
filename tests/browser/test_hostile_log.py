"""A hostile log and hostile addresses, on every page: nothing runs, nothing is fetched, nothing breaks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.support.beacon import Beacon, beacon
from tests.support.browser import serving
from tests.support.builds import build
from tests.support.hostile_log import hostile_log, traps
from tests.support.paths import ROOT
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.review import blind_rounds, reading_lists
from workbench.store import Store
from workbench.tickets import tickets
from workbench.triage import agenda
from workbench.triage import session as triage

pytestmark = pytest.mark.browser

PAGES = sorted(page.stem for page in (ROOT / "pages").glob("*.py"))


def parameters() -> list[str]:
    """Every part of an address that some page reads: by name, or as the key of a widget that is bound to it."""
    names: set[str] = set()
    for file in [*(ROOT / "pages").glob("*.py"), *(ROOT / "workbench" / "ui").rglob("*.py")]:
        source = file.read_text("utf-8")
        names |= set(re.findall(r"query_params(?:\.get\(|\.pop\(|\[)\"(\w+)\"", source))
        names |= set(re.findall(r"\"(\w+)\" in st\.query_params", source))
        if 'bind="query-params"' in source:
            names |= set(re.findall(r"key=\"(\w+)\"", source))
    return sorted(names | {"bot", "release", "signal", "theme", "status", "week", "r", "r2"})


@dataclass(frozen=True)
class Hostile:
    """A store full of traps, and what they would reach."""

    store: Store
    beacon: Beacon
    ids: dict[str, dict[str, str]]
    """For pages that show a single thing: the parameter and its id."""
    longest: str
    """The key of the conversation with the longest word."""
    conversations: list[str]
    """Keys of conversations with each of the traps."""


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hostile]:
    folder = tmp_path_factory.mktemp("hostile")
    with beacon() as noted:
        texts = traps(noted.address)
        log = write_chat(folder / "<img src=x onerror=alert(7)>.parquet", hostile_log(noted.address))
        build(folder / "store", log)
        store = Store(folder / "store")
        bench = Bench(store, "[Mallory](javascript:alert(5))")
        cluster = bench.clusters()[0].cluster
        bench.label(cluster, cause="loop", note=texts[1])
        kept = tickets.create(bench, replace(tickets.draft(bench, [cluster]), title=texts[1], owner=texts[0]))
        session = bench.judgement.sessions.create(texts[2], agenda.agenda(bench), actor=bench.actor)
        triage.decide(bench, session.session, session.agenda[0].cluster, owner=texts[0], note=texts[3])
        bench.pod.remember(texts[0])
        bench.pod.save_view(texts[0][:60], {"bot": [texts[0]]})
        bench.causes.add("trapped", title=texts[0], meaning=texts[1])
        members = sorted(bench.points(), key=lambda member: member.conversation_id)
        reading = reading_lists.start(bench, "random", 3, seed=1)
        round = blind_rounds.start(bench, texts[0], [members[0].key, members[1].key])
        length = {member.key: sum(len(t.content) for t in bench.transcript(member.key)[0].turns) for member in members}
        ids = {
            "cluster": {"c": cluster},
            "conversation": {"k": members[0].key},
            "ticket": {"t": kept.ticket, "edit": "1"},
            "session": {"s": session.session, "n": "1", "e": "1"},
            "read": {"d": reading.draw.draw},
            "agreement": {"r": round.round},
        }
        bench.close()
        longest = max(length, key=lambda key: length[key])
        yield Hostile(store, noted, ids, longest, [member.key for member in members[:7]])
    assert noted.asked == []


def addresses(hostile: Hostile) -> Iterator[str]:
    """Every page with a trap in each parameter; those of a single thing also with its id and a trap in all others."""
    texts = traps(hostile.beacon.address)
    trapped = {name: texts[place % 3] for place, name in enumerate(parameters())}
    for page in PAGES:
        yield f"/{page}?{urlencode(trapped)}"
    numbers = dict.fromkeys(("n", "e", "turn", "before"), "9" * 25)
    for page, ids in hostile.ids.items():
        yield f"/{page}?{urlencode(trapped | ids | numbers)}"
    yield f"/session?{urlencode(hostile.ids['session'])}"
    yield f"/session?{urlencode(hostile.ids['session'] | {'n': '9' * 5_000})}"
    for key in hostile.conversations:
        yield f"/conversation?k={key}"
    yield f"/search?{urlencode({'q': 'please help'})}"
    yield f"/ticket?t={hostile.ids['ticket']['t']}"
    yield f"/conversation?k={hostile.longest}"


def test_every_page_shows_hostile_text_as_text(page: Page, hostile: Hostile, settled: Callable[[Page], None]) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    reaching = f"a[href*='{hostile.beacon.address}'], a[href^='javascript'], a[href^='data:']"
    with serving(hostile.store) as address:
        for path in addresses(hostile):
            page.goto(address + path)
            settled(page)
            main = page.get_by_test_id("stApp")
            assert main.locator(reaching).evaluate_all("links => links.map(link => link.outerHTML)") == [], path
            assert page.get_by_test_id("stMain").locator("img, script, iframe, table:not([role=grid])").count() == 0, (
                path
            )
            assert page.get_by_text("failed on our side").count() == 0, path
        page.goto(address)
        settled(page)
        page.get_by_role("tab", name="Map").click()
        settled(page)
        for name in ("Bot", "Release", "Signal"):
            page.get_by_label(name, exact=True).click()
            expect(page.get_by_role("option").first).to_be_visible()
            assert page.get_by_role("listbox").locator("img, script, a").count() == 0
            page.keyboard.press("Escape")
    assert (dialogs, hostile.beacon.asked) == ([], [])

"""A hostile log, opened on every page: nothing runs, nothing is fetched, nothing breaks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

import pytest
from playwright.sync_api import Dialog, Page, expect

from tests.support.browser import serving
from tests.support.hostile_log import TRAPS, hostile_log
from tests.support.small_log import write_chat
from workbench.bench.bench import Bench
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store
from workbench.tickets import tickets
from workbench.triage import agenda
from workbench.triage import session as triage

pytestmark = pytest.mark.browser

NOWHERE = "/cluster?c=%3Cscript%3Ealert(6)%3C/script%3E![x](http://collector.invalid/a.png)"


@pytest.fixture(scope="module")
def hostile_store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("hostile")
    log = write_chat(folder / "<img src=x onerror=alert(7)>.parquet", hostile_log())
    run(Job(store=str(folder / "store"), paths=[str(log)], actor="tests"))
    return Store(folder / "store")


def test_every_page_shows_hostile_text_as_text(
    page: Page, hostile_store: Store, settled: Callable[[Page], None]
) -> None:
    dialogs: list[str] = []

    def dismiss(dialog: Dialog) -> None:
        dialogs.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", dismiss)
    bench = Bench(hostile_store, "[Mallory](javascript:alert(5))")
    clusters = bench.clusters()
    bench.label(clusters[0].cluster, cause="loop", note=TRAPS[1])
    kept = tickets.create(bench, replace(tickets.draft(bench, [clusters[0].cluster]), title=TRAPS[1], owner=TRAPS[0]))
    session = bench.judgement.sessions.create(TRAPS[2], agenda.agenda(bench), actor=bench.actor)
    triage.decide(bench, session.session, session.agenda[0].cluster, owner=TRAPS[0], note=TRAPS[3])
    members = bench.points()
    longest = max(
        members, key=lambda member: sum(len(t.content) for t in bench.conversation(member.key).conversation.turns)
    )
    paths = [
        "/",
        "/labels",
        "/tickets",
        "/tickets?view=Table",
        f"/ticket?t={kept.ticket}",
        f"/ticket?t={kept.ticket}&edit=1",
        f"/ticket?c={clusters[-1].cluster}",
        "/sessions",
        *(f"/session?s={session.session}&n={n}" for n in range(1, len(session.agenda) + 2)),
        *(f"/session?s={session.session}&n=1&e={example}" for example in "123"),
        "/data",
        "/activity",
        f"/activity?subject={quote(TRAPS[0])}&actor={quote(TRAPS[1])}",
        f"/?bot={quote(TRAPS[0])}&release={quote(TRAPS[2])}",
        *(f"/cluster?c={row.cluster}" for row in clusters),
        *(f"/conversation?k={member.key}" for member in members[:14]),
        NOWHERE,
    ]
    with serving(hostile_store) as address:
        for path in paths:
            page.goto(address + path)
            settled(page)
            main = page.get_by_test_id("stMain")
            assert main.locator("img, script, iframe, table:not([role=grid])").count() == 0, path
            assert main.locator("a[href*='collector'], a[href^='javascript'], a[href^='data:']").count() == 0, path
            assert page.get_by_text("failed on our side").count() == 0, path
            assert path.startswith(NOWHERE) or page.get_by_test_id("stAlertContentError").count() == 0, path
        page.goto(address)
        settled(page)
        page.get_by_role("tab", name="Map").click()
        settled(page)
        for name in ("Bot", "Release", "Signal"):
            page.get_by_label(name, exact=True).click()
            expect(page.get_by_role("option").first).to_be_visible()
            assert page.get_by_role("listbox").locator("img, script, a").count() == 0
            page.keyboard.press("Escape")
        page.goto(f"{address}/conversation?k={longest.key}")
        settled(page)
    assert dialogs == []

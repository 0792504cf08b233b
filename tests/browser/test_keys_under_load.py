"""The same presses decide the same, however quick they come and however busy the machine is."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.support.browser import introduce, serving
from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.store import Store
from workbench.ui.triage.keys import due_dates

pytestmark = [pytest.mark.browser, pytest.mark.slow]
TIMES = 20
PRESSES = "a7o1t1j"
PATIENCE = 120_000  # ms for the presses of one item to be answered


@contextmanager
def busy_machine() -> Iterator[None]:
    """Every core has something else to do."""
    burning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for process in burning:
            process.kill()
            process.wait()


@pytest.mark.parametrize("apart", [50, 800], ids=lambda apart: f"{apart}ms")
def test_cause_owner_ticket_and_next_by_keys_decide_the_same_each_time(
    page: Page, demo_store: Store, tmp_path: Path, settled: Callable[[Page], None], apart: int
) -> None:
    shutil.copytree(demo_store.root, tmp_path / "store")
    store = Store(tmp_path / "store")
    bench = Bench(store, actor="Ana")
    bench.pod.remember("Ana")
    agenda = [AgendaItem(row.cluster) for row in bench.clusters()[: TIMES + 1]]
    bench.judgement.sessions.create("Triage", agenda, actor="Ana")
    cause = list(bench.causes.taxonomy().offered())[6]
    due = due_dates(datetime.now(UTC).date())[0]
    with serving(store) as address, busy_machine():
        page.goto(f"{address}/session?s=TS-0001&n=1")
        settled(page)
        introduce(page, settled)
        for place in range(1, TIMES + 1):
            for key in PRESSES:
                page.keyboard.press(key)
                page.wait_for_timeout(apart)
            page.wait_for_url(f"**/session?s=TS-0001&n={place + 1}", timeout=PATIENCE)
            settled(page)
    decisions = bench.judgement.sessions.decisions("TS-0001")
    decided = [
        (each.cluster, each.cause, each.owner, each.ticket, each.due, each.severity, each.disposition)
        for each in (decisions[item.cluster] for item in agenda[:TIMES])
    ]
    assert decided == [
        (item.cluster, cause, "Ana", f"FIX-{place:04}", due, None, None) for place, item in enumerate(agenda[:TIMES], 1)
    ]
    assert len(decisions) == TIMES

"""Logs brought in by browser: progress to its end, the clusters, what was rejected; and a cancel that changes nothing."""

import csv
import io
import re
import time
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.support.browser import BUILD, Settled, introduce, open_from_bar, serving
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.pipeline import worker
from workbench.pipeline.build_lock import sole_builder
from workbench.store import Store

pytestmark = pytest.mark.browser


def upload(page: Page, *logs: Path) -> None:
    page.locator("input[type=file]").set_input_files([str(log) for log in logs])
    for log in logs:
        expect(page.get_by_text(log.name)).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()


def many(tmp_path: Path) -> Path:
    """A log that takes a while to embed."""
    rows: list[dict[str, Any]] = []
    for copy in range(40):
        for row in small_log():
            first, *rest = row["messages"]
            said = first | {"content": f"{first['content']}, asked in shop {copy} of the {copy * 7} in town"}
            rows.append(row | {"conversation_id": f"{copy}-{row['conversation_id']}", "messages": [said, *rest]})
    return write_chat(tmp_path / "many.parquet", rows)


def test_a_first_log_from_upload_to_its_clusters_and_rejects(page: Page, tmp_path: Path, settled: Settled) -> None:
    rows = small_log()
    rows[5]["conversation_id"] = None
    rows[7]["messages"] = None
    log = write_chat(tmp_path / "march.parquet", rows)
    broken = tmp_path / "broken.parquet"
    broken.write_text("a,b\n1,2\n")
    store = Store(tmp_path / "store")
    store.create()
    with serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        expect(page.get_by_role("heading", name="No logs yet")).to_be_visible()
        introduce(page, settled)
        upload(page, log, broken)
        expect(page.get_by_role("heading", name="Import of march.parquet and 1 more")).to_be_visible()
        expect(page.get_by_role("progressbar")).to_be_visible()

        open_from_bar(page, "Labels", "Review")  # somebody leaves while it runs, and comes back
        expect(page.get_by_role("heading", name="Import of march.parquet and 1 more")).to_be_visible()
        open_from_bar(page, "Data", "Set up")

        expect(page.get_by_role("heading", name="Done: Import of march.parquet and 1 more")).to_be_visible(
            timeout=BUILD
        )
        settled(page)
        expect(page.get_by_text("48 rows read = 46 kept + 2 rejected + 0 already there.")).to_be_visible()
        expect(page.get_by_text("Refused broken.parquet: this is no Parquet file").first).to_be_visible()
        page.locator(".st-key-download_rejected-I000001").get_by_role("button", name="Download").first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV", exact=True).click()
        rejected = list(csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig"))))
        assert [(row["file"], row["row"], row["column"]) for row in rejected] == [
            ("march.parquet", "6", "conversation_id"),
            ("march.parquet", "8", "messages"),
        ]
        assert list((store.root / "uploads").iterdir()) == []

        page.get_by_role("button", name="Open the clusters").click()
        page.wait_for_url(re.compile(r"/(clusters)?$"))
        settled(page)
        first = Bench(store).clusters()[0]
        page.goto(f"{address}/cluster?c={first.cluster}")
        expect(page.get_by_role("heading", level=1)).to_have_text(first.name)


def test_a_cancelled_import_leaves_everything_as_it_was(
    page: Page, tmp_path: Path, store: Store, settled: Settled
) -> None:
    before = store.pointer()
    with serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        introduce(page, settled)
        upload(page, many(tmp_path))
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("The build was cancelled; the store is as it was.")).to_be_visible()
        settled(page)
        expect(page.get_by_role("button", name="Cancel")).to_have_count(0)
        last = worker.latest(store)
        assert last is not None
        assert last.done
        expect(page.get_by_role("heading", name="What was understood of I000001")).to_be_visible()
    assert store.pointer() == before


@pytest.mark.slow
def test_a_slow_browser_still_gets_its_download_while_a_build_is_drawn(
    page: Page, store: Store, settled: Settled
) -> None:
    def slow(route: Route) -> None:
        time.sleep(2)  # longer than two redraws of the build, after which Streamlit forgets the file
        route.continue_()

    page.context.route("**/media/**", slow)
    with sole_builder(store, print), serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        introduce(page, settled)
        page.get_by_role("button", name="Analyse").click()
        expect(page.get_by_text("Another build of this store is running.")).to_be_visible()
        page.locator(".st-key-download_imports").get_by_role("button", name="Download").first.click()
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV", exact=True).click()
        assert download.value.failure() is None
        (line,) = csv.DictReader(io.StringIO(Path(download.value.path()).read_text("utf-8-sig")))
        assert line["import_id"] == "I000001"
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("The build was cancelled; the store is as it was.")).to_be_visible()


def test_a_second_build_waits_for_its_turn_and_says_so(page: Page, store: Store, settled: Settled) -> None:
    with sole_builder(store, print), serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        introduce(page, settled)
        page.get_by_role("button", name="Analyse").click()
        expect(page.get_by_text("Another build of this store is running.")).to_be_visible()
        page.get_by_role("button", name="Cancel").click()
        expect(page.get_by_text("The build was cancelled; the store is as it was.")).to_be_visible()

"""The first day in a browser: the demo, a cluster, a conversation, a label, a ticket, its files, and a reload."""

import csv
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.support.browser import click_row, downloaded, introduce, open_from_bar, serving
from workbench.bench.bench import Bench
from workbench.store import Store

pytestmark = pytest.mark.browser


@pytest.fixture
def demo(demo_store: Store, tmp_path: Path) -> Store:
    """A copy of the demo's store, to change."""
    shutil.copytree(demo_store.root, tmp_path / "store")
    return Store(tmp_path / "store")


def test_from_the_demo_to_a_ticket_handed_over(page: Page, demo: Store, settled: Callable[[Page], None]) -> None:
    cluster = Bench(demo).clusters()[1]
    with serving(demo) as address:
        page.goto(address)
        settled(page)
        page.get_by_label("Your name").fill("Ana")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("Working as Ana")).to_be_visible()
        settled(page)

        click_row(page, 1)
        page.wait_for_url(f"**/cluster?c={cluster.cluster}")
        settled(page)
        page.get_by_role("button", name="Read at the failing turn").first.click()
        page.wait_for_url("**/conversation?k=*")
        settled(page)
        expect(page.get_by_text("likely failing turn").first).to_be_in_viewport()
        page.get_by_role("link", name=cluster.cluster).click()
        page.wait_for_url(f"**/cluster?c={cluster.cluster}")
        settled(page)

        page.get_by_label("Root cause").click()
        page.get_by_role("option", name="Tool fault").click()
        page.get_by_text("S3", exact=True).click()
        page.get_by_role("button", name="Save label").click()
        expect(page.get_by_text("Labelled by Ana")).to_be_visible()
        settled(page)

        page.get_by_role("button", name="Make a ticket").click()
        page.wait_for_url(f"**/ticket?c={cluster.cluster}")
        settled(page)
        page.get_by_label("Title").fill("Tracking is down and nobody says so")
        page.get_by_role("button", name="Create ticket").click()
        page.wait_for_url("**/ticket?t=FIX-0001")
        settled(page)
        page.get_by_role("button", name="Edit").click()
        page.wait_for_url("**/ticket?t=FIX-0001&edit=1")
        settled(page)
        page.get_by_label("What happens").press("Control+End")
        page.get_by_label("What happens").press_sequentially(" Ask the carrier first.")
        page.get_by_role("button", name="Save changes").click()
        page.wait_for_url("**/ticket?t=FIX-0001")
        settled(page)
        expect(page.get_by_text("Ask the carrier first.")).to_be_visible()
        markdown = downloaded(page, "Download", "Markdown").decode()

        open_from_bar(page, "Tickets")
        settled(page)
        page.get_by_role("tab", name="Table").click()
        settled(page)
        rows = list(csv.DictReader(io.StringIO(downloaded(page, "Download", "CSV").decode("utf-8-sig"))))

        page.goto(f"{address}/ticket?t=FIX-0001")
        settled(page)
        page.reload()
        settled(page)
        expect(page.get_by_role("heading", level=1)).to_have_text("Tracking is down and nobody says so")
        expect(page.get_by_text("Ask the carrier first.")).to_be_visible()
        page.goto(f"{address}/cluster?c={cluster.cluster}")
        settled(page)
        expect(page.get_by_text("Labelled by Ana")).to_be_visible()
        expect(page.get_by_text("fixing", exact=True)).to_be_visible()

    assert [(row["ticket"], row["title"], row["created_by"]) for row in rows] == [
        ("FIX-0001", "Tracking is down and nobody says so", "Ana")
    ]
    assert [(row["cause"], row["severity"], row["clusters"], row["failures"], row["eligible"]) for row in rows] == [
        ("tool-fault", "S3", cluster.cluster, str(cluster.failures), str(cluster.eligible))
    ]
    assert markdown.startswith("# FIX-0001")
    assert "Tracking is down and nobody says so" in markdown.splitlines()[0]
    assert "Ask the carrier first" in markdown
    assert f"{cluster.failures:,} of {cluster.eligible:,}" in markdown
    assert all(example in markdown for example in cluster.examples)


class Clicks:
    """A fix-engineer's mouse: counts what it takes."""

    def __init__(self, page: Page, settled: Callable[[Page], None]) -> None:
        self.page, self.settled, self.count = page, settled, 0

    def row(self, row: int) -> None:
        click_row(self.page, row)
        self.count += 1

    def on(self, target: Locator) -> None:
        target.click()
        self.count += 1


@pytest.mark.slow
def test_two_clicks_lead_to_what_parts_a_cluster_and_four_more_to_its_label_and_ticket(
    page: Page, demo: Store, settled: Callable[[Page], None]
) -> None:
    bench = Bench(demo)
    rows = bench.clusters()[:9]
    place, cluster = next((n, row.cluster) for n, row in enumerate(rows) if bench.cluster(row.cluster).parted)
    clicks = Clicks(page, settled)
    with serving(demo) as address:
        page.goto(address)
        settled(page)
        introduce(page, settled)

        clicks.row(place)
        page.wait_for_url(f"**/cluster?c={cluster}")
        settled(page)
        expect(page.get_by_role("heading", name="What parts them from the same requests")).to_be_in_viewport()
        assert clicks.count <= 2

        clicks.count = 0
        clicks.on(page.get_by_label("Root cause"))
        clicks.on(page.get_by_role("option", name="Wrong tool call"))
        clicks.on(page.get_by_role("button", name="and ticket"))
        page.wait_for_url(f"**/ticket?c={cluster}")
        settled(page)
        clicks.on(page.get_by_role("button", name="Create ticket"))
        page.wait_for_url("**/ticket?t=FIX-0001")
        settled(page)
        assert clicks.count <= 4

    ticket = Bench(demo).tickets.get("FIX-0001")
    label = Bench(demo).judgement.labels.all()["cluster", cluster]
    assert (label.cause, label.by) == ("wrong-tool-call", "Ana")
    assert (ticket.clusters, ticket.cause, ticket.created_by) == ([cluster], "wrong-tool-call", "Ana")

"""Open, pick a cluster, read a conversation at its failing turn, label, reload, download."""

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import click_row, open_from_bar, serving, serving_fork
from workbench.bench.bench import Bench
from workbench.store import Store

pytestmark = pytest.mark.browser


def test_from_the_list_to_a_label_that_survives_a_reload(
    page: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    first = Bench(store).clusters()[0]
    with serving(store) as address:
        page.goto(address)
        settled(page)
        page.get_by_label("Your name").fill("Ana")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("Working as Ana")).to_be_visible()
        settled(page)

        click_row(page, 0)
        page.wait_for_url(f"**/cluster?c={first.cluster}")
        settled(page)
        expect(page.get_by_role("heading", level=1)).to_have_text(first.name)

        page.get_by_role("button", name="Read at the failing turn").first.click()
        page.wait_for_url("**/conversation?k=*")
        settled(page)
        expect(page.get_by_text("likely failing turn").first).to_be_in_viewport()

        page.get_by_label("Root cause").click()
        page.get_by_role("option", name="Tool fault").click()
        page.get_by_text("S2", exact=True).click()
        page.get_by_role("button", name="Save label").click()
        expect(page.get_by_text("Labelled by Ana")).to_be_visible()

        page.reload()
        settled(page)
        expect(page.get_by_text("Labelled by Ana")).to_be_visible()
        expect(page.get_by_text("Working as Ana")).to_be_visible()

        open_from_bar(page, "Labels", "Review")
        settled(page)
        page.get_by_role("button", name="Download").click()
        with page.expect_download() as download:
            page.get_by_role("button", name="CSV").click()
        path = download.value.path()

    rows = list(csv.DictReader(io.StringIO(Path(path).read_text("utf-8-sig"))))
    assert [(row["root_cause"], row["severity"], row["labelled_by"]) for row in rows] == [("tool-fault", "S2", "Ana")]


def test_j_and_k_walk_the_clusters(
    page: Page, built_store: Store, served: str, settled: Callable[[Page], None]
) -> None:
    order = [row.cluster for row in Bench(built_store).clusters()]
    page.goto(f"{served}/cluster?c={order[0]}")
    settled(page)
    expect(page.get_by_role("button", name="Next Shortcut J")).to_be_enabled()
    page.keyboard.press("j")
    page.wait_for_url(f"**/cluster?c={order[1]}")
    settled(page)
    page.keyboard.press("k")
    page.wait_for_url(f"**/cluster?c={order[0]}")


def test_back_leads_to_each_page_as_it_was_left(
    page: Page, built_store: Store, served: str, settled: Callable[[Page], None]
) -> None:
    order = [row.cluster for row in Bench(built_store).clusters()]
    page.goto(f"{served}/clusters?bot=shop")
    settled(page)
    click_row(page, 1)
    page.wait_for_url(f"**/cluster?c={order[1]}")
    settled(page)
    page.get_by_role("button", name="Read at the failing turn").first.click()
    page.wait_for_url("**/conversation?k=*")
    settled(page)
    page.go_back()
    page.wait_for_url(f"**/cluster?c={order[1]}")
    settled(page)
    page.go_back()
    settled(page)
    page.go_back()
    page.wait_for_url("**/clusters?bot=shop")
    settled(page)
    expect(page.get_by_test_id("stDataFrame")).to_be_visible()


def test_a_lasso_on_the_map_lists_what_it_frames(
    page: Page, built_store: Store, served: str, settled: Callable[[Page], None]
) -> None:
    failures = len(Bench(built_store).points())
    page.goto(served)
    settled(page)
    page.get_by_role("tab", name="Map").click()
    plot = page.locator(".js-plotly-plot .nsewdrag")
    expect(plot).to_be_visible()
    settled(page)
    box = plot.bounding_box()
    assert box is not None
    left, top, right, bottom = box["x"] + 2, box["y"] + 2, box["x"] + box["width"] - 2, box["y"] + box["height"] - 2
    page.mouse.move(left, top)
    page.mouse.down()
    for x, y in ((right, top), (right, bottom), (left, bottom), (left, top + 2)):
        page.mouse.move(x, y, steps=5)
    page.mouse.up()
    expect(page.get_by_role("heading", name=f"{failures} framed failures")).to_be_visible(timeout=10_000)


def test_headers_keep_the_browser_from_loading_anything_elsewhere(page: Page, served: str) -> None:
    answer = page.goto(served)

    assert answer is not None
    headers = answer.headers
    host = served.removeprefix("http://")
    assert f"connect-src 'self' ws://{host} wss://{host};" in headers["content-security-policy"]
    assert "img-src 'self' data: blob:;" in headers["content-security-policy"]
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")


def test_looking_never_loads_the_model(page: Page, built_store: Store, settled: Callable[[Page], None]) -> None:
    with serving_fork(built_store) as (address, process):
        for path in ("/", "/cluster?c=FC-0001", "/labels"):
            page.goto(address + path)
            settled(page)
        libraries = Path(f"/proc/{process.pid}/maps").read_text()
    assert "torch" not in libraries
    assert "sklearn" not in libraries

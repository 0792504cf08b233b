"""Nested JSON and a table come in through the browser: the list of rows is asked, columns are guessed, three conversations shown."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import introduce, serving
from workbench.store import Store

pytestmark = pytest.mark.browser

DRY_RUN = 60_000


def preview_by_columns(page: Page, log: Path, settled: Callable[[Page], None]) -> None:
    """Upload a log that no reader knows, and go to the form that names its columns."""
    page.locator("input[type=file]").set_input_files(str(log))
    expect(page.get_by_text(log.name)).to_be_visible()
    page.get_by_role("button", name="Preview", exact=True).click()
    expect(page.get_by_role("button", name="Name its columns")).to_be_visible(timeout=DRY_RUN)
    settled(page)
    expect(page.get_by_role("alert").get_by_text("Nothing could be read")).to_be_visible()
    page.get_by_role("button", name="Name its columns").click()
    expect(page.get_by_role("button", name="Preview with it")).to_be_visible(timeout=DRY_RUN)
    settled(page)


@pytest.mark.slow
def test_nested_json_and_a_table_of_columns_in_german_are_previewed_without_a_choice_by_hand(
    page: Page, tmp_path: Path, settled: Callable[[Page], None]
) -> None:
    store = Store(tmp_path / "store")
    store.create()
    said = [{"wer": "Kunde", "gesagt": "Wo bleibt mein Paket {}?"}, {"wer": "Bot", "gesagt": "Das weiß ich nicht."}]
    chats = [
        {"nummer": f"A-{n}", "verlauf": [each | {"gesagt": each["gesagt"].format(n)} for each in said]}
        for n in range(5)
    ]
    nested, table = tmp_path / "desk.json", tmp_path / "chats.csv"
    nested.write_text(json.dumps({"export": {"version": 2, "chats": chats}, "by": "desk"}), "utf-8")
    lines = [f"{n};{each['wer']};{each['gesagt'].format(n)}" for n in range(4) for each in said]
    table.write_bytes("\n".join(["vorgang;wer;was", *lines]).encode("cp1252"))
    with serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        introduce(page, settled)
        preview_by_columns(page, nested, settled)
        expect(page.get_by_role("combobox", name="Which list holds the rows?")).to_be_visible()
        page.get_by_role("button", name="Preview with it").click()
        expect(page.get_by_role("button", name="Import as shown")).to_be_visible(timeout=DRY_RUN)
        settled(page)
        expect(page.get_by_text("5 rows read = 5 to be kept + 0 rejected")).to_be_visible()
        for n in range(3):
            expect(page.get_by_role("heading", name=f"A-{n}")).to_be_visible()
            expect(page.locator(f".st-key-turn_user_0_of_{n}")).to_contain_text(f"Wo bleibt mein Paket {n}?")

        page.get_by_role("button", name="Discard preview").click()
        settled(page)
        preview_by_columns(page, table, settled)
        expect(page.get_by_text("read as CSV with semicolons between its cells, in Windows-1252.")).to_be_visible()

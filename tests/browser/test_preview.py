"""An in-house log that no reader knows, from its refusal over a mapping by hand to its clusters."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import BUILD, introduce, serving
from tests.support.imported import write
from workbench.bench.bench import Bench
from workbench.logs.parts import read_manifest
from workbench.store import Store

pytestmark = pytest.mark.browser

DRY_RUN = 30_000
EVIL = "![x](http://evil.example/x.png)"


def desk_log(path: Path) -> Path:
    """24 conversations of a help desk, half of them unsolved, with columns of its own."""
    rows: list[dict[str, Any]] = []
    for n in range(24):
        asked = f"my parcel {n} never arrived, where is it" if n % 2 else f"please refund order {n}, it is too small"
        said = [{"who": "customer", "body": {"text": asked}}, {"who": EVIL, "body": {"text": "I can't say."}}]
        rows.append({"ref": f"A-{n}", EVIL: n, "check": {"solved": "no" if n % 3 else "yes"}, "talk": {"lines": said}})
    return write(path, rows)


def choose(page: Page, label: str, value: str) -> None:
    """Pick from a list by typing, as a person does."""
    box = page.get_by_role("combobox", name=label)
    box.click()
    box.fill(value)
    page.get_by_role("option", name=re.compile(re.escape(value))).first.click()


def test_an_in_house_log_is_refused_mapped_by_hand_previewed_imported_and_clustered(
    page: Page, tmp_path: Path, settled: Callable[[Page], None]
) -> None:
    store = Store(tmp_path / "store")
    store.create()
    with serving(store) as address:
        page.goto(f"{address}/data")
        settled(page)
        introduce(page, settled)
        page.locator("input[type=file]").set_input_files(str(desk_log(tmp_path / "desk.jsonl.gz")))
        expect(page.get_by_text("desk.jsonl.gz")).to_be_visible()
        page.get_by_role("button", name="Preview", exact=True).click()
        expect(page.get_by_role("button", name="Name its columns")).to_be_visible(timeout=DRY_RUN)
        settled(page)
        expect(page.get_by_role("alert").get_by_text("Nothing could be read")).to_contain_text("Found: ref,")

        page.get_by_role("button", name="Name its columns").click()
        expect(page.get_by_role("button", name="Preview with it")).to_be_visible(timeout=DRY_RUN)
        settled(page)
        choose(page, "Conversation's id", "ref")
        choose(page, "evil", "assistant")
        choose(page, "Failed when", "check.solved")
        settled(page)
        page.get_by_role("textbox", name="Condition").first.fill("== no")
        page.get_by_role("textbox", name="Bot's name, the same for all").fill("desk")
        page.keyboard.press("Tab")
        settled(page)
        page.get_by_role("button", name="Preview with it").click()

        expect(page.get_by_role("button", name="Import as shown")).to_be_visible(timeout=DRY_RUN)
        settled(page)
        expect(page.get_by_text("24 rows read = 24 to be kept + 0 rejected + 0 already there.")).to_be_visible()
        expect(
            page.get_by_text("Failed when check_solved == no: 24 conversations can be judged by it.")
        ).to_be_visible()
        expect(page.get_by_text("I can't say.").first).to_be_visible()
        assert store.pointer() is None

        page.get_by_role("button", name="Import as shown").click()
        expect(page.get_by_role("heading", name="Done: Import of desk.jsonl.gz")).to_be_visible(timeout=BUILD)
        settled(page)
        page.get_by_role("button", name="Open the clusters").click()
        page.wait_for_url(re.compile(r"/(clusters)?$"))
        settled(page)
    assert sum(row.size for row in Bench(store).clusters()) == 16
    assert read_manifest(store.parts / "I000001").options["mapping"] == str(store.root / "mappings" / "desk.toml")
    assert list((store.root / "uploads").rglob("desk.jsonl.gz")) == []

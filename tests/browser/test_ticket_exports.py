"""From a cluster to its ticket, to each of its exports, and the tracker's keys back, in a browser."""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import downloaded, serving
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.tickets import tickets

pytestmark = pytest.mark.browser


def test_a_ticket_goes_out_in_every_format_and_its_key_comes_back(
    page: Page, store: Store, settled: Callable[[Page], None]
) -> None:
    Bench(store).judgement.pod.remember("Ana")
    with serving(store) as address:
        page.goto(f"{address}/cluster?c=FC-0001")
        settled(page)
        page.get_by_label("Your name").fill("Ana")
        page.get_by_role("button", name="Start").click()
        expect(page.get_by_text("Working as Ana")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Make a ticket").click()
        page.wait_for_url("**/ticket?c=FC-0001")
        settled(page)
        page.get_by_role("button", name="Create ticket").click()
        page.wait_for_url("**/ticket?t=FIX-0001")
        settled(page)

        markdown = downloaded(page, "Download", "Markdown").decode()
        assert markdown.startswith("# FIX-0001: shop: requests about address and change fail")
        [told] = json.loads(downloaded(page, "Download", "JSON"))
        [line] = csv.DictReader(io.StringIO(downloaded(page, "Download", "CSV").decode("utf-8-sig")))
        [row] = csv.DictReader(io.StringIO(downloaded(page, "Download", "Jira (CSV)").decode("utf-8")))
        assert downloaded(page, "Download", "Excel")[:2] == b"PK"
        archive = zipfile.ZipFile(io.BytesIO(downloaded(page, "Download", "GitHub (zip)")))
        assert archive.namelist() == ["FIX-0001.md", "issues.json"]
        [issue] = json.loads(archive.read("issues.json"))
        prints = {
            told["fingerprint"],
            line["fingerprint"],
            issue["fingerprint"],
            *re.findall("wb-[0-9a-f]{12}", markdown),
        }
        assert prints == set(re.findall("wb-[0-9a-f]{12}", row["Description"]))
        [fingerprint] = prints

        cases = downloaded(page, "Regression set", "JSON Lines").decode().splitlines()
        assert [json.loads(case)["conversation_id"] for case in cases] == told["regression"]
        assert len(json.loads(downloaded(page, "Regression set", "promptfoo tests"))) == len(cases)

        page.goto(f"{address}/tickets?view=Table")
        settled(page)
        page.get_by_role("button", name="Read keys back").click()
        export = f"Summary,Issue key,Status,Labels\nx,OPS-7,In Progress,{fingerprint}\ny,OPS-8,Done,\n".encode()
        page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files(
            {"name": "jira.csv", "mimeType": "text/csv", "buffer": export}
        )
        expect(page.get_by_text("jira.csv")).to_be_visible()
        settled(page)
        page.get_by_role("button", name="Take keys and states").click()
        expect(page.get_by_text("FIX-0001 is OPS-7, In Progress.")).to_be_visible()
        expect(page.get_by_text("Not matched: row 2, OPS-8")).to_be_visible()

    [kept] = tickets.rows(Bench(store))
    assert (kept.ticket_key, kept.tracker_state) == ("OPS-7", "In Progress")

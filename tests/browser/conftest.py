"""A served app and a real Chromium. Without Chromium these tests skip, loudly."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from tests.support.browser import FLAGS, chromium_program, serving, wait_until_settled
from workbench.store import Store

expect.set_options(timeout=20_000)  # a busy machine is no defect


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system's, for this folder alone: its driver keeps an event loop running."""
    program = chromium_program()
    if program is None:
        warnings.warn("Chromium is missing: the browser tests did NOT run (apt-get install chromium)", stacklevel=1)
        pytest.skip("Chromium is missing: apt-get install chromium")
    driver: Playwright
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def served(built_store: Store) -> Iterator[str]:
    """The address of the built store, served once for all who only read it."""
    with serving(built_store) as address:
        yield address


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    """A fresh visitor at 1440×900; a request to anywhere else but the app fails the test."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, accept_downloads=True)
    visitor = context.new_page()
    outside: list[str] = []
    visitor.on("request", lambda request: _note_outside(request.url, outside))
    yield visitor
    context.close()
    assert outside == []


@pytest.fixture
def settled() -> Callable[[Page], None]:
    """Wait until the app has drawn all that the last act asked for."""
    return wait_until_settled


def _note_outside(url: str, outside: list[str]) -> None:
    if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:", url):
        outside.append(url)

"""A served app and a real Chromium. Without Chromium these tests skip, loudly."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Playwright, expect, sync_playwright

from workbench.store import Store

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
HEALTHY_WITHIN = 20
expect.set_options(timeout=20_000)  # a busy machine is no defect


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """A headless Chromium of the system's, for this folder alone: its driver keeps an event loop running."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        warnings.warn("Chromium is missing: the browser tests did NOT run (apt-get install chromium)", stacklevel=1)
        pytest.skip("Chromium is missing: apt-get install chromium")
    driver: Playwright
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=found, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def serving(store: Store) -> Iterator[str]:
    """`python -m workbench serve` for this store; its address once it is healthy."""
    with serving_process(store) as (address, _):
        yield address


@contextmanager
def serving_process(store: Store) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same, with the process that serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "workbench", "serve", "--store", str(store.root), "--port", str(port)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, cwd=store.root, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_until_healthy(address, process)
            yield address, process
        finally:
            process.terminate()


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


def wait_until_settled(page: Page) -> None:
    """The page is drawn and its script has run to its end: acting before that makes a test flake.

    The state alone is not enough: it is "not running" before the first run, too.
    """
    idle = "[data-testid=stApp][data-test-script-state=notRunning]"
    page.wait_for_selector(".st-key-standing", timeout=30_000)
    for _ in range(2):
        page.wait_for_timeout(250)
        page.wait_for_selector(idle, timeout=30_000)


def downloaded(page: Page, menu: str, format: str) -> bytes:
    """The file behind one entry of a download menu."""
    page.get_by_role("button", name=menu, exact=True).click()
    with page.expect_download() as download:
        page.get_by_role("button", name=format, exact=True).click()
    data = Path(download.value.path()).read_bytes()
    page.keyboard.press("Escape")
    return data


def click_row(page: Page, row: int, table: int = 0) -> None:
    """Click a row of a table, counted from 0, as a person does: the grid must see the pointer come before the click."""
    grid = page.get_by_test_id("stDataFrame").nth(table)
    grid.hover(position={"x": 250, "y": 54 + 36 * row})
    page.wait_for_timeout(400)
    page.mouse.down()
    page.wait_for_timeout(60)
    page.mouse.up()


def _wait_until_healthy(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + HEALTHY_WITHIN
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} was not healthy within {HEALTHY_WITHIN} s (exit code {process.returncode})")


def _note_outside(url: str, outside: list[str]) -> None:
    if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:", url):
        outside.append(url)

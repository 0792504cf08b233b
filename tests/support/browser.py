"""A served app, and what a person does with a page in Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.process import BaseProcess
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.support.forks import workbench
from tests.support.paths import ROOT
from workbench.store import Store

HEALTHY_WITHIN = 20  # s
STOPPED_WITHIN = 20  # s
BUILD = 90_000  # ms for a small import, most of which loads the language model
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
"""What a Chromium of a test is started with: nothing that it asks of anybody else."""
Settled = Callable[[Page], None]
"""What the fixture `settled` gives."""


@contextmanager
def serving(store: Store) -> Iterator[str]:
    """`python -m workbench serve` for this store; its address once it is healthy."""
    with serving_fork(store) as (address, _):
        yield address


@contextmanager
def serving_fork(
    store: Store, host: str = "127.0.0.1", *options: str, port: int = 0
) -> Iterator[tuple[str, BaseProcess]]:
    """The same, with the process that serves, on any free port where none is given; it begins with the pages loaded."""
    port = port or free_port(host)
    process = workbench(
        ["serve", "--store", str(store.root), "--host", host, "--port", str(port), *options], store.root
    )
    try:
        address = f"http://{host}:{port}"
        wait_until_healthy(address, process)
        yield address, process
    finally:
        process.terminate()
        process.join(STOPPED_WITHIN)
        stopped = process.exitcode is not None
        process.kill()
        assert stopped, f"{address} was told to stop and ran on for {STOPPED_WITHIN} s"


def chromium_program() -> str | None:
    """The system's Chromium; None where there is none."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def free_port(host: str = "127.0.0.1") -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving_process(
    store: Store,
    host: str = "127.0.0.1",
    *options: str,
    port: int = 0,
    program: Sequence[str] = ("-m", "workbench"),
    log: Path | None = None,
) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The same in a new Python, as a shell starts it.

    `program` is what Python runs, and its standard error goes to the file `log`.
    """
    port = port or free_port(host)
    where = ["--store", str(store.root), "--host", host, "--port", str(port)]
    command = [sys.executable, *program, "serve", *where, *options]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with ExitStack() as stack:
        errors = stack.enter_context(log.open("wb")) if log else None
        process = stack.enter_context(
            subprocess.Popen(command, cwd=store.root, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
        )
        try:
            address = f"http://{host}:{port}"
            wait_until_healthy(address, process)
            yield address, process
        finally:
            process.terminate()
            try:
                process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                process.kill()
                raise


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


def open_from_bar(page: Page, title: str, menu: str | None = None) -> None:
    """Go to a page by the bar, where it stands itself or in a menu."""
    if menu:
        page.get_by_test_id("stTopNav").get_by_role("button", name=menu).click()
        page.get_by_role("menuitem", name=title).click()
    else:
        page.get_by_test_id("stTopNav").get_by_role("link", name=title).click()


def click_row(page: Page, row: int, table: int = 0) -> None:
    """Click a row of a table, counted from 0, as a person does: the grid must see the pointer come before the click."""
    grid = page.get_by_test_id("stDataFrame").nth(table)
    grid.hover(position={"x": 250, "y": 54 + 36 * row})
    page.wait_for_timeout(400)
    page.mouse.down()
    page.wait_for_timeout(60)
    page.mouse.up()


def wait_until_healthy(address: str, process: subprocess.Popen[bytes] | BaseProcess) -> None:
    """Wait for a server that a process is to be."""
    deadline = time.monotonic() + HEALTHY_WITHIN
    while (code := _exit_code(process)) is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=1) as answer:
                if answer.read() == b"ok":
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"{address} was not healthy within {HEALTHY_WITHIN} s (exit code {code})")


def _exit_code(process: subprocess.Popen[bytes] | BaseProcess) -> int | None:
    return process.exitcode if isinstance(process, BaseProcess) else process.poll()


def introduce(page: Page, settled: Settled) -> None:
    """Give a name, as whoever decides something does first."""
    page.get_by_label("Your name").fill("Ana")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Working as Ana")).to_be_visible()
    settled(page)

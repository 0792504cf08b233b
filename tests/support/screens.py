"""Pictures of every page for docs/screens, from a demo in which a pod has worked: `make screens`."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from tests.support.browser import FLAGS, chromium_program, introduce, serving, wait_until_settled
from tests.support.paths import ROOT
from tests.support.walk import addresses, worked_in
from workbench.demo.generator import demo_job
from workbench.pipeline.worker import run
from workbench.store import Store

FOLDER = ROOT / "docs" / "screens"
QUALITY = 78
"""Of the WebP files: text stays sharp, and all of them together stay small."""
DESK, ROOM = {"width": 1440, "height": 900}, {"width": 1920, "height": 1080}


Scheme = Literal["light", "dark"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")


def main() -> None:
    """Take all pictures anew, or those of the pages named on the command line."""
    wanted = sys.argv[1:]
    with tempfile.TemporaryDirectory() as name:
        demo = Store(Path(name) / "demo")
        run(demo_job(demo, "screens"))
        store = worked_in(demo, Path(name))
        pages = {page: path for page, path in addresses(store).items() if not wanted or page in wanted}
        FOLDER.mkdir(parents=True, exist_ok=True)
        if not wanted:
            for old in FOLDER.glob("*.webp"):
                old.unlink()
        with serving(store) as address, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=chromium_program(), args=FLAGS)
            for scheme in SCHEMES:
                _take(browser, address, pages, DESK, scheme, "")
            rooms = {page: path for page, path in pages.items() if page.startswith("session-") or page == "session"}
            _take(browser, address, rooms, ROOM, "light", "-room")
            browser.close()
    size = sum(picture.stat().st_size for picture in FOLDER.glob("*.webp"))
    print(f"{len(list(FOLDER.glob('*.webp')))} pictures in {FOLDER.relative_to(ROOT)}, {size / 1e6:.1f} MB")


def _take(
    browser: Browser, address: str, pages: dict[str, str], size: dict[str, int], scheme: Scheme, ending: str
) -> None:
    width, height = size["width"], size["height"]
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
    page = context.new_page()
    page.goto(address + "/taxonomy")
    wait_until_settled(page)
    introduce(page, wait_until_settled)
    for name, path in pages.items():
        page.goto(address + path)
        wait_until_settled(page)
        _keep(page, FOLDER / f"{name}-{scheme}{ending}.webp")
    context.close()


def _keep(page: Page, file: Path) -> None:
    page.mouse.move(2, 2)
    page.wait_for_timeout(500)  # fonts and charts come after the page's own run
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(file, "WEBP", quality=QUALITY, method=6)


if __name__ == "__main__":
    main()

"""Every page by axe-core, in light and in dark, and by the Tab key alone."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.browser import introduce, serving
from tests.support.walk import addresses
from workbench.store import Store

pytestmark = [pytest.mark.browser, pytest.mark.slow]
Settled = Callable[[Page], None]

GRAVE = ("serious", "critical")
OF_STREAMLIT: dict[tuple[str, str], str] = {}
"""What Streamlit itself draws and no option changes: the rule and a part of the selector, with the reason."""

AXE = "() => axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"
OFFERED = """() => {
  const groups = new Map(), offered = [];
  for (const element of document.querySelectorAll('a[href], button, input, textarea, [tabindex="0"], summary')) {
    if (element.disabled || element.tabIndex < 0 || !element.getClientRects().length) continue;
    if (!element.checkVisibility({visibilityProperty: true})) continue;
    const group = element.closest('[role=radiogroup], [role=toolbar], [role=group], [data-testid=stButtonGroup]');
    if (!groups.has(group ?? element)) groups.set(group ?? element, offered.push(element.outerHTML.slice(0, 120)) - 1);
    element.dataset.offered = groups.get(group ?? element);
  }
  return offered;
}"""
"""What a page offers to do, numbered; of a group of which Tab reaches one and the arrows the others, once."""
REACHED = "() => document.activeElement?.dataset.offered"


@pytest.fixture(scope="module")
def walked(worked_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The demo that is served, and the address of each of its pages."""
    root = tmp_path_factory.mktemp("walked") / "store"
    shutil.copytree(worked_store.root, root)
    with serving(Store(root)) as address:
        yield address, addresses(Store(root))


@pytest.fixture(params=["light", "dark"])
def visitor(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[Page]:
    """Somebody whose system is set to light or dark."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900}, color_scheme=request.param)
    yield context.new_page()
    context.close()


def test_no_page_has_a_serious_finding(visitor: Page, walked: tuple[str, dict[str, str]], settled: Settled) -> None:
    address, pages = walked
    script = (resources.files("axe_playwright_python") / "axe.min.js").read_text("utf-8")
    visitor.goto(address)
    settled(visitor)
    introduce(visitor, settled)
    findings: dict[str, list[str]] = {}
    for name, path in pages.items():
        visitor.goto(address + path)
        settled(visitor)
        visitor.evaluate(script)
        if grave := list(_grave(visitor.evaluate(AXE))):
            findings[name] = grave
    assert findings == {}


@pytest.mark.parametrize("name", ["clusters", "cluster", "conversation", "session", "week", "data", "ticket-draft"])
def test_the_tab_key_alone_reaches_all(
    page: Page, walked: tuple[str, dict[str, str]], settled: Settled, name: str
) -> None:
    address, pages = walked
    page.goto(address + pages[name])
    settled(page)
    offered = page.evaluate(OFFERED)
    reached: set[int] = set()
    for _ in range(2 * len(offered) + 20):
        page.keyboard.press("Tab")
        place = page.evaluate(REACHED)
        reached |= {int(place)} if place is not None else set()
        if len(reached) == len(offered):
            break
    assert [offered[place] for place in range(len(offered)) if place not in reached] == []


def _grave(violations: list[dict[str, Any]]) -> Iterator[str]:
    for violation in violations:
        for node in violation["nodes"]:
            target = " ".join(str(part) for part in node["target"])
            ours = not any(violation["id"] == rule and part in target for rule, part in OF_STREAMLIT)
            if ours and (node["impact"] or violation["impact"]) in GRAVE:
                yield f"{violation['id']} ({node['impact']}): {target} | {node['html'][:200]} | {node['failureSummary'][:300]}"

"""Labelling by keyboard: clusters one after the other, and two people blind with what they disagree on."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import serving
from workbench.bench.bench import Bench
from workbench.review import blind_rounds
from workbench.store import Store

pytestmark = pytest.mark.browser
Settled = Callable[[Page], None]


def introduce(page: Page, name: str, settled: Settled) -> None:
    """Say who works here, by keyboard."""
    page.get_by_label("Your name").fill(name)
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Working as {name}")).to_be_visible()
    settled(page)


def test_clusters_are_labelled_one_after_the_other_by_keyboard(page: Page, store: Store, settled: Settled) -> None:
    bench = Bench(store)
    first, second, third = (row.cluster for row in bench.clusters()[:3])
    with serving(store) as address:
        page.goto(f"{address}/cluster?c={first}")
        settled(page)
        introduce(page, "Ana", settled)
        for cluster, typed in ((first, "tool fault"), (second, "loop")):
            page.keyboard.press("l")
            field = page.get_by_role("combobox", name="Root cause")
            expect(field).to_be_focused()
            page.keyboard.type(typed, delay=20)
            page.keyboard.press("Enter")
            expect(field).not_to_be_focused()
            page.keyboard.press("n")
            page.wait_for_url(f"**/cluster?c={second if cluster == first else third}")
            settled(page)
        expect(page.locator(".st-key-saved_before")).to_contain_text(f"Saved {second}: Loop")
        page.keyboard.press("Shift+U")
        expect(page.locator(".st-key-saved_before")).to_have_count(0)
    said = {key[1]: label.cause for key, label in bench.judgement.labels.all().items()}
    assert said == {first: "tool-fault"}


def test_two_people_label_blind_and_then_talk_about_what_they_disagree_on(
    page: Page, store: Store, settled: Settled
) -> None:
    bench = Bench(store, "Ana")
    sample = [member.key for member in bench.cluster("FC-0001").members][:4]
    number = blind_rounds.start(bench, "Addresses", sample, raters=["Ana", "Bo"], codes=["loop", "handoff"]).round
    for key, code in zip(
        bench.judgement.rounds.get(number).conversations, ["loop", "loop", "handoff", "loop"], strict=True
    ):
        blind_rounds.vote(bench.acting("Bo"), number, key, code, note="Bo's reason")
    with serving(store) as address:
        page.goto(f"{address}/agreement?r={number}")
        settled(page)
        introduce(page, "Ana", settled)
        for place, key in enumerate("1112", 1):
            expect(page.locator(".st-key-voting_head")).to_contain_text(f"{place} of 4")
            expect(page.get_by_text("Bo's reason")).to_have_count(0)
            page.keyboard.press(key)
            page.wait_for_url(f"**/agreement?r={number}&n={place + 1}")
            settled(page)
        page.get_by_role("button", name="Reveal all votes").click()
        expect(page.get_by_text("Disagreements to talk about")).to_be_visible()
        settled(page)
        card = page.locator(".st-key-disagreement")
        for place in (1, 2):
            expect(card).to_contain_text(f"{place} of 2 · {3 - place} to settle")
            expect(card).to_contain_text("Bo's reason")
            if place == 1:
                page.keyboard.press("1")
                settled(page)
        page.get_by_role("button", name="Record 2 labels").click()
        expect(page.get_by_text("They are recorded, each with its votes.")).to_be_visible()
    labels = bench.judgement.labels.all()
    assert len(labels) == 3
    assert all(len(label.about["votes"]) == 2 and label.by == "Ana" for label in labels.values())

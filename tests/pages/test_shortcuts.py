"""No key means two things on one screen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.review import blind_rounds, reading_lists
from workbench.store import Store
from workbench.triage import calibration

Open = Callable[..., AppTest]


def ambiguous(app: AppTest) -> list[str]:
    """The keys that more than one button listens to."""
    assert not app.exception
    listening = [button for button in (*app.button, *app.get("download_button")) if not button.proto.disabled]
    keys = Counter(button.proto.shortcut for button in listening if button.proto.shortcut)
    assert keys
    return [key for key, count in keys.items() if count > 1]


@pytest.mark.parametrize("voted", [False, True])
@pytest.mark.parametrize("opened", [(), ("key_cause",), ("key_disposition",), ("key_owner",), ("example_1",)])
def test_on_a_session_screen(open_page: Open, store: Store, opened: tuple[str, ...], voted: bool) -> None:
    bench = Bench(store, actor="Ana")
    bench.judgement.sessions.create("Triage", [AgendaItem("FC-0001"), AgendaItem("FC-0002")], actor="Ana")
    ballot = calibration.mark(bench, "TS-0001", "FC-0001")
    for name, code in (("Ana", "loop"), ("Bo", "handoff")):
        calibration.vote(bench.acting(name), ballot, code)
    if voted:
        calibration.reveal(bench, ballot)
    app = open_page(store, "session", s="TS-0001", n="1")
    for key in opened:
        app.button(key=key).click().run()
    assert ambiguous(app) == []


def test_on_the_page_of_a_cluster_and_of_a_conversation(open_page: Open, built_store: Store) -> None:
    member = Bench(built_store).cluster("FC-0001").members[0].key
    for page, query in (("cluster", {"c": "FC-0001"}), ("conversation", {"k": member})):
        assert ambiguous(open_page(built_store, page, **query)) == []


def test_while_reading_and_voting(open_page: Open, store: Store) -> None:
    bench = Bench(store, actor="Ana")
    listed = reading_lists.start(bench, "mixed", 4)
    sample = [member.key for member in bench.cluster("FC-0001").members][:4]
    blind = blind_rounds.start(bench, "Addresses", sample, raters=["Ana", "Bo"]).round
    assert ambiguous(open_page(store, "read", d=listed.draw.draw)) == []
    assert ambiguous(open_page(store, "agreement", r=blind)) == []

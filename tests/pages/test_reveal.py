"""A lead sees one conversation unmasked on its page, for a while; everything else stays masked."""

from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.builds import build
from tests.support.pages import errors, texts
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.dates import utc_now
from workbench.errors import Denied
from workbench.judgement import reveals
from workbench.store import Store

Open = Callable[..., AppTest]
ADDRESS = "olivia@example.com"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """A store whose first conversation holds an address; Ana is a lead, Tom a triager."""
    rows = small_log()[:12]
    rows[0]["messages"][0]["content"] += f" {ADDRESS}"
    build(tmp_path / "s", write_chat(tmp_path / "log.parquet", rows))
    with closing(Bench(Store(tmp_path / "s"), "Ana")) as bench:
        bench.pod.set_role("Ana", "lead")
        bench.pod.set_role("Tom", "triager")
    return Store(tmp_path / "s")


def key_of(store: Store) -> str:
    with closing(Bench(store)) as bench:
        return bench.find_conversation(small_log()[0]["conversation_id"])


def ask(page: AppTest, reason: str) -> AppTest:
    page.text_input(key="reveal_reason").set_value(reason)
    return page.button(key="reveal_it").click().run()


def test_a_lead_sees_it_unmasked_with_a_reason_and_masks_it_again(open_page: Open, store: Store) -> None:
    key = key_of(store)
    page = open_page(store, "conversation", k=key, turn="0")
    assert ADDRESS not in texts(page)
    assert "in 5 to 300 characters" in errors(ask(page, "no"))[0]
    page = ask(page, "its user asked for it")
    assert not page.exception
    assert ADDRESS in texts(page)
    assert "For Ana alone, until" in texts(page)
    assert ADDRESS not in texts(open_page(store, "conversation", person="Bo", k=key, turn="0"))
    page = open_page(store, "conversation", k=key, turn="0")
    assert ADDRESS in texts(page)
    assert ADDRESS not in texts(page.button(key="mask_again").click().run())
    assert ADDRESS not in texts(open_page(store, "activity"))


def test_its_time_ends_on_the_page_too(open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(store)
    with closing(Bench(store, "Ana", clock=lambda: utc_now() - timedelta(minutes=14))) as bench:
        bench.reveal(key, "its user asked for it")
    page = open_page(store, "conversation", k=key, turn="0")
    assert ADDRESS in texts(page)
    monkeypatch.setattr(reveals, "LASTS", timedelta(minutes=13))
    assert ADDRESS not in texts(page.run())
    with closing(Bench(store, "Ana")) as bench, pytest.raises(Denied):
        bench.unmasked(bench.conversation(key))


def test_who_is_no_lead_has_no_form_and_gets_nothing_unmasked(open_page: Open, store: Store) -> None:
    key = key_of(store)
    page = open_page(store, "conversation", person="Tom", k=key, turn="0")
    assert "reveal_it" not in [button.key for button in page.button]
    with closing(Bench(store, "Tom")) as bench:
        with pytest.raises(Denied):
            bench.reveal(key, "its user asked for it")
        with pytest.raises(Denied):
            bench.unmasked(bench.conversation(key))


def test_only_its_own_page_shows_it_unmasked(store: Store) -> None:
    key = key_of(store)
    with closing(Bench(store, "Ana")) as bench:
        bench.reveal(key, "its user asked for it")
        shown, _ = bench.transcript(key)
        everywhere = [
            bench.conversation(key).conversation,
            shown,
            bench.to_replay(key),
            *bench.failures(),
            *bench.points(),
        ]
    assert not [each for each in everywhere if ADDRESS in str(vars(each)) + str(list(getattr(each, "turns", [])))]

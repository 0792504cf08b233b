"""What a page says of a fault, what still works, and that it goes on without a restart once that is mended."""

import os
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import errors, texts
from workbench.bench.bench import Bench
from workbench.store import Store

Open = Callable[..., AppTest]


def test_a_judgement_file_deleted_under_the_app_is_put_back_at_the_next_look(open_page: Open, store: Store) -> None:
    Bench(store, "Bo").label("FC-0001", cause="loop")
    app = open_page(store, "clusters")
    (store.root / "judgement.db").unlink()
    assert errors(app.run()) == []
    assert Bench(store).labels_said()["cluster", "FC-0001"].cause == "loop"


def test_an_older_judgement_file_moved_in_is_told_on_every_page_and_pages_go_on_showing(
    open_page: Open, store: Store
) -> None:
    bench = Bench(store, "Bo")
    last = bench.label("FC-0001", cause="loop").version
    bench.judgement.copies.copy_to(store.root / "earlier.db")
    bench.label("FC-0001", cause="handoff")
    app = open_page(store, "clusters")
    os.replace(store.root / "earlier.db", store.root / "judgement.db")
    (error,) = errors(app.run())
    assert (
        f"ends at event {last}: event {last + 1} is missing. What it holds can be read, but nothing is saved" in error
    )
    assert "conversations" in texts(app)
    bench.judgement.journal.accept("Lea")
    assert errors(app.run()) == []


@pytest.mark.parametrize("loss", ["cut", "no database"])
def test_a_damaged_judgement_file_says_how_to_restore_it(open_page: Open, store: Store, loss: str) -> None:
    Bench(store, "Bo").label("FC-0001", cause="loop")
    file = store.root / "judgement.db"
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2] if loss == "cut" else b"something else" * 1000)
    (error,) = errors(open_page(store, "labels"))
    assert "`python -m workbench restore FILE`" in error

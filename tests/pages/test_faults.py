"""What a page says of a fault, what still works, and that it goes on without a restart once that is mended."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import errors, press, texts
from tests.support.small_disk import small_disk
from workbench.bench.bench import Bench
from workbench.errors import FULL, UserError
from workbench.store import Store

Open = Callable[..., AppTest]
LONG = "typed in a hurry".ljust(3900, ".")


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
    assert f"`python -m workbench restore FILE --store {store.root}`" in error


def test_a_label_on_a_full_disk_is_refused_in_words_and_taken_once_there_is_room(
    open_page: Open, built_store: Store, tmp_path: Path
) -> None:
    with small_disk(tmp_path / "disk", 24) as disk:
        shutil.copytree(built_store.root, disk.folder / "store")
        store = Store(disk.folder / "store")
        app = open_page(store, "cluster", c="FC-0001")
        while disk.fill() is None and not refused(store):
            pass  # the log of the store had room left
        app.text_area(key=next(area.key for area in app.text_area if area.label.startswith("Note"))).set_value(LONG)
        press(app, "Save label")
        assert [FULL in error for error in errors(app)] == [True]
        disk.free()
        press(app, "Save label")
        assert errors(app) == []
        assert Bench(store).labels_said()["cluster", "FC-0001"].note == LONG


def refused(store: Store) -> bool:
    try:
        Bench(store, "Bo").label("FC-0002", note=LONG[:2000])
    except UserError:
        return True
    return False

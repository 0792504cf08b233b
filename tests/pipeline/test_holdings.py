"""Whoever must remove a conversation from a store learns where it may stand."""

from pathlib import Path

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.pipeline.holdings import holdings
from workbench.store import Store


def test_every_file_that_names_a_conversation_or_its_user_is_a_holding(tmp_path: Path) -> None:
    row = small_log()[0] | {"user_id": "user-of-the-parcel"}
    store = Store(tmp_path / "s")
    build(store.root, write_chat(tmp_path / "log.parquet", [row, *small_log()[1:3]]))
    held = {each.file for each in holdings(store)}
    judgement = {file for file in store.root.iterdir() if file.name.startswith("judgement.")}
    own = {store.root / name for name in ("current.json", "build.lock", "builder.json")}
    assert {file for file in store.root.rglob("*") if file.is_file()} - judgement - own == held


def test_what_follows_from_the_parts_can_be_deleted_and_is_made_again(tmp_path: Path) -> None:
    store = Store(tmp_path / "s")
    build(store.root, write_chat(tmp_path / "log.parquet", small_log()[:3]))
    rebuilt = [each for each in holdings(store) if each.rebuilt]
    assert {each.kind for each in rebuilt} == {"parts", "snapshots", "judged", "results", "vectors"}
    for each in rebuilt:
        each.file.unlink()
    assert build(store.root)["store"]["conversations"] == 3
    assert [each.kind for each in holdings(store) if each.rebuilt] == [each.kind for each in rebuilt]

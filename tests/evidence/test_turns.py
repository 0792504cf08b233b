"""A snapshot reads what was said from the parts, by the places that it keeps of conversations."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.errors import UserError
from workbench.evidence.queries import Evidence, reading
from workbench.logs.parts import read_part
from workbench.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """Two imports, the second with a later version of the conversation `conv-001`, and a new one."""
    log = small_log()
    build(tmp_path / "s", write_chat(tmp_path / "log.parquet", log))
    longer = log[1] | {"messages": [*log[1]["messages"], {"role": "user", "content": "thank you!"}]}
    build(tmp_path / "s", write_chat(tmp_path / "later.parquet", [longer, log[2] | {"conversation_id": "new"}]))
    return Store(tmp_path / "s")


@pytest.fixture
def evidence(store: Store) -> Iterator[Evidence]:
    with reading(served(store)) as evidence:
        yield evidence


def served(store: Store) -> Path:
    return store.snapshot_file(store.require_pointer().snapshot)


def key_of(evidence: Evidence, name: str) -> str:
    (match,) = evidence.find(name)
    return match.key


def said(evidence: Evidence, name: str) -> Any:
    conversation = evidence.conversation(key_of(evidence, name))
    return conversation and conversation.turns[-1].content


def test_a_conversation_comes_as_its_newest_import_wrote_it(store: Store, evidence: Evidence) -> None:
    parts = [read_part(store.parts / name) for name in ("I000001", "I000002")]
    newest = {conversation.key: conversation for part in parts for conversation in part}
    assert evidence.conversations([*newest, "no such key"]) == [newest[key] for key in sorted(newest)]
    assert evidence.conversation("no such key") is None


def test_an_undone_import_takes_its_versions_along_and_a_kept_snapshot_still_has_them(store: Store) -> None:
    before = served(store)
    build(store.root, undo="I000002")
    with reading(before) as older, reading(served(store)) as newer:
        assert (said(older, "conv-001"), said(newer, "conv-001") == "thank you!") == ("thank you!", False)
        assert (said(older, "new") is not None, newer.find("new")) == (True, [])


def test_the_texts_of_a_turn_are_read_by_its_position(evidence: Evidence) -> None:
    key = key_of(evidence, "conv-001")
    assert (evidence.texts_of_turn(key, 4), evidence.texts_of_turn(key, 9)) == ("thank you!", None)
    assert evidence.texts_of_turn("no such key", 0) is None


def test_an_import_that_is_gone_is_named_with_the_mend_and_the_others_open(store: Store, evidence: Evidence) -> None:
    shutil.rmtree(store.parts / "I000002")
    with pytest.raises(UserError) as error:
        said(evidence, "conv-001")
    assert str(error.value) == (
        f"The import I000002 is gone from {store.parts}, and what was said in its conversations with it: "
        f"{store.parts / 'I000002' / 'conversations-0000.parquet'}. "
        "Restore a backup that holds it, or undo that import and import its files again."
    )
    assert said(evidence, "conv-002") == small_log()[2]["messages"][-1]["content"]


@pytest.mark.parametrize(
    ("other", "message"),
    [
        (b"PAR1", "The import I000002 is damaged in"),
        (None, "is not in the import I000002 any more: it was erased, or"),
    ],
)
def test_an_import_that_is_another_than_it_was_is_not_shown_as_it(
    store: Store, evidence: Evidence, other: bytes | None, message: str
) -> None:
    name = "conversations-0000.parquet"
    (store.parts / "I000002" / name).unlink()
    if other is None:
        shutil.copy(store.parts / "I000001" / name, store.parts / "I000002" / name)
    else:
        (store.parts / "I000002" / name).write_bytes(other)
    with pytest.raises(UserError, match=message):
        said(evidence, "new")

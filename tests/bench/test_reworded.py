"""A label stands on the words that a person read: once a log replaces them it says so, on pages and in exports."""

from contextlib import closing
from pathlib import Path

import pytest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.bench.failure_rows import LabelRow
from workbench.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    store = Store(tmp_path / "s")
    build(store.root, write_chat(tmp_path / "log.parquet", small_log()[:12]))
    return store


def labelled(store: Store, conversation: str) -> LabelRow:
    with closing(Bench(store)) as bench:
        return next(row for row in bench.labels() if row.conversation_id == conversation)


def label(store: Store, conversation: str, **parts: str) -> None:
    with closing(Bench(store, "Ann")) as bench:
        bench.label(bench.find_conversation(conversation), **parts)  # type: ignore[arg-type]


def come_again(store: Store, conversation: str, words: str, *, more: bool = False) -> None:
    row = next(row for row in small_log() if row["conversation_id"] == conversation)
    if more:
        row["messages"].append({"role": "user", "content": words})
    else:
        row["messages"][0]["content"] = words
    build(store.root, write_chat(store.root.parent / f"{words}.parquet", [row]))


def test_a_label_of_words_that_were_replaced_is_outdated_and_says_so(store: Store) -> None:
    label(store, "conv-002", cause="loop")
    label(store, "conv-004", disposition="not-a-bug")
    come_again(store, "conv-002", "other words")
    come_again(store, "conv-004", "others again")
    outdated, of_disposition = labelled(store, "conv-002"), labelled(store, "conv-004")
    assert (outdated.root_cause, outdated.root_cause_source, outdated.said_of) == ("loop", "outdated", "outdated")
    assert (of_disposition.root_cause, of_disposition.root_cause_source) == (None, "outdated")
    with closing(Bench(store)) as bench:
        detail = bench.conversation(bench.find_conversation("conv-002"))
        assert (detail.outdated, detail.reworded is not None) == (["label"], True)
        (score,) = [row for row in bench.scores() if row.conversation_id == "conv-002"]
        assert (score.root_cause, score.root_cause_source) == (None, None)


def test_said_again_it_is_a_persons_again(store: Store) -> None:
    label(store, "conv-002", cause="loop")
    come_again(store, "conv-002", "other words")
    label(store, "conv-002", cause="handoff")
    assert labelled(store, "conv-002").root_cause_source == "person"
    build(store.root)
    assert labelled(store, "conv-002").root_cause_source == "person"


def test_a_conversation_that_only_goes_on_leaves_its_label_as_it_is(store: Store) -> None:
    label(store, "conv-002", cause="loop")
    come_again(store, "conv-002", "and more", more=True)
    assert labelled(store, "conv-002").root_cause_source == "person"

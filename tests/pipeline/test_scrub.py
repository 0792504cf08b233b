"""`import --scrub` masks before anything is kept: no file of the store holds it, and what ran together before still does."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.personal_log import TRACES, personal_log
from workbench.bench.bench import Bench
from workbench.logs.parts import read_manifest, read_part, read_rejects
from workbench.logs.scrubbing import SCRUBBED
from workbench.pipeline.job import Job
from workbench.pipeline.traces import Searcher
from workbench.pipeline.worker import run
from workbench.store import Store


@pytest.fixture
def log(tmp_path: Path) -> Path:
    """The personal log under a name that says nothing."""
    return personal_log(tmp_path).rename(tmp_path / "log.jsonl")


def imported(store: Path, log: Path, scrub: bool = True) -> dict[str, object]:
    return run(Job(store=str(store), paths=[str(log)], scrub=scrub, actor="Ana"))


def test_no_file_of_the_store_holds_what_is_masked(log: Path, tmp_path: Path) -> None:
    result = imported(tmp_path / "store", log)
    assert (result["rows_kept"], result["rows_rejected"]) == (24, 1)
    files = [file for file in (tmp_path / "store").rglob("*") if file.is_file() and file.name != "erased.json"]
    assert [(text, file.name) for text in TRACES for file in files if Searcher(text).in_file(file)] == []
    part = tmp_path / "store" / "parts" / "I000001"
    assert (SCRUBBED in read_manifest(part).notes, read_manifest(part).options["scrub"]) == (True, True)
    (reject,) = read_rejects(part)
    assert "[email]" in reject.value


def test_as_many_fail_and_group_as_of_the_same_log_unscrubbed(log: Path, tmp_path: Path) -> None:
    results = [imported(tmp_path / str(scrub), log, scrub) for scrub in (True, False)]
    assert results[0]["conversations"] == results[1]["conversations"] == 24
    assert results[0]["failures"] == results[1]["failures"] == 24
    scrubbed, logged = (
        sorted(row.size for row in Bench(Store(tmp_path / str(scrub))).clusters()) for scrub in (True, False)
    )
    assert scrubbed == logged


def test_ids_that_are_masked_stay_apart_and_come_again_as_the_same(tmp_path: Path) -> None:
    rows = [
        {"conversation_id": f"{user}@example.com", "user_id": f"{user}@example.com",
         "messages": [{"role": "user", "content": f"I am {user}"}, {"role": "assistant", "content": "Hello."}]}
        for user in ("ann", "bob", "ann")
    ]  # fmt: skip
    log, store = tmp_path / "log.jsonl", tmp_path / "store"
    log.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    imported(store, log)
    kept = list(read_part(store / "parts" / "I000001"))
    ids = [conversation.conversation_id for conversation in kept]
    assert len(set(ids)) == 2
    assert [conversation.user_id for conversation in kept] == ids
    assert all(id.startswith("[email] ") and id[8:].isalpha() and len(id) == 20 for id in ids)
    again = imported(store, log)
    assert (again["rows_kept"], again["rows_duplicate"]) == (0, 3)

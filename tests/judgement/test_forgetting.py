"""Forgetting a text: what is blanked, where it still stands, and that a lead alone does it, from everywhere."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from workbench.bench.bench import Bench
from workbench.cli.main import app
from workbench.errors import Denied
from workbench.judgement import database
from workbench.judgement.forgetting import describe_forgotten
from workbench.judgement.records.clusters import Registered
from workbench.judgement.records.events import Forgotten
from workbench.judgement.store import Judgement
from workbench.store import Store

Run = Callable[..., object]


@pytest.fixture
def command(store: Store, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the store; its JSON document."""

    def run(*arguments: str) -> object:
        app([*arguments, "--store", str(store.root), "--json"], standalone_mode=False)
        return json.loads(capsys.readouterr().out)

    return run


def test_what_was_done_is_told_with_every_place_where_the_text_still_stands() -> None:
    forgotten = Forgotten(
        [3, 7], ["person:Jo Miller", "registered:FC-0002"], [7], ["before-restore-1.zip"], in_log=True
    )
    assert describe_forgotten(forgotten, done=True) == [
        "What events 3, 7 said is forgotten.",
        "As who acted, or on what, it stays in event 7: the chain needs these.",
        "It stands in what holds now: person:Jo Miller. Change that, and forget it again.",
        "Clusters are named with it: FC-0002. Names come from the logs.",
        "It may still stand in the database's write-ahead log, since somebody was reading. "
        "Give this command again when nobody is.",
        "Earlier states of the store were not looked into: before-restore-1.zip. Delete those that nobody needs.",
        "Imported logs are evidence and stay as they are: undo the import. Backups elsewhere may hold it, too.",
    ]
    assert describe_forgotten(Forgotten([3], []), done=False)[0] == "What event 3 said would be forgotten, for good."
    assert describe_forgotten(Forgotten([], []), done=True)[0] == "No event says it."


def test_the_names_of_clusters_are_looked_through_too(judgement: Judgement) -> None:
    clusters = [
        Registered("FC-0001", "shop", "topical", None, "jo miller, refund: mixed", ["a"], b"", "m"),
        Registered("FC-0002", "shop", "mechanical", "get_order: no user Jo Miller", "no user", ["b"], b"", "m"),
        Registered("FC-0003", "shop", "topical", None, "refund: mixed", ["c"], b"", "m"),
    ]
    judgement.register.record("S000001", clusters, [])
    judgement.labels.set("cluster", "FC-0003", actor="Ann", note="Jo Miller again")
    assert judgement.journal.forget("Jo Miller", "Ann") == Forgotten(
        [2], ["label:cluster:FC-0003", "registered:FC-0001", "registered:FC-0002"]
    )


def test_a_dry_run_changes_nothing(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", note="call Jo Miller")
    assert judgement.journal.forget("Jo Miller", "Ann", dry_run=True) == Forgotten([1], ["label:cluster:FC-0001"])
    assert [(event.what, event.forgotten) for event in judgement.journal.events()] == [("labelled", False)]


def test_looking_and_forgetting_take_a_lead(judgement: Judgement) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    for dry_run in (True, False):
        with pytest.raises(Denied, match="this takes a lead"):
            judgement.journal.forget("Jo Miller", "Bo", dry_run)


def test_a_reader_who_keeps_the_text_in_the_log_is_waited_for_and_then_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "SECONDS_TO_WAIT_FOR_READERS", 0.2)
    with closing(Judgement(f"sqlite:///{tmp_path / 'judgement.db'}")) as judgement:
        judgement.labels.set("conversation", "c1", actor="Ann", note="jo@example.org")
        judgement.labels.set("conversation", "c1", actor="Ann", note="asked twice")
        with closing(sqlite3.connect(tmp_path / "judgement.db", isolation_level=None)) as reader:
            reader.execute("begin")
            reader.execute("select count(*) from events").fetchone()
            # the second label's event has it in what stood before
            assert judgement.journal.forget("jo@example.org", "Ann") == Forgotten([1, 2], [], in_log=True)
            assert b"jo@example.org" in (tmp_path / "judgement.db-wal").read_bytes()
        assert judgement.journal.forget("jo@example.org", "Ann") == Forgotten([], [])
        assert not [file.name for file in tmp_path.iterdir() if b"jo@example.org" in file.read_bytes()]


def test_the_command_forgets_and_lists_what_the_store_keeps_of_earlier_states(command: Run, store: Store) -> None:
    bench = Bench(store, "Ann")
    sequence = bench.label("FC-0001", cause="loop", note="call Jo Miller").version
    bench.label("FC-0001", cause="loop", note="asked twice")
    for name in ("before-restore-20260101.zip", "judgement.db.schema-0001.20260101", "other.zip"):
        (store.root / name).touch()
    forgotten = {
        "events": [sequence, sequence + 1],
        "still_in": [],
        "named_in": [],
        "copies": ["judgement.db.schema-0001.20260101", "before-restore-20260101.zip"],
        "in_log": False,
    }
    assert command("forget", "jo miller", "--actor", "Ann", "--dry-run") == forgotten | {"dry_run": True}
    assert [event.forgotten for event in bench.judgement.journal.events(limit=2)] == [False, False]
    assert command("forget", "jo miller", "--actor", "Ann") == forgotten | {"dry_run": False}
    assert [event.forgotten for event in bench.judgement.journal.events(limit=3)] == [False, True, True]

"""Forgetting a text: what is blanked, where it still stands, and that a lead alone does it, from everywhere."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from workbench.cli.main import app
from workbench.errors import Denied
from workbench.judgement import database
from workbench.judgement.erasing import Gone
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


def test_the_names_of_clusters_are_looked_through_too(judgement: Judgement) -> None:
    clusters = [
        Registered("FC-0001", "shop", "topical", None, "jo miller, refund: mixed", ["a"], b"", "m"),
        Registered("FC-0002", "shop", "mechanical", "get_order: no user Jo Miller", "no user", ["b"], b"", "m"),
        Registered("FC-0003", "shop", "topical", None, "refund: mixed", ["c"], b"", "m"),
    ]
    judgement.register.record("S000001", clusters, [])
    judgement.labels.set("cluster", "FC-0003", actor="Ann", note="Jo Miller again")
    assert judgement.erasing.forget("Jo Miller", "Ann") == Forgotten(
        [2], [], changed=["label:cluster:FC-0003", "registered:FC-0001", "registered:FC-0002"]
    )
    assert [each.name for each in judgement.register.clusters()] == [
        "[forgotten], refund: mixed",
        "no user",
        "refund: mixed",
    ]


def test_a_dry_run_changes_nothing(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", note="call Jo Miller")
    assert judgement.erasing.forget("Jo Miller", "Ann", dry_run=True) == Forgotten(
        [1], [], changed=["label:cluster:FC-0001"]
    )
    assert [(event.what, event.forgotten) for event in judgement.journal.events()] == [("labelled", False)]


def test_looking_and_forgetting_take_a_lead(judgement: Judgement) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    for dry_run in (True, False):
        with pytest.raises(Denied, match="this takes a lead"):
            judgement.erasing.forget("Jo Miller", "Bo", dry_run)


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
            assert judgement.erasing.forget("jo@example.org", "Ann") == Forgotten([1, 2], [], in_log=True)
            assert b"jo@example.org" in (tmp_path / "judgement.db-wal").read_bytes()
        assert judgement.erasing.forget("jo@example.org", "Ann") == Forgotten([], [])
        assert not [file.name for file in tmp_path.iterdir() if b"jo@example.org" in file.read_bytes()]


def test_what_hangs_on_a_name_keeps_it_and_is_listed(judgement: Judgement) -> None:
    judgement.pod.set_owner("FC-0001", "Jo Miller", actor="Ann")
    assert judgement.erasing.forget("Jo Miller", "Ann").still_in == ["owner:FC-0001"]
    assert judgement.pod.owners() == {"FC-0001": "Jo Miller"}


def test_what_is_said_of_an_erased_conversation_goes_and_the_rest_of_it_stays(judgement: Judgement) -> None:
    key, other = "a" * 32, "b" * 32
    judgement.labels.set("conversation", key, actor="Ann", note="shouted")
    judgement.labels.set("conversation", other, actor="Ann", note="as in conv-0007 and “where is my own parcel please”")
    judgement.verdicts.add(key, actor="Ann", verdict="failed")
    round = judgement.rounds.start("R", [key, other], actor="Ann")
    judgement.rounds.vote(round.round, key, actor="Ann", cause="loop")
    judgement.modes.create(
        "Mode", [[key, "Ann"], [other, "Ann"]], actor="Ann", definition="Where is my own parcel, please…"
    )
    gone = Gone(
        frozenset([key]),
        frozenset(["conv-0007"]),
        "hello: where is my own parcel please, where is my own parcel, please, says jo",
    )
    judgement.erasing.forget("u-jo", "Ann", gone=gone)
    assert [(label.target, label.note) for label in judgement.labels.all().values()] == [
        (other, "as in [forgotten] and [forgotten]")
    ]
    assert judgement.verdicts.all() == {}
    assert judgement.rounds.get(round.round).conversations == [other]
    (mode,) = judgement.modes.all()
    assert (mode.notes, mode.definition) == ([[other, "Ann"]], "[forgotten]")
    assert judgement.journal.verify_chain().intact

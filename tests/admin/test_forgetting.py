"""Forgetting a person: their conversations leave every file of the store and never come back by themselves."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.builds import build
from tests.support.small_log import CHAT, small_log
from workbench.admin.backup import backup, restore
from workbench.admin.forgetting import Erased, describe_erased, find, forget, lift
from workbench.bench.bench import Bench
from workbench.cli.main import app
from workbench.errors import Denied, UserError, WorkbenchError
from workbench.judgement.records.events import Forgotten
from workbench.judgement.store import Judgement
from workbench.pipeline import erasure
from workbench.pipeline.job import Job
from workbench.pipeline.snapshots import rollback, snapshot_names
from workbench.store import Store

JO = "Jo Miller"
WORDS = "my parcel for the Lindenstraße never came and nobody answers"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store in two snapshots of the small log with users; conv-003 to conv-005 are u-jo's, of which one names Jo Miller, and so does conv-006."""
    rows = small_log()
    for n, row in enumerate(rows):
        row["user_id"] = "u-jo" if n in (3, 4, 5) else f"u-{n:03d}"
    rows[4]["messages"][0]["content"] = f"I am Jo Miller, {WORDS}"
    rows[6]["messages"][2]["content"] = '{"status": "ok", "customer": "JO  MILLER"}'
    folder = tmp_path_factory.mktemp("users")
    pq.write_table(pa.Table.from_pylist(rows, CHAT.append(pa.field("user_id", pa.string()))), folder / "log.parquet")
    build(folder / "s", folder / "log.parquet")
    build(folder / "s", granularity="many")
    return folder


@pytest.fixture
def store(tmp_path: Path, folder: Path) -> Store:
    """A copy of that store, its log beside it."""
    shutil.copytree(folder, tmp_path, dirs_exist_ok=True)
    return Store(tmp_path / "s")


@pytest.fixture
def log(store: Store) -> Path:
    """The log beside the store."""
    return store.root.parent / "log.parquet"


def rebuild(job: Job) -> dict[str, Any]:
    return build(Path(job.store))


def erase(store: Store, text: str) -> Erased:
    return forget(store, text, "Ann", build=rebuild)


def ids(store: Store) -> set[str]:
    with closing(Bench(store)) as bench:
        return {f"conv-{n:03d}" for n in range(48) if bench.evidence.find(f"conv-{n:03d}", None)}


def test_a_users_conversations_leave_every_file_and_no_rollback_brings_them_back(store: Store) -> None:
    assert find(store, "u-jo", "Ann").conversations == 3
    erased = erase(store, "u-jo")
    assert (erased.conversations, erased.imports, erased.snapshot) == (3, ["I000001"], "S000003")
    assert erased.files == []
    assert ids(store) == {f"conv-{n:03d}" for n in range(48)} - {"conv-003", "conv-004", "conv-005"}
    assert snapshot_names(store) == ["S000003"]
    with pytest.raises(UserError, match="is not kept"):
        rollback(store, "S000001", "Ann")
    keys = [Bench(store).evidence.find(f"conv-{n:03d}", None) for n in (3, 4, 5)]
    assert keys == [[], [], []]


def test_a_name_takes_with_it_what_only_names_it(store: Store) -> None:
    erased = erase(store, "jo miller")
    assert (erased.conversations, erased.users, erased.files) == (2, ["u-006", "u-jo"], [])
    assert {"conv-004", "conv-006"} & ids(store) == set()


def test_neither_ids_nor_keys_nor_words_of_what_is_erased_stand_anywhere(store: Store) -> None:
    with closing(Bench(store)) as bench:
        key = bench.find_conversation("conv-004")
    erase(store, "u-jo")
    nobody = lambda stage, done, total: None  # noqa: E731
    stands = {text: erasure.naming_files(store, text, nobody) for text in ("conv-004", key, "Lindenstraße", "call-4")}
    assert stands == {"conv-004": [], key: [], "Lindenstraße": [], "call-4": []}


def test_no_vector_of_an_erased_text_stays(store: Store) -> None:
    def vectors() -> int:
        return sum(pq.read_metadata(file).num_rows for file in store.vectors.rglob("*.parquet"))

    before = vectors()
    erase(store, "u-jo")
    after = vectors()
    build(store.root, granularity="few")
    assert (after < before, vectors()) == (True, after)


def test_the_same_log_again_is_rejected_with_a_reason_until_that_is_lifted(store: Store, log: Path) -> None:
    erase(store, "u-jo")
    again = build(store.root, log)
    assert (again["rows_kept"], again["rows_rejected"], again["rows_duplicate"]) == (0, 3, 45)
    with closing(Bench(store)) as bench:
        rejects = bench.rejects("I000002")
    assert [(reject.row, reject.value, reject.reason[:29]) for reject in rejects] == [
        (row, "", "was erased from this store on") for row in (4, 5, 6)
    ]
    lift(store, "U-JO", "Ann")
    assert build(store.root, log)["rows_kept"] == 3
    assert len(ids(store)) == 48
    with pytest.raises(UserError, match="Nothing was erased under this text"):
        lift(store, "u-jo", "Ann")


def test_what_keeps_it_from_coming_back_names_nobody(store: Store) -> None:
    erase(store, "u-jo")
    raw = json.loads((store.root / "erased.json").read_text("utf-8"))
    ((erasure_id, text, count),) = [
        (each["erasure"], each["text"], len(each["conversations"])) for each in raw["erasures"]
    ]
    assert (erasure_id, text, count) == ("E000001", None, 3)
    assert (store.root / "erased.json").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("stage", ["_take_out", "_narrow_beside", "_recount", "finish"])
def test_a_crash_in_the_midst_is_made_good_by_the_next_build(
    store: Store, monkeypatch: pytest.MonkeyPatch, stage: str, tmp_path: Path
) -> None:
    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(erasure, stage, crash)
        with pytest.raises(KeyboardInterrupt):
            erase(store, "u-jo")
    assert erasure.pending(store)
    build(store.root)
    assert (erasure.pending(store), len(ids(store)), snapshot_names(store)[:-1]) == (False, 45, [])
    assert find(store, "u-jo", "Ann").files == []


def test_the_pages_serve_on_while_the_next_snapshot_is_built(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(job: Job) -> dict[str, Any]:
        with closing(Bench(store)) as bench:
            kept = bench.conversation(bench.find_conversation("conv-040")).conversation
            assert kept.turns[0].content == "please refund order 40, the shoes are too small"
            with pytest.raises(UserError, match="it was erased"):
                bench.conversation(bench.find_conversation("conv-004"))
        return rebuild(job)

    forget(store, "u-jo", "Ann", build=look)


def test_judgement_says_nothing_of_it_any_more_and_its_chain_holds(store: Store) -> None:
    with closing(Bench(store, "Ann")) as bench:
        keys = {n: bench.find_conversation(f"conv-{n:03d}") for n in (4, 6, 10)}
        cluster = bench.clusters()[0].cluster
        bench.label(keys[4], cause="loop", note="he shouted")
        bench.label(keys[10], cause="loop", note=f"as said: {JO} again")
        bench.label(cluster, cause="handoff", note=WORDS.upper())
        judgement = bench.judgement
        judgement.verdicts.add(keys[4], actor="Ann", verdict="failed", note="n")
        ticket = judgement.tickets.create(
            "Parcels", clusters=[cluster], actor="Ann", evidence={"examples": [{"key": keys[4]}, {"key": keys[10]}]}
        )
        judgement.tickets.set_tracker({ticket.ticket: ("PAY-7", None)}, actor="Ann")
        forgotten = erase(store, JO).forgotten
        labels = judgement.labels.all()
        assert labels.keys() == {("conversation", keys[10]), ("cluster", cluster)}
        assert labels["conversation", keys[10]].note == "as said: [forgotten] again"
        assert labels["cluster", cluster].note == "[forgotten]"
        assert judgement.tickets.get(ticket.ticket).evidence == {"examples": [{"key": keys[10]}]}
        assert forgotten.trackers == [f"{ticket.ticket} (PAY-7)"]
        assert forgotten.still_in == []
        assert not any(keys[4] in cluster.members for cluster in judgement.register.clusters())
        assert judgement.journal.verify_chain().intact


def test_what_stands_in_more_conversations_than_one_persons_takes_being_sure(store: Store) -> None:
    with pytest.raises(UserError, match="It stands in 48 of 48 conversations, which is more than one person's"):
        erase(store, "order")
    assert len(ids(store)) == 48
    forget(store, "order", "Ann", sure=True, build=rebuild)
    assert ids(store) == set()


def test_an_import_that_was_left_out_goes_whole_since_only_older_snapshots_had_it(store: Store, tmp_path: Path) -> None:
    rows = [row | {"conversation_id": f"other-{n}"} for n, row in enumerate(small_log()[:4])]
    other = tmp_path / "other.parquet"
    pq.write_table(pa.Table.from_pylist(rows, CHAT), other)
    build(store.root, other)
    build(store.root, undo="I000002")
    erase(store, "u-jo")
    assert [folder.name for folder in store.parts.iterdir()] == ["I000001"]


def test_what_is_said_of_it_says_what_is_out_of_reach() -> None:
    forgotten = Forgotten(
        [3, 7],
        ["person:Jo Miller"],
        [7],
        ["before-restore-1.zip"],
        True,
        ["label:cluster:FC-0001"],
        ["FIX-0001 (PAY-7)"],
    )
    erased = Erased(forgotten, 2, ["u-jo"], ["I000001"], ["before-restore-1.zip"], "S000003")
    assert describe_erased(erased, done=True) == [
        "2 conversations of I000001 are erased; snapshot S000003 is built without, and the older ones are gone. The same log "
        "imported again leaves them out and says so. Their users are also called u-jo: forget these, too, for what else is theirs.",
        "Of judgement, what events 3, 7 said was blanked; it was taken out of label:cluster:FC-0001.",
        "As who acted, or on what, it stays in event 7: the chain needs these.",
        "Other things hang on it, so it stays in person:Jo Miller. Change that, and forget it again.",
        "A search of every file of the store finds it no more.",
        "It may still stand in the database's write-ahead log, since somebody was reading. "
        "Give this command again when nobody is.",
        "Earlier states of the store hold it, too: before-restore-1.zip. Delete those that nobody needs.",
        "These tickets told of it, and a tracker has them as well: FIX-0001 (PAY-7). Change them there.",
        "Out of reach are the logs that were imported, backups, exports, reports and tickets that were handed on, and a "
        "database server's own log and backups.",
    ]


def test_looking_and_forgetting_take_a_lead(store: Store) -> None:
    with closing(Judgement(store.judgement_url)) as judgement:
        judgement.pod.set_role("Lea", "lead", actor="Lea")
        judgement.pod.set_role("Bo", "triager", actor="Lea")
    for act in (find, forget, lift):
        with pytest.raises(Denied, match="this takes a lead"):
            act(store, JO, "Bo")


def test_the_command_erases_and_lists_what_the_store_keeps_of_earlier_states(
    store: Store, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def command(*arguments: str) -> Any:
        app([*arguments, "--store", str(store.root), "--actor", "Ann", "--json"], standalone_mode=False)
        return json.loads(capsys.readouterr().out)

    for name in ("judgement.db.schema-0001.20260101", "other.zip"):
        (store.root / name).write_text("of u-jo")
    backup(store, store.root / "before-restore-20260101.zip", actor="Ann")
    seen = command("forget", "U-Jo", "--dry-run")
    assert (seen["conversations"], seen["dry_run"], len(ids(store))) == (3, True, 48)
    assert {"other.zip", "judgement.db.schema-0001.20260101", "parts/I000001/conversations-0000.parquet"} <= {
        *seen["files"]
    }
    monkeypatch.setattr(forget, "__kwdefaults__", forget.__kwdefaults__ | {"build": rebuild})
    done = command("forget", "U-Jo")
    assert (done["conversations"], done["dry_run"], done["files"]) == (3, False, ["judgement.db.schema-0001.20260101", "other.zip"])  # fmt: skip
    assert done["forgotten"]["copies"] == ["judgement.db.schema-0001.20260101", "before-restore-20260101.zip"]
    assert command("forget", "U-Jo", "--lift") == {"lifted": True}


def test_a_backup_from_before_brings_nothing_back_that_was_forgotten_since(store: Store, tmp_path: Path) -> None:
    with closing(Bench(store, "Ann")) as bench:
        key = bench.find_conversation("conv-004")
        bench.label(key, cause="loop", note=WORDS)
    backup(store, tmp_path / "before.zip", actor="Ann", imports=True)
    erase(store, "u-jo")
    for folder in store.parts.iterdir():  # else no import would come back
        shutil.rmtree(folder)
    restored = restore(store, tmp_path / "before.zip", actor="Ann")
    assert (restored.erased, restored.forgotten_since, restored.imports) == (3, 1, ["I000001"])
    build(store.root)
    assert ids(store) == {f"conv-{n:03d}" for n in range(48)} - {"conv-003", "conv-004", "conv-005"}
    with closing(Bench(store, "Ann")) as bench:
        assert ("conversation", key) not in bench.labels_said()
        assert bench.judgement.journal.verify_chain().intact
    named = [file.name for file in erasure.naming_files(store, WORDS, lambda *_: None)]
    assert [name for name in named if not name.startswith("before-restore")] == []


def test_a_draft_that_a_kill_cut_stops_no_erasure_and_goes_with_it(store: Store) -> None:
    draft = store.parts / ".draft"
    draft.mkdir()
    whole = (store.parts / "I000001" / "conversations-0000.parquet").read_bytes()
    (draft / "conversations-0000.parquet").write_bytes(whole[:-100])
    assert erase(store, "u-jo").conversations == 3
    assert not draft.exists()


def test_an_import_that_can_not_be_looked_through_is_named_and_nothing_is_erased(store: Store) -> None:
    file = store.parts / "I000001" / "conversations-0000.parquet"
    file.write_bytes(file.read_bytes()[:-100])
    with pytest.raises(
        WorkbenchError, match=r"conversations-0000\.parquet is damaged, so nobody can tell whose conversations"
    ):
        erase(store, "u-jo")
    assert not erasure.pending(store)


def test_a_longer_id_of_somebody_else_stays_and_is_not_taken_for_the_forgotten_one(store: Store) -> None:
    with closing(Bench(store, "Ann")) as bench:
        cluster = bench.clusters()[0].cluster
        bench.label(cluster, cause="loop", note="as u-jo, and unlike u-job")
    assert erase(store, "u-jo").files == []
    with closing(Bench(store, "Ann")) as bench:
        assert bench.labels_said()["cluster", cluster].note == "as [forgotten], and unlike u-job"


def test_what_was_forgotten_stays_out_of_a_store_that_a_backup_was_restored_into(
    store: Store, tmp_path: Path, log: Path
) -> None:
    erase(store, "u-jo")
    backup(store, tmp_path / "after.zip", actor="Ann")
    other = Store(tmp_path / "other")
    restore(other, tmp_path / "after.zip", actor="Ann")
    again = build(other.root, log)
    assert (again["rows_kept"], again["rows_rejected"]) == (45, 3)
    assert (other.root / "erased.json").stat().st_mode & 0o077 == 0


def test_a_store_with_a_secret_of_its_own_says_how_many_erasures_of_a_backup_it_can_not_know(
    store: Store, tmp_path: Path, log: Path
) -> None:
    erase(store, "u-jo")
    backup(store, tmp_path / "after.zip", actor="Ann")
    other = Store(tmp_path / "other")
    build(other.root, log)
    erase(other, "u-010")
    assert restore(other, tmp_path / "after.zip", actor="Ann").strange_erasures == 1

"""doctor says what is wrong and where; its document is its result, also where something is wrong."""

import json
import os
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from workbench.bench.bench import Bench
from workbench.cli.main import app
from workbench.judgement.store import Judgement
from workbench.store import Store

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def command(store: Store, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run a command on the store; its exit code and standard output."""

    def run(*arguments: str) -> tuple[int, str]:
        code = app([*arguments, "--store", str(store.root)], standalone_mode=False)
        return code or 0, capsys.readouterr().out

    return run


def behind_its_back(store: Store, statement: str) -> None:
    with closing(sqlite3.connect(store.root / "judgement.db")) as connection, connection:
        connection.execute(statement)


def test_a_store_in_order_says_how_many_events_its_chain_holds(command: Run, store: Store) -> None:
    Bench(store, "Ann").label("FC-0001", cause="loop")
    _, out = command("doctor", "--json")
    found = {check["name"]: check for check in json.loads(out)}
    with closing(Judgement(store.judgement_url)) as judgement:
        told = f"{judgement.journal.sequence()} events, the chain is whole, in sqlite:///{store.root}/judgement.db"
    assert found["judgement"] == {"name": "judgement", "ok": True, "found": told}


@pytest.mark.skipif(os.name != "posix", reason="there are no such permissions here")
@pytest.mark.parametrize(
    ("mode", "ok", "words"),
    [
        (0o700, True, "nobody has a way in but its owner"),
        (0o770, True, "nobody has a way in but its owner and the owner's group"),
        (0o755, False, "Whoever has an account on this machine may look into {root} (mode 0755), where all that was logged lies as it "
         "was said. Close it with: chmod o-rwx {root}"),
    ],
)  # fmt: skip
def test_a_store_that_others_may_look_into_is_told_with_the_mend(
    command: Run, store: Store, mode: int, ok: bool, words: str
) -> None:
    store.root.chmod(mode)
    checks = {check["name"]: check for check in json.loads(command("doctor", "--json")[1])}
    assert checks["readers"] == {"name": "readers", "ok": ok, "found": words.format(root=store.root)}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update events set actor = 'Eve' where sequence = {last}", "at event {last} of {last}: the event was changed after it was written"),
        ("delete from payloads where sequence = {last}", "at event {last} of {last}: the payload is gone, and nobody had it forgotten"),
        ("update labels set cause = 'handoff'", "at event {last} of {last}: label:cluster:FC-0001 was changed without an event since"),
        ("update labels set contributing = 'zz'", "at event {last} of {last}: label:cluster:FC-0001 can't be read: it was changed without an event since"),
        ("update events set at = 'garbage' where sequence = {last}", "at event {last} of {last}: the event can't be read"),
        ("update payloads set salt = x'00' where sequence = {last}", "at event {last} of {last}: the payload was changed after it was written"),
        ("delete from chain_head", "at event {next} of {last}: the mark of the chain's end is missing"),
    ],
)  # fmt: skip
def test_a_chain_that_breaks_is_an_exit_code_and_a_document_that_says_where(
    command: Run, store: Store, statement: str, said: str
) -> None:
    last = Bench(store, "Ann").label("FC-0001", cause="loop").version
    behind_its_back(store, statement.format(last=last))
    said = said.format(last=last, next=last + 1)
    code, out = command("doctor", "--json")
    (judgement,) = [check for check in json.loads(out) if check["name"] == "judgement"]
    assert (code, judgement["ok"]) == (1, False)
    assert judgement["found"].startswith(f"The chain of events breaks {said}. Somebody wrote to sqlite:///")


@pytest.mark.parametrize("payload", ["x", "{}"])
def test_a_rewritten_list_of_what_was_forgotten_is_found(command: Run, store: Store, payload: str) -> None:
    bench = Bench(store, "Ann")
    bench.label("FC-0001", cause="loop", note="call Jo Miller")
    bench.judgement.erasing.forget("Jo Miller", "Ann")
    last = bench.judgement.journal.sequence()
    behind_its_back(store, f"update payloads set after = '{payload}' where sequence = {last}")
    code, out = command("doctor", "--json")
    found = {check["name"]: check["found"] for check in json.loads(out)}["judgement"]
    assert (code, found.split(". ")[0]) == (
        1,
        f"The chain of events breaks at event {last} of {last}: the payload was changed after it was written",
    )


def test_what_breaks_one_check_keeps_no_other_from_being_made(
    command: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: Store) -> str:
        raise ZeroDivisionError("odd")

    monkeypatch.setattr("workbench.admin.doctor._imports", broken)
    code, out = command("doctor", "--json")
    checks = {check["name"]: check for check in json.loads(out)}
    assert (code, checks["imports"]["found"]) == (1, "This can't be looked at (ZeroDivisionError: odd).")
    assert checks["judgement"]["ok"]


def test_a_backup_and_its_restore_are_commands(command: Run, store: Store) -> None:
    bench = Bench(store, "Ann")
    last = bench.label("FC-0001", cause="loop").version
    file = store.root.parent / "judgement.zip"
    made = json.loads(command("backup", str(file), "--actor", "Ann", "--json")[1])
    assert (made["file"], made["events"], made["made_by"], made["broken"]) == (str(file), last, "Ann", None)
    bench.label("FC-0001", cause="handoff")
    done = json.loads(command("restore", str(file), "--actor", "Ann", "--json")[1])
    assert (done["contents"]["events"], done["imports"], done["left_out"]) == (last, [], [])
    assert (store.root / done["kept"]).exists()
    assert bench.judgement.labels.all()["cluster", "FC-0001"].cause == "loop"


def test_a_backup_of_a_broken_chain_is_made_and_says_so(command: Run, store: Store) -> None:
    behind_its_back(store, "update events set actor = 'Eve' where sequence = 1")
    code, out = command("backup", str(store.root.parent / "judgement.zip"), "--json")
    assert (code, json.loads(out)["broken"]) == (1, "at event 1: the event was changed after it was written")


def test_a_history_that_lost_its_end_is_told_and_can_be_accepted(command: Run, store: Store) -> None:
    bench = Bench(store, "Ann")
    last = bench.label("FC-0001", cause="loop").version
    bench.judgement.copies.copy_to(store.root / "earlier.db")
    bench.label("FC-0001", cause="handoff")
    bench.close()
    os.replace(store.root / "earlier.db", store.root / "judgement.db")
    code, out = command("doctor", "--json")
    found = {check["name"]: check["found"] for check in json.loads(out)}
    assert (code, found["judgement"]) == (
        1,
        f"The judgement store sqlite:///{store.root}/judgement.db ends at event {last}: event {last + 1} is missing. What it holds "
        "can be read, but nothing is saved in it. "
        f"`python -m workbench restore FILE --store {store.root}` puts the last backup back; "
        f"`python -m workbench doctor --accept-history --store {store.root}` goes on with what it holds.",
    )
    command("doctor", "--accept-history", "--actor", "Lea")
    assert Bench(store, "Ann").label("FC-0001", cause="handoff").version == last + 2


@pytest.mark.parametrize("loss", ["gone", "empty", "cut"])
def test_a_judgement_file_that_is_lost_is_told_and_mended_by_a_restore(command: Run, store: Store, loss: str) -> None:
    Bench(store, "Ann").label("FC-0001", cause="loop")
    backup, file = store.root.parent / "judgement.zip", store.root / "judgement.db"
    command("backup", str(backup), "--actor", "Ann")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("pragma wal_checkpoint(truncate)")
    file.unlink() if loss == "gone" else os.truncate(file, 0 if loss == "empty" else file.stat().st_size // 2)
    code, out = command("doctor", "--json")
    found = {check["name"]: check["found"] for check in json.loads(out)}
    assert (code, f"`python -m workbench restore FILE --store {store.root}`" in found["judgement"]) == (1, True)
    assert command("restore", str(backup), "--actor", "Ann")[0] == 0
    assert Bench(store).judgement.labels.all()["cluster", "FC-0001"].cause == "loop"


def test_doctor_says_against_whom_the_history_is_safe(
    command: Run, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def seal() -> str:
        return {check["name"]: check["found"] for check in json.loads(command("doctor", "--json")[1])}["seal"]

    assert seal() == (
        f"not sealed: the chain and {store.root / 'judgement.head'} detect accidents, not people who can write both. "
        "WORKBENCH_JUDGEMENT_KEY names a key that lies elsewhere"
    )
    key = store.root.parent / "key"
    key.write_bytes(b"sixteen bytes or more")
    monkeypatch.setenv("WORKBENCH_JUDGEMENT_KEY", str(key))
    assert seal() == f"the end of the history is sealed with the key in {key}"


def test_an_anchor_that_is_gone_is_told_and_made_anew_by_the_command_that_is_named(command: Run, store: Store) -> None:
    (store.root / "judgement.head").unlink()
    code, out = command("doctor", "--json")
    found = {check["name"]: check["found"] for check in json.loads(out)}
    assert (code, "judgement.head is gone" in found["judgement"]) == (1, True)
    assert f"`python -m workbench doctor --accept-history --store {store.root}`" in found["judgement"]
    assert command("doctor", "--accept-history", "--actor", "Ann")[0] == 0


def test_a_database_that_another_program_holds_is_told(command: Run, store: Store) -> None:
    with closing(sqlite3.connect(store.root / "judgement.db", isolation_level=None)) as other:
        other.execute("begin immediate")
        code, out = command("doctor", "--json")
    found = {check["name"]: check["found"] for check in json.loads(out)}
    assert (code, found["judgement"]) == (
        1,
        f"Another program has held {store.root}/judgement.db for a second and longer, so nothing can be saved. "
        f"Find it (`fuser {store.root}/judgement.db`), and end it if it does not end by itself.",
    )

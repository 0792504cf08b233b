"""doctor says what is wrong and where; its document is its result, also where something is wrong."""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest

from workbench.bench import Bench
from workbench.cli import app
from workbench.judgement import Judgement
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
        told = f"{judgement.sequence()} events, the chain is whole, in sqlite:///{store.root}/judgement.db"
    assert found["judgement"] == {"name": "judgement", "ok": True, "found": told}


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("update events set actor = 'Eve' where sequence = {last}", "at event {last} of {last}: the event was changed after it was written"),
        ("delete from payloads where sequence = {last}", "at event {last} of {last}: the payload is gone, and nobody had it forgotten"),
        ("update labels set cause = 'handoff'", "at event {last} of {last}: label:cluster:FC-0001 was changed without an event since"),
    ],
)  # fmt: skip
def test_a_chain_that_breaks_is_an_exit_code_and_a_document_that_says_where(
    command: Run, store: Store, statement: str, said: str
) -> None:
    last = Bench(store, "Ann").label("FC-0001", cause="loop").version
    behind_its_back(store, statement.format(last=last))
    code, out = command("doctor", "--json")
    (judgement,) = [check for check in json.loads(out) if check["name"] == "judgement"]
    assert (code, judgement["ok"]) == (1, False)
    assert judgement["found"].startswith(
        f"The chain of events breaks {said.format(last=last)}. Somebody wrote to sqlite:///"
    )


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
    assert bench.judgement.labels()["cluster", "FC-0001"].cause == "loop"


def test_a_backup_of_a_broken_chain_is_made_and_says_so(command: Run, store: Store) -> None:
    behind_its_back(store, "update events set actor = 'Eve' where sequence = 1")
    code, out = command("backup", str(store.root.parent / "judgement.zip"), "--json")
    assert (code, json.loads(out)["broken"]) == (1, "at event 1: the event was changed after it was written")

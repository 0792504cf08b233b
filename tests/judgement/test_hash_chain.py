"""Rows that somebody wrote without this program: a check finds them, whatever they are, and nobody takes them for ours."""

from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.judgement import run
from workbench.errors import UserError
from workbench.judgement.records.events import ChainCheck
from workbench.judgement.store import Judgement

SAID_WITHOUT_US = r"somebody wrote to it without this program\. `python -m workbench doctor` says where"


@pytest.fixture
def address(tmp_path: Path) -> str:
    """An SQLite store, which lets anybody write anything into any column: a label (1), another one (2), forgotten (3)."""
    address = f"sqlite:///{tmp_path / 'judgement.db'}"
    with closing(Judgement(address)) as judgement:
        judgement.labels.set("cluster", "FC-0001", actor="Jo Miller", cause="loop")
        judgement.labels.set("cluster", "FC-0002", actor="Ann", cause="handoff")
        judgement.erasing.forget("Jo Miller", "Ann")
    return address


@pytest.mark.parametrize(
    ("statement", "broken", "problem"),
    [
        ("update labels set contributing = 'zz' where target = 'FC-0002'", 2, "label:cluster:FC-0002 can't be read: it was changed without an event since"),
        ("update labels set at = 'garbage' where target = 'FC-0001'", 1, "label:cluster:FC-0001 can't be read: it was changed without an event since"),
        ("insert into rounds values ('AG-0001','t','zz','[]','{}','[]','open','Eve','2026-03-02 12:00:00',1)", None, "round:AG-0001 was written without an event"),
        ("update payloads set after = 'x' where sequence = 3", 3, "the payload was changed after it was written"),
        ("update payloads set after = '{}' where sequence = 3", 3, "the payload was changed after it was written"),
        ("update payloads set before = null where sequence = 2", 2, "the payload was changed after it was written"),
        ("update payloads set salt = null where sequence = 2", 2, "the payload is gone, and nobody had it forgotten"),
        ("update payloads set salt = null where sequence = 3", 1, "the payload is gone, and nobody had it forgotten"),
        ("update events set at = 'garbage' where sequence = 2", 2, "the event can't be read"),
        ("update events set actor = x'ff' where sequence = 2", 2, "the event can't be read"),
        ("delete from chain_head", 4, "the mark of the chain's end is missing"),
        ("update chain_head set sequence = 'x'", 4, "the last of x events are missing"),
    ],
)  # fmt: skip
def test_what_can_not_be_read_is_found_like_any_other_change(
    address: str, statement: str, broken: int | None, problem: str
) -> None:
    run(address, statement)
    with closing(Judgement(address)) as judgement:
        assert judgement.journal.verify_chain() == ChainCheck(3, broken, problem)


@pytest.mark.parametrize(
    ("statement", "read", "message"),
    [
        ("update labels set contributing = 'zz'", lambda store: store.labels.all(), "The labels in the judgement store can't be read"),
        ("update events set at = 'garbage'", lambda store: store.journal.events(), "The events in the judgement store can't be read"),
        ("delete from chain_head", lambda store: store.journal.head(), "The end of the chain of events in the judgement store can't be read"),
        ("delete from chain_head", lambda store: store.causes.add("x", title="X", actor="Ann"), "can't be read"),
    ],
)  # fmt: skip
def test_whoever_reads_it_is_told_so(
    address: str, statement: str, read: Callable[[Judgement], object], message: str
) -> None:
    run(address, statement)
    with (
        closing(Judgement(address)) as judgement,
        pytest.raises(UserError, match=rf"{message} \(.*\): {SAID_WITHOUT_US}"),
    ):
        read(judgement)


def test_an_event_whose_payload_was_rewritten_tells_nothing_and_can_not_be_undone(address: str) -> None:
    run(address, """update payloads set before = 'null', after = '{"cause": "loop"}' where sequence = 2""")
    with closing(Judgement(address)) as judgement:
        payloads = [(event.before, event.after, event.forgotten, event.damaged) for event in judgement.journal.events()]
        assert payloads[1:] == [(None, None, False, True), (None, None, True, False)]
        with pytest.raises(UserError, match="What event 2 changed is not as it was written, so it can't be undone"):
            judgement.undo(2, "Ann")


def test_a_role_that_is_none_is_nobodys(address: str) -> None:
    run(address, "insert into people values ('Ann', 'boss', 1)")
    with closing(Judgement(address)) as judgement:
        assert judgement.pod.role_of("Ann") == "lead"
        assert judgement.journal.verify_chain().problem == "person:Ann was written without an event"

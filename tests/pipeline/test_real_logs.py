"""What issue 1 must show on conversations that nobody here wrote. Skips where ../shared/logs is absent."""

import shutil
from pathlib import Path

import pytest

from workbench.bench.bench import Bench
from workbench.pipeline.job import Job
from workbench.pipeline.worker import run
from workbench.store import Store

REPEATED_TO_THE_LIMIT = ("6f9f10f6", "930258a2", "b2188574")


@pytest.fixture(scope="module")
def bench(agents_store: Store) -> Bench:
    return Bench(agents_store)


def test_every_conversation_is_in_and_failures_are_found(bench: Bench) -> None:
    summary = bench.summary()
    assert (summary.conversations, summary.turns, summary.rejects) == (420, 15326, 0)
    assert 0 < summary.failures < 420


def test_names_say_topic_and_way_of_failing(bench: Bench) -> None:
    for row in bench.clusters():
        topic, _, went = row.name.partition(": ")
        assert topic
        assert went.endswith(")")


def test_the_nine_empty_replies_are_one_mechanical_cluster(bench: Bench) -> None:
    (silent,) = (row for row in bench.clusters() if row.signature == "empty-reply")
    assert (silent.kind, silent.size) == ("mechanical", 9)
    assert {m.conversation_id[:7] for m in bench.cluster(silent.cluster).members} == {"b4e983f"}


def test_the_calls_repeated_to_the_limit_are_one_mechanical_cluster(bench: Bench) -> None:
    homes = {
        (member.cluster, member.signature != "")
        for member in bench.points()
        if member.conversation_id.endswith(REPEATED_TO_THE_LIMIT)
    }
    assert len(homes) == 1
    (row,) = (row for row in bench.clusters() if row.cluster == next(iter(homes))[0])
    assert (row.kind, row.signature) == ("mechanical", "repeated-call")


def test_a_customers_own_failed_device_checks_are_no_tool_fault(bench: Bench) -> None:
    tool_signals = [
        (member.conversation_id, hit.evidence)
        for member in bench.points()
        if member.bot == "telecom"
        for hit in bench.conversation(member.key).signals
        if hit.family == "tool" and hit.position is not None
        and bench.conversation(member.key).conversation.turns[hit.position].caller == "user"
    ]  # fmt: skip
    assert tool_signals == []


def test_a_label_outlives_another_import_and_an_analysis(agents_store: Store, real_logs: Path, tmp_path: Path) -> None:
    shutil.copytree(agents_store.root, tmp_path / "s")
    store = Store(tmp_path / "s")
    bench = Bench(store, "ann")
    before = {row.cluster: row.name for row in bench.clusters()}
    bench.label("FC-0001", cause="policy-not-followed", severity="S1")
    run(Job(store=str(store.root), paths=[str(real_logs / "rag.parquet")], actor="tests"))
    run(Job(store=str(store.root), actor="tests"))
    labelled = [
        (row.cluster, row.name, row.root_cause) for row in bench.clusters() if row.root_cause_source == "person"
    ]
    assert labelled == [("FC-0001", before["FC-0001"], "policy-not-followed")]
    assert bench.summary().conversations == 897


def test_a_failure_and_the_same_task_that_worked_differ_first_in_the_bags_that_cost(bench: Bench) -> None:
    failure = next(one.key for one in bench.points() if one.conversation_id.endswith("4cf9d59c"))
    beside = bench.worked(failure)[0]
    assert (beside.conversation_id[-8:], beside.same_task) == ("cce32bc6", True)
    assert beside.contrast.first == "update_reservation_baggages: nonfree_baggages 1 here, 0 where it worked"


def test_cancelling_stands_out_among_airline_failures(bench: Bench) -> None:
    first = {
        parted[0].text: parted[0]
        for row in bench.clusters()
        if row.bot == "airline" and (parted := bench.cluster(row.cluster).parted)
    }
    cancelled = first["carries out cancel_reservation"]
    assert cancelled.failing / cancelled.failures > 0.9
    assert cancelled.working / cancelled.worked < 0.1

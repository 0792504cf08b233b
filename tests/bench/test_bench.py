from datetime import datetime

import pytest

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.errors import UserError
from workbench.store import Store


@pytest.fixture
def bench(store: Store) -> Bench:
    return Bench(store, "ann")


def test_a_cluster_tells_how_often_how_and_since_when(bench: Bench) -> None:
    silent = next(row for row in bench.clusters() if row.signature == "empty-reply")
    assert (silent.size, silent.failures, silent.eligible, silent.failure_rate) == (3, 3, 48, 3 / 48)
    assert (silent.rate_low, silent.rate_high) == (pytest.approx(0.0215, abs=1e-4), pytest.approx(0.1684, abs=1e-4))
    assert (silent.first_seen, silent.last_seen) == (datetime(2026, 3, 2, 9), datetime(2026, 3, 20, 18))
    detail = bench.cluster(silent.cluster)
    assert ("empty reply", 3, 3, 0.0) in [(f.text, f.count, f.total, f.base_rate) for f in detail.facts]
    assert sum(week.failures for week in detail.weeks) == 3
    assert sum(week.eligible for week in detail.weeks) == 48
    assert [member.failing_turn for member in detail.members] == [3, 3, 3]


def test_a_filter_narrows_the_list_and_counts_only_what_passes(bench: Bench) -> None:
    every, first_week = bench.clusters(), bench.clusters(Filter(week=("2026-W10",)))
    assert sum(row.size for row in every) == 26
    assert sum(row.size for row in first_week) == len(bench.points(Filter(week=("2026-W10",))))
    assert 0 < sum(row.size for row in first_week) < 26
    assert bench.clusters(Filter(bot=("nobody",))) == []
    assert bench.clusters(Filter(status=("triaged",))) == []


def test_a_clusters_label_is_inherited_and_a_conversations_own_wins(bench: Bench) -> None:
    row = bench.clusters()[0]
    own = bench.cluster(row.cluster).members[0]
    bench.label(row.cluster, cause="tool-fault", severity="S2")
    bench.label(own.key, cause="prompt-gap")
    said = {(m.root_cause, m.root_cause_source) for m in bench.cluster(row.cluster).members}
    assert said == {("tool-fault", "cluster"), ("prompt-gap", "person")}
    labels = [(r.conversation_id, r.root_cause, r.root_cause_source, r.labelled_by) for r in bench.labels()]
    assert (own.conversation_id, "prompt-gap", "person", "ann") in labels
    assert len(labels) == row.size


def test_a_note_on_one_conversation_hides_no_cause_of_its_cluster(bench: Bench) -> None:
    first, second = bench.cluster("FC-0001").members[:2]
    bench.label("FC-0001", cause="tool-fault", severity="S2")
    bench.acting("bo").label(first.key, note="ask ana@example.com", severity="S3")
    bench.label(second.key, disposition="not-a-bug", note="works")
    said = {
        row.conversation_id: (row.root_cause, row.root_cause_source, row.severity, row.disposition, row.note, row.labelled_by)
        for row in bench.labels()
    }  # fmt: skip
    assert (said[first.conversation_id], said[second.conversation_id]) == (
        ("tool-fault", "cluster", "S3", None, "ask [email]", "ann"),
        (None, None, "S1", "not-a-bug", "works", "ann"),  # the severity that the log suggests
    )
    failing = {row.conversation_id: (row.root_cause, row.root_cause_source) for row in bench.failures()}
    assert failing[first.conversation_id] == ("tool-fault", "cluster")


def test_where_only_a_note_was_said_the_cause_and_its_source_are_empty(bench: Bench) -> None:
    key = bench.cluster("FC-0001").members[0].key
    bench.label(key, note="seen")
    assert [(row.root_cause, row.root_cause_source, row.note, row.labelled_by) for row in bench.labels()] == [
        (None, None, "seen", "ann")
    ]


def test_a_label_on_a_conversation_that_does_not_fail_is_listed_too(bench: Bench) -> None:
    key = bench.find_conversation("conv-001")
    assert not bench.conversation(key).failed
    bench.label(key, cause="incomplete", note="the log calls it fine")
    assert [(r.conversation_id, r.cluster, r.note) for r in bench.labels()] == [
        ("conv-001", None, "the log calls it fine")
    ]


def test_a_ticket_moves_its_cluster_through_life(bench: Bench) -> None:
    cluster = bench.clusters()[0].cluster

    def standing() -> tuple[str, str | None]:
        row = next(row for row in bench.clusters() if row.cluster == cluster)
        return row.status, row.owner

    assert standing() == ("new", None)
    bench.label(cluster, cause="tool-fault")
    assert standing() == ("triaged", None)
    ticket = bench.judgement.tickets.create("mend it", [cluster], actor="ann", owner="bo")
    assert standing() == ("fixing", "bo")
    bench.judgement.tickets.mark_fixed(ticket.ticket, actor="bo", release="m-3")
    assert standing() == ("watching", "bo")
    failure = next(row for row in bench.failures() if row.cluster == cluster)
    assert (failure.ticket, failure.status, failure.owner) == ("FIX-0001", "watching", "bo")


def test_a_conversation_shows_its_signals_and_where_to_look(bench: Bench) -> None:
    detail = bench.conversation(bench.find_conversation("conv-009"))
    assert detail.failed
    assert detail.verdict == "Failing: empty reply (turn 3)."
    assert (detail.candidates[0].position, detail.candidates[0].why) == (3, "empty reply")
    assert [hit.code for hit in detail.signals if hit.strength == "strong"] == ["empty-reply"]


def test_unknown_things_are_named_with_what_to_try(bench: Bench) -> None:
    with pytest.raises(UserError, match="There is no cluster 'FC-9999'"):
        bench.cluster("FC-9999")
    with pytest.raises(UserError, match="There is no conversation 'nope' here"):
        bench.find_conversation("nope")
    with pytest.raises(UserError, match="There is no conversation 'zzz'"):
        bench.conversation("zzz")
    with pytest.raises(UserError, match="tool-fault"):
        bench.label(bench.clusters()[0].cluster, cause="tool-falt")


def test_the_version_changes_with_judgement(bench: Bench) -> None:
    before = bench.version()
    bench.label("FC-0001", note="seen")
    assert bench.version() != before

"""The triage session without its screen: agenda, facts, exchange, clock, decisions, minutes."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from tests.support.cluster_rows import row
from workbench.bench.bench import Bench
from workbench.bench.overlay import JudgementOverlay
from workbench.judgement.records.labels import Label
from workbench.judgement.records.sessions import AgendaItem, Decision, Progress
from workbench.judgement.records.tickets import Ticket
from workbench.store import Store
from workbench.triage import agenda as triage_agenda
from workbench.triage import clock as triage_clock
from workbench.triage import minutes, session

NOBODY = JudgementOverlay(labels={}, owners={}, tickets={}, muted=frozenset())


def bench_of(store: Store) -> Bench:
    return Bench(store, actor="Ana")


# ── the agenda ──


def test_the_agenda_has_at_most_six_the_most_failures_first() -> None:
    proposed = triage_agenda.propose([row(f"FC-000{n}", n) for n in range(1, 9)], NOBODY, {})
    assert [item.cluster for item in proposed] == ["FC-0008", "FC-0007", "FC-0006", "FC-0005", "FC-0004", "FC-0003"]


def test_escalating_counts_threefold_rising_half_again_and_what_nobody_looked_at_twice() -> None:
    rows = [
        row("FC-0001", 18),
        row("FC-0002", 13, trend="rising"),
        row("FC-0003", 7, escalating=True),
        row("FC-0004", 30, status="triaged"),
    ]
    labelled = replace(NOBODY, labels={("cluster", "FC-0004"): Label("cluster", "FC-0004", cause="loop")})
    assert triage_agenda.propose(rows, labelled, {}) == [
        AgendaItem("FC-0003", "7 failures, escalating; nobody has looked at it"),
        AgendaItem("FC-0002", "13 failures, rising; nobody has looked at it"),
        AgendaItem("FC-0001", "18 failures; nobody has looked at it"),
        AgendaItem("FC-0004", "30 failures; labelled, no ticket yet"),
    ]


def test_muted_and_decided_clusters_stay_off_the_agenda_unless_they_escalate() -> None:
    rows = [
        row("FC-0001", 9, status="muted"),
        row("FC-0002", 9, status="fixing"),
        row("FC-0003", 9, status="watching"),
        row("FC-0004", 9, status="triaged"),
    ]
    standing = JudgementOverlay(
        labels={("cluster", "FC-0004"): Label("cluster", "FC-0004", disposition="not-a-bug")},
        owners={},
        tickets={"FC-0002": Ticket("FIX-0001"), "FC-0003": Ticket("FIX-0002", status="fixed")},
        muted=frozenset({"FC-0001"}),
    )
    assert triage_agenda.propose(rows, standing, {}) == []
    assert triage_agenda.propose([replace(row, escalating=True) for row in rows], standing, {}) == [
        AgendaItem("FC-0001", "9 failures, escalating; muted"),
        AgendaItem("FC-0002", "9 failures, escalating; FIX-0001 is open"),
        AgendaItem("FC-0003", "9 failures, escalating; FIX-0002 is shipped"),
        AgendaItem("FC-0004", "9 failures, escalating; called “Not a bug”"),
    ]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("not-fixed", "4 failures; the fix of FIX-0001 did not help"),
        ("regressed", "4 failures; back after the fix of FIX-0001"),
    ],
)
def test_a_fix_that_did_not_hold_is_on_the_agenda_again(status: str, expected: str) -> None:
    standing = replace(NOBODY, tickets={"FC-0001": Ticket("FIX-0001", status=status)})
    assert triage_agenda.propose([row("FC-0001", 4, status=status)], standing, {}) == [AgendaItem("FC-0001", expected)]


def test_a_cluster_that_was_skipped_says_in_which_session() -> None:
    past = {"FC-0001": Decision("TS-0003", "FC-0001", state="skipped")}
    assert triage_agenda.reason(row("FC-0001", 1), NOBODY, past) == "1 failure; skipped in TS-0003"


def test_the_newest_session_has_the_last_word_on_a_cluster(store: Store) -> None:
    bench = bench_of(store)
    for _ in range(2):
        bench.judgement.sessions.create("Triage", triage_agenda.agenda(bench), actor="Ana")
    bench.judgement.sessions.skip("TS-0001", "FC-0001", actor="Ana")
    bench.judgement.sessions.decide("TS-0002", "FC-0001", actor="Ana", note="later")
    assert {cluster: decision.session for cluster, decision in triage_agenda.past_decisions(bench).items()} == {
        "FC-0001": "TS-0002"
    }


# ── one cluster ──


def test_telling_facts_leave_out_that_the_log_calls_it_failed(built_store: Store) -> None:
    facts = session.telling(bench_of(built_store).cluster("FC-0001"))
    assert [(fact.text, fact.count, fact.total, fact.base_rate) for fact in facts] == [
        ("carries out change_address", 8, 8, 0.2)
    ]


def test_the_exchange_begins_with_the_users_last_words_before_the_failing_turn(built_store: Store) -> None:
    bench = bench_of(built_store)
    detail = bench.conversation(bench.cluster("FC-0001").examples[0].key)
    around = session.exchange(detail)
    blocks = [(block.role, block.text, [call.name for call in block.calls]) for fold in around for block in fold.blocks]
    assert blocks == [
        ("user", "change the delivery address of order 38 to Main Street", []),
        ("assistant", "", ["change_address"]),
    ]
    assert session.opens(detail, around)


# ── the clock ──


def test_the_clock_counts_in_all_and_on_each_cluster_and_stands_while_paused() -> None:
    clock = triage_clock.Clock(60.0)
    for cluster, now in (("FC-0001", 10.0), ("FC-0001", 12.0), ("FC-0002", 13.0)):
        clock.tick(cluster, now)
    clock.running = False
    clock.tick("FC-0002", 15.0)
    clock.running = True
    clock.tick("FC-0002", 16.5)
    assert (clock.total, clock.on("FC-0001"), clock.on("FC-0002"), clock.on("FC-0003")) == (64.5, 2.0, 2.5, 0.0)


def test_time_while_no_screen_shows_the_session_does_not_count() -> None:
    clock = triage_clock.Clock()
    clock.tick("FC-0001", 0.0)
    clock.tick("FC-0001", 3600.0)
    assert clock.total == triage_clock.Clock.LAPSE


@pytest.mark.parametrize(("seconds", "face"), [(0, "0:00"), (65.9, "1:05"), (3725, "1:02:05")])
def test_clock_face(seconds: float, face: str) -> None:
    assert triage_clock.clock_face(seconds) == face


# ── decisions ──


def test_a_ticket_carries_the_evidence_and_follows_what_is_decided_after_it(store: Store) -> None:
    bench = bench_of(store)
    bench.judgement.sessions.create("Triage", triage_agenda.agenda(bench), actor="Ana")
    session.decide(bench, "TS-0001", "FC-0001", cause="wrong-tool-call")
    session.give_ticket(bench, "TS-0001", "FC-0001", date(2026, 5, 4))
    decision = session.decide(bench, "TS-0001", "FC-0001", severity="S2", owner="Bert")

    ticket = bench.judgement.tickets.get("FIX-0001")
    assert (ticket.clusters, ticket.cause, ticket.severity, ticket.owner, ticket.due) == (
        ["FC-0001"], "wrong-tool-call", "S2", "Bert", date(2026, 5, 4)
    )  # fmt: skip
    assert len(ticket.evidence["examples"]) == 3
    assert (decision.ticket, decision.due) == ("FIX-0001", date(2026, 5, 4))
    assert bench.cluster("FC-0001").row.status == "fixing"


def test_a_cluster_with_an_open_ticket_keeps_it(store: Store) -> None:
    bench = bench_of(store)
    bench.judgement.tickets.create("Addresses", ["FC-0001"], actor="Ana")
    bench.judgement.sessions.create("Triage", [AgendaItem("FC-0001")], actor="Ana")
    session.give_ticket(bench, "TS-0001", "FC-0001", date(2026, 5, 4))
    assert [(ticket.ticket, ticket.due) for ticket in bench.judgement.tickets.all()] == [("FIX-0001", date(2026, 5, 4))]


# ── minutes ──


def test_minutes_say_what_was_decided_who_does_it_by_when_and_what_stays_open(store: Store) -> None:
    bench = bench_of(store)
    agenda = [AgendaItem(f"FC-000{n}") for n in (1, 2, 3, 4)]
    bench.judgement.sessions.create("Triage | week 16", agenda, actor="Ana")
    session.decide(
        bench,
        "TS-0001",
        "FC-0001",
        cause="wrong-tool-call",
        severity="S1",
        owner="Bert <b>",
        note="1. *no* bo@example.com",
    )
    session.give_ticket(bench, "TS-0001", "FC-0001", date(2026, 5, 4))
    session.decide(bench, "TS-0001", "FC-0002", disposition="not-a-bug")
    session.decide(bench, "TS-0001", "FC-0003", severity="S4")
    bench.judgement.sessions.skip("TS-0001", "FC-0003", actor="Cleo")
    bench.judgement.sessions.set_progress("TS-0001", Progress(3, 125.0), actor="Cleo")

    today = datetime.now(UTC).date()
    assert (
        minutes.minutes(bench, bench.judgement.sessions.get("TS-0001"))
        == f"""\
# Triage \\| week 16

TS-0001, {today.day} {today:%b %Y} · Ana, Cleo · 2 of 4 clusters decided in 2:05 · data through 12 Apr 2026

## Decisions

| Cluster | Root cause | Severity | Owner | Ticket | Due |
| --- | --- | --- | --- | --- | --- |
| FC-0001 | Wrong tool call | S1 | Bert \\<b\\> | FIX-0001 | 2026-05-04 |
| FC-0002 | Not a bug | – | – | – | – |

### 1. FC-0001 address, change: carries out change_address (8/8)

A typical request:

```text
change the delivery address of order 38 to Main Street
```

- How often: 6 of 13 similar requests to shop failed this way: 46 % (95 % interval 23–71 %).
- Seen: 4 Mar 2026 to 9 Apr 2026
- Root cause: Wrong tool call (wrong tool, or wrong arguments)
- Severity: S1 (acted wrongly on the world)
- Owner: Bert \\<b\\>
- Ticket: FIX-0001, due 2026-05-04
- Note: 1\\. \\*no\\* \\[email\\]

### 2. FC-0002 refund, shoes: carries out refund_order (8/8)

A typical request:

```text
please refund order 40, the shoes are too small
```

- How often: 6 of 14 similar requests to shop failed this way: 43 % (95 % interval 21–67 %).
- Seen: 5 Mar 2026 to 11 Apr 2026
- Nothing to fix: Not a bug: the bot did what it should

## Skipped

- FC-0003 arrived, parcel: bot says it can't (7/7); Severity: S4 (friction)

## What stays open

- FC-0003: skipped
- FC-0004: not reached
"""
    )


def test_minutes_keep_a_decision_whose_cluster_left_the_data(store: Store) -> None:
    bench = bench_of(store)
    bench.judgement.sessions.create("Triage", [AgendaItem("FC-0099")], actor="Ana")
    bench.judgement.sessions.decide("TS-0001", "FC-0099", actor="Ana", cause="loop")
    written = minutes.minutes(bench, bench.judgement.sessions.get("TS-0001"))
    assert "### 1. FC-0099\n\nNot in the data any more.\n\n- Root cause: Loop (no progress, no end)\n" in written
    assert written.endswith("## What stays open\n\n- FC-0099: no owner, no ticket\n")


def test_owners_to_choose_from_are_who_works_here_and_who_owns_something(store: Store) -> None:
    bench = bench_of(store)
    bench.judgement.pod.remember("cleo")
    bench.judgement.pod.set_owner("FC-0001", "Bert", actor="Ana")
    assert triage_agenda.people(bench) == ["Ana", "Bert", "cleo"]


def test_a_mute_that_ran_out_hides_nothing(store: Store) -> None:
    bench = bench_of(store)
    today = datetime.now(UTC).date()
    bench.judgement.pod.mute("FC-0001", today + timedelta(days=7), actor="Ana")
    bench.judgement.pod.mute("FC-0002", today, actor="Ana")
    assert [item.cluster for item in triage_agenda.agenda(bench)] == ["FC-0002", "FC-0003", "FC-0004"]

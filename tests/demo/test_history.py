"""The demo's history: what a made-up pod said of it, in the demo's weeks and under names that say so."""

from __future__ import annotations

import shutil
from datetime import datetime

import pytest

from workbench.bench.bench import Bench
from workbench.demo.history import is_demo, write_history
from workbench.demo.story import FAULTS, INVENTORY
from workbench.reports.bots import bot_rows
from workbench.review import blind_rounds, reading_lists
from workbench.store import Store
from workbench.triage.minutes import minutes


@pytest.fixture(scope="module")
def told(demo_store: Store, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """The demo with its history. Read it."""
    root = tmp_path_factory.mktemp("told") / "store"
    shutil.copytree(demo_store.root, root)
    assert write_history(Store(root))
    return Bench(Store(root))


def test_there_is_a_ticket_in_every_state_but_given_up(told: Bench) -> None:
    assert [(ticket.ticket, ticket.status) for ticket in told.tickets.all()] == [
        ("FIX-0001", "regressed"),
        ("FIX-0002", "verified"),
        ("FIX-0003", "fixed"),
        ("FIX-0004", "verified"),
        ("FIX-0005", "not-fixed"),
        ("FIX-0006", "open"),
        ("FIX-0007", "fixed"),
        ("FIX-0008", "open"),
    ]


def test_two_sessions_are_closed_and_have_minutes(told: Bench) -> None:
    held = told.sessions.all()
    assert [(session.session, session.status, len(session.agenda)) for session in held] == [
        ("TS-0002", "closed", 5),
        ("TS-0001", "closed", 4),
    ]
    assert "| Repeated action | S1 | Mara (demo) | FIX-0008 | 2026-11-20 |" in minutes(told, held[0])


def test_one_blind_round_is_revealed_and_one_waits_for_a_rater(told: Bench) -> None:
    assert told.rounds.voted() == {
        "AG-0001": {"Mara (demo)": 12, "Jonas (demo)": 12, "Priya (demo)": 12},
        "AG-0002": {"Jonas (demo)": 4, "Priya (demo)": 0},
    }
    results = blind_rounds.results(told, "AG-0001")
    assert (len(results.agreed), len(results.divided), len(results.to_record)) == (9, 3, 0)


def test_a_reading_list_is_read_in_part_and_its_notes_became_a_failure_mode(told: Bench) -> None:
    assert len(told.judgement.verdicts.all()) == 24
    assert [len(listed.items) for listed in reading_lists.open_lists(told.acting("Priya (demo)"))] == [30]
    assert [mode.by for mode in told.modes.all()] == ["Priya (demo)"]


def test_one_bot_sends_no_logs_and_one_has_no_owner(told: Bench) -> None:
    rows = {row.bot: row for row in bot_rows(told)}
    assert [bot for bot in INVENTORY if not rows[bot].conversations] == ["returns-desk"]
    assert [bot for bot, row in rows.items() if not row.owner] == ["clinic-desk"]


def test_every_fault_of_the_story_is_labelled_with_its_cause_or_left_aside(told: Bench) -> None:
    causes = {row.root_cause for row in told.clusters() if row.root_cause_source == "person"}
    assert len(causes) == 13
    assert causes <= {fault.cause for fault in FAULTS.values()}
    assert sum(row.status == "new" for row in told.clusters()) >= 12


def test_all_of_it_happened_in_the_demos_weeks_and_by_people_who_are_called_demo(told: Bench) -> None:
    events = [event for event in told.judgement.journal.events(1_000) if event.actor.endswith("(demo)")]
    assert len(events) > 100
    assert datetime(2026, 8, 31) <= min(event.at for event in events) <= max(event.at for event in events)
    assert max(event.at for event in events) < datetime(2026, 11, 17)
    assert {event.actor for event in told.judgement.journal.events(1_000)} - {event.actor for event in events} <= {
        "tests",
        "build",
    }
    assert told.judgement.journal.verify_chain().broken is None


def test_it_is_written_once_and_over_no_other_logs(told: Bench, store: Store) -> None:
    assert not write_history(told.store)
    assert is_demo(told)
    assert not write_history(store)
    assert not is_demo(Bench(store))

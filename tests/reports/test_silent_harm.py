"""Silent harm: who left satisfied after a change that was probably wrong, the worst first, and why."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.support.harmful_log import harmful
from tests.support.talk import bot, called, talk, user
from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.evidence.analysis_tables import SignalRecord
from workbench.evidence.cluster_tables import BehaviourRecord
from workbench.reports.silent_harm import last_words, of_cluster, of_signals, silent_harm

CHANGED = [
    user("Refund my order 7"),
    called("refund_order", '{"order": "7"}', '{"status": "ok"}'),
    bot("It is refunded."),
]
"""The change is turn 1."""


@pytest.mark.parametrize(
    ("words", "position"),
    [
        ("Thanks, that is all", 4),
        ("Thanks, but why twice?", None),
        ("Thanks for nothing, this is a scam and unacceptable", None),
        ("Order 9, too", None),
        ("###STOP###", None),
    ],
)
def test_content_is_who_ends_in_a_friendly_way_and_asks_nothing(words: str, position: int | None) -> None:
    assert last_words(talk(*CHANGED, user(words)), 1) == position


def test_words_before_the_change_say_nothing_of_it() -> None:
    asked_and_thanked = [user("Refund my order 7, thanks, bye"), *CHANGED[1:]]
    assert last_words(talk(*asked_and_thanked), 1) is None


def test_a_thumb_up_is_content_where_the_words_are_neutral() -> None:
    assert last_words(talk(*CHANGED[:2], bot("Done.", feedback=1), user("Order 7 it was")), 1) == 4


def hit(code: str, strength: str, position: int | None) -> SignalRecord:
    return SignalRecord("k", code, "tool", strength, 1.0, position, "twice")


def test_signals_of_changes_count_once_each_and_a_call_that_failed_changed_nothing() -> None:
    hits = [
        hit("repeated-write", "strong", 3),
        hit("repeated-write", "strong", 5),
        hit("unconfirmed-write", "medium", 3),
        hit("tool-error", "medium", 3),
        hit("apology", "shown", 3),
    ]
    assert [(reason.points, reason.text, reason.turn) for reason in of_signals(hits)] == [
        (3, "successful write repeated (twice)", 3),
        (2, "change without a yes (twice)", 3),
    ]


def parted(name: str, failing: int, working: int) -> BehaviourRecord:
    return BehaviourRecord("FC-0001", 0, "call", name, "", "", failing, 17, working, 22)


def test_a_clusters_own_change_counts_where_successes_rarely_make_it() -> None:
    rows: Sequence[BehaviourRecord] = [parted("look_up", 17, 1), parted("refund_order", 16, 1)]
    assert [(reason.points, reason.text, reason.turn) for reason in of_cluster(rows, {"refund_order": 5})] == [
        (3, "refund_order in 16 of 17 failures like it, in 1 of 22 that worked", 5)
    ]
    assert list(of_cluster([parted("refund_order", 1, 22)], {"refund_order": 5})) == []


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return harmful(tmp_path_factory.mktemp("harmful"))


def found(bench: Bench, **narrowed: Any) -> list[tuple[str, int, list[str], str]]:
    rows = silent_harm(bench, Filter(**narrowed)).rows
    return [(row.conversation_id, row.points, row.changed, row.last_words) for row in rows]


def test_those_who_thanked_for_a_wrong_refund_are_listed_and_those_who_complained_are_not(bench: Bench) -> None:
    assert found(bench) == [
        ("twice", 4, ["refund_order"], "Thank you, [email] will tell."),
    ]
    harm = silent_harm(bench)
    assert (harm.looked_at, harm.total) == (6, 6)
    assert harm.rows[0].why == [
        "successful write repeated (refund_order had succeeded with the same arguments at turn 1)",
        "it fails by its signals, and it changed something",
    ]
    assert (harm.rows[0].turn, harm.rows[0].tier) == (3, "failing")
    assert found(bench, bot=("desk",)) == []


def test_what_people_say_of_one_puts_it_among_the_worst(tmp_path: Path) -> None:
    bench = harmful(tmp_path)
    bench.label(bench.find_conversation("refund-0"), cause="policy-not-followed", severity="S1")
    assert [row[:2] for row in found(bench)] == [("twice", 4), ("refund-0", 4)]
    assert silent_harm(bench).rows[1].why[0] == "Ana said of it: acted wrongly (S1)"

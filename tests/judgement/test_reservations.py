"""Shared reading: each conversation by as many as wanted, none twice by one, and none stuck."""

from __future__ import annotations

from contextlib import closing
from datetime import timedelta

import pytest

from tests.support.judgement import Watch
from workbench.judgement.reservations import HOLD, verdicts_given, votes_given
from workbench.judgement.store import Judgement

KEYS = ["a", "b", "c"]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def shared(url: str, watch: Watch):  # type: ignore[no-untyped-def]
    with closing(Judgement(url, clock=watch)) as judgement:
        yield judgement


def reserve(judgement: Judgement, reader: str, readers: int = 1) -> str | None:
    return judgement.reservations.reserve("RD-0001", KEYS, readers, verdicts_given, actor=reader)


def test_two_readers_get_different_conversations_and_each_keeps_theirs(shared: Judgement) -> None:
    assert [reserve(shared, who) for who in ("Ann", "Bo", "Ann", "Bo")] == ["a", "b", "a", "b"]
    assert shared.reservations.held("RD-0001") == {"a": ["Ann"], "b": ["Bo"]}


def test_what_enough_have_read_is_given_to_nobody_else_and_nobody_reads_twice(shared: Judgement) -> None:
    for who in ("Ann", "Bo"):
        assert reserve(shared, who, readers=2) == "a"
        shared.verdicts.add("a", actor=who, verdict="fine")
    assert [reserve(shared, who, readers=2) for who in ("Ann", "Cy")] == ["b", "b"]
    for key in ("b", "c"):
        shared.verdicts.add(key, actor="Ann", verdict="fine")
    assert reserve(shared, "Ann", readers=2) is None


def test_a_reservation_frees_itself(shared: Judgement, watch: Watch) -> None:
    assert [reserve(shared, who) for who in ("Ann", "Bo", "Cy", "Di")] == ["a", "b", "c", None]
    watch.now += HOLD - timedelta(seconds=1)
    assert (reserve(shared, "Di"), reserve(shared, "Cy")) == (None, "c")
    watch.now += timedelta(seconds=1)
    assert (reserve(shared, "Di"), reserve(shared, "Ed"), reserve(shared, "Fay")) == ("a", "b", None)


def test_a_round_is_shared_by_its_votes(shared: Judgement) -> None:
    shared.rounds.start("Which?", KEYS, actor="Ann")
    shared.rounds.vote("AG-0001", "a", actor="Ann", cause="loop")
    taken = shared.reservations.reserve("AG-0001", KEYS, 2, votes_given("AG-0001"), actor="Ann")
    assert taken == "b"
    assert shared.reservations.reserve("AG-0001", KEYS, 1, votes_given("AG-0001"), actor="Bo") == "c"
    assert len(shared.journal.events()) == 2  # taking something up is no event

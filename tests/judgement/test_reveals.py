"""A conversation is unmasked for one lead, for a reason and a quarter of an hour, and all of it stands in the history."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta

import pytest

from tests.support.judgement import NOON, Watch
from workbench.access import Access
from workbench.errors import Denied, UserError
from workbench.judgement.activity import concerns
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.events import Reveal
from workbench.judgement.reveals import LASTS
from workbench.judgement.store import Judgement


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def judgement(url: str, watch: Watch, monkeypatch: pytest.MonkeyPatch) -> Iterator[Judgement]:
    """A store that several people sign in to: Ana and Bo are leads, Vi is a viewer, Tom a triager."""
    monkeypatch.setenv("WORKBENCH_ACCESS", "")
    Access(header="x-user").apply()
    with closing(Judgement(url, watch)) as store:
        for name, role in (("Ana", "lead"), ("Bo", "lead"), ("Tom", "triager"), ("Vi", "viewer")):
            store.pod.set_role(name, role, actor="Ana")
        yield store


def reveal(judgement: Judgement, actor: str, reason: str = "its user asked for it") -> Reveal:
    return judgement.reveals.reveal("k1", reason, conversation_id="c-1", bot="shop", actor=actor)


def test_it_is_unmasked_for_who_asked_and_masked_for_all_others(judgement: Judgement) -> None:
    revealed = reveal(judgement, "Ana")
    assert revealed == Reveal("k1", "Ana", "its user asked for it", NOON, NOON + timedelta(minutes=15))
    assert judgement.reveals.open_for("k1", "Ana") == revealed
    assert [judgement.reveals.open_for("k1", name) for name in ("Bo", "Tom", "Vi", "", "ana")] == [None] * 5
    assert judgement.reveals.open_for("k2", "Ana") is None


def test_it_is_over_after_a_quarter_of_an_hour_and_no_clock_that_is_set_back_opens_it_again(
    judgement: Judgement, watch: Watch
) -> None:
    reveal(judgement, "Ana")
    open_after = {}
    for minutes in (0.0, 14.99, 15.0, 16.0, 60 * 24.0, -1.0):
        watch.now = NOON + timedelta(minutes=minutes)
        open_after[minutes] = judgement.reveals.open_for("k1", "Ana") is not None
    assert open_after == {0.0: True, 14.99: True, 15.0: False, 16.0: False, 60 * 24.0: False, -1.0: False}
    assert timedelta(minutes=15) == LASTS


@pytest.mark.parametrize("name", ["Tom", "Vi", "Somebody"])
def test_who_is_no_lead_is_denied(judgement: Judgement, name: str) -> None:
    before = judgement.journal.sequence()
    with pytest.raises(Denied):
        reveal(judgement, name)
    assert judgement.reveals.open_for("k1", name) is None
    assert judgement.journal.sequence() == before


def test_a_role_that_is_taken_away_masks_it_at_the_next_look(judgement: Judgement) -> None:
    reveal(judgement, "Bo")
    judgement.pod.set_role("Bo", "triager", actor="Ana")
    assert judgement.reveals.open_for("k1", "Bo") is None


@pytest.mark.parametrize("reason", ["", "   ", "x", "why\n", "x" * 301])
def test_without_a_reason_nothing_is_unmasked(judgement: Judgement, reason: str) -> None:
    with pytest.raises(UserError, match="Say why"):
        reveal(judgement, "Ana", reason)
    assert judgement.reveals.open_for("k1", "Ana") is None


def test_it_can_be_masked_again_before_its_time(judgement: Judgement) -> None:
    reveal(judgement, "Ana")
    reveal(judgement, "Bo")
    judgement.reveals.end("k1", actor="Ana")
    assert judgement.reveals.open_for("k1", "Ana") is None
    assert judgement.reveals.open_for("k1", "Bo") is not None
    before = judgement.journal.sequence()
    judgement.reveals.end("k1", actor="Ana")
    assert judgement.journal.sequence() == before


def test_the_history_says_who_looked_at_what_and_why_and_nobody_can_undo_that(judgement: Judgement) -> None:
    reveal(judgement, "Ana")
    judgement.reveals.end("k1", actor="Ana")
    ended, revealed = judgement.journal.events(2)
    assert [sentence(event) for event in (revealed, ended)] == [
        "Ana looked at conversation c-1 of shop unmasked: “its user asked for it”",
        "Ana had conversation k1 masked again",
    ]
    assert concerns(revealed, "c-1")
    with pytest.raises(UserError, match="can't be undone"):
        judgement.undo(revealed.sequence, "Ana")
    assert judgement.journal.verify_chain().intact

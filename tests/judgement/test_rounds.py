"""Blind rounds: nobody sees another's vote before the reveal; nothing is said after it."""

import pytest

from workbench.errors import Denied, UserError
from workbench.judgement.event_wording import sentence
from workbench.judgement.store import Judgement


def started(judgement: Judgement) -> str:
    return judgement.rounds.start("Shop", ["k1", "k2"], actor="Ana", raters=["Ana", "Bo"], codes=["loop"]).round


def test_a_rater_sees_only_their_own_votes_until_the_reveal(judgement: Judgement) -> None:
    number = started(judgement)
    judgement.rounds.vote(number, "k1", actor="Ana", cause="loop")
    judgement.rounds.vote(number, "k1", actor="Bo", disposition="not-a-bug", note="as it should")

    def seen(name: str) -> list[tuple[str, str, str]]:
        return [(vote.conversation, vote.rater, vote.code) for vote in judgement.rounds.votes(number, seen_by=name)]

    assert seen("Ana") == [("k1", "Ana", "loop")]
    assert seen("Bo") == [("k1", "Bo", "not-a-bug")]
    assert seen("Cy") == []
    assert judgement.rounds.voted() == {number: {"Ana": 1, "Bo": 1}}
    judgement.rounds.reveal(number, actor="Ana")
    assert seen("Cy") == [("k1", "Ana", "loop"), ("k1", "Bo", "not-a-bug")]


def test_the_activity_tells_that_somebody_voted_never_what(judgement: Judgement) -> None:
    number = started(judgement)
    vote = judgement.rounds.vote(number, "k1", actor="Bo", cause="loop", note="around and around")
    judgement.undo(vote.version, "Bo")
    assert [sentence(event) for event in judgement.journal.events(limit=3)] == [
        "Bo undid event 2, a vote in AG-0001",
        "Bo voted in AG-0001",
        "Ana started the blind round AG-0001 “Shop”",
    ]
    assert judgement.rounds.votes(number, seen_by="Bo") == []


def test_a_vote_can_be_changed_and_taken_back_while_the_round_is_open(judgement: Judgement) -> None:
    number = started(judgement)
    first = judgement.rounds.vote(number, "k1", actor="Ana", cause="loop")
    assert judgement.rounds.vote(number, "k1", actor="Ana", cause="loop") == first
    changed = judgement.rounds.vote(number, "k1", actor="Ana", cause="handoff")
    assert judgement.rounds.votes(number, seen_by="Ana") == [changed]
    judgement.rounds.unvote(number, "k1", actor="Ana")
    assert judgement.rounds.votes(number, seen_by="Ana") == []
    with pytest.raises(UserError, match="Ana said nothing of this conversation in AG-0001"):
        judgement.rounds.unvote(number, "k1", actor="Ana")


@pytest.mark.parametrize(
    ("vote", "refusal"),
    [
        ({"conversation": "k1"}, "A vote is one root cause, or one disposition."),
        ({"conversation": "k1", "cause": "loop", "disposition": "not-a-bug"}, "one root cause, or one disposition"),
        ({"conversation": "k1", "cause": "lop"}, "'lop' is no root cause. Did you mean 'loop'"),
        ({"conversation": "k9", "cause": "loop"}, "not in AG-0001"),
    ],
)
def test_a_vote_that_does_not_fit_is_refused(judgement: Judgement, vote: dict[str, str], refusal: str) -> None:
    number = started(judgement)
    with pytest.raises(UserError, match=refusal):
        judgement.rounds.vote(number, actor="Ana", **vote)  # type: ignore[arg-type]


def test_one_alone_has_nothing_to_reveal_and_after_the_reveal_nobody_votes(judgement: Judgement) -> None:
    number = started(judgement)
    with pytest.raises(UserError, match="So far nobody voted in AG-0001: agreement takes two"):
        judgement.rounds.reveal(number, actor="Ana")
    judgement.rounds.vote(number, "k1", actor="Ana", cause="loop")
    with pytest.raises(UserError, match="So far only Ana voted"):
        judgement.rounds.reveal(number, actor="Ana")
    judgement.rounds.vote(number, "k2", actor="Bo", cause="loop")
    judgement.rounds.reveal(number, actor="Ana")
    with pytest.raises(UserError, match="AG-0001 is revealed: what is said now would not be blind"):
        judgement.rounds.vote(number, "k2", actor="Ana", cause="loop")


def test_who_started_a_round_reveals_it_or_a_lead(judgement: Judgement) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    for name in ("Ana", "Bo"):
        judgement.pod.set_role(name, "triager", actor="Lea")
    number = started(judgement)
    for name in ("Ana", "Bo"):
        judgement.rounds.vote(number, "k1", actor=name, cause="loop")
    with pytest.raises(Denied, match="Ana started AG-0001 and reveals it, or a lead does"):
        judgement.rounds.reveal(number, actor="Bo")
    assert judgement.rounds.reveal(number, actor="Lea").status == "revealed"


@pytest.mark.parametrize(
    ("title", "keys", "refusal"), [("Shop", [], "at least one conversation"), (" ", ["k1"], "needs a title")]
)
def test_a_round_needs_a_title_and_conversations(
    judgement: Judgement, title: str, keys: list[str], refusal: str
) -> None:
    with pytest.raises(UserError, match=refusal):
        judgement.rounds.start(title, keys, actor="Ana")

"""The registry of signals, and what all of them have in common."""

from tests.support.talk import analysed, bot, called, talk, user
from workbench.failures.signals import FAMILIES, REGISTRY, Signal, score


def test_every_signal_has_a_family_a_short_title_and_a_description() -> None:
    assert {kind.family for kind in REGISTRY.values()} == set(FAMILIES)
    assert all(0 < len(kind.title) <= 32 and kind.description.endswith(".") for kind in REGISTRY.values())


def test_the_strengths_are_those_of_the_design() -> None:
    by_strength = {
        strength: sorted(code for code, kind in REGISTRY.items() if kind.strength == strength)
        for strength in ("strong", "medium", "weak", "shown")
    }
    assert by_strength == {
        "strong": [
            *("cut-off", "empty-reply", "filter-block", "log-says-failed", "no-documents", "repeated-write"),
            *("same-call-after-error", "same-call-loop", "same-reply", "three-errors", "thumbs-down"),
        ],
        "medium": [
            *("claim-without-call", "error-claim", "failed-run", "last-check-failed", "low-coverage", "other-entity"),
            *("skipped-step", "too-long", "tool-error", "unconfirmed-write", "unlike-other-runs", "unnamed-entity"),
            *("unsourced-argument", "user-repeats"),
        ],
        "weak": [
            *("abandoned", "came-back", "empty-result-claim", "escalated", "left-unanswered", "left-unserved"),
            *("promise-without-call", "refused-and-served", "unsupported-numbers", "wrong-count", "wrong-figure"),
        ],
        "shown": [
            *("apology", "asks-for-person", "complaint", "correction", "handover-words", "refusal", "slow-reply"),
            *("unusual-order",),
        ],
    }


def test_a_code_counts_once_however_often_it_fired() -> None:
    weak = [Signal("promise-without-call", turn, "weak", "") for turn in (1, 3, 5, 7)]
    assert score(weak) == 0.25
    assert score([*weak, Signal("apology", 2, "shown", ""), Signal("too-long", None, "medium", "")]) == 0.75


def test_hits_come_in_order_of_turns_with_their_evidence() -> None:
    conversation = talk(
        user("I want to cancel."),
        *(called("cancel", '{"id": 1}', "Error: order 1 not found") for _ in range(2)),
        bot("I'm sorry, I cannot do that."),
        reward=0.0,
    )
    assert analysed(conversation).signals == [
        Signal("same-call-after-error", 3, "strong", "cancel had failed at turn 1: Error: order 1 not found"),
        Signal("left-unserved", 5, "weak", "I'm sorry, I cannot do that."),
        Signal("refusal", 5, "shown", "I'm sorry, I cannot do that."),
        Signal("apology", 5, "shown", "I'm sorry, I cannot do that."),
        Signal("log-says-failed", None, "strong", "reward 0.0 (below 0.5)"),
    ]

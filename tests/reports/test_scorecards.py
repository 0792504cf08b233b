"""Scorecards, verdicts, switches and the learned score, on stores built by the pipeline."""

from pathlib import Path

import pytest

from tests.support.scorecards import build, conversation
from workbench.bench.bench import Bench
from workbench.conversation.model import conversation_key
from workbench.judgement.disabled_signals import disabled_for
from workbench.reports.scorecards import Precision, likely, scorecards, switch


@pytest.fixture(scope="module")
def labelled(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """130 conversations with a reward, half of them failing and 55 of these with an empty reply; 10 without."""
    rows = [conversation(n, 0.0 if n % 2 else 1.0, "" if n % 2 and n < 110 else "On its way.") for n in range(130)]
    rows += [conversation(n, None, "" if n % 2 else "On its way.") for n in range(130, 140)]
    return build(tmp_path_factory.mktemp("labelled") / "store", rows)


def test_a_scorecard_counts_where_it_is_known_how_it_went(labelled: Bench) -> None:
    scores = scorecards(labelled, "shop")
    card = scores.cards[0]
    assert (card.code, card.fired, card.conversations) == ("log-says-failed", 65, 140)
    card = next(card for card in scores.cards if card.code == "empty-reply")
    assert (card.fired, card.by_log, card.by_people) == (60, Precision(55, 55), Precision(0, 0))
    assert card.by_log is not None
    assert [round(bound, 2) for bound in card.by_log.bounds] == [0.93, 1.0]
    assert (scores.by_log, len(card.examples)) == (Precision(65, 130), 3)


def test_with_fifty_of_each_kind_the_score_is_learned_and_says_how_good_it_is(labelled: Bench) -> None:
    learned = scorecards(labelled, "shop").learned
    assert learned is not None
    assert learned.on
    assert (learned.failing, learned.fine) == (65, 65)
    assert learned.auc is not None
    assert learned.length_auc == 0.5
    assert learned.auc > 0.9
    assert [one.total for one in learned.bins] == [26] * 5
    assert sum(one.failed for one in learned.bins) == 65
    assert "signal:empty-reply" in dict(learned.features)


def test_it_orders_what_nobody_judged_and_changes_no_verdict(labelled: Bench) -> None:
    answered, unanswered = (
        labelled.evidence.analysis(conversation_key("shop", f"c{n}")) for n in (130, 131)
    )  # no reward: one answered, one with an empty reply
    assert answered is not None
    assert unanswered is not None
    assert (unanswered.learned or 0) > 0.8 > 0.4 > (answered.learned or 0)
    assert unanswered.spoke[0].feature == "signal:empty-reply"
    assert (answered.failed, unanswered.failed) == (False, True)


def test_what_counts_as_fine_and_nobody_judged_is_read_by_the_score(labelled: Bench) -> None:
    rows = likely(labelled, "shop")
    assert {row.conversation_id for row in rows} == {f"c{n}" for n in range(130, 140, 2)}
    assert [row.learned for row in rows] == sorted((row.learned for row in rows), reverse=True)


def test_below_ten_of_a_kind_it_is_off_and_says_how_many_there_are(tmp_path: Path) -> None:
    bench = build(tmp_path / "store", [conversation(n, float(n >= 9)) for n in range(60)])
    learned = scorecards(bench, "shop").learned
    assert learned is not None
    assert (learned.on, learned.failing, learned.fine) == (False, 9, 51)


def test_from_ten_of_each_kind_on_it_is_learned_with_what_other_bots_taught(tmp_path: Path) -> None:
    rows = [conversation(n, 0.0 if n % 2 else 1.0, "" if n % 2 else "On its way.") for n in range(24)]
    rows += [conversation(n, None, "" if n % 2 else "On its way.") for n in range(24, 40)]
    bench = build(tmp_path / "store", rows)
    learned = scorecards(bench, "shop").learned
    assert learned is not None
    assert (learned.on, learned.few, learned.by_length, learned.failing, learned.fine) == (True, True, False, 12, 12)
    assert (learned.lead, learned.lead_low, learned.lead_high) == (0.5, 0.5, 0.5)
    assert [row.learned for row in likely(bench, "shop")] == sorted(
        (row.learned for row in likely(bench, "shop")), reverse=True
    )


def test_what_people_found_takes_effect_at_the_next_analysis(tmp_path: Path) -> None:
    bench = build(tmp_path / "store", [conversation(n, 0.0 if n < 2 else None) for n in range(6)])
    fine, failed, open_ = (conversation_key("shop", f"c{n}") for n in (0, 3, 1))
    bench.judgement.verdicts.add(fine, actor="Ana", verdict="fine")
    bench.judgement.verdicts.add(failed, actor="Ana", verdict="failed", failing_turn=1)
    bench.judgement.verdicts.add(failed, actor="Ben", verdict="unsure")
    bench.judgement.verdicts.add(open_, actor="Ana", verdict="fine")
    bench.judgement.verdicts.add(open_, actor="Ben", verdict="failed")
    again = build(tmp_path / "store")
    rows = [again.evidence.analysis(key) for key in (fine, failed, open_)]
    assert [(row.failed, row.failing_turn, row.verdict) for row in rows if row] == [
        (False, None, "Not failing: Ana found so, which outranks the log's reward 0.0 (below 0.5)."),
        (True, 1, "Failing: Ana found so."),
        (True, 1, "Failing: the log gives reward 0.0 (below 0.5)."),
    ]


def test_a_signal_switched_off_leaves_history_at_the_next_analysis_and_can_be_undone(tmp_path: Path) -> None:
    bench = build(tmp_path / "store", [conversation(n, None, "" if n < 4 else "Done.") for n in range(12)])
    assert bench.summary().failures == 4
    switch(bench, "empty-reply", off=True)
    switched = bench.judgement.journal.sequence()

    def marks(bench: Bench) -> list[tuple[str, str, str]]:
        disabled = disabled_for(bench.judgement.pod.settings(), "shop", bench.settings()["signals_off"])
        return [(signal.code, signal.bot, signal.by) for signal in disabled]

    def card(bench: Bench) -> tuple[bool, bool, int]:
        card = next(card for card in scorecards(bench, "shop").cards if card.code == "empty-reply")
        return card.disabled is not None, card.waits, card.fired

    assert card(bench) == (True, True, 4)
    assert marks(bench) == []  # what is shown was counted before
    again = build(tmp_path / "store")
    assert (again.summary().failures, card(again), marks(again)) == (0, (True, False, 4), [("empty-reply", "", "Ana")])
    again.judgement.undo(switched, "Ana")
    assert (marks(again), card(again)) == ([], (False, True, 4))

"""Reading: what to read next, what readers settled, what a random sample says of all."""

from datetime import datetime, timedelta

import numpy as np
import pytest

from workbench.judgement.records.reading import Draw, Mode, Verdict
from workbench.judgement.verdicts import agreed_verdict
from workbench.review.estimate import Estimate, Interval, Stratum, estimate
from workbench.review.failure_modes import LEAST, Note, propose
from workbench.review.sampling import (
    Failing,
    Item,
    Saturation,
    farthest_first,
    mixed,
    mode_of_notes,
    sample,
    sample_read,
    saturation,
    typical,
)

NINE = datetime(2026, 3, 2, 9)


def verdict(key: str, said: str = "failed", minute: int = 0, **fields: object) -> Verdict:
    return Verdict(key, "Ana", said, at=NINE + timedelta(minutes=minute), **fields)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ([], None),
        (["fine"], "fine"),
        (["fine", "unsure"], "fine"),
        (["unsure"], None),
        (["fine", "failed"], None),
        (["failed", "failed"], "failed"),
    ],
)
def test_readers_settle_what_the_sure_ones_agree_on(said: list[str], expected: str | None) -> None:
    assert agreed_verdict([verdict("a", one) for one in said]) == expected


def test_a_seed_repeats_its_sample_and_what_was_drawn_before_is_left_out() -> None:
    drawn = sample("abcdefgh", 3, seed=7)
    assert drawn == sample(reversed("abcdefgh"), 3, seed=7)
    assert sorted(drawn + sample("abcdefgh", 9, seed=8, without=drawn)) == list("abcdefgh")


def test_typical_failures_come_from_the_top_clusters_in_turn() -> None:
    failures = [
        Failing("a1", "FC-1", 1, 0.9),
        Failing("a2", "FC-1", 1, 0.8),
        Failing("b1", "FC-2", 2, 0.9),
        Failing("none", None, None, 0.0),
    ]
    assert [one.key for one in typical(failures, 4, read=[])] == ["a1", "b1", "a2"]
    assert [one.key for one in typical(failures, 2, read=["a1"])] == ["b1", "a2"]


def test_only_the_ten_first_clusters_are_typical() -> None:
    failures = [Failing(f"k{rank}", f"FC-{rank}", rank, 0.5) for rank in range(12)]
    assert [one.key for one in typical(failures, 12, read=[])] == [f"k{rank}" for rank in range(10)]


def test_novelty_goes_to_what_is_farthest_from_all_that_was_read() -> None:
    vectors = np.asarray([[1, 0, 0], [0.98, 0.2, 0], [0, 1, 0], [0, 0.6, 0.8]], np.float32)
    assert farthest_first(vectors, 3, read=[0]) == [2, 3, 1]
    assert farthest_first(vectors, 9, read=[0, 1, 2, 3]) == []


def test_a_list_takes_from_each_source_in_turn_and_nothing_twice() -> None:
    items = {
        "random": [Item("a", "random", "")],
        "cluster": [Item("a", "cluster", "FC-1"), Item("b", "cluster", "FC-1")],
        "novel": [Item("c", "novel", ""), Item("d", "novel", "")],
    }
    assert mixed(items, 3) == [Item("a", "random", ""), Item("b", "cluster", "FC-1"), Item("c", "novel", "")]
    assert [item.key for item in mixed(items, 9)] == ["a", "b", "c", "d"]


def test_a_sample_ends_where_the_reader_met_the_last_one_by_chance() -> None:
    draw = Draw("RD-0001", conversations=["a", "b", "c", "d"])
    verdicts = {"a": [verdict("a", draw="RD-0001")], "c": [verdict("c", draw="RD-0001")], "d": [verdict("d")]}
    assert sample_read(draw, verdicts) == ["a", "b", "c"]
    assert sample_read(draw, {"d": [verdict("d")]}) == []


def test_a_merged_mode_counts_as_what_it_was_merged_into() -> None:
    modes = [Mode("FM-1", notes=[["a", "Ana"]], merged_into="FM-2"), Mode("FM-2", notes=[["b", "Ana"]])]
    assert mode_of_notes(modes) == {("a", "Ana"): "FM-2", ("b", "Ana"): "FM-2"}


def test_saturation_counts_kinds_by_mode_then_cluster_then_the_notes_words() -> None:
    verdicts = {
        "a": [verdict("a", minute=0)],
        "b": [verdict("b", minute=1)],
        "c": [verdict("c", minute=2, note="Wrong  fee")],
        "d": [verdict("d", "fine", minute=3)],
        "e": [verdict("e", minute=4, note="wrong fee")],
    }
    seen = saturation(verdicts, [Mode("FM-1", notes=[["b", "Ana"]])], {"a": "FC-1", "b": "FC-1"})
    assert seen == Saturation(read=5, failures=4, kinds=3, since=2, random=0, unseen=None)


def test_the_unseen_share_is_that_of_chance_failures_whose_kind_no_other_read_met() -> None:
    clusters = dict(zip("abcdefghij", ["x"] * 7 + ["y", "z", "v"], strict=True))
    verdicts = {key: [verdict(key, source="random")] for key in clusters}
    assert saturation(verdicts, [], clusters).unseen == 0.3
    elsewhere = verdicts | {"k": [verdict("k", source="novel")]}
    assert saturation(elsewhere, [], clusters | {"k": "y"}).unseen == 0.2


def test_nothing_is_estimated_below_ten_read() -> None:
    assert estimate(Stratum(100, 4, 3), Stratum(900, 5, 0)) == Estimate(1000, 9, 3)


def test_what_was_read_to_its_end_is_certain() -> None:
    found = estimate(Stratum(10, 10, 8), Stratum(30, 30, 2))
    assert found == Estimate(
        population=40,
        read=40,
        failures=10,
        rate=Interval(0.25, 0.25, 0.25),
        recall=Interval(0.8, 0.8, 0.8),
        precision=Interval(0.8, 0.8, 0.8),
        missed=Interval(2, 2, 2),
    )


def test_strata_are_weighed_by_how_many_they_stand_for() -> None:
    found = estimate(Stratum(1000, 50, 45), Stratum(9000, 50, 1))
    assert found.rate is not None
    assert found.recall is not None
    assert found.missed is not None
    assert found.rate.value == pytest.approx((900 + 180) / 10_000)
    assert found.recall.value == pytest.approx(900 / 1080)
    assert found.missed.value == pytest.approx(180)
    assert found.rate.low < found.rate.value < found.rate.high
    assert found.missed.low >= 1, "one was seen"


def test_a_stratum_that_nobody_read_leaves_the_plain_rate_alone() -> None:
    found = estimate(Stratum(5, 0, 0), Stratum(995, 20, 2))
    assert found.rate is not None
    assert (found.rate.value, found.recall, found.precision, found.missed) == (0.1, None, None, None)


def test_intervals_hold_the_true_rate_as_often_as_they_promise() -> None:
    random = np.random.default_rng(5)
    flagged = np.arange(4000) < 800
    failing = np.where(flagged, random.random(4000) < 0.9, random.random(4000) < 0.03)
    held = 0
    for _ in range(100):
        rows = random.choice(4000, 200, replace=False)
        strata = [
            Stratum(int(part.sum()), int(part[rows].sum()), int((part & failing)[rows].sum()))
            for part in (flagged, ~flagged)
        ]
        rate = estimate(*strata).rate
        assert rate is not None
        held += rate.low <= failing.mean() <= rate.high
    assert held >= 90


def test_notes_that_say_alike_become_one_proposal_named_by_the_most_typical() -> None:
    notes = [Note(f"k{n}", "Ana", f"{'fee' if n < 8 else 'loop'} {n}") for n in range(LEAST + 1)]
    vectors = np.asarray([[1, 0.02 * n, 0] if n < 8 else [0, 0.02 * n, 1] for n in range(len(notes))], np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    found = propose(notes, vectors, {"FM-0001": np.asarray([[0, 0, 1]], np.float32)})
    by_mode = {note.text.split()[0] for group in found if group.mode == "FM-0001" for note in group.notes}
    assert by_mode == {"loop"}
    assert all(len({note.text.split()[0] for note in group.notes}) == 1 for group in found)
    assert sorted(note.conversation for group in found for note in group.notes) == sorted(n.conversation for n in notes)
    assert found[0].name == found[0].notes[0].text


def test_few_notes_are_not_grouped() -> None:
    notes = [Note(f"k{n}", "Ana", "same") for n in range(LEAST - 1)]
    assert propose(notes, np.ones((len(notes), 3), np.float32)) == []

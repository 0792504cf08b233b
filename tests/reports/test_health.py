"""Health: rates by week and release, containment's rule, drift on tiny vectors, and what a log lacks, on literal rows."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.health_logs import MONDAY, build, talk
from workbench.bench.bench import Bench
from workbench.dates import weeks_before
from workbench.embedding.vectors import Vectors
from workbench.errors import UserError
from workbench.evidence.health_rows import WeekHealthRecord
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.reports.drift import SAME, Unlike, WeekDrift, drift
from workbench.reports.health import Counts, Release, Week, bots, drift_of, health, releases, weeks
from workbench.reports.health_rows import week_rows
from workbench.reports.health_wording import as_json, blind, in_sentences
from workbench.reports.scorecards import switch
from workbench.store import Store


def test_contained_is_what_ended_without_transfer_among_known_outcomes(tmp_path: Path) -> None:
    ends = ["contained", "contained", "escalated", "abandoned", "failed", "unknown", None]
    rows = [talk(f"c{n}", MONDAY, outcome) for n, outcome in enumerate(ends)]
    found = health(build(tmp_path, [*rows, talk("rewarded", MONDAY, reward=1.0)]), "shop").total

    assert found == Counts(conversations=8, judged=8, failures=1, logged=2, known=6, derived=1, contained=3)
    assert (found.containment.value, found.unknown.value) == (0.5, 0.25)
    assert in_sentences(found) == (
        "1 of 8 fail. Of 6 the log does not say whether they failed: there only what signals find counts. "
        "Of 6 known outcomes 3 are contained; 2 are unknown and left out. 1 of the known ones is derived, not logged."
    )


def test_where_no_outcome_is_known_containment_is_unknown_and_no_health(tmp_path: Path) -> None:
    bench = build(tmp_path, [talk("a", None), talk("b", None)])
    found = health(bench, "shop")

    assert (found.total.containment.value, found.total.containment.bounds) == (None, (None, None))
    assert in_sentences(found.total) == (
        "0 of 2 fail. The log says of none whether it failed: only what signals find counts, and what they miss looks fine. "
        "How they ended is unknown: nothing in the log says it, so containment is unknown, too."
    )
    assert (found.weeks, found.timeless, found.span, found.named) == ([], 2, None, [])
    assert drift_of(bench, "shop").weeks == []
    assert "times" in blind(found)
    assert {name: share for name, share in found.without.items() if share == 0} == {
        "session": 0, "user_words": 0, "bot_words": 0, "bot": 0
    }  # fmt: skip


def test_what_was_never_analysed_has_no_failing_share(tmp_path: Path) -> None:
    found = health(build(tmp_path, [talk("a", MONDAY, "contained")], analyze=False), "shop")

    assert (found.total.failing.value, found.total.containment.value) == (None, None)
    assert in_sentences(found.total).startswith("None of them was analysed yet, so nothing says which fail.")


def test_weeks_are_iso_weeks_and_one_that_the_log_cuts_off_is_incomplete(tmp_path: Path) -> None:
    days = [datetime(2025, 12, 24), datetime(2025, 12, 29), datetime(2026, 1, 4), datetime(2026, 1, 9)]
    found = health(build(tmp_path, [talk(f"c{n}", day, "contained") for n, day in enumerate(days)]), "shop")

    assert [(one.week, one.counts.conversations, one.incomplete) for one in found.weeks] == [
        ("2025-W52", 1, True),
        ("2026-W01", 2, False),
        ("2026-W02", 1, True),
    ]


def test_a_log_from_monday_to_sunday_is_one_whole_week() -> None:
    span = (datetime(2026, 3, 2, 9), datetime(2026, 3, 8, 18))
    row = WeekHealthRecord(3, 0, 0, 0, 0, 0, 0, 0, 0, 0, week="2026-W10", last_seen=span[1])

    assert weeks([row], span) == [Week("2026-W10", Counts(conversations=3), incomplete=False)]


def test_the_list_of_bots_begins_with_the_busiest(tmp_path: Path) -> None:
    rows = [talk("a", MONDAY, bot="quiet"), talk("b", MONDAY, bot="busy"), talk("c", MONDAY, bot="busy")]
    bench = build(tmp_path, rows)

    assert [(one.bot, one.counts.conversations) for one in bots(bench)] == [("busy", 2), ("quiet", 1)]
    with pytest.raises(UserError, match=r"There is no bot 'other' in this snapshot\. Known are: busy, quiet\."):
        health(bench, "other")


def test_a_release_is_held_against_the_one_first_seen_before_it() -> None:
    def release(name: str | None, day: int | None, failures: int, judged: int) -> Release:
        seen = None if day is None else datetime(2026, 3, day)
        return Release(name, Counts(conversations=judged, judged=judged, failures=failures), seen, seen)

    old, bad, same, unnamed = (
        release("v1", 1, 20, 200),
        release("v2", 8, 60, 200),
        release("v3", 15, 62, 200),
        release(None, 1, 5, 10),
    )
    first, second, third, last = releases([old, bad, same, unnamed])

    assert (first, last) == (old, unnamed)
    assert second == replace(bad, before="v1", change=pytest.approx(0.2), p=second.p, stands=True)
    assert third == replace(same, before="v2", change=pytest.approx(0.01), p=third.p, stands=False)
    assert second.p is not None
    assert third.p is not None
    assert (second.p < 1e-6, round(third.p, 2)) == (True, 0.83)
    assert releases([release("v1", None, 1, 10), release("v2", None, 9, 10)])[1].change is None


def test_a_release_begins_where_it_is_first_seen_but_not_with_the_log(tmp_path: Path) -> None:
    days = {"m-1": datetime(2026, 3, 3), "m-2": datetime(2026, 3, 11)}
    found = health(build(tmp_path, [talk(model, day, model=model) for model, day in days.items()]), "shop")

    assert [one.release for one in found.named] == ["m-1", "m-2"]
    assert found.began == [(days["m-2"].date(), "m-2")]


def test_rated_badly_is_a_thumb_down_or_the_lower_two_fifths_of_the_scale(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(
        "\n".join(
            f'{{"conversation_id": "c{n}", "bot": "shop", "feedback_score": {score}, "messages": [{{"role": "user", "content": "Hi {n}"}},'
            f' {{"role": "assistant", "content": "Hello."{thumb}}}]}}'
            for n, (score, thumb) in enumerate(
                [("null", ', "feedback": -1'), ("1", ""), ("2", ""), ("4", ""), ("null", "")]
            )
        )
    )
    Build(Job(store=str(tmp_path / "store"), paths=[str(log)], actor="t"), lambda *_: None, WordHashEncoder()).run()
    found = health(Bench(Store(tmp_path / "store")), "shop").total

    # 1 to 5 is the smallest usual scale that holds 1, 2 and 4; bad is up to 2.6.
    assert (found.rated, found.rated_badly) == (4, 3)


def test_the_weeks_before_cross_the_year() -> None:
    assert weeks_before("2026-W02") == ["2025-W50", "2025-W51", "2025-W52", "2026-W01"]


def around(*degrees: float) -> Vectors:
    """Unit vectors on a circle."""
    angles = np.radians(degrees)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def test_a_request_is_unlike_when_its_nearest_is_farther_than_95_percent_of_the_weeks_before_are_from_theirs() -> None:
    # 60 earlier requests in six spots but for three strays; 20 new ones, five of a new kind.
    before = [spot + 0.1 * n for spot in (0, 20, 40, 60, 80, 100) for n in range(10)]
    before[-1], before[-2], before[-3] = 140, 170, 200
    new = [10.0 * n for n in range(10)] + [0.05 + 20 * n for n in range(5)] + [270, 271, 272, 273, 274]
    keys = [f"k{n}" for n in range(80)]
    found = drift(keys, ["2026-W10"] * 60 + ["2026-W11"] * 20, around(*before, *new))

    # ⌊61 / 20⌋ = 3: the third least close of the 60 is a stray, 30 degrees from the next; nothing but the new kind is farther.
    assert found == [
        WeekDrift("2026-W11", 20, 60, 5, [Unlike("k79", 5, pytest.approx(np.cos(np.radians(74)), abs=1e-3))])
    ]
    assert (found[0].share, found[0].flagged) == (0.25, True)
    assert [round(bound, 2) for bound in found[0].bounds if bound] == [0.11, 0.47]


def test_the_same_request_again_is_never_unlike_however_it_rounds() -> None:
    rng = np.random.default_rng(0)
    buttons = rng.normal(size=(3, 40)).astype(np.float32)
    buttons /= np.linalg.norm(buttons, axis=1, keepdims=True)
    rows = [0] * 40 + [1] * 20 + [2] * 3 + [2] * 30
    (found,) = drift([str(n) for n in range(93)], ["2026-W10"] * 63 + ["2026-W11"] * 30, buttons[rows])

    assert (found.unlike, found.share) == (0, 0.0)
    assert SAME < 1


def test_too_few_requests_tell_nothing_and_a_week_beyond_four_is_not_held_against() -> None:
    (found,) = drift(["a", "b", "c"], ["2026-W10", "2026-W10", "2026-W11"], around(0, 1, 90))
    assert (found.comparable, found.share, found.bounds, found.flagged) == (False, None, (None, None), False)
    assert drift(["a", "b"], ["2026-W10", "2026-W15"], around(0, 90)) == []
    assert drift([], [], np.zeros((0, 1), np.float32)) == []


def test_weeks_dealt_at_random_are_unlike_in_five_percent() -> None:
    rng = np.random.default_rng(1)
    vectors = rng.normal(size=(900, 16)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    shares = [
        one.share
        for one in drift([str(n) for n in range(900)], [f"2026-W{10 + n // 100}" for n in range(900)], vectors)
    ]

    assert len(shares) == 8
    assert 0.03 < sum(share or 0 for share in shares) / 8 < 0.07


def test_a_week_in_a_file_holds_what_the_page_shows(tmp_path: Path) -> None:
    bench = build(tmp_path, [talk("a", MONDAY, "contained"), talk("b", MONDAY, "escalated")])
    found, drifted = health(bench, "shop"), drift_of(bench, "shop")
    (row,) = week_rows(found, drifted)

    assert (row.week, row.conversations, row.contained, row.containment, row.requests_unlike) == (
        "2026-W10",
        2,
        1,
        0.5,
        None,
    )
    said = as_json(found, drifted)
    assert (said["bot"], said["outcomes_unknown"], said["weeks"][0]["week"]) == ("shop", 0, "2026-W10")
    assert {
        "title": "Citations",
        "share": 1.0,
        "blind": "The transcript can't show what a reply cites. No signal needs them.",
        "silent": [],
    } in said["lacks"]


def test_a_signal_that_is_off_is_marked_once_the_counts_heed_it(tmp_path: Path) -> None:
    bench = build(tmp_path, [talk("a", MONDAY)])
    switch(bench, "empty-reply", "shop", off=True)
    assert health(bench, "shop").disabled_signals == []
    Build(Job(store=str(tmp_path / "store"), actor="tests"), lambda *_: None, WordHashEncoder()).run()
    assert [(signal.code, signal.by) for signal in health(bench, "shop").disabled_signals] == [("empty-reply", "Ana")]

"""The sentence that says why a cluster is thought to be one problem, on literal rows."""

from dataclasses import replace
from datetime import datetime

from workbench.bench.cluster_detail import BehaviourRow, SuspectRow
from workbench.bench.why import why
from workbench.clusters.suspects import Onset

RISE = Onset("2026-W14", 15, 32, 1, 28)
RELEASE = SuspectRow("release", "m-2", [], 15, 30, 0.5, 0.33, 0.67, 0.04, 12.5, 1e-6, True, datetime(2026, 4, 1), True)
TOOL = replace(RELEASE, kind="tool", value="get_order", begins=False)
CANCELS = BehaviourRow("carries out cancel_reservation", 16, 17, 1, 22)


def test_since_when_with_which_release_and_what_parts_it_each_with_its_numbers() -> None:
    assert why(RISE, [TOOL, RELEASE], [CANCELS]) == (
        "Since the week of 30 Mar 2026: 15 of 32 failed this way, 1 of 28 before; begins with release m-2 (15 of 30, 4 % "
        "without it); carries out cancel_reservation in 16 of 17 failures, in 1 of 22 of the same requests that worked."
    )


def test_what_did_not_pass_its_test_is_left_out() -> None:
    chance = replace(RELEASE, stands=False)
    assert why(None, [chance], [CANCELS]) == (
        "Carries out cancel_reservation in 16 of 17 failures, in 1 of 22 of the same requests that worked."
    )


def test_a_release_that_was_there_before_is_no_beginning() -> None:
    older = replace(RELEASE, begins=False, elsewhere=0.0)
    assert why(None, [older], []) == "More often with release m-2 (15 of 30, never without it)."


def test_what_failures_leave_out_is_told_so() -> None:
    left_out = BehaviourRow("carries out check_policy", 1, 17, 20, 22)
    assert why(None, [], [left_out], datetime(2026, 4, 2)) == (
        "Seen since 2 Apr 2026, without a week from which it clearly rises; carries out check_policy in only 1 of 17 failures, "
        "in 20 of 22 of the same requests that worked."
    )


def test_where_nothing_stands_it_says_so() -> None:
    assert why(None, [TOOL], []) == (
        "Nothing sets it apart yet from the same requests that worked, and no release or prompt came with it."
    )

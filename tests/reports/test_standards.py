"""Standards: a cause in several bots is a pattern, and what mended it in one stands there for the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.two_bots import alike, mended, two_bots
from workbench.bench.bench import Bench
from workbench.reports.standards import JudgedRemedy, remedies_elsewhere, standards


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return two_bots(tmp_path)


def test_a_cause_in_two_bots_is_a_pattern_with_the_fix_that_was_verified(bench: Bench) -> None:
    shop, desk = alike(bench)
    ticket = mended(bench, shop.cluster)
    (standard,) = standards(bench)
    assert (standard.title, standard.bots) == ("Tool fault", ["desk", "shop"])
    assert [row.cluster for row in standard.waiting] == [desk.cluster]
    assert standard.remedies == [
        JudgedRemedy(
            ticket,
            standard.remedies[0].title,
            ["shop"],
            [shop.cluster],
            "verified",
            (12, 40),
            (0, 50),
            "2026-04-01",
            "Asks again, at [email].",
        )
    ]


def test_a_cluster_is_told_of_fixes_of_others_with_its_cause_and_of_no_other_cause(bench: Bench) -> None:
    shop, desk = alike(bench)
    ticket = mended(bench, shop.cluster)
    assert [fix.ticket for fix in remedies_elsewhere(bench, desk)] == [ticket]
    assert remedies_elsewhere(bench, shop) == []
    bench.label(desk.cluster, cause="loop")
    (relabelled,) = [row for row in bench.clusters() if row.cluster == desk.cluster]
    assert remedies_elsewhere(bench, relabelled) == []


def test_a_fix_that_did_not_hold_says_so(bench: Bench) -> None:
    shop, _ = alike(bench)
    mended(bench, shop.cluster, "not-fixed")
    (standard,) = standards(bench)
    assert [fix.verdict for fix in standard.remedies] == ["did not hold"]


def test_a_cause_in_one_bot_is_no_standard(bench: Bench) -> None:
    bench.label(bench.clusters()[0].cluster, cause="loop")
    assert standards(bench) == []

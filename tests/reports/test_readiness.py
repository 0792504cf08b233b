"""Readiness: what should hold of a bot by day 30, 60 and 90, each met, partly, not met, or not to be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.support.cluster_rows import row
from workbench.bench.bench import Bench
from workbench.evidence.overview_rows import BotRecord, VersionRecord
from workbench.judgement.records.pod import Bot
from workbench.judgement.records.tickets import Ticket
from workbench.reports import readiness_checks as checks
from workbench.reports.readiness import readiness
from workbench.reports.readiness_rows import MET, NOT_MET, PARTLY, UNKNOWN, Readiness, ReadinessCheck
from workbench.reports.share import Share
from workbench.reports.sla import SlaClock
from workbench.review.agreement import agreement
from workbench.store import Store

MAY = datetime(2026, 5, 1)
SHOP = Bot("shop", "Ana", deputy="Bo", on_call="rota", sla={"S1": 24, "S2": 48, "S3": 96}, models=["m-1"])
LOGGED = BotRecord("shop", 300, 30, 0, [], MAY, MAY + timedelta(days=30))


def told(check: ReadinessCheck) -> tuple[str, str]:
    return check.state, check.reason


def test_a_bot_is_owned_once_somebody_answers_stands_in_and_can_be_called() -> None:
    assert told(checks.owned(SHOP)) == (MET, "Ana answers for it.")
    assert told(checks.owned(Bot("shop", "Ana"))) == (PARTLY, "No deputy, nobody on call.")
    assert told(checks.owned(Bot("shop", on_call="rota"))) == (NOT_MET, "No owner, no deputy.")


def test_a_log_arrives_unless_it_is_silent_missing_or_without_times() -> None:
    assert checks.log_arrives("shop", LOGGED, LOGGED.last_seen).state == MET
    assert told(checks.log_arrives("shop", LOGGED, MAY + timedelta(days=40))) == (
        NOT_MET,
        "Silent since 31 May 2026; other logs go on.",
    )
    assert checks.log_arrives("shop", None, MAY).state == NOT_MET
    assert checks.log_arrives("shop", replace(LOGGED, last_seen=None), None).state == UNKNOWN


@pytest.mark.parametrize(
    ("known", "of", "state"), [(80, 100, MET), (50, 100, PARTLY), (49, 100, NOT_MET), (0, 0, UNKNOWN)]
)
def test_endings_are_known_from_four_fifths_on(known: int, of: int, state: str) -> None:
    assert checks.endings_known("shop", known, of).state == state


def test_versions_are_pinned_once_only_those_of_the_inventory_ran() -> None:
    ran = [VersionRecord("shop", "model", "m-1", 9, MAY, MAY), VersionRecord("shop", "prompt", "p-1", 9, MAY, MAY)]
    assert checks.versions_pinned(replace(SHOP, prompts=["p-1"]), ran).state == MET
    assert told(checks.versions_pinned(SHOP, ran)) == (PARTLY, "The inventory pins no prompt.")
    assert told(checks.versions_pinned(replace(SHOP, models=["m-0"]), ran)) == (
        NOT_MET,
        "Ran without being pinned: m-1.",
    )
    assert checks.versions_pinned(Bot("shop"), ran).state == NOT_MET
    assert checks.versions_pinned(SHOP, []).state == UNKNOWN


def test_an_sla_is_agreed_once_it_has_hours_for_the_first_three_severities() -> None:
    states = [checks.sla_agreed(replace(SHOP, sla=sla)).state for sla in (SHOP.sla, {"S1": 24}, {})]
    assert states == [MET, PARTLY, NOT_MET]


def test_failures_have_a_cause_by_the_share_that_stands_in_labelled_clusters() -> None:
    shares = (Share(80, 100), Share(40, 100), Share(39, 100), Share(0, 0))
    assert [checks.labelled("shop", share).state for share in shares] == [MET, PARTLY, NOT_MET, UNKNOWN]


def test_reading_counts_what_chance_chose() -> None:
    assert [checks.read_at_random("shop", read).state for read in (30, 10, 9)] == [MET, PARTLY, NOT_MET]


def test_labels_mean_the_same_by_the_alpha_of_the_newest_round() -> None:
    same = agreement([{"Ana": code, "Bo": code} for code in ("loop", "handoff", "loop", "loop")])
    divided = agreement([{"Ana": "loop", "Bo": "handoff"}, {"Ana": "handoff", "Bo": "handoff"}])
    assert told(checks.agreed("AG-0001", same, 4)) == (
        MET,
        "AG-0001: alpha 1.00 over 4 conversations, 4 of them its own.",
    )
    assert checks.agreed("AG-0002", divided, 1).state == NOT_MET
    assert checks.agreed(None, None, 0).state == UNKNOWN


def test_what_fails_most_is_judged_once_no_cluster_of_the_worst_five_is_new() -> None:
    judged = [row(f"FC-000{n}", 9, status="fixing") for n in range(1, 5)]
    assert checks.worst_looked_at("shop", judged).state == MET
    assert told(checks.worst_looked_at("shop", [row("FC-0009", 9), *judged])) == (
        PARTLY,
        "Of its 5 costliest clusters nobody judged FC-0009.",
    )
    assert checks.worst_looked_at("shop", [row("FC-0009", 9)]).state == NOT_MET
    assert checks.worst_looked_at("shop", []).state == UNKNOWN


def test_triage_is_weekly_where_three_sessions_were_held_in_four_weeks() -> None:
    today = date(2026, 5, 31)
    weekly = [today - timedelta(weeks=n) for n in range(3)]
    assert [checks.triaged(held, today).state for held in (weekly, weekly[:1], [date(2026, 4, 1)])] == [
        MET,
        PARTLY,
        NOT_MET,
    ]
    assert checks.triaged(weekly, None).state == UNKNOWN


def test_fixes_are_proven_once_one_is_verified_and_none_failed() -> None:
    verified, regressed, out = (
        Ticket("FIX-0001", status="verified"),
        Ticket("FIX-0002", status="regressed"),
        Ticket("FIX-0003", status="fixed"),
    )
    assert told(checks.fixes_verified("shop", [verified, out])) == (MET, "1 of 2 fixes that are out are verified.")
    assert told(checks.fixes_verified("shop", [verified, regressed])) == (
        PARTLY,
        "1 of 2 fixes that are out are verified; FIX-0002 did not hold.",
    )
    assert checks.fixes_verified("shop", [out]).state == NOT_MET
    assert checks.fixes_verified("shop", [Ticket("FIX-0004")]).state == UNKNOWN


def test_the_sla_is_kept_where_no_clock_was_missed() -> None:
    met = SlaClock("FIX-0001", "shop", "S1", 24, MAY, "met", timedelta(0))
    missed = replace(met, ticket="FIX-0002", state="missed")
    assert [checks.sla_met("shop", clocks).state for clocks in ([met], [met, met, missed], [met, missed], [])] == [
        MET, PARTLY, NOT_MET, UNKNOWN,
    ]  # fmt: skip


def test_it_fails_less_only_beyond_chance() -> None:
    before = Share(100, 400)
    after = (Share(40, 400), Share(95, 400), Share(180, 400), Share(0, 0))
    assert [checks.fails_less("shop", now, before).state for now in after] == [MET, PARTLY, NOT_MET, UNKNOWN]


def test_no_wrong_act_is_left_alone_unless_an_s1_cluster_has_no_ticket() -> None:
    said, suggested = (
        row(f"FC-000{n}", 9, severity="S1", severity_source=source) for n, source in enumerate(("person", "suggested"))
    )
    assert checks.no_harm_left("shop", [replace(said, status="fixing"), replace(suggested, stopped=True)]).state == MET
    assert told(checks.no_harm_left("shop", [suggested])) == (
        PARTLY,
        "1 S1 cluster (as the log suggests) without a ticket: FC-0001.",
    )
    assert checks.no_harm_left("shop", [said]).state == NOT_MET
    assert checks.no_harm_left("shop", []).state == UNKNOWN


def test_what_is_due_comes_before_what_is_not_and_what_is_not_met_before_what_can_not_be_told() -> None:
    states = [(30, MET), (30, UNKNOWN), (30, NOT_MET), (90, NOT_MET), (60, PARTLY)]
    made = Readiness(
        "shop",
        date(2026, 5, 1),
        date(2026, 6, 5),
        [ReadinessCheck(day, state, state, "", "bots") for day, state in states],
    )
    assert [(check.by_day, check.state) for check in made.open] == [
        (30, NOT_MET),
        (30, UNKNOWN),
        (60, PARTLY),
        (90, NOT_MET),
    ]
    assert (made.live, made.is_due(30), made.is_due(60), made.due(60)) == (35, True, False, date(2026, 6, 30))


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    with closing(Bench(store, "Ana")) as opened:
        yield opened


def test_a_store_answers_what_it_can(bench: Bench) -> None:
    bench.pod.set_bot("shop", owner="Ana")
    states = {check.title: check.state for check in readiness(bench, "shop").checks}
    assert states == {
        "Somebody answers for it": PARTLY,
        "Its log arrives": MET,
        "Its log says how conversations ended": MET,
        "Its versions are pinned": NOT_MET,
        "An SLA is agreed": NOT_MET,
        "Its failures have a cause": NOT_MET,
        "Reading is done at random": NOT_MET,
        "Labels mean the same to all": UNKNOWN,
        "What fails most is judged": NOT_MET,
        "Triage is held every week": NOT_MET,
        "Fixes are proven": UNKNOWN,
        "The SLA is kept": UNKNOWN,
        "It fails less than before": UNKNOWN,
        "No wrong act is left alone": PARTLY,
    }


def test_a_label_counts_for_its_cluster_at_once(bench: Bench) -> None:
    rows = bench.clusters()
    for each in rows:
        bench.label(each.cluster, cause="loop")
    (check,) = [each for each in readiness(bench, "shop").checks if each.title == "Its failures have a cause"]
    assert check.state == MET


def test_a_bot_of_the_inventory_without_a_log_has_no_day(bench: Bench) -> None:
    bench.pod.set_bot("desk", owner="Ana")
    made = readiness(bench, "desk")
    assert (made.live, made.is_due(30), made.open[0].title) == (None, False, "Its log arrives")

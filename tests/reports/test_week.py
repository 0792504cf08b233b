"""The week of a pod: which week it is, how bots and clusters went, what was promised, and what is said of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest

from tests.support.cluster_rows import row
from tests.support.command import Command
from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.evidence.cluster_rows import ClusterWeekRecord
from workbench.evidence.cluster_tables import WeekCount
from workbench.evidence.health_rows import BotWeekRecord
from workbench.exports import export_bytes
from workbench.judgement.records.sessions import Decision, Session
from workbench.judgement.records.tickets import Ticket
from workbench.reports import week_wording
from workbench.reports.share import Share
from workbench.reports.week import bot_weeks, choices_of, cluster_week, sorted_into_lists, week_report
from workbench.reports.week_json import as_json
from workbench.reports.week_promises import promises
from workbench.reports.week_rows import (
    BotWeek,
    Choices,
    ClusterWeek,
    Compared,
    ImportGaps,
    Promise,
    WaitingFix,
    WeekSpan,
)
from workbench.stats import exact_proportions
from workbench.store import Store
from workbench.tickets import tickets
from workbench.triage import agenda, session

W45 = WeekSpan("2026-W45")
NOTHING = Compared(Share(0, 0), Share(0, 0))
SOUND = BotWeek("shop", "Ana", 100, 400, 4, 0, NOTHING, NOTHING, Share(0, 100), False)
TODAY = date(2026, 11, 9)


def counted(bot: str, week: str | None, conversations: int, failures: int = 0, **more: object) -> BotWeekRecord:
    """A bot's week: all analysed, no outcome known, the last of them on the week's Sunday."""
    last = datetime.fromisocalendar(int(week[:4]), int(week[6:]), 7) if week else None
    base = BotWeekRecord(
        bot, week, conversations, conversations, failures, suspected=0, contained=0, known=0, first=last, last=last
    )
    return replace(base, **more)  # type: ignore[arg-type]


def went(cluster: str, now: tuple[int, int], before: tuple[int, int], **changes: object) -> ClusterWeek:
    """A cluster of the bot "shop" with failures among similar requests in the week and before; it is an old one."""
    base = ClusterWeek(
        cluster=cluster, kind="topical", name="refund, shoes", bot="shop", status="new", owner=None, severity=None,
        root_cause=None, first_seen=datetime(2026, 9, 1), failures=now[0], failures_before=before[0],
        last_before=datetime(2026, 9, 20), rate=Compared(Share(*now), Share(*before)),
    )  # fmt: skip
    return replace(base, **changes)  # type: ignore[arg-type]


def lists(*clusters: ClusterWeek, bot: BotWeek = SOUND) -> dict[str, str | None]:
    return {one.cluster: one.list for one in sorted_into_lists(clusters, {"shop": bot}, W45)}


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store, "Ana")
    yield bench
    bench.close()


# ── which week ──


def test_a_week_knows_its_days_and_the_four_weeks_before_over_a_new_year() -> None:
    span = WeekSpan("2026-W02")
    assert (span.monday, span.sunday) == (date(2026, 1, 5), date(2026, 1, 11))
    assert span.before == ["2026-W01", "2025-W52", "2025-W51", "2025-W50"]


@pytest.mark.parametrize(
    ("name", "rows", "expected"),
    [
        (
            "a week that the data does not reach the end of is not this week",
            [counted("shop", "2026-W44", 5), counted("shop", "2026-W45", 5, last=datetime(2026, 11, 7, 23))],
            Choices(["shop"], ["2026-W45", "2026-W44"], "2026-W44", "2026-W44"),
        ),
        (
            "one that ends on its Sunday is",
            [counted("shop", "2026-W44", 5), counted("shop", "2026-W45", 5)],
            Choices(["shop"], ["2026-W45", "2026-W44"], "2026-W45", "2026-W45"),
        ),
        (
            "a complete week in which nothing was logged is this week all the same",
            [counted("shop", "2026-W43", 5), counted("shop", "2026-W45", 5, last=datetime(2026, 11, 4))],
            Choices(["shop"], ["2026-W45", "2026-W44", "2026-W43"], "2026-W44", "2026-W44"),
        ),
        (
            "with no complete week, the last that there is",
            [counted("shop", "2026-W45", 5, last=datetime(2026, 11, 4))],
            Choices(["shop"], ["2026-W45"], "2026-W45", "2026-W44"),
        ),
        ("without times there is none", [counted("shop", None, 5)], Choices(["shop"], [], None)),
    ],
)
def test_this_week_is_the_last_that_the_data_covers_to_its_sunday(
    name: str, rows: list[BotWeekRecord], expected: Choices
) -> None:
    assert choices_of(rows) == expected, name


# ── bots ──


def test_a_bot_is_compared_with_the_weeks_before_that_hold_data_and_only_known_endings_count() -> None:
    rows = [
        counted("shop", "2026-W45", 40, 20, contained=15, known=20),
        counted("shop", "2026-W44", 90, 9, contained=60, known=80),
        counted("shop", "2026-W42", 110, 11, contained=70, known=90),
        counted("shop", "2026-W40", 999, 999),
    ]
    (found,) = bot_weeks(rows, W45, {"shop": "Ana"})
    assert found == BotWeek(
        bot="shop",
        owner="Ana",
        conversations=40,
        conversations_before=200,
        weeks_before=2,
        waiting=0,
        failing=Compared(Share(20, 40), Share(20, 200)),
        contained=Compared(Share(15, 20), Share(130, 170)),
        unknown=Share(20, 40),
        first_week=False,
    )
    assert (found.a_week_before, found.failing.change, found.contained.change) == (100, "more", "same")
    assert week_wording.bot(found) == (
        "40 conversations (100 a week before); failing 20 of 40 (50 %), ↗ more; "
        "contained 15 of 20 (75 %), → no clear change"
    )


def test_a_bot_that_logged_nothing_is_said_and_one_that_is_not_analysed_counts_as_neither() -> None:
    rows = [counted("mute", "2026-W44", 90), counted("raw", "2026-W45", 10, analysed=0)]
    raw, mute = bot_weeks(rows, W45, {})
    assert (raw.bot, raw.waiting, raw.failing.now.value, raw.first_week) == ("raw", 10, None, True)
    assert week_wording.bot(mute) == "no conversation in this week, 90 in the four weeks before"


@pytest.mark.parametrize(
    ("now", "before", "expected"),
    [((0, 1), (3, 3), "same"), ((3, 3), (0, 37), "more"), ((0, 0), (3, 9), None), ((9, 90), (40, 360), "same")],
)
def test_a_handful_is_tested_exactly(now: tuple[int, int], before: tuple[int, int], expected: str | None) -> None:
    assert Compared(Share(*now), Share(*before)).change == expected


@pytest.mark.parametrize(
    ("table", "p"),
    [((3, 4, 1, 4), 0.485714), ((1, 10, 11, 14), 0.002759), ((0, 5, 0, 9), 1.0)],  # the tea; R's fisher.test
)
def test_fishers_exact_test_gives_published_values(table: tuple[int, int, int, int], p: float) -> None:
    assert exact_proportions(*table) == pytest.approx(p, abs=1e-6)


# ── clusters ──


def test_each_cluster_is_in_one_list_at_most() -> None:
    assert lists(
        went("FC-0001", (3, 40), (0, 0), first_seen=datetime(2026, 11, 2), last_before=None),
        went("FC-0002", (2, 40), (0, 160)),
        went("FC-0003", (20, 40), (16, 160)),
        went("FC-0004", (0, 40), (40, 160)),
        went("FC-0005", (4, 40), (16, 160)),
        went("FC-0006", (0, 40), (5, 160), status="regressed"),
    ) == {
        "FC-0001": "new", "FC-0002": "back", "FC-0003": "rising", "FC-0004": "fading", "FC-0005": None, "FC-0006": "back"
    }  # fmt: skip


def test_what_was_not_logged_before_is_neither_back_nor_new() -> None:
    silent = went("FC-0001", (1, 40), (0, 160))
    first = went("FC-0002", (3, 40), (0, 0), first_seen=datetime(2026, 11, 2), last_before=None)
    assert lists(silent, bot=replace(SOUND, weeks_before=3)) == {"FC-0001": None}
    assert lists(first, bot=replace(SOUND, weeks_before=0, first_week=True)) == {"FC-0002": None}


def test_a_list_has_the_escalating_first_then_the_most_failures() -> None:
    found = sorted_into_lists(
        [
            went("FC-0001", (12, 400), (10, 1600)),
            went("FC-0002", (8, 8), (1, 99)),
            went("FC-0003", (50, 400), (200, 1600)),
            went("FC-0004", (14, 400), (31, 1600)),
        ],
        {"shop": SOUND},
        W45,
    )
    assert [(one.cluster, one.escalating, one.list) for one in found] == [
        ("FC-0001", True, "rising"),
        ("FC-0002", True, "rising"),
        ("FC-0003", False, None),
        ("FC-0004", False, None),
    ]


def test_a_cluster_counts_similar_requests_of_the_week_and_of_the_four_before() -> None:
    eligible = [WeekCount(week, 10, n) for n, week in enumerate(["2026-W39", "2026-W43", "2026-W45"])]
    seen = [
        ClusterWeekRecord("FC-0001", "2026-W39", 1, datetime(2026, 9, 22)),
        ClusterWeekRecord("FC-0001", "2026-W45", 3, datetime(2026, 11, 5)),
    ]
    found = cluster_week(row("FC-0001", 4, first_seen=datetime(2026, 9, 22)), eligible, seen, W45)
    assert (found.failures, found.failures_before, found.last_before) == (3, 0, datetime(2026, 9, 22))
    assert found.rate == Compared(Share(2, 10), Share(1, 10))


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (
            went("FC-1", (3, 40), (0, 0), list="new", first_seen=datetime(2026, 11, 4)),
            "3 failures, first on 4 Nov; 3 of 40 (8 %) · shop · nobody owns it",
        ),
        (
            went("FC-1", (2, 40), (0, 160), list="back", owner="Bo"),
            "2 failures, none in the four weeks before; last on 20 Sep · shop · Bo",
        ),
        (
            went("FC-1", (2, 40), (8, 160), list="back", status="regressed"),
            "2 of 40 (5 %), before 8 of 160 (5 %) · shop · regressed · nobody owns it",
        ),
        (
            went("FC-1", (20, 40), (16, 160), list="rising", escalating=True, status="verified"),
            "rising again since its fix: judge it again · 20 of 40 (50 %), before 16 of 160 (10 %) · shop · nobody owns it",
        ),
        (
            went("FC-1", (20, 40), (16, 160), list="rising", escalating=True, status="fixing"),
            "escalating · 20 of 40 (50 %), before 16 of 160 (10 %) · shop · fixing · nobody owns it",
        ),
    ],
)
def test_a_cluster_is_told_in_counts_with_status_and_owner(one: ClusterWeek, expected: str) -> None:
    assert week_wording.cluster(one) == expected


# ── promises ──


def test_promises_are_late_tickets_shipped_fixes_decisions_and_old_tickets_each_once() -> None:
    made = datetime(2026, 10, 10)
    known = [
        Ticket("FIX-0001", "late", due=date(2026, 11, 4), created_at=made, clusters=["FC-0001"]),
        Ticket("FIX-0002", "shipped", status="fixed", fixed_date=date(2026, 11, 1), created_at=made),
        Ticket("FIX-0003", "decided", owner="Bo", created_at=made, clusters=["FC-0003"]),
        Ticket("FIX-0004", "old", created_at=made),
        Ticket("FIX-0005", "due later", due=date(2026, 12, 1), created_at=made),
        Ticket("FIX-0006", "young", created_at=datetime(2026, 11, 1)),
        Ticket("FIX-0007", "done", status="verified", created_at=made),
    ]
    decisions = {
        "FC-0001": Decision("TS-0002", "FC-0001", owner="Ana", ticket="FIX-0001"),
        "FC-0003": Decision("TS-0002", "FC-0003", owner="Ana", ticket="FIX-0003"),
        "FC-0004": Decision("TS-0002", "FC-0004", owner="Ana", due=date(2026, 11, 20)),
        "FC-0005": Decision("TS-0002", "FC-0005", disposition="not-a-bug", owner="Ana"),
        "FC-0006": Decision("TS-0002", "FC-0006", state="skipped", owner="Ana"),
        "FC-0007": Decision("TS-0002", "FC-0007", ticket="FIX-0007"),
    }
    earlier = {"FC-0004": Decision("TS-0001", "FC-0004", owner="Cy")}
    names = {f"FC-000{n}": f"cluster {n}" for n in range(1, 8)}
    found = promises(known, [(Session("TS-0002"), decisions), (Session("TS-0001"), earlier)], names, {}, TODAY)
    assert found == [
        Promise("late", "late", ticket="FIX-0001", due=date(2026, 11, 4), days=5),
        Promise("watching", "shipped", ticket="FIX-0002", shipped="on 1 Nov 2026"),
        Promise("decided", "cluster 4", "FC-0004", owner="Ana", due=date(2026, 11, 20), session="TS-0002"),
        Promise("decided", "decided", "FC-0003", "FIX-0003", "Bo", session="TS-0002"),
        Promise("old", "old", ticket="FIX-0004", days=30),
    ]
    assert [week_wording.promise(one) for one in found] == [
        "5 days late, due 4 Nov 2026 · nobody owns it",
        "shipped on 1 Nov 2026 · its page says how far it is · nobody owns it",
        "decided in TS-0002, due 20 Nov 2026 · Ana",
        "decided in TS-0002, no due date · Bo",
        "open for 30 days, no due date · nobody owns it",
    ]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        (WaitingFix(12, 0, 45, "too little traffic"), "0 of 12 similar requests failed since; 33 more to tell"),
        (WaitingFix(50, 1, 45, "fixed"), "fixed: 1 of 50 similar requests failed since. Record it."),
        (WaitingFix(9, 3, None, "too little traffic", "Only 4 failures before the fix; it takes 10."),
         "Only 4 failures before the fix; it takes 10."),
    ],
)  # fmt: skip
def test_a_shipped_fix_says_how_many_more_similar_requests_it_takes(one: WaitingFix, expected: str) -> None:
    assert week_wording.watch(one) == expected


def test_what_an_import_lacks_is_one_line() -> None:
    lacks = [("Times", 1.0), ("Outcome", 0.4), ("Feedback", 0.3), ("Model", 0.2), ("Documents", 0.1)]
    assert week_wording.gaps(ImportGaps("I000001", 9, lacks, 2, 1)) == (
        "times missing in 100 %, outcome missing in 40 %, feedback missing in 30 %, model missing in 20 % and 1 more; 2 rows rejected; 1 file refused"
    )


# ── a store ──


def test_a_report_says_what_the_store_holds_of_its_last_complete_week(bench: Bench) -> None:
    report = week_report(bench)
    assert (report.span, report.complete, report.weeks_before) == (WeekSpan("2026-W15"), True, 4)
    weeks = bench.evidence.bot_weeks()
    assert report.conversations == sum(week.conversations for week in weeks if week.week == "2026-W15") > 0
    assert sum(week.conversations for week in weeks) == 48
    assert [(one.bot, one.owner) for one in report.bots] == [("shop", None)]
    in_week = [one for one in bench.failures() if one.week == "2026-W15"]
    assert report.loose == Share(sum(one.cluster is None for one in in_week), len(in_week))


def test_an_earlier_week_can_be_looked_at_and_one_that_is_not_there_is_refused(bench: Bench) -> None:
    first = week_report(bench, "shop", "2026-W10")
    assert (first.complete, first.weeks_before, first.bots[0].first_week) == (True, 0, True)
    assert first.listed("new") == []
    assert "Nothing is logged in the four weeks before, so there is nothing to compare with." in week_wording.standing(
        first
    )
    with pytest.raises(UserError, match=r"There is no week '2020-W01' in the data\. Known are: 2026-W"):
        week_report(bench, week="2020-W01")
    with pytest.raises(UserError, match="There is no bot 'shp'"):
        week_report(bench, "shp")


def test_a_week_names_the_clocks_that_it_goes_by(bench: Bench) -> None:
    assert week_wording.standing(week_report(bench))[0].endswith("; weeks begin on Monday, UTC time.")


def test_what_people_said_is_in_the_report(bench: Bench) -> None:
    bench.judgement.pod.set_bot("shop", actor="Ana", owner="ana")
    today = bench.judgement.sessions.create("Monday", agenda.agenda(bench), actor="Ana").created_at.date()
    made = tickets.create(bench, tickets.draft(bench, ["FC-0001"]), today - timedelta(days=2))
    shipped = tickets.create(bench, replace(tickets.draft(bench, ["FC-0002"]), title="call 030 12345678"))
    tickets.fix(bench, shipped.ticket, day=date(2026, 4, 1))
    session.decide(bench, "TS-0001", "FC-0003", owner="Bo")
    report = week_report(bench, today=today)
    assert [(one.kind, one.ticket or one.cluster, one.owner, one.days) for one in report.promised] == [
        ("late", made.ticket, "ana", 2),
        ("watching", shipped.ticket, "ana", None),
        ("decided", "FC-0003", "Bo", None),
    ]
    assert report.promised[1].title == "call [phone]"
    watch = report.promised[1].watch
    assert watch is not None
    assert watch.verdict == "too little traffic"
    waiting = {row.cluster for row in bench.clusters() if row.status == "new" and row.owner == "ana"}
    assert {row.cluster for row in report.mine.clusters} == waiting
    assert week_report(bench.acting("")).mine.clusters == []


def test_the_lists_and_bots_download(bench: Bench) -> None:
    report = week_report(bench)
    lines = export_bytes("botweeks", "csv", [one.flat for one in report.bots], raw=True).decode().splitlines()
    assert lines[0].startswith("bot,owner,conversations,weeks_before")
    assert lines[1].startswith("shop,,")
    moved = [replace(one, list="new") for one in report.clusters]
    assert len(export_bytes("moves", "csv", moved, raw=True).decode().splitlines()) == len(moved) + 1


# ── the command ──

run = pytest.fixture(lambda monkeypatch, capsys, store: Command(monkeypatch, capsys, store.root))


def test_the_command_prints_the_same_report(run: Command, bench: Bench) -> None:
    told = run.json("week", "--week", "2026-w13", "--bot", "shop")
    expected = as_json(week_report(bench, "shop", "2026-W13"))
    assert (told["week"], told["from"], told["to"], told["bot"]) == ("2026-W13", "2026-03-23", "2026-03-29", "shop")
    assert told["bots"] == expected["bots"]
    code, out, err = run("week", "--week", "2026-W13")
    assert (code, err, out.splitlines()[0]) == (0, "", "Week 13 · 23 to 29 Mar 2026")
    assert run("week", "--week", "soon")[0] == 2

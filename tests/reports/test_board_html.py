"""The report for the board: one file that needs nothing beside it, and that no text of a log can break out of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.support.command import Command
from workbench.bench.bench import Bench
from workbench.reports.board_html import as_html
from workbench.reports.board_report import BoardReport, BotChart, board_report, bot_charts
from workbench.reports.share import Share
from workbench.reports.week_rows import ImportGaps
from workbench.store import Store
from workbench.tickets import tickets


class Tags(HTMLParser):
    """Every tag of a page, and every attribute with its value."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    opened = Bench(store, "Ana")
    yield opened
    opened.close()


@pytest.fixture
def report(bench: Bench) -> BoardReport:
    return board_report(bench)


def test_it_holds_figures_changes_promises_verdicts_and_gaps(report: BoardReport) -> None:
    assert re.findall("<h2>(.*?)</h2>", as_html(report)) == [
        "How the bots fared", "What changed", "What fails most", "What was promised", "Did the fixes work?",
        "Readiness", "What the logs can&#x27;t show", "How to read this",
    ]  # fmt: skip


def test_each_cluster_that_fails_most_stands_with_its_reason(report: BoardReport) -> None:
    page = as_html(report)
    assert [each.row.cluster for each in report.costliest] == re.findall(r"<article><h3>(FC-\d+) ", page)
    assert page.count("<article>") > 1


def test_it_runs_no_script_and_asks_nothing_of_the_network(report: BoardReport) -> None:
    page = as_html(report)
    seen = Tags(page)
    assert not {"script", "link", "img", "iframe", "object", "a", "form", "base"} & set(seen.tags)
    assert not [name for name, _ in seen.attributes if name.startswith("on") or name in ("src", "href", "style")]
    assert "default-src 'none'" in page
    assert "url(" not in page
    assert "@import" not in page


def test_what_a_log_says_is_escaped_and_masked(report: BoardReport) -> None:
    trap = '"><script>alert(1)</script><img src=x onerror=alert(1)> ann@example.org \u202e'
    hostile = replace(
        report,
        charts=[BotChart(trap, [("2026-W01", Share(1, 4))])],
        costliest=[replace(each, why=trap, row=replace(each.row, name=trap, bot=trap)) for each in report.costliest],
        readiness=[replace(each, bot=trap) for each in report.readiness],
        week=replace(report.week, bot=trap, gaps=[ImportGaps(trap, 1, [(trap, 1.0)], 0, 0)]),
    )
    page = as_html(hostile)
    assert Tags(page).tags == Tags(as_html(replace(hostile, charts=[BotChart("x", [("2026-W01", Share(1, 4))])]))).tags
    assert not {"script", "img"} & set(Tags(page).tags)
    assert "ann@example.org" not in page
    assert "\u202e" not in page


def test_a_fix_stands_with_its_verdict(bench: Bench) -> None:
    kept = tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    tickets.fix(bench, kept.ticket, release="9.9")
    (judged,) = board_report(bench).fixes
    assert (judged.ticket.ticket, judged.verification is not None) == (kept.ticket, True)
    assert "too little traffic" in as_html(board_report(bench))


def test_a_chart_ends_with_the_week_of_the_report(bench: Bench) -> None:
    counted = bench.evidence.bot_weeks()
    weeks = sorted({row.week for row in counted if row.week})
    (chart, *_) = bot_charts(counted, ["shop"], weeks[0])
    assert [week for week, _ in chart.weeks] == weeks[:1]


# ── the command ──

run = pytest.fixture(lambda monkeypatch, capsys, store: Command(monkeypatch, capsys, store.root))


def test_the_command_writes_the_file(run: Command, bench: Bench, tmp_path: Path) -> None:
    out = tmp_path / "week.html"
    written = run.json("report", "--week", "2026-w13", "--out", str(out))
    assert written == {"file": str(out), "week": "2026-W13", "bot": None}
    assert out.read_text("utf-8").startswith("<!doctype html>")


def test_a_folder_that_is_not_there_is_said(run: Command, tmp_path: Path) -> None:
    code, _, err = run("report", "--out", str(tmp_path / "no" / "week.html"))
    assert (code, "can't be written" in err) == (2, True)

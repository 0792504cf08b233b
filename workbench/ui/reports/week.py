"""The parts of the page This week: bots, what moved, what was promised, what waits for one person, what the logs lack."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.bench.wording import SUSPECTED
from workbench.reports import week_wording
from workbench.reports.board_html import as_html
from workbench.reports.board_report import board_report
from workbench.reports.silent_harm import silent_harm
from workbench.reports.week import choices, week_report
from workbench.reports.week_rows import LISTS, BotWeek, WeekReport
from workbench.review import reading_lists
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.conversations.harm import way_there
from workbench.ui.review.reading_start import EVERY
from workbench.ui.shared.actions import attempt, may_read, refusal
from workbench.ui.shared.navigation import ROOT, come_back_from, go
from workbench.ui.shared.session import person
from workbench.ui.shared.tables import downloads, pick
from workbench.ui.shared.text import heading, note

SHOWN = 4
"""Rows of a list on the page; the rest is a click away."""
MINE = 2
READ = 10
_MAY_NOT = "Say your name at the top first. A viewer reads along and gives no verdicts."
_CSS = Path(__file__).resolve().parent / "week.css"
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn


def report_asked(bench: Bench) -> WeekReport:
    """The report on the bot and week of the address, picked beside the head line."""
    offered = choices(bench)
    st.html(_CSS)
    with st.container(key="week_head", horizontal=True, vertical_alignment="bottom"):
        head = st.container(width="stretch")
        bot = EVERY
        if len(offered.bots) > 1:
            bot = st.selectbox(
                "Bot", [EVERY, *offered.bots], key="bot", format_func=visible, bind="query-params", width=200
            )
        week = offered.week
        if len(offered.weeks) > 1:
            first = offered.weeks.index(offered.week or "")
            week = st.selectbox("Week", offered.weeks, index=first, key="week", bind="query-params", width=130)
        _read_ten(bench, "" if bot == EVERY else bot)
        _report_file(bench, None if bot == EVERY else bot, week)
    refusal()
    wanted = None if bot == EVERY else bot
    report = week_report(bench, wanted, week)
    with head:
        st.title(week_wording.head(report), anchor=False)
        st.text(" ".join(week_wording.standing(report)), width="stretch")
    return report


def bots(report: WeekReport, version: str) -> None:
    """How each bot fared against the four weeks before; a click opens the bot."""
    if report.span is None:
        return
    shown = [
        {
            "Bot": visible(row.bot),
            "Owner": visible(week_wording.owner(row.owner)),
            "Conversations": row.conversations,
            "A week before": row.a_week_before,
            "Failing": week_wording.of(row.failing.now),
            "95 %": formatting.interval(*row.failing.now.bounds) if row.failing.now.total else "–",
            "Suspected": row.suspected,
            "Before": week_wording.of(row.failing.before),
            "Failing: change": _change(row, week_wording.change(row.failing)),
            "Contained": week_wording.of(row.contained.now) if row.contained.now.total else "unknown",
            "Contained before": week_wording.of(row.contained.before) if row.contained.before.total else "unknown",
            "Contained: change": _change(row, week_wording.change(row.contained)),
            "Ending unknown": formatting.percent(row.unknown.value),
        }
        for row in report.bots
    ]
    config = {
        "Bot": _text(width=105),
        "Owner": _text(width=105),
        "Conversations": _number(width=90, format="localized"),
        "A week before": _number(
            width=92,
            format="%.0f",
            help="Conversations a week, averaged over those of the four weeks before that have any.",
        ),
        "Failing": _text(width=118, help="Failing conversations of those analysed in this week."),
        "95 %": _text(width=75, help="95 % interval of the failing share (Wilson)."),
        "Suspected": _number(width=80, format="localized", help=SUSPECTED),
        "Before": _text(width=122, help="The same in the four weeks before, taken together."),
        "Failing: change": _text(width=112, help="Two-proportion test against the four weeks before, p < 0.05."),
        "Contained": _text(
            width=130,
            help="Ended without a human, among those whose ending is known; abandoned and failed are not contained.",
        ),
        "Contained before": _text(width=122),
        "Contained: change": _text(width=112, help="Two-proportion test against the four weeks before, p < 0.05."),
        "Ending unknown": _text(width=105, help="Share of the week's conversations whose ending nothing tells."),
    }
    picked = pick("week_bots", shown, config, version, tallest=4)
    if picked is not None:
        go("bots", b=report.bots[picked].bot)


def moved(report: WeekReport) -> None:
    """What is new, back, rising and fading, two lists beside each other."""
    if report.span is None:
        return
    if not report.weeks_before:
        st.info(
            "New, back, rising and fading need something to compare with. The page Clusters has what failed so far."
        )
        _link("clusters", "Open the clusters")
        return
    for pair in (LISTS[:2], LISTS[2:]):
        for column, name in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column:
                _list(report, name)
    with st.container(horizontal=True, vertical_alignment="center", key="week_loads"):
        downloads("moves", lambda: report.moved, f"week-{report.span.week}", "Download the lists")
        downloads(
            "botweeks", lambda: [row.flat for row in report.bots], f"bots-{report.span.week}", "Download the bots"
        )
        if omitted := week_wording.left_out(report):
            note(omitted)


def promised(report: WeekReport) -> None:
    """What people said they would do, the late first."""
    with st.container(key="week_list_promised"):
        heading("Promised", level=3)
        if not report.promised:
            note("No ticket is late, shipped without a verdict, or open for long; no session decided anything else.")
        for promise in report.promised[:SHOWN]:
            page, query = (
                ("ticket", {"t": promise.ticket}) if promise.ticket else ("cluster", {"c": promise.cluster or ""})
            )
            _row(
                f"promised_{promise.ticket or promise.cluster}",
                page,
                f"{promise.ticket or promise.cluster} {promise.title}",
                week_wording.promise(promise),
                **query,
            )
        _more("tickets", len(report.promised), "tickets")


def mine(report: WeekReport) -> None:
    """What waits for the person who looks at it: tickets first."""
    with st.container(key="week_list_mine"):
        heading("Mine", level=3)
        tickets, clusters = report.mine.tickets, report.mine.clusters
        if not person():
            note("Say your name at the top to see your tickets and clusters here.")
        elif not tickets and not clusters:
            note("No open ticket of yours, and no cluster of yours without a cause.")
        for ticket in tickets[:MINE]:
            due = f", due {formatting.day(ticket.due)}" if ticket.due else ""
            label = f"{ticket.ticket} {ticket.title}"
            _row(f"mine_{ticket.ticket}", "ticket", label, f"{ticket.status}{due}", t=ticket.ticket)
        if len(tickets) > MINE:
            _link("tickets", f"and {formatting.count(len(tickets) - MINE, 'more ticket')}", owner=visible(person()))
        for cluster in clusters[:MINE]:
            facts = f"{formatting.count(cluster.size, 'failure')}, no cause yet · {visible(cluster.bot)}"
            _row(f"mine_{cluster.cluster}", "cluster", f"{cluster.cluster} {cluster.name}", facts, c=cluster.cluster)
        if len(clusters) > MINE:
            _link("clusters", f"and {len(clusters) - MINE} more without a cause", status="new")


def _read_ten(bench: Bench, bot: str) -> None:
    """Start a reading list of ten, as the page Read does."""
    off = not may_read(bench)
    if st.button(
        f"Read {READ} conversations",
        key="read_ten",
        shortcut="S",
        disabled=off,
        help=_MAY_NOT if off else "A reading list: some at random, some typical failures, some unlike what was read.",
    ):
        made = attempt(lambda: reading_lists.start(bench, "mixed", READ, bot))
        if made is not None:
            go("read", d=made.draw.draw, n="1")


def _report_file(bench: Bench, bot: str | None, week: str | None) -> None:
    """The week as one file for the board; it is made on the click."""
    name = "-".join(part for part in ("report", week, visible(bot or "")) if part)
    st.download_button(
        "Report",
        lambda: as_html(board_report(bench, bot, week)).encode(),
        f"{name}.html",
        "text/html",
        key="week_report",
        icon=":material/download:",
        on_click="ignore",
        help="One HTML file that prints: figures with intervals, what changed, promises, verdicts, gaps. No script, no network.",
    )


def lacking(report: WeekReport) -> None:
    """What the latest imports lack: where nothing is seen, nothing is well."""
    with st.container(key="week_list_gaps"):
        heading("What the logs lack", level=3)
        for lacking in report.gaps:
            _row(
                f"gaps_{lacking.import_id}",
                "data",
                lacking.import_id,
                week_wording.gaps(lacking),
                **{"import": lacking.import_id},
            )
        if report.imports > len(report.gaps):
            _link("data", f"and {formatting.count(report.imports - len(report.gaps), 'earlier import')}")


def silent(bench: Bench, report: WeekReport) -> None:
    """Whose customers left satisfied in this week though the bot probably changed something wrongly; nothing where nobody did."""
    if report.span is None:
        return
    scope = Filter(bot=(report.bot,) if report.bot else (), week=(report.span.week,))
    harm = silent_harm(bench, scope)
    if not harm.rows:
        return
    with st.container(key="week_list_silent"):
        heading("Silent harm", level=3)
        way_there(harm, **({"bot": visible(report.bot)} if report.bot else {}), week=report.span.week)
        worst = harm.rows[0]
        note(f"Worst: {', '.join(worst.changed)} · {worst.why[0]}")


def _list(report: WeekReport, name: str) -> None:
    rows = report.listed(name)
    with st.container(key=f"week_list_{name}"):
        st.subheader(
            f"{week_wording.TITLES[name]} ({len(rows)})" if rows else week_wording.TITLES[name],
            anchor=False,
            help=week_wording.MEANING[name],
        )
        if not rows:
            note(week_wording.NONE[name])
        for row in rows[:SHOWN]:
            _row(
                f"{name}_{row.cluster}",
                "cluster",
                f"{row.cluster} {row.name}",
                week_wording.cluster(row, bot=not report.bot),
                c=row.cluster,
            )
        if len(rows) > SHOWN:
            _link("clusters", f"and {len(rows) - SHOWN} more", **_filter(report, name))


def _filter(report: WeekReport, name: str) -> dict[str, str]:
    """The filters of the page Clusters that come nearest to a list."""
    bot = {"bot": visible(report.bot)} if report.bot else {}
    return bot if name == "fading" or report.span is None else {**bot, "week": report.span.week}


def _row(key: str, page: str, label: str, facts: str, **query: str) -> None:
    come_back_from(**query)
    with st.container(key=f"week_row_{key}"):
        st.page_link(ROOT / "pages" / f"{page}.py", label=plain(label), query_params=query)
        note(facts)


def _more(page: str, rows: int, what: str) -> None:
    if rows > SHOWN:
        _link(page, f"and {rows - SHOWN} more {what}")


def _link(page: str, label: str, **query: str) -> None:
    st.page_link(ROOT / "pages" / f"{page}.py", label=plain(label), query_params=query)


def _change(row: BotWeek, change: str) -> str:
    if row.first_week:
        return "first week in the data"
    return change if row.conversations else "nothing logged"

"""The page Readiness: every bot by day 30, 60 and 90, and one bot's checks, each with its reason and the page that mends it."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from workbench.reports.readiness_rows import DAYS, MET, NOT_MET, PARTLY, UNKNOWN, Readiness, ReadinessCheck
from workbench.text import formatting
from workbench.text.escaping import plain, visible
from workbench.ui.shared.navigation import ROOT, come_back_from
from workbench.ui.shared.tables import pick
from workbench.ui.shared.text import Colour, badge

_MARKS: dict[str, tuple[str, Colour]] = {
    MET: ("✓", "green"),
    PARTLY: ("◐", "orange"),
    NOT_MET: ("✗", "red"),
    UNKNOWN: ("?", "gray"),
}
_PAGES = {"bots": "Bots", "clusters": "Clusters", "data": "Data", "health": "Health", "read": "Read",
          "agreement": "Agreement", "sessions": "Sessions", "tickets": "Tickets", "labels": "Labels"}  # fmt: skip
_ABOUT = {30: "Seen and owned", 60: "Read and judged", 90: "Mended and proven"}
_text = st.column_config.TextColumn


def bots(rows: Sequence[Readiness], version: str) -> Readiness | None:
    """Every bot with what is met by when, and what comes next; the one that was picked."""
    shown = [
        {
            "Bot": visible(row.bot),
            "Live": "no times" if row.live is None else formatting.count(row.live, "day"),
            **{f"By day {day}": f"{row.met(day)} of {len(row.by(day))} met" for day in DAYS},
            "Next": f"{_MARKS[row.open[0].state][0]} {row.open[0].title}: {visible(row.open[0].reason)}" if row.open else "Nothing: all is met",
        }
        for row in rows
    ]  # fmt: skip
    config = {
        "Bot": _text(width=140),
        "Live": _text(width=90, help="From its first conversation to the last day in the data."),
        **{f"By day {day}": _text(width=110, help=_ABOUT[day]) for day in DAYS},
        "Next": _text(width=620, help="The first of the checks that are due and not met."),
    }
    picked = pick("readiness", shown, config, version, tallest=8)
    return None if picked is None else rows[picked]


def checks(row: Readiness) -> None:
    """The checks of one bot, a column for each day."""
    for column, day in zip(st.columns(len(DAYS), gap="medium"), DAYS, strict=True):
        with column:
            st.subheader(f"By day {day}", anchor=False)
            st.caption(f"{_ABOUT[day]} · {_due(row, day)}")
            for place, check in enumerate(row.by(day)):
                _check(check, f"{day}_{place}")


def counts_line(row: Readiness) -> str:
    """How much is met of a bot, in a sentence."""
    states = [check.state for check in row.checks]
    words = ((MET, "met"), (PARTLY, "partly met"), (NOT_MET, "not met"), (UNKNOWN, "can't be told from the data"))
    return f"{len(states)} checks: {', '.join(f'{states.count(state)} {word}' for state, word in words)}."


def _due(row: Readiness, day: int) -> str:
    due = row.due(day)
    if due is None:
        return "the log has no times"
    return f"{'due since' if row.is_due(day) else 'due on'} {formatting.day(due)}"


def _check(check: ReadinessCheck, key: str) -> None:
    mark, colour = _MARKS[check.state]
    with st.container(border=True, key=f"check_{key}", gap="small"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            badge(f"{mark} {check.state}", colour)
            st.text(check.title, width="content")
        st.caption(plain(visible(check.reason)))
        if check.state != MET:
            if "bot" not in check.query:  # this page has that in its own address
                come_back_from(**check.query)
            st.page_link(
                ROOT / "pages" / f"{check.page}.py",
                label=f"Mend it on the page {_PAGES[check.page]}",
                query_params=check.query,
            )

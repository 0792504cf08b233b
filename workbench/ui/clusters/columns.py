"""The columns of the ranked list: what each shows, how wide it is, and by what the list can be sorted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from workbench.bench import wording
from workbench.bench.cluster_rows import ClusterRow, Extra
from workbench.bench.ranking import RULE, STOPPED_RULE
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.session import taxonomy
from workbench.ui.shared.tables import sourced

WEEKS_SHOWN = 16
ALWAYS = ("#", "Id", "What was observed")
"""Columns that can't be taken away."""
SHOWN_FIRST = (
    "By week",
    "Last week",
    "Trend",
    "Last seen",
    "Users",
    "Failures",
    "Suspected",
    "Rate",
    "Extra turns",
    "Extra minutes",
    "Extra hand-overs",
    "Sev.",
    "Status",
    "Owner",
    "Root cause",
    "Bot",
)
"""The columns of a person who chose none."""
_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn


@dataclass(frozen=True)
class Column:
    """One column of the ranked list."""

    value: Callable[[ClusterRow], Any]
    """What it shows of a row."""
    config: Any
    """How Streamlit draws it."""
    order: Callable[[ClusterRow], Any] | None = None
    """What the list is sorted by, the highest first; None where it can't be."""


def columns(rows: Sequence[ClusterRow]) -> dict[str, Column]:
    """Every column by its title, for a list of these rows."""
    weeks = sorted({week.week for row in rows for week in row.weeks})[-WEEKS_SHOWN:]
    causes = taxonomy()
    extra_help = (
        "What a failure took beyond the same requests that worked, on average, with the 95 % interval (Student's t). "
    )
    return {
        "By week": Column(
            lambda row: _rates(row, weeks),
            st.column_config.BarChartColumn(
                width=110,
                y_min=0,
                help=f"Its rate in each of the last {len(weeks)} weeks; each row has its own height.",
            ),
        ),
        "Last week": Column(
            lambda row: row.last_week,
            _number(width=65, help="Failures in the last complete week by the pod's clocks, among similar requests."),
            lambda row: row.last_week or 0,
        ),
        "Trend": Column(
            _trend,
            _text(width=92, help=f"! marks an escalating cluster: this week is above the four before. {STOPPED_RULE}"),
        ),
        "Last seen": Column(
            lambda row: row.last_seen,
            st.column_config.DateColumn(width=92, format="D MMM YYYY"),
            lambda row: row.last_seen.timestamp() if row.last_seen else 0,
        ),
        "Users": Column(
            lambda row: row.users, _number(width=55, help="Different users that it hit."), lambda row: row.users or 0
        ),
        "Failures": Column(
            lambda row: row.size,
            _number(width=62, help="Failing conversations in this cluster that pass the filters."),
            lambda row: row.size,
        ),
        "Suspected": Column(
            lambda row: f"+ {row.suspected:,}" if row.suspected else "",
            _text(width=80, help=wording.SUSPECTED),
            lambda row: row.suspected,
        ),
        "Rate": Column(
            lambda row: _rate(row),
            _text(
                width=112,
                help="Share of similar requests that failed this way with its 95 % interval (Wilson); of all the bot's conversations "
                "where the kind is mechanical.",
            ),
            lambda row: row.failure_rate or 0,
        ),
        "Extra turns": Column(
            lambda row: _more(row.extra_turns), _text(width=118, help=extra_help), lambda row: _mean(row.extra_turns)
        ),
        "Extra minutes": Column(
            lambda row: _more(row.extra_minutes),
            _text(width=112, help=extra_help),
            lambda row: _mean(row.extra_minutes),
        ),
        "Extra hand-overs": Column(
            lambda row: _more(row.extra_handovers, 100, 0, " pt"),
            _text(width=125, help=extra_help + "In percentage points."),
            lambda row: _mean(row.extra_handovers),
        ),
        "Sev.": Column(lambda row: sourced(row.severity, row.severity_source), _text(width=50)),
        "Status": Column(lambda row: row.status, _text(width=75)),
        "Owner": Column(lambda row: visible(row.owner or ""), _text(width=80)),
        "Root cause": Column(
            lambda row: sourced(causes.title(row.root_cause), row.root_cause_source),
            _text(width=130, help="In brackets: suggested, not yet said by a person."),
        ),
        "Bot": Column(lambda row: visible(row.bot), _text(width=90)),
        "Failed of": Column(
            lambda row: f"{row.failures:,} of {row.eligible:,}",
            _text(
                width=90,
                help="Conversations of this bot that asked for something similar, whatever came of them; all of them where the kind "
                "is mechanical: such a fault can show in any.",
            ),
        ),
        "Kind": Column(lambda row: row.kind, _text(width=85)),
        "Theme": Column(
            lambda row: visible(row.theme or ""),
            _text(width=110, help="Clusters of a bot about the same thing; empty where it would group nothing."),
        ),
        "Weight": Column(
            lambda row: row.priority, _number(width=70, format="%.1f", help=RULE), lambda row: row.priority
        ),
    }


def sortable(rows: Sequence[ClusterRow] = ()) -> dict[str, Callable[[ClusterRow], Any]]:
    """What the list can be sorted by, beside its rank."""
    return {title: column.order for title, column in columns(rows).items() if column.order is not None}


def folded(table: Sequence[dict[str, Any]], titles: Sequence[str]) -> dict[str, str]:
    """Of these columns those that say the same in every row, with what they say; none where there is but one row."""
    if len(table) < 2:
        return {}
    return {
        title: _in_words(table[0][title])
        for title in titles
        if title not in ALWAYS and len({repr(row[title]) for row in table}) == 1
    }


def _in_words(value: Any) -> str:
    if value is None or value in ("", []):
        return "none"
    return formatting.day(value) if hasattr(value, "year") else str(value)


def _rates(row: ClusterRow, weeks: Sequence[str]) -> list[float]:
    rates = {week.week: 100 * (week.rate or 0) for week in row.weeks}
    return [round(rates.get(week, 0.0), 1) for week in weeks]


def _rate(row: ClusterRow) -> str:
    if row.failure_rate is None:
        return ""
    return f"{formatting.percent(row.failure_rate)} ({formatting.interval(row.rate_low, row.rate_high)})"


def _trend(row: ClusterRow) -> str:
    if row.stopped:
        return "■ stopped"
    return wording.TRENDS.get(row.trend or "", "") + (" !" if row.escalating else "")


def _more(extra: Extra | None, scale: int = 1, digits: int = 1, unit: str = "") -> str:
    if extra is None:
        return ""
    mean, low, high = (formatting.signed(scale * value, digits) for value in (extra.mean, extra.low, extra.high))
    return f"{mean}{unit} ({low} … {high})"


def _mean(extra: Extra | None) -> float:
    return float("-inf") if extra is None else extra.mean

"""The labels that are asked for: pickers beside the filter row, and what they add up to."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from workbench.bench.failure_rows import LabelRow
from workbench.dates import monday
from workbench.judgement.taxonomy import DISPOSITIONS, SEVERITIES
from workbench.reports import label_counts
from workbench.reports.label_counts import LabelCount, LabelFilter
from workbench.text import formatting
from workbench.text.escaping import visible
from workbench.ui.shared.session import taxonomy
from workbench.ui.shared.tables import ROW_HEIGHT

_text, _number = st.column_config.TextColumn, st.column_config.NumberColumn
_TALLEST = 14


def picked_labels(rows: Sequence[LabelRow]) -> list[LabelRow]:
    """Three pickers in a row, kept in the address, and the labels that pass them."""
    causes = sorted({label_counts.code(row) for row in rows}, key=titled)
    first, second, third = st.columns([3, 2, 2], gap="small")
    chosen = LabelFilter(
        cause=_pick(first, "Root cause", causes, "cause", titled),
        severity=_pick(second, "Severity", list(SEVERITIES), "severity", str),
        person=_pick(third, "Said by", label_counts.people(rows), "by", visible),
    )
    return [row for row in rows if chosen.passes(row)]


def titled(code: str) -> str:
    """A code as people call it, with the code beside a title that is another word."""
    title = taxonomy().title(code)
    return visible(title if title == code or code in DISPOSITIONS else f"{title} · {code}")


def _pick(
    column: DeltaGenerator, title: str, options: list[str], key: str, words: Callable[[str], str]
) -> tuple[str, ...]:
    return tuple(
        column.multiselect(
            title, options, key=key, format_func=words, placeholder=f"{title}: any", label_visibility="collapsed",
            bind="query-params",
        )
    )  # fmt: skip


def severity_table(rows: Sequence[LabelRow]) -> None:
    """Cause × severity, with the share of reading behind each cause."""
    counts = label_counts.by_severity(rows)
    _table("labels_by_severity", counts, {code: code for code in label_counts.severities(counts)}, of_bots=False)


def week_table(rows: Sequence[LabelRow]) -> None:
    """Cause × bot × week of the conversation, with the share of reading behind each."""
    counts = label_counts.by_week(rows)
    _table("labels_by_week", counts, {week: _week(week) for week in label_counts.weeks(counts)}, of_bots=True)
    st.caption("Weeks are those in which the conversations began, by the clocks of the pod's time zone.")


def _week(week: str) -> str:
    return week if week == label_counts.NO_WEEK else f"{monday(week):%-d %b}"


def _table(name: str, counts: Sequence[LabelCount], columns: dict[str, str], of_bots: bool) -> None:
    shown = [
        {
            "Root cause": titled(count.code),
            **({"Bot": visible(count.bot)} if of_bots else {}),
            "Labelled": count.labelled,
            "Read": f"{count.read:,} ({formatting.percent(count.share_read)})",
            **{title: count.parts.get(part) for part, title in columns.items()},
        }
        for count in counts
    ]
    st.dataframe(
        shown,
        hide_index=True,
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(shown), _TALLEST) + 1) + 2,
        placeholder="",
        column_config={
            "Root cause": _text(width=250, pinned=True),
            "Labelled": _number(width=80, format="localized", help="Conversations, of their own or by their cluster."),
            "Read": _text(width=100, help="Those that somebody read. The others have the label from their cluster."),
            **{title: _number(width=70, format="localized") for title in columns.values()},
        },
        alt=name,
    )

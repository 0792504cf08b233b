"""The filter row: what a person narrowed the view to, kept in the address."""

from __future__ import annotations

from datetime import date

import streamlit as st

from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.bench.period import DAYS, RANGES, between
from workbench.text.escaping import visible

_NAMES = {"bot": "Bot", "release": "Release", "signal": "Signal", "theme": "Theme", "status": "Status", "week": "Week"}
PARTS = (*_NAMES, "range", "from", "until")
"""The parts of an address that hold a filter."""
_KEPT = "kept_filter"


def filter_row(bench: Bench) -> Filter:
    """Six pickers and a time range in a row; an empty one means all."""
    choices = bench.choices()
    picked: dict[str, tuple[str, ...]] = {}
    *columns, last = st.columns(len(_NAMES) + 1, gap="small")
    for column, (name, title) in zip(columns, _NAMES.items(), strict=True):
        with column:
            options = getattr(choices, name)
            picked[name] = tuple(
                st.multiselect(
                    title,
                    options,
                    key=name,
                    format_func=_signal if name == "signal" else visible,
                    placeholder=f"All {title.lower()}s" if name != "status" else "Any status",
                    label_visibility="collapsed",
                    bind="query-params",
                )
            )
    with last:
        chosen = Filter(**picked, between=_time(bench))
    st.session_state[_KEPT] = chosen
    return chosen


def _time(bench: Bench) -> tuple[str, ...]:
    """Two moments between which; empty for all time."""
    range = st.selectbox(
        "Time",
        list(RANGES),
        index=None,
        key="range",
        placeholder="All time",
        label_visibility="collapsed",
        bind="query-params",
    )
    summary, days = bench.summary(), None
    if range == DAYS:
        bounds = [moment.date() for moment in (summary.data_from, summary.data_through) if moment]
        first, until = bounds if len(bounds) == 2 else (date.today(), date.today())
        begin = st.date_input("From", first, key="from", format="YYYY-MM-DD", bind="query-params")
        end = st.date_input("To, included", until, key="until", format="YYYY-MM-DD", bind="query-params")
        days = (begin, end) if begin and end else None
    return between(range, summary.data_through, bench.evidence.time_zone, days)


def _signal(code: str) -> str:
    return visible(wording.signal_title(code))


def current_filter() -> Filter:
    """What was filtered last in this session, for "previous" and "next" on other pages."""
    kept = st.session_state.get(_KEPT, Filter())
    return kept if isinstance(kept, Filter) else Filter()

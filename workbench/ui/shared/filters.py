"""The filter row: what a person narrowed the view to, kept in the address."""

from __future__ import annotations

import streamlit as st

from workbench.bench import wording
from workbench.bench.rows import Filter, FilterChoices
from workbench.text.escaping import visible

_NAMES = {"bot": "Bot", "release": "Release", "week": "Week", "signal": "Signal", "theme": "Theme", "status": "Status"}
_KEPT = "kept_filter"


def filter_row(choices: FilterChoices) -> Filter:
    """Six pickers in a row; an empty one means all."""
    picked: dict[str, tuple[str, ...]] = {}
    for column, (name, title) in zip(st.columns(len(_NAMES), gap="small"), _NAMES.items(), strict=True):
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
    chosen = Filter(**picked)
    st.session_state[_KEPT] = chosen
    return chosen


def _signal(code: str) -> str:
    return visible(wording.signal_title(code))


def current_filter() -> Filter:
    """What was filtered last in this session, for "previous" and "next" on other pages."""
    kept = st.session_state.get(_KEPT, Filter())
    return kept if isinstance(kept, Filter) else Filter()

"""What a person sees of the ranked list: columns, order and filters, remembered, and saved under a name to be shared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import streamlit as st

from workbench.bench.bench import Bench
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.period import DAYS
from workbench.bench.ranking import RULE, STOPPED_RULE
from workbench.text.escaping import plain, visible
from workbench.ui.clusters.columns import SHOWN_FIRST, columns, sortable
from workbench.ui.shared import preferences
from workbench.ui.shared.actions import attempt, may_read, refusal
from workbench.ui.shared.filters import PARTS
from workbench.ui.shared.navigation import ROOT
from workbench.ui.shared.session import VISIT

_PAGE, _BEGUN, _CAME_WITH = "clusters", "ranked_list_begun", "ranked_list_came_with"
_EVERY = (*PARTS, "sort", "columns")
_SINGLE = ("range", "sort")
_DAYS = ("from", "until")


@dataclass(frozen=True)
class Shape:
    """How the list is shown."""

    titles: list[str]
    """Its columns."""
    sort: str | None
    """The column that it is sorted by; None: by rank."""

    def sorted(self, rows: Sequence[ClusterRow]) -> list[ClusterRow]:
        """The rows in its order; equal ones stay as they are ranked."""
        order = sortable().get(self.sort or "")
        return list(rows) if order is None else sorted(rows, key=order, reverse=True)


def restore(bench: Bench) -> bool:
    """Before the pickers are drawn: show the view that the address names, or, on coming here without any, what was chosen last.

    True where that says which columns.
    """
    shown = False
    named = st.query_params.get("view")
    if named is not None:
        del st.query_params["view"]
        views = bench.pod.views()
        if named in views:
            shown = _show(bench, views[named])
        else:
            st.warning(plain(f"There is no saved view {named!r}. Those that there are stand under View."))
    elif not st.session_state.get(_BEGUN) and not any(name in st.query_params for name in _EVERY):
        shown = _show(bench, preferences.remembered(_PAGE))
    st.session_state[_BEGUN] = True
    return shown


def remember() -> None:
    """After the pickers: keep what this person chose; only opening an address that somebody sent chooses nothing."""
    parts, visit = _parts(), st.session_state.get(VISIT)
    came, with_parts = st.session_state.get(_CAME_WITH, (None, None))
    if came != visit:
        st.session_state[_CAME_WITH] = visit, parts
    elif parts != with_parts:
        st.session_state[_CAME_WITH] = visit, None
        preferences.remember(_PAGE, parts)


def view_menu(bench: Bench, columns_given: bool) -> Shape:
    """Columns and order, the saved views, and a name to save this one under; `columns_given` is what `restore` says."""
    with st.popover("View", icon=":material/tune:", key="view_menu"):
        st.multiselect(
            "Columns", list(columns(())), default=None if columns_given else list(SHOWN_FIRST), key="columns", bind="query-params",
            help="Columns that say the same in every row fold away by themselves.",
        )  # fmt: skip
        st.selectbox(
            "Sort by",
            list(sortable()),
            index=None,
            key="sort",
            placeholder="What to look at first",
            bind="query-params",
        )
        st.caption(f"{RULE} {STOPPED_RULE}")
        _saved(bench)
    return Shape(list(st.session_state["columns"]), st.session_state["sort"])


def _saved(bench: Bench) -> None:
    st.markdown("**Saved views**")
    views = bench.pod.views()
    for name in views:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.page_link(ROOT / "pages" / "clusters.py", label=plain(visible(name)), query_params={"view": name})
            if may_read(bench):
                st.button(
                    "Delete", key=f"delete_view_{name}", type="tertiary", on_click=_save, args=(bench, name, None)
                )
    with (
        st.form("save_view", border=False, clear_on_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        name = st.text_input("Name", placeholder="Save this view as …", label_visibility="collapsed", max_chars=60)
        if st.form_submit_button("Save", disabled=not may_read(bench)) and name:
            _save(bench, name, _parts())
            st.rerun()
    refusal()


def _save(bench: Bench, name: str, parts: Mapping[str, Sequence[str]] | None) -> None:
    attempt(lambda: bench.pod.save_view(name, parts))


def _parts() -> dict[str, list[str]]:
    """What is chosen now, as parts of an address."""
    parts: dict[str, list[str]] = {}
    for name in _EVERY:
        value = st.session_state.get(name)
        values = [value] if isinstance(value, str | date) else list(value or ())
        if values and not (name in _DAYS and st.session_state.get("range") != DAYS):
            parts[name] = [str(each) for each in values]
    return {} if parts == {"columns": list(SHOWN_FIRST)} else parts


def _show(bench: Bench, parts: Mapping[str, Sequence[str]]) -> bool:
    """Put these choices into the pickers, as far as the data still has them; whether the columns are among them."""
    choices = vars(bench.choices()) | {"columns": list(columns(()))}
    for name in _EVERY:
        values = list(parts.get(name, ()))
        if name in _SINGLE:
            st.session_state[name] = values[0] if values else None
        elif name in _DAYS:
            if values and _day(values[0]):
                st.session_state[name] = _day(values[0])
        elif name == "columns" and not values:
            if name in st.session_state:
                st.session_state[name] = values = list(SHOWN_FIRST)
        else:
            st.session_state[name] = [value for value in values if value in choices[name]]
    return bool(parts.get("columns")) or "columns" in st.session_state


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

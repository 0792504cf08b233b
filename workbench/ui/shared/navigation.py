"""Going from page to page: addresses, the way back, one step on or back in a list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.shared import session

ROOT = Path(__file__).resolve().parents[3]


_HERE_NOW, _PASSED = "page_now", "addresses_passed"

_NUMBERS, _LONGEST_NUMBER = ("n", "e", "turn", "before"), 9


def go(page: str, **query: str) -> NoReturn:
    """Open another page; `query` becomes its address, so that it can be shared."""
    here = st.session_state.get(_HERE_NOW)
    if here != page and st.query_params.to_dict() != query:
        st.session_state.setdefault(_PASSED, {})[here, _spelled(query)] = _every_value()
    st.switch_page(ROOT / "pages" / f"{page}.py", query_params=query)


def come_back_from(**query: str) -> None:
    """Let the browser's Back find this page's address again after a link to another page with this query.

    Not for a query that this page may have itself: it would be taken for the other's.
    """
    st.session_state.setdefault(_PASSED, {})[st.session_state.get(_HERE_NOW), _spelled(query)] = _every_value()


def drop_impossible_numbers() -> None:
    """Leave out of the address a place or an event that no page can have; a database or a parser would fail at it."""
    for name in _NUMBERS:
        value = st.query_params.get(name, "")
        if len(value) > _LONGEST_NUMBER and value.lstrip("+-").isdecimal():
            del st.query_params[name]


def mend_address(page: str) -> None:
    """Give a page the address back that it had, where the browser's Back leads to one that it never had.

    On its way to another page, Streamlit leaves an entry in the browser's history that holds the page one came from
    with the query of the page one goes to. While it goes back, a changed query replaces that entry.
    """
    if st.session_state.get(_HERE_NOW) != (page or "clusters"):
        st.session_state[session.VISIT] = st.session_state.get(session.VISIT, 0) + 1
    st.session_state[_HERE_NOW] = page or "clusters"
    passed = st.session_state.get(_PASSED, {})
    address = passed.get((page or "clusters", _spelled(st.query_params.to_dict())))
    if address is not None:
        st.query_params.from_dict(address)
        if page == "week":  # its pickers begin with the address that the browser came with; see `come_back_from`
            st.rerun()


def _spelled(query: Mapping[str, str]) -> str:
    return urlencode(sorted(query.items()))


def _every_value() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def step(page: str, parameter: str, order: Sequence[str], here: str, *, back: tuple[str, str], **query: str) -> None:
    """A row with the way back, and the previous and the next of `order`, also on the keys K and J.

    `back` is a page and its label; `query` is the address of that page.
    """
    at = order.index(here) if here in order else None
    with st.container(key="step", horizontal=True, vertical_alignment="center"):
        st.page_link(
            ROOT / "pages" / f"{back[0]}.py",
            label=plain("← " + formatting.shortened(back[1], 90)),
            query_params=query,
            width="stretch",
        )
        if at is not None and len(order) > 1:
            st.caption(f"{at + 1} of {len(order):,}", width="content")
            for label, shortcut, index in (("Previous", "K", at - 1), ("Next", "J", at + 1)):
                if st.button(label, key=f"step_{label}", shortcut=shortcut, disabled=not 0 <= index < len(order)):
                    go(page, **{parameter: order[index]})

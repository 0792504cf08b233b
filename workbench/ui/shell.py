"""The frame around every page: navigation, the line about the data, who works here, and what goes wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlencode

import streamlit as st

from workbench.bench import wording
from workbench.errors import StoreMissing, WorkbenchError
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui import imports, session
from workbench.ui.text import error

ROOT = Path(__file__).resolve().parents[2]
_HERE = Path(__file__).resolve().parent
_HERE_NOW, _PASSED = "page_now", "addresses_passed"
_ABOUT = (
    "**Triage Workbench**: from logged conversations to the failures worth fixing. Everything stays on this machine."
)


def run() -> None:
    """Draw the frame and the page that was asked for; a `WorkbenchError` becomes one message."""
    st.set_page_config(
        page_title="Triage Workbench", page_icon=str(_HERE / "mark.svg"), layout="wide", menu_items={"About": _ABOUT}
    )
    st.html(_HERE / "style.css")
    st.logo(str(_HERE / "logo.svg"), size="medium")
    page = st.navigation(_pages(), position="top")
    _mend_address(page.url_path)
    try:
        _standing()
        _applying_by_hand()
        page.run()
    except StoreMissing:
        empty_state()
    except WorkbenchError as e:
        error(e)


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


def _mend_address(page: str) -> None:
    """Give a page the address back that it had, where the browser's Back leads to one that it never had.

    On its way to another page, Streamlit leaves an entry in the browser's history that holds the page one came from
    with the query of the page one goes to. While it goes back, a changed query replaces that entry.
    """
    if st.session_state.get(_HERE_NOW) != (page or "clusters"):
        st.session_state[session.VISIT] = st.session_state.get(session.VISIT, 0) + 1
    st.session_state[_HERE_NOW] = page or "clusters"
    passed = st.session_state.get(_PASSED, {})
    known = passed.get((page or "clusters", _spelled(st.query_params.to_dict())))
    if known is not None:
        st.query_params.from_dict(known)
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


def empty_state() -> None:
    """What to do when there is nothing to show yet."""
    from workbench.ui import preview  # it draws turns, which link to pages by `go`

    with st.container(key="standing", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(f"Nothing to show in the store {session.store().root}"), width="content")
        _who()
    if not preview.panel():
        imports.first_visit()


def _pages() -> dict[str, list[st.Page]]:
    """The pages by their place in the bar: side by side, or under *More*, so that it stays one line at 1440 pixels."""

    def page(name: str, title: str, *, default: bool = False, hidden: bool = False) -> st.Page:
        return st.Page(
            ROOT / "pages" / f"{name}.py",
            title=title,
            url_path="home" if default else name,
            default=default,
            visibility="hidden" if hidden else "visible",
        )

    in_the_bar = [
        page("week", "This week"),
        page("clusters", "Clusters", default=True),
        page("health", "Health"),
        page("read", "Read"),
        page("search", "Search"),
        page("sessions", "Sessions"),
        page("tickets", "Tickets"),
        page("labels", "Labels"),
        page("data", "Data"),
    ]
    under_more = [
        page("agreement", "Agreement"),
        page("signals", "Signals"),
        page("taxonomy", "Taxonomy"),
        page("bots", "Bots"),
        page("activity", "Activity"),
    ]
    reached_by_links = [
        page("clusters", "Clusters", hidden=True),  # the default page stands at / only; /clusters is shared, too
        page("cluster", "Cluster", hidden=True),
        page("conversation", "Conversation", hidden=True),
        page("session", "Session", hidden=True),
        page("ticket", "Ticket", hidden=True),
    ]
    return {"": [*in_the_bar, *reached_by_links], "More": under_more}


def _standing() -> None:
    """The line under the navigation, and a word when new data arrived since the last look."""
    summary = session.bench().summary()
    data = (summary.conversations, summary.turns, summary.data_through)
    if st.session_state.get("data", data) != data:  # an analysis of the same data is a new snapshot, and no news
        st.toast(f"New data: {formatting.count(summary.conversations, 'conversation')} now")
    st.session_state["data"] = data
    with st.container(key="standing", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(wording.standing(summary), width="content")
        _who()


def _applying_by_hand() -> None:
    from workbench.ui.by_hand import applying  # it draws tables, whose rows lead to pages by `go`

    applying()


def _who() -> None:
    name = session.person()
    if name:
        with st.popover("Working as " + formatting.shortened(name), type="tertiary"):
            _ask_name("Another name")
        return
    with st.container(key="introduce", horizontal=True, vertical_alignment="center", width="content"):
        st.caption("Your name stands beside what you label.", width="content")
        _ask_name("Your name")


def _ask_name(label: str) -> None:
    with (
        st.form("name", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        given = st.text_input(label, placeholder=label, max_chars=60, label_visibility="collapsed", width=180)
        if st.form_submit_button("Start", type="primary") and given and given.strip():
            session.introduce(given)
            st.rerun()

"""The frame around every page: navigation, the line about the data, who works here, and what goes wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import streamlit as st

from workbench.access import current
from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.demo.history import is_demo
from workbench.errors import EvidenceGone, StoreMissing, WorkbenchError
from workbench.text import formatting
from workbench.text.escaping import plain
from workbench.ui.logs import import_form
from workbench.ui.shared import session
from workbench.ui.shared.focus import keys_in_order
from workbench.ui.shared.navigation import ROOT, drop_impossible_numbers, mend_address
from workbench.ui.shared.progress import builds
from workbench.ui.shared.text import error

_HERE = Path(__file__).resolve().parent
_ABOUT = (
    "**Triage Workbench**: from logged conversations to the failures worth fixing. Everything stays on this machine."
)


_MENU = ".rc-overflow-item:nth-child({place} of :has([data-testid=stTopNavSection])) > [data-testid=stTopNavSection]"
_NAMED, _ID = "ctsr", re.compile(r"[A-Z]{2,3}-\d{1,9}")
"""Parameters that name a cluster, a ticket, a session or a round, and how their ids look."""
_SIGN_OUT = '<a href="/sign-out">Sign out</a>'
_MARKED = "{ background: color-mix(in srgb, currentColor 10%, transparent); font-weight: 600; }"


def run() -> None:
    """Draw the frame and the page that was asked for; a `WorkbenchError` becomes one message."""
    st.set_page_config(page_icon=str(_HERE / "mark.svg"), layout="wide", menu_items={"About": _ABOUT})
    st.html(_HERE / "style.css")
    st.logo(str(_HERE / "logo.svg"), size="medium")
    session.keep_to_one_person()
    page = _page_asked()
    st.set_page_config(page_title=page_title(page.title, st.query_params.to_dict()))
    mend_address(page.url_path)
    drop_impossible_numbers()
    with keys_in_order():
        try:
            _standing()
            _applying_by_hand()
            page.run()
        except StoreMissing:
            empty_state()
        except EvidenceGone as e:
            _evidence_gone(e)
        except WorkbenchError as e:
            error(e)


def page_title(page: str, query: Mapping[str, str]) -> str:
    """What a browser's tab and its history say: the thing that the address names, the page, the workbench."""
    named = [value for name in _NAMED if _ID.fullmatch(value := query.get(name, ""))]
    return " · ".join([*named[:1], page, "Triage Workbench"])


def _evidence_gone(problem: EvidenceGone) -> None:
    _nothing_standing(f"No evidence in {session.store().root}")
    error(problem)
    builds()
    import_form.build_again()


def _nothing_standing(why: str) -> None:
    with st.container(key="standing", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.caption(plain(why), width="content")
        _who()


def empty_state() -> None:
    """What to do when there is nothing to show yet."""
    from workbench.ui.logs import preview  # it draws turns, which link to pages by `go`

    _nothing_standing(f"No logs yet in {session.store().root}")
    if not preview.panel():
        import_form.first_visit()


def _page_asked() -> st.Page:
    """Draw the bar; the page that the address asks for, marked there."""
    pages = _pages()
    page = st.navigation(pages, position="top")
    if page.url_path == "clusters":
        return st.navigation(_pages(clusters_at_home=False), position="top")
    menus = [offered for name, offered in pages.items() if name]
    for place, offered in enumerate(menus, 1):
        if page in offered:  # Streamlit marks a page, but not the menu that holds it
            st.html(f"<style>{_MENU.format(place=place)} {_MARKED}</style>")
    return page


def _pages(clusters_at_home: bool = True) -> dict[str, list[st.Page]]:
    """The pages by their place in the bar: what a week's work goes through side by side, the rest by what one wants.

    The clusters stand at / and at /clusters, which for Streamlit are two pages; the bar shows the one that is open.
    """

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
        page("clusters", "Clusters", default=True, hidden=not clusters_at_home),
        page("clusters", "Clusters", hidden=clusters_at_home),
        page("sessions", "Sessions"),
        page("tickets", "Tickets"),
    ]
    reached_by_links = [
        page("cluster", "Cluster", hidden=True),
        page("conversation", "Conversation", hidden=True),
        page("session", "Session", hidden=True),
        page("ticket", "Ticket", hidden=True),
    ]
    return {
        "": [*in_the_bar, *reached_by_links],
        "Explore": [
            page("search", "Search"),
            page("harm", "Silent harm"),
            page("health", "Health"),
            page("bots", "Bots"),
            page("readiness", "Readiness"),
            page("releases", "Releases"),
        ],
        "Review": [page("read", "Read"), page("labels", "Labels"), page("agreement", "Agreement")],
        "Set up": [
            page("data", "Data"),
            page("signals", "Signals"),
            page("taxonomy", "Taxonomy"),
            page("activity", "Activity"),
        ],
    }


def _standing() -> None:
    """The line under the navigation, and a word when new data arrived since the last look."""
    bench = session.open_bench()
    summary = bench.summary()
    data = (summary.conversations, summary.turns, summary.data_through)
    if st.session_state.get("data", data) != data:  # an analysis of the same data is a new snapshot, and no news
        st.toast(f"New data: {formatting.count(summary.conversations, 'conversation')} now")
    st.session_state["data"] = data
    with st.container(key="standing", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption(wording.standing(summary), width="content")
            if is_demo(session.open_bench()):
                st.badge("Demo: made-up conversations and people", color="gray")
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            _who()
            st.button("Keys ?", key="show_keys", type="tertiary", help="What each key does on this screen")
    _say_what_judgement_lacks(bench)


def _say_what_judgement_lacks(bench: Bench) -> None:
    try:
        if shortage := bench.history.shortage():
            error(shortage)
    except WorkbenchError as e:  # the page may need nothing of it
        error(e)


def _applying_by_hand() -> None:
    from workbench.ui.clusters.edit import applying  # it draws tables, whose rows lead to pages by `go`

    applying()


def _who() -> None:
    if current().shared:
        st.caption(plain("Signed in as " + formatting.shortened(session.remember_signed_in())), width="content")
        if current().signs_in:
            st.html(_SIGN_OUT, width="content")
        return
    name = session.person()
    if name:
        with st.popover(plain("Working as " + formatting.shortened(name)), type="tertiary"):
            _ask_name("Another name")
            st.caption("Nobody signs in here: these pages are for one person, on this machine's own address.")
        return
    with st.container(key="introduce", horizontal=True, vertical_alignment="center", width="content"):
        st.caption("Your name stands beside what you label.", width="content")
        _ask_name("Your name", session.offered_name())


def _ask_name(label: str, offered: str = "") -> None:
    with (
        st.form("name", border=False, enter_to_submit=True),
        st.container(horizontal=True, vertical_alignment="bottom"),
    ):
        shown = st.text_input(
            label, placeholder=offered or label, max_chars=60, label_visibility="collapsed", width=180
        )
        given = (shown or "").strip() or offered
        if st.form_submit_button("Start", type="primary") and given:
            session.introduce(given)
            st.rerun()

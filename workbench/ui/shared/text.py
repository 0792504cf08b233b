"""Log text on screen: inert, with invisible characters made visible, and cut where it would drown the page."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from workbench.store import served_store, with_store_named
from workbench.text.escaping import plain, visible
from workbench.text.formatting import beginning, count

SHOWN = 20_000
TALL, TALL_LINES = 230, 10


def text(body: str, limit: int = SHOWN) -> None:
    """Log text as it is; beyond `limit` characters cut, and said."""
    shown = beginning(body, limit)
    st.text(visible(shown.text), width="stretch")
    _say_cut(shown.omitted)


def code(body: str, language: str | None = None, limit: int = SHOWN) -> None:
    """Log text as code: arguments and results of calls. A long one scrolls in a box of its own."""
    shown = beginning(body, limit)
    tall = shown.text.count("\n") + len(shown.text) / 90 > TALL_LINES
    st.code(
        visible(shown.text),
        language=language if not shown.omitted else None,
        wrap_lines=True,
        height=TALL if tall else "content",
    )
    _say_cut(shown.omitted)


def heading(body: str, level: int = 2) -> None:
    """A heading that may hold log text, e.g. a cluster's name."""
    if level == 1:
        st.title(plain(body), anchor=False)
    else:
        (st.header if level == 2 else st.subheader)(plain(body), anchor=False)


def badge(label: str, color: Colour = "gray", help: str | None = None) -> None:
    """A chip that may hold log text.

    Streamlit escapes a badge's square brackets on its own, and doing it twice would undo both.
    """
    escaped = plain(label).replace("\\[", "[").replace("\\]", "]")
    st.badge(escaped, color=color, help=plain(help) if help else None)


def note(body: str, limit: int | None = 200) -> None:
    """A small line that may hold log text, cut behind `limit` characters."""
    st.caption(plain(body, limit))


def error(problem: Exception | str) -> None:
    """One clear message; paths and names in it are log text too."""
    st.error(plain(with_store_named(str(problem), served_store().root), limit=None))


def _say_cut(omitted: int) -> None:
    if omitted:
        st.caption(f"Cut here: {count(omitted, 'more character')}.")


Colour = Literal["red", "orange", "yellow", "blue", "green", "violet", "gray"]


STATUS_COLOURS: dict[str, Colour] = {
    "new": "blue",
    "triaged": "violet",
    "fixing": "orange",
    "watching": "yellow",
    "verified": "green",
    "not-fixed": "red",
    "regressed": "red",
    "muted": "gray",
}


SEVERITY_COLOURS: dict[str, Colour] = {"S1": "red", "S2": "orange", "S3": "yellow", "S4": "gray"}


STRENGTH_COLOURS: dict[str, Colour] = {"strong": "red", "medium": "orange", "weak": "yellow", "shown": "gray"}

"""Who looks at which store: the bench of this session, and the name that stands behind what is said."""

from __future__ import annotations

import os
from pathlib import Path

import streamlit as st

from workbench.bench import Bench
from workbench.server import BROWSER_COOKIE
from workbench.store import DEFAULT_STORE, Store

_NAME = "person"


def store() -> Store:
    """The store that this app serves."""
    return Store(Path(os.environ.get("WORKBENCH_STORE") or DEFAULT_STORE))


def bench() -> Bench:
    """The bench of this store, with this session's person as its actor."""
    shared = _bench(str(store().root))
    shared.summary()  # opens the current snapshot here, so that every session's view shares the one handle
    return shared.acting(person())


def person() -> str:
    """The name that was given in this browser; empty until somebody says it."""
    if _NAME not in st.session_state:
        st.session_state[_NAME] = _names().get(_browser(), "")
    return str(st.session_state[_NAME])


def introduce(name: str) -> None:
    """Remember who works in this browser."""
    st.session_state[_NAME] = name.strip()
    if _browser():
        _names()[_browser()] = name.strip()


def _browser() -> str:
    return st.context.cookies.get(BROWSER_COOKIE, "")


@st.cache_resource(show_spinner=False)
def _names() -> dict[str, str]:
    """Names by browser cookie, so that a reload doesn't ask again."""
    return {}


@st.cache_resource(show_spinner=False)
def _bench(root: str) -> Bench:
    return Bench(Store(Path(root)))

"""Pages run without a browser, on stores built by the real pipeline."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.support.forked_jobs import FORKING
from tests.support.paths import ROOT
from workbench.pipeline import worker
from workbench.store import Store

ENTRY = ROOT / "workbench" / "app.py"


@pytest.fixture(autouse=True)
def forked_jobs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Builds and previews that a page starts are forks; that the real ones run too is a test of the worker and of the browser."""
    monkeypatch.setattr(worker, "subprocess", FORKING)


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch) -> Callable[..., AppTest]:
    """`open_page(store, "cluster", c="FC-0001")` runs that page as Ana and gives it back."""

    def opened(store: Store, page: str = "clusters", person: str = "Ana", **query: str) -> AppTest:
        if os.environ.get("WORKBENCH_STORE") != str(store.root):
            st.cache_resource.clear()
        monkeypatch.setenv("WORKBENCH_STORE", str(store.root))
        app = AppTest.from_file(str(ENTRY), default_timeout=30)
        app.session_state["person"] = person
        app.switch_page(f"../pages/{page}.py")
        for name, value in query.items():
            app.query_params[name] = value
        return app.run()

    return opened

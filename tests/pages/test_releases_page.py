"""The page Releases, and the matrix on the page Bots."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.health_logs import MONDAY, build, talk
from tests.support.pages import address, errors, texts

Open = Callable[..., AppTest]


def test_the_newest_release_stands_beside_the_one_before_it(open_page: Open, tmp_path: Path) -> None:
    rows = [
        talk(f"{model}-{n}", MONDAY + timedelta(days=first + n), model=model, reward=float(n >= failing))
        for model, first, failing in (("m-1", 0, 20), ("m-2", 40, 2))
        for n in range(40)
    ]
    store = build(tmp_path, rows).store
    app = open_page(store, "releases")

    assert not app.exception
    assert (address(app, "b"), address(app, "r"), address(app, "r2")) == ("shop", "m-2", "m-1")
    assert "did not run side by side long enough" in texts(app)
    failing = app.dataframe[0].value.to_dict("records")[1]
    assert failing["m-2"] == "2 · 5 % (1–17 %)"
    assert failing["Difference"].startswith("▼ less")

    assert errors(open_page(store, "releases", b="shop", r="m-1", r2="m-1")) == [
        "Pick two different releases to compare."
    ]


def test_a_click_on_a_cell_of_the_matrix_lists_its_conversations(open_page: Open, tmp_path: Path) -> None:
    rows = [talk(f"c{n}", MONDAY, reward=float(n > 2)) for n in range(9)]
    app = open_page(build(tmp_path, rows).store, "bots")
    matrix = next(frame for frame in app.dataframe if "Last good state" in frame.value)
    assert matrix.value.to_dict("records") == [{"Last good state": "request", "reply": "3 · 33 % (12–65 %)"}]

    app.session_state[matrix.key] = {"selection": {"rows": [], "columns": [], "cells": [[0, "reply"]]}}
    app.run()
    assert "3 conversations: request → reply" in texts(app)

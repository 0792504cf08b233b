"""The page Silent harm, and the ways to it."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.harmful_log import harmful
from tests.support.pages import address
from workbench.store import Store

Open = Callable[..., AppTest]


def test_the_worst_comes_first_and_a_click_opens_it_at_the_change(open_page: Open, tmp_path: Path) -> None:
    bench = harmful(tmp_path)
    app = open_page(bench.store, "harm")
    assert not app.exception
    (table,) = app.dataframe
    assert table.value[["Points", "The user's last words", "Conversation"]].to_dict("records") == [
        {"Points": 4, "The user's last words": "Thank you, [email] will tell.", "Conversation": "twice"}
    ]
    app.session_state[table.key] = {"selection": {"rows": [], "columns": [], "cells": [[0, "Points"]]}}
    app.run()
    assert (address(app, "k"), address(app, "turn")) == (bench.find_conversation("twice"), "3")


def test_where_there_is_none_it_says_of_how_many(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "harm")
    assert not app.exception
    assert [info.value for info in app.info] == [
        "None of 16 failing or suspected conversations in which something was changed."
    ]


def test_this_week_leads_there(open_page: Open, tmp_path: Path) -> None:
    app = open_page(harmful(tmp_path).store, "week")
    assert not app.exception
    assert "Silent harm" in [each.value for each in app.subheader]

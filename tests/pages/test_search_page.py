"""The search page, and the ways that lead to it."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.bench.search import search
from workbench.bench.search_rows import SearchFilter
from workbench.store import Store

Open = Callable[..., AppTest]


def open_row(app: AppTest, row: int, column: str) -> None:
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[row, column]]}}
    app.run()


def said(app: AppTest) -> list[str]:
    return [info.value for info in app.info]


def test_before_a_query_the_page_says_how_to_ask(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search")

    assert not app.exception
    assert [info[:20] for info in said(app)] == ["All words must be in"]


def test_an_address_holds_the_whole_search(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", q="order", failing="failing", role="user")

    expected = search(Bench(built_store), "order", SearchFilter(failing=("failing",), role=("user",)))
    table = app.dataframe[0].value
    assert not app.exception
    assert 0 < expected.total == len(table)
    assert list(table["Conversation"]) == [row.conversation_id for row in expected.rows]
    assert list(table["Where it is said"]) == [row.excerpt for row in expected.rows]
    assert set(table["By"]) == {"user"}
    assert set(table["Failing"]) == {"failing"}


def test_by_meaning_only_the_first_search_is_said_to_take_long(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", by="meaning")
    assert [info.value.rpartition(". ")[2] for info in app.info] == [
        "Only the first search takes long: it loads the language model."
    ]


def test_what_is_typed_is_searched(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search")

    app.text_input(key="q").input("shoes -parcel").run()

    assert len(app.dataframe[0].value) == search(Bench(built_store), "shoes").total


def test_a_click_opens_the_conversation_at_the_turn(open_page: Open, built_store: Store) -> None:
    hit = search(Bench(built_store), '"on its way"').rows[1]
    app = open_page(built_store, "search", q='"on its way"')

    open_row(app, 1, "Turn")

    assert (address(app, "k"), address(app, "turn")) == (hit.key, "3")
    assert not app.exception


def test_nothing_found_says_what_to_try(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", q="shoes", week="2026-W11", failing="not failing", outcome="failed")
    (tip,) = said(app)
    assert tip.startswith(f"No conversation matches. {search(Bench(built_store), 'shoes').total} conversations without")

    masked = open_page(built_store, "search", q="ana@example.com")
    assert "Personal data is masked here" in said(masked)[0]


def test_only_words_to_leave_out_are_no_query(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", q="-shoes")

    assert [error.value for error in app.error] == [
        "Name at least one word to look for; \\-word only leaves out what others found."
    ]


def test_more_like_a_conversation_is_one_click_away(open_page: Open, built_store: Store) -> None:
    key = Bench(built_store).find_conversation("conv-003")
    app = open_page(built_store, "conversation", k=key)

    app.button(key="like_all").click().run()

    assert not app.exception
    assert address(app, "like") == key
    assert [subheader.value for subheader in app.subheader] == ["More like conversation conv\\-003"]
    assert app.dataframe[0].value["What was asked"][0].startswith("my parcel")
    assert "conv-003" not in set(app.dataframe[0].value["Conversation"])


def test_a_new_query_ends_more_like_this(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", like=Bench(built_store).find_conversation("conv-003"))
    assert [subheader.value for subheader in app.subheader] == ["More like conversation conv\\-003"]

    app.text_input(key="q").input("shoes").run()

    assert address(app, "like") is None
    assert "Where it is said" in app.dataframe[0].value.columns


def test_every_turn_leads_to_more_like_it(open_page: Open, built_store: Store) -> None:
    key = Bench(built_store).find_conversation("conv-003")
    app = open_page(built_store, "conversation", k=key)

    app.button(key="like_3").click().run(timeout=60)

    assert not app.exception
    assert (address(app, "like"), address(app, "turn")) == (key, "3")
    assert [subheader.value for subheader in app.subheader] == ["More like turn 3 of conversation conv\\-003"]
    assert app.text[0].value == "I am afraid I can't find that parcel."


def test_by_meaning_the_nearest_requests_are_listed(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "search", q="my package did not come", by="meaning", bot="shop")

    table = app.dataframe[0].value
    assert not app.exception
    assert table["What was asked"][0].startswith("my parcel")
    assert list(table["Nearness"]) == sorted(table["Nearness"], reverse=True)
    assert not [picker for picker in app.multiselect if picker.key == "role"]


@pytest.mark.parametrize("query", ["the", '"flight" cancel -refund'])
def test_a_search_by_words_is_drawn_on_real_logs(open_page: Open, agents_store: Store, query: str) -> None:
    app = open_page(agents_store, "search", q=query)
    assert not app.exception
    assert len(app.dataframe) == 1

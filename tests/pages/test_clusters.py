"""The clusters page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.ui.clusters.sampled import sampled_sentences

Open = Callable[..., AppTest]


def test_clusters_are_listed_in_their_rank(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store)

    rows = Bench(built_store).clusters()
    assert not app.exception
    assert len(rows) > 1
    assert list(app.dataframe[0].value["Id"]) == [row.cluster for row in rows]
    assert list(app.dataframe[0].value["Failures"]) == [row.size for row in rows]


def test_a_filter_in_the_address_narrows_the_list(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, status="muted")

    assert app.multiselect(key="status").value == ["muted"]
    assert [info.value for info in app.info] == ["No cluster matches these filters."]


def test_a_click_on_a_row_opens_its_cluster(open_page: Open, built_store: Store) -> None:
    second = Bench(built_store).clusters()[1]
    app = open_page(built_store)

    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[1, "Id"]]}}
    app.run()

    assert address(app, "c") == second.cluster
    assert second.sentence in [text.value for text in app.text]


def test_the_arrows_go_to_a_row_and_enter_opens_it(open_page: Open, built_store: Store) -> None:
    second = Bench(built_store).clusters()[1]
    app = open_page(built_store)

    app.session_state["tables_touched"] = {"how": "keys", "enter": None}
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[1, "Id"]]}}
    app.run()
    assert address(app, "c") is None

    app.session_state["tables_touched"] = {"how": "keys", "enter": 1}
    app.run()
    assert address(app, "c") == second.cluster


def test_a_selection_left_over_from_longer_data_picks_nothing(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store)

    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[999, "Id"]]}}
    app.run()

    assert not app.exception
    assert address(app, "c") is None


def test_without_a_store_the_page_says_what_to_do(open_page: Open, tmp_path: Path) -> None:
    app = open_page(Store(tmp_path / "none"))

    assert not app.exception
    assert [title.value for title in app.title] == ["No logs yet"]
    assert any("python -m workbench import PATH" in caption.value for caption in app.caption)


def test_new_data_is_announced_and_another_analysis_of_the_same_is_not(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store)
    conversations, turns, through = app.session_state["data"]
    app.run()
    assert not app.toast

    app.session_state["data"] = (conversations - 1, turns, through)
    app.run()

    assert [toast.value for toast in app.toast] == [f"New data: {conversations} conversations now"]


def test_of_more_failures_than_the_map_draws_a_part_are_dots_and_shading_shows_all(
    open_page: Open, built_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = len(Bench(built_store).points())
    monkeypatch.setattr("workbench.ui.shared.charts.POINTS_SHOWN", failures - 1)
    app = open_page(built_store)
    app.session_state["view"] = "Map"
    app.run()
    assert not app.exception
    assert f"Every second of {failures} failures is a dot. The shading shows where all of them lie." in [
        caption.value for caption in app.caption
    ]


def test_a_bot_of_which_a_sample_was_clustered_is_named() -> None:
    assert sampled_sentences({"sampled": {"shop": 200_000}}) == [
        "Of the failures of shop, 200,000 were clustered, drawn from each way of failing; each of the others joined the "
        "cluster that it is nearest to, or none where that is far."
    ]
    assert sampled_sentences({}) == []


def test_where_an_import_only_assigned_the_pages_say_so_and_how_to_cluster_anew() -> None:
    settings = {"assigned": ["shop", "bank"], "sampled": {"desk": 200_000}}
    (sentence,) = sampled_sentences(settings, "shop")
    assert sentence == (
        "shop has so many failures that the last import put its new ones into the clusters that stood, or into none where they "
        "are far from all. `python -m workbench analyze` clusters them anew."
    )
    assert len(sampled_sentences(settings)) == 3

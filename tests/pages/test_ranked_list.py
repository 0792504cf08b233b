"""The ranked list: what it shows, its time range, marked clusters, what is remembered and saved."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import texts
from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.store import Store

Open = Callable[..., AppTest]


def mark(app: AppTest, *rows: int) -> AppTest:
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": list(rows), "columns": [], "cells": []}}
    return app.run()


def table(app: AppTest) -> Any:
    return app.dataframe[0].value


def test_columns_that_say_the_same_in_every_row_fold_into_a_line(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store)
    assert "The same in every row\\: " in texts(app)
    assert "Status new" in texts(app)
    assert "Bot shop" in texts(app)


def test_the_row_that_the_keys_are_on_says_why_it_is_one_problem(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store)
    first, second = Bench(built_store).clusters()[:2]
    assert f"{first.cluster} {first.name}" in texts(app)

    app.session_state["tables_touched"] = {"how": "keys", "enter": None}
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[1, "Id"]]}}
    app.run()
    assert f"{second.cluster} {second.name}" in texts(app)


def test_every_count_and_card_follows_the_time_range(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, range="Last week")
    week = Filter(between=("2026-04-06T00:00:00", "2026-04-13T00:00:00"))
    bench = Bench(built_store)
    scope, rows = bench.scope(week), bench.clusters(week)

    assert list(table(app)["Failures"]) == [row.size for row in rows]
    assert [metric.value for metric in app.metric][:3] == [
        str(scope.conversations),
        f"{100 * scope.failures / scope.conversations:.0f} %",
        str(len(rows)),
    ]


def test_marked_clusters_get_one_owner_and_it_is_undone_at_once(open_page: Open, store: Store) -> None:
    bench, order = Bench(store, "Ana"), [row.cluster for row in Bench(store).clusters()]
    app = mark(open_page(store), 0, 2)

    app.selectbox(key="bulk_owner").select("Ana").run()
    app.button(key="bulk_owner_save").click().run()
    assert bench.pod.owners() == {order[0]: "Ana", order[2]: "Ana"}

    app.button(key="cluster_bulk_undo").click().run()
    assert bench.pod.owners() == {}


def test_marked_clusters_are_muted_and_labelled_together(open_page: Open, store: Store) -> None:
    bench, order = Bench(store, "Ana"), [row.cluster for row in Bench(store).clusters()]
    app = mark(open_page(store), 0, 1)
    app.button(key="bulk_mute").click().run()
    assert sorted(bench.pod.mutes()) == sorted(order[:2])

    app = mark(open_page(store), 0, 1)
    marked = [row.cluster for row in bench.clusters()][:2]
    app.selectbox(key="bulk_cause").select("tool-fault").run()
    app.button(key="bulk_cluster_label").click().run()
    assert {target: label.cause for (_, target), label in bench.labels_said().items()} == dict.fromkeys(
        marked, "tool-fault"
    )


def test_a_viewer_changes_no_marked_cluster(open_page: Open, store: Store) -> None:
    Bench(store, "Lea").pod.set_role("Lea", "lead")
    Bench(store, "Lea").pod.set_role("Vi", "viewer")
    app = mark(open_page(store, person="Vi"), 0)
    assert [app.button(key=key).disabled for key in ("bulk_owner_save", "bulk_mute", "bulk_cluster_label")] == [
        True
    ] * 3


def test_order_columns_and_filters_are_remembered_per_person(open_page: Open, store: Store) -> None:
    app = open_page(store)
    app.selectbox(key="sort").select("Failures").run()
    app.multiselect(key="columns").set_value(["Failures"]).run()
    again = open_page(store)
    assert list(table(again)["Failures"]) == sorted(table(again)["Failures"], reverse=True)
    assert list(table(again).columns) == ["#", "Id", "What was observed", "Failures"]
    assert "Last week" in table(open_page(store, person="Bo")).columns


def test_an_address_that_somebody_sent_is_not_remembered(open_page: Open, store: Store) -> None:
    assert open_page(store, sort="Users").selectbox(key="sort").value == "Users"
    assert open_page(store).selectbox(key="sort").value is None


def test_a_saved_view_opens_by_its_address_for_everybody(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    bench.pod.save_view("Monday", {"sort": ["Users"], "columns": ["Users", "Failures"], "status": ["new"]})

    app = open_page(store, person="Bo", view="Monday")
    assert not app.exception
    assert list(table(app).columns) == ["#", "Id", "What was observed", "Users", "Failures"]
    assert app.multiselect(key="status").value == ["new"]

    bench.history.undo(bench.history.sequence())
    assert [warning.value for warning in open_page(store, view="Monday").warning] == [
        "There is no saved view 'Monday'. Those that there are stand under View."
    ]


@pytest.mark.parametrize("name", ["", "  ", "x" * 61])
def test_a_view_needs_a_name(store: Store, name: str) -> None:
    with pytest.raises(Exception, match="A view needs a name of at most 60 characters"):
        Bench(store, "Ana").pod.save_view(name, {})

"""Strands, mixed causes, themes and patterns on screen, over real agents' failures."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.bench.filter import Filter
from workbench.store import Store

Open = Callable[..., AppTest]


def test_a_cluster_shows_its_strands_with_sizes_and_an_example_each(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    named = next(row for row in bench.clusters() if len(bench.cluster(row.cluster).strands.rows) > 1)
    strands = bench.cluster(named.cluster).strands.rows
    app = open_page(agents_store, "cluster", c=named.cluster)

    shown = [text.value for text in app.text]
    assert not app.exception
    for strand in strands:
        assert strand.strand in shown
        assert f"{len(strand.members)} of {named.size}" in shown
        assert strand.example.key in strand.members
    members = {member.key for member in bench.cluster(named.cluster).members}
    assert sorted({key for strand in strands for key in strand.members} - members) == []

    app.button(key="strand_1").click().run()
    assert address(app, "k") == strands[1].example.key


def test_strands_that_called_different_tools_ask_for_a_split(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    found = {row.cluster: bench.cluster(row.cluster).strands for row in bench.clusters()}
    mixed = next(cluster for cluster, strands in found.items() if strands.mixed)
    one = next(cluster for cluster, strands in found.items() if strands.rows and not strands.mixed)

    asked = [warning.value for warning in open_page(agents_store, "cluster", c=mixed).warning]
    assert [line.partition("?")[0] for line in asked] == ["Mixed causes, split"]
    assert not open_page(agents_store, "cluster", c=one).warning


def test_the_address_narrows_clusters_to_a_theme(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    theme = bench.choices().theme[0]
    rows = bench.clusters(Filter(theme=(theme,)))
    app = open_page(agents_store, "clusters", theme=theme)

    assert not app.exception
    assert {row.theme for row in rows} == {theme}
    assert list(app.dataframe[0].value["Id"]) == [row.cluster for row in rows]
    assert {row.theme for row in bench.failures(Filter(theme=(theme,)))} == {theme}
    assert {point.cluster for point in bench.points(Filter(theme=(theme,)))} == {row.cluster for row in rows}


def test_the_same_problem_in_another_bot_is_a_click_away(open_page: Open, demo_store: Store) -> None:
    bench = Bench(demo_store)
    here = next(row.cluster for row in bench.clusters() if bench.cluster(row.cluster).patterns)
    other = bench.cluster(here).patterns[0]
    app = open_page(demo_store, "cluster", c=here)

    assert other.bot != bench.cluster(here).row.bot
    app.button(key=f"pattern_{other.cluster}").click().run()
    assert address(app, "c") == other.cluster

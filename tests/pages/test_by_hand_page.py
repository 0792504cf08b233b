"""A cluster's page: changed by hand, its history, and what became of it."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from workbench.bench.bench import Bench
from workbench.judgement.records.clusters import Lineage
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.review import cluster_edits
from workbench.store import Store

Open = Callable[..., AppTest]


def rearrange(store: Store) -> None:
    """What the app starts in a child process; no text is new, so no model is loaded."""
    Build(Job(store=str(store.root), rearrange=True), lambda stage, done, total: None).run()


def test_a_label_that_a_split_left_is_confirmed_with_one_click(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ben")
    first = bench.clusters()[0].cluster
    bench.label(first, cause="tool-fault")
    new = cluster_edits.split(bench, first, [one.key for one in bench.cluster(first).members[:3]]).into or ""
    rearrange(store)

    app = open_page(store, "cluster", c=new)
    assert any("Ben said this of" in one.value for one in app.caption)
    assert any(f"split from {first} with 3 failures, by Ben" in one.value for one in app.text)
    app.button(key=f"confirm_{new}").click().run()
    assert not app.exception
    label = bench.judgement.labels.all()["cluster", new]
    assert (label.by, label.inherited_from) == ("Ana", None)


def test_after_a_split_nothing_of_it_is_chosen_any_more(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    first = bench.clusters()[0].cluster
    app = open_page(store, "cluster", c=first)
    app.session_state[f"by_hand_{first}"] = True
    app.run()
    keys = [each.key for each in bench.cluster(first).members[:3]]
    before = {box.key for box in app.selectbox if str(box.key).startswith("hand_which_")}
    cluster_edits.split(bench, first, keys)
    rearrange(store)
    app.run()
    after = {box.key: box.value for box in app.selectbox if str(box.key).startswith("hand_which_")}
    assert not before & set(after)
    assert not any(after.values())
    assert [button.label for button in app.button if button.key == f"hand_do_{first}"] == ["Split off 0 failures"]


def test_the_page_of_a_merged_cluster_says_where_it_went(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ben")
    one, two = [row.cluster for row in bench.clusters()][:2]
    cluster_edits.merge(bench, one, two)
    rearrange(store)
    gone = open_page(store, "cluster", c=one)
    assert [title.value for title in gone.title] == [f"{one} is no more"]
    assert any(f"merged into {two}, by Ben" in text.value for text in gone.text)


def test_a_cluster_whose_failures_come_in_another_one_since_says_so(open_page: Open, store: Store) -> None:
    judgement = Bench(store, "Ben").judgement
    clusters = judgement.register.clusters()
    one, two = [row.cluster for row in clusters][:2]
    judgement.register.record("S999999", clusters, [Lineage("S999999", two, "merged", one, 0)])
    (day,) = {f"{judgement.register.recorded_at()['S999999']:%-d %b %Y}"}
    dried, grown = (
        {text.value for text in open_page(store, "cluster", c=cluster).text if "S999999" in text.value}
        for cluster in (one, two)
    )
    assert dried == {f"{day}: its failures come in {two} since, S999999"}
    assert grown == {f"{day}: what came in {one} comes here since, S999999"}


def test_failures_in_no_cluster_are_listed(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ben")
    first = bench.clusters()[0].cluster
    cluster_edits.set_aside(bench, first, [bench.cluster(first).members[0].key])
    rearrange(store)
    app = open_page(store)
    assert not app.exception
    assert [one.label for one in app.expander if "no cluster" in one.label] == ["1 failure in no cluster"]

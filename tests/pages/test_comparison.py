"""What the pages of a cluster and of a conversation show beside other conversations."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.bench.why import why
from workbench.store import Store

Open = Callable[..., AppTest]


def shown(app: AppTest) -> list[str]:
    return [text.value for text in app.text]


def table(app: AppTest, column: str) -> list[str]:
    """The values of the first table that has this column."""
    return next(list(frame.value[column]) for frame in app.dataframe if column in frame.value)


def of_tool(store: Store, tool: str) -> str:
    """The airline cluster whose name says that this change was made."""
    return next(row.cluster for row in Bench(store).clusters() if f"carries out {tool}" in row.name)


def test_a_cluster_says_what_came_with_it_and_what_parts_it_from_successes(
    open_page: Open, agents_store: Store
) -> None:
    cluster = of_tool(agents_store, "cancel_reservation")
    detail = Bench(agents_store).cluster(cluster)
    app = open_page(agents_store, "cluster", c=cluster)

    assert not app.exception
    assert "tool cancel_reservation" not in table(app, "Under"), "it is what the cluster is made of"
    assert why(detail.onset, detail.suspects, detail.parted, detail.row.first_seen) == shown(app)[0]
    first = detail.parted[0]
    assert table(app, "Where it worked")[0] == f"{first.working} of {first.worked}"
    assert f"carries out cancel_reservation in {first.failing} of {first.failures} failures" in shown(app)[0]
    assert any(line.startswith("First difference: ") for line in shown(app))


def test_a_failure_leads_to_the_same_request_that_worked(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    failure = next(one.key for one in bench.points() if one.conversation_id.endswith("4cf9d59c"))
    app = open_page(agents_store, "conversation", k=failure)

    assert not app.exception
    assert "First difference: update_reservation_baggages: nonfree_baggages 1 here, 0 where it worked" in shown(app)
    other = bench.worked(failure)[0]
    app.button(key=f"read_worked_{failure}_{other.key}").click().run()
    assert address(app, "k") == other.key


def test_a_conversation_that_works_has_nothing_beside_it(open_page: Open, agents_store: Store) -> None:
    bench = Bench(agents_store)
    failure = next(one.key for one in bench.points() if bench.worked(one.key))
    app = open_page(agents_store, "conversation", k=bench.worked(failure)[0].key)

    assert not app.exception
    assert not any(line.startswith("First difference") for line in shown(app))

"""The labels page, and what every page keeps to."""

from collections.abc import Callable
from time import perf_counter

import pytest
from streamlit.testing.v1 import AppTest

from workbench.bench import Bench
from workbench.store import Store

Open = Callable[..., AppTest]


def test_labelled_conversations_are_listed_with_who_said_what(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0001", cause="tool-fault", note="carrier down")
    own = bench.cluster("FC-0001").members[0]
    bench.label(own.key, cause="loop")
    app = open_page(store, "labels")

    table = app.dataframe[0].value
    said = {
        row["Conversation"]: (row["Root cause"], row["Said of"], row["By"]) for row in table.to_dict(orient="records")
    }
    assert said == {
        member.conversation_id: ("loop", "this conversation", "Bo")
        if member.key == own.key
        else ("tool-fault", "its cluster", "Bo")
        for member in bench.cluster("FC-0001").members
    }


def test_without_labels_the_page_says_how_to_begin(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "labels")

    assert [info.value for info in app.info] == [
        "Nothing is labelled yet. Open a cluster and say what is wrong; its conversations inherit that."
    ]


@pytest.mark.parametrize("page", ["clusters", "cluster", "labels"])
def test_a_page_reruns_within_half_a_second_on_real_logs(open_page: Open, agents_store: Store, page: str) -> None:
    app = open_page(agents_store, page)
    assert not app.exception

    def rerun() -> float:
        start = perf_counter()
        app.run()
        return perf_counter() - start

    assert min(rerun() for _ in range(3)) <= 0.5

"""What is suspected on the pages: apart from what fails, marked, with how often its kind had failed."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.builds import build
from tests.support.small_log import write_chat
from tests.support.suspected_log import suspected_log
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.text.escaping import plain

PRECISION = plain("shop: Of 5 suspected conversations whose end is known, 3 had failed: 60 % (95 % interval 23–88 %).")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("suspected")
    build(folder / "s", write_chat(folder / "log.parquet", suspected_log()))
    return Store(folder / "s")


@pytest.fixture(scope="module")
def alone(store: Store) -> str:
    """The cluster that holds suspected conversations only."""
    bench = Bench(store)
    cluster = bench.suspected_clusters()[0].cluster
    bench.close()
    return cluster


def captions(app: AppTest) -> list[str]:
    return [caption.value for caption in app.caption]


def test_the_list_of_clusters_counts_them_apart_and_holds_those_of_nothing_else_below(
    open_page: Callable[..., AppTest], store: Store
) -> None:
    app = open_page(store)
    assert not app.exception
    assert "7 conversations, + 8 suspected" in [metric.delta for metric in app.metric]
    assert [box.label for box in app.expander if "suspected" in box.label] == [
        "2 clusters of suspected conversations only (6)"
    ]
    assert PRECISION in captions(app)


def test_a_cluster_of_suspected_ones_claims_no_rate_and_makes_no_ticket(
    open_page: Callable[..., AppTest], store: Store, alone: str
) -> None:
    app = open_page(store, "cluster", c=alone)
    assert not app.exception
    assert [info.value for info in app.info] == [
        "5 conversations went alike, and nothing proves that any of them failed. Read some: what a person finds counts."
    ]
    assert "make_ticket" not in [button.key for button in app.button]
    assert [heading.value for heading in app.subheader if "conversation" in heading.value] == [
        "0 failing conversations",
        "5 suspected conversations",
    ]
    assert PRECISION in captions(app)


def test_a_signal_lists_all_its_conversations(open_page: Callable[..., AppTest], store: Store) -> None:
    app = open_page(store, "signals", signal="tool-error")
    assert not app.exception
    (table,) = [frame.value for frame in app.dataframe if "What was asked" in frame.value]
    assert table["Failing"].value_counts().to_dict() == {"suspected": 8, "failing": 3, "": 2}


def test_a_search_without_words_lists_what_passes_the_filters(open_page: Callable[..., AppTest], store: Store) -> None:
    app = open_page(store, "search", failing="suspected")
    assert not app.exception
    assert "8 conversations pass the filters, newest first. A click opens one." in captions(app)


def test_a_suspected_conversation_says_so(open_page: Callable[..., AppTest], store: Store) -> None:
    bench = Bench(store)
    key = bench.find_conversation("shoes-0")
    bench.close()
    app = open_page(store, "conversation", k=key)
    assert not app.exception
    assert any("orange-badge" in each.value and "suspected" in each.value for each in app.markdown)

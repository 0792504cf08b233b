"""Every page over a log that says only who said what: no times, no release, no outcome; and text that is markup."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.store import Store

Open = Callable[..., AppTest]
PAGES = (
    "week clusters cluster health read search sessions tickets labels agreement signals taxonomy data activity".split()
)


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder = tmp_path_factory.mktemp("bare")
    rows = [
        {
            "conversation_id": f"<b>{row['conversation_id']}</b>",
            "messages": [
                *row["messages"],
                {"role": "user", "content": f"<script> {'a' * 10_000} ![x](http://x.test/x)"},
            ],
        }
        for row in small_log()
    ]
    log = write_chat(folder / "bare.parquet", rows)
    build(folder / "store", log)
    return Store(folder / "store")


@pytest.mark.parametrize("page", PAGES)
def test_a_page_draws_without_times_and_releases(open_page: Open, bare: Store, page: str) -> None:
    app = open_page(bare, page)

    assert not app.exception
    assert [error.value for error in app.error] == []
    assert page != "cluster" or app.get("plotly_chart") == []

"""The page Readiness: every bot, one bot's checks, and the pages that mend them."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import errors, texts
from workbench.bench.bench import Bench
from workbench.store import Store

Open = Callable[..., AppTest]


def test_every_bot_has_a_row_and_the_first_ones_checks_stand_below(open_page: Open, store: Store) -> None:
    Bench(store, "Ana").pod.set_bot("shop", owner="Ana")
    app = open_page(store, "readiness")
    assert not app.exception
    assert app.dataframe[0].value.to_dict("records") == [
        {
            "Bot": "shop",
            "Live": "41 days",
            "By day 30": "2 of 5 met",
            "By day 60": "0 of 5 met",
            "By day 90": "0 of 4 met",
            "Next": "✗ Its versions are pinned: The inventory pins no model.",
        }
    ]
    shown = texts(app)
    assert "14 checks: 2 met, 2 partly met, 6 not met, 4 can't be told from the data." in shown
    assert "Its failures have a cause" in shown
    assert "Seen and owned · due since 1 Apr 2026" in shown


def test_a_bot_that_is_not_there_is_said(open_page: Open, store: Store) -> None:
    assert errors(open_page(store, "readiness", bot="nobody")) == [
        "The snapshot holds no bot 'nobody'. Pick one above."
    ]

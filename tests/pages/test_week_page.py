"""The page This week: its lists and where their rows lead, the week in the address, and what it says of thin data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.builds import build
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.tickets import tickets
from workbench.ui.reports.week import SHOWN

Open = Callable[..., AppTest]


def links(app: AppTest) -> dict[str, tuple[str, str]]:
    """Page and query of every link by its label."""
    found = [link.proto for link in app.get("page_link")]
    return {one.label.replace("\\", ""): (one.page, one.query_string) for one in found}


def said(app: AppTest) -> list[str]:
    return [one.value.replace("\\", "") for kind in ("caption", "text", "info") for one in app.get(kind)]


def store_of(folder: Path, rows: list[dict[str, Any]]) -> Store:
    build(folder / "store", write_chat(folder / "log.parquet", rows))
    return Store(folder / "store")


@pytest.fixture(scope="module")
def eventful(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """The small log, and in its last week twelve conversations that fail in a way never seen before."""
    start = datetime(2026, 4, 6, 9)
    fresh = [
        {
            "conversation_id": f"fresh-{n}",
            "bot": "shop",
            "started_at": start + timedelta(hours=13 * n),
            "reward": 0.0,
            "messages": [
                {"role": "user", "content": f"the gift card {n} shows no balance at the till"},
                {"role": "assistant", "content": "Gift cards can't be used in our stores."},
            ],
        }
        for n in range(12)
    ]
    return store_of(tmp_path_factory.mktemp("eventful"), [*small_log(), *fresh])


def test_every_row_leads_to_what_it_names(open_page: Open, eventful: Store) -> None:
    app = open_page(eventful, "week")
    assert not app.exception
    assert app.title[0].value == "Week 15 · 6 to 12 Apr 2026"
    new = {label: to for label, to in links(app).items() if "balance" in label}
    assert list(new.values()) == [("cluster", f"c={label.split()[0]}") for label in new] != []
    assert any(one.startswith("New (1)") for one in (head.value for head in app.subheader))
    assert any("first on 6 Apr" in one for one in said(app))
    assert links(app)["I000001"] == ("data", "import=I000001")


def test_an_earlier_week_and_a_bot_are_in_the_address(open_page: Open, eventful: Store) -> None:
    app = open_page(eventful, "week", week="2026-W13")
    assert app.title[0].value == "Week 13 · 23 to 29 Mar 2026"
    app.selectbox(key="week").set_value("2026-W12").run()
    assert app.title[0].value == "Week 12 · 16 to 22 Mar 2026"
    assert app.selectbox(key="week").options != []


def test_a_long_list_is_cut_and_says_where_the_rest_is(
    open_page: Open, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench = Bench(store, "Ana")
    for n in range(SHOWN + 2):
        made = tickets.draft(bench, ["FC-0001"])
        tickets.create(bench, made, date(2026, 1, 1) + timedelta(days=n))
    app = open_page(store, "week")
    assert links(app)["and 2 more tickets"] == ("tickets", "")
    assert links(app)[f"FIX-0001 {made.title}"] == ("ticket", "t=FIX-0001")


def test_mine_needs_a_name_and_lists_what_i_own(open_page: Open, store: Store) -> None:
    assert "Say your name at the top to see your tickets and clusters here." in said(
        open_page(store, "week", person="")
    )
    Bench(store, "Ana").judgement.pod.set_owner("FC-0002", "Ana", actor="Ana")
    app = open_page(store, "week")
    assert [to for label, to in links(app).items() if label.startswith("FC-0002")] == [("cluster", "c=FC-0002")]


def test_read_ten_starts_a_reading_list(open_page: Open, store: Store) -> None:
    app = open_page(store, "week", person="")
    assert app.button(key="read_ten").disabled
    app = open_page(store, "week")
    app.button(key="read_ten").click().run()
    assert not app.exception
    assert [len(draw.scope.list) for draw in Bench(store).judgement.draws.all()] == [10]


def test_less_than_two_weeks_have_nothing_to_compare_with(open_page: Open, tmp_path: Path) -> None:
    app = open_page(store_of(tmp_path, small_log()[:5]), "week")
    assert not app.exception
    told = " ".join(said(app))
    assert "Nothing is logged in the four weeks before, so there is nothing to compare with." in told
    assert "The week is not complete: its last days are not in the data." in told
    assert links(app)["Open the clusters"] == ("", "")  # the default page


def test_logs_without_times_say_so(open_page: Open, tmp_path: Path) -> None:
    app = open_page(store_of(tmp_path, [one | {"started_at": None} for one in small_log()]), "week")
    assert not app.exception
    assert app.title[0].value == "No week to show"
    assert "The logs have no times, so nothing can be said of a week: no trends, nothing new or back." in said(app)
    assert any(one.startswith("times missing in 100 %") for one in said(app))


def test_without_a_store_the_page_offers_the_demo(open_page: Open, tmp_path: Path) -> None:
    app = open_page(Store(tmp_path / "nothing"), "week")
    assert not app.exception
    assert any(one.startswith("No logs yet") for one in said(app))

"""The page Health: one bot's weeks, releases and drift, and honest words where the log says nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.health_logs import build, talk
from workbench.store import Store

Open = Callable[..., AppTest]
MONDAY = datetime(2026, 3, 2)


def rows_of(app: AppTest, place: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = app.dataframe[place].value.to_dict(orient="records")
    return found


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_a_bot_has_figures_charts_releases_and_what_its_log_lacks(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "health")

    assert not app.exception
    assert [error.value for error in app.error] == []
    assert [title.value for title in app.title] == ["Health"]
    assert [metric.label for metric in app.metric] == ["Conversations", "Failing", "Contained", "Outcome unknown"]
    assert [sub.value for sub in app.subheader] == [
        "By week",
        "Releases",
        "Drift",
        "Evaluators",
        "What this bot's log lacks",
    ]
    assert [(row["Release"], row["Conversations"], row["Contained"]) for row in rows_of(app, 1)] == [
        ("m-1", 25, "45 % of 22 known"),
        ("m-2", 23, "52 % of 23 known"),
    ]
    assert "Correlation, not cause" in captions(app)
    assert "Incomplete" not in captions(app)  # from a Monday to a Sunday
    assert len(app.get("plotly_chart")) == 3  # nobody rated anything, and eight requests a week are too few for drift
    assert "No user rated anything" in captions(app)
    assert [info.value for info in app.info] == [
        "Too few requests to tell: it takes 20 in a week and 50 in the four weeks before it."
    ]


def test_without_outcomes_containment_is_unknown_and_without_times_there_is_no_week(
    open_page: Open, tmp_path: Path
) -> None:
    bench = build(tmp_path, [talk(f"c{n}", None) for n in range(3)])
    app = open_page(bench.store, "health")

    assert not app.exception
    assert {metric.label: metric.value for metric in app.metric}["Contained"] == "unknown"
    assert rows_of(app, 0)[0]["Contained"] == "unknown"
    assert [info.value for info in app.info] == [
        "The log has no times, so nothing can be shown by week.",
        "The log names no release, model or prompt version, so nothing can be said by release.",
        "The log has no times, so no week can be compared with earlier ones.",
    ]
    assert "containment is unknown, too" in " ".join(text.value for text in app.text)


def test_one_week_says_that_there_is_nothing_to_compare(open_page: Open, tmp_path: Path) -> None:
    bench = build(tmp_path, [talk(f"c{n}", MONDAY, "contained") for n in range(3)])
    app = open_page(bench.store, "health")

    assert "One week only: there is nothing yet to compare it with." in captions(app)
    assert "Incomplete, so hatched or hollow" in captions(app)
    assert "Nothing to compare: it takes two weeks of requests." in [info.value for info in app.info]


def test_an_empty_store_offers_an_import(open_page: Open, tmp_path: Path) -> None:
    app = open_page(Store(tmp_path / "none"), "health")

    assert not app.exception
    assert not app.metric


def test_the_bot_is_in_the_address_and_one_that_is_not_there_is_said(open_page: Open, tmp_path: Path) -> None:
    rows = [talk("a", MONDAY, bot="<b>busy</b>"), talk("b", MONDAY, bot="<b>busy</b>"), talk("c", MONDAY, bot="quiet")]
    bench = build(tmp_path, rows)
    app = open_page(bench.store, "health", bot="quiet")
    assert app.selectbox(key="bot").value == "quiet"
    assert [row[""] for row in rows_of(app, 0)] == ["", "shown below"]

    app.selectbox(key="bot").set_value("<b>busy</b>").run()
    assert [row[""] for row in rows_of(app, 0)] == ["shown below", ""]
    app = open_page(bench.store, "health", bot="nobody")
    assert app.selectbox(key="bot").value == "<b>busy</b>"
    assert [error.value for error in app.error] == [
        "The snapshot holds no bot 'nobody'; the one with most conversations is shown instead."
    ]


@pytest.fixture(scope="module")
def drifting(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """Sixty requests for parcels, then a week in which half ask for something else."""
    rows = [talk(f"c{n}", MONDAY + timedelta(hours=n)) for n in range(60)]
    for n in range(30):
        new = {"role": "user", "content": f"cancel my subscription immediately since nobody answers {n}"}
        said = [new, {"role": "assistant", "content": "Done."}] if n % 2 else talk(f"d{n}", None)["messages"]
        rows.append(talk(f"d{n}", MONDAY + timedelta(days=7, hours=n), messages=said))
    return build(tmp_path_factory.mktemp("drifting"), rows).store


def test_a_week_of_unlike_requests_is_flagged_with_examples_that_open(open_page: Open, drifting: Store) -> None:
    app = open_page(drifting, "health")

    assert not app.exception
    assert "Unlike the four weeks before: 2026-W11 (50 %, 33–67 %)." in [text.value for text in app.text]
    assert "All 90 requests of all weeks are compared." in captions(app)
    (example,) = rows_of(app, -1)[:1]
    assert example["What was asked"].startswith("cancel my subscription immediately")

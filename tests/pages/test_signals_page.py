"""The page Signals: scorecards, the switch, and the learned score where it is off and where it is on."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from tests.support.scorecards import build, conversation
from workbench.bench.bench import Bench
from workbench.store import Store

Open = Callable[..., AppTest]


def test_each_signal_says_how_often_it_fires_and_how_often_rightly(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "signals")

    rows = app.dataframe[0].value.to_dict(orient="records")
    assert {name: rows[0][name] for name in ("Signal", "Strength", "Fires in", "Failed, by the log", "95 %")} == {
        "Signal": "the log says it failed",
        "Strength": "strong, 1",
        "Fires in": 23,
        "Failed, by the log": "is the outcome",
        "95 %": "–",
    }
    told = "shop: 48 conversations. The log says how 45 of them went (23 failed). People read none of them yet."
    assert told in [text.value for text in app.text]
    assert any("so few labels only move" in caption.value.lower() for caption in app.caption)


def test_without_labels_the_score_is_off_and_says_what_it_needs(open_page: Open, tmp_path: Path) -> None:
    bench = build(tmp_path / "store", [conversation(n, None, "" if n % 2 else "On its way.") for n in range(20)])
    app = open_page(bench.store, "signals")

    assert [info.value for info in app.info] == [
        "The score is off: it needs 10 failing and 10 fine conversations, by the log or by people, and there are 0 and 0. "
        "Reading some of them, on the page Read, makes them count."
    ]


def test_switching_a_signal_off_is_an_event_and_offers_the_next_analysis(open_page: Open, store: Store) -> None:
    app = open_page(store, "signals", signal="empty-reply", bot_of_signals="shop")
    app.button(key="switch_empty-reply__True").click().run()

    assert not app.exception
    assert Bench(store).judgement.journal.events(1)[0].subject == "setting:signal-off:empty-reply:"
    assert app.button(key="analyse_for_signals").label == "Analyse again"
    assert "“empty reply”" in next(one.value for one in app.markdown if "Switched since" in one.value)
    app.button(key="switch_empty-reply__False").click().run()
    assert not [one for one in app.button if one.key == "analyse_for_signals"]
    assert address(app, "signal") == "empty-reply"


def test_a_learned_score_stands_beside_the_length_and_on_the_conversation(open_page: Open, tmp_path: Path) -> None:
    rows = [conversation(n, 0.0 if n % 2 else 1.0, "" if n % 2 else "On its way.") for n in range(110)]
    bench = build(tmp_path / "store", rows)
    app = open_page(bench.store, "signals")

    assert {one.label: one.value for one in app.metric}["AUC of the length alone"] == "0.50"
    assert app.dataframe[1].value["Feature"][0] == "empty reply"
    app = open_page(bench.store, "conversation", k=bench.find_conversation("c1"))
    assert any("for failing: empty reply" in one.value for one in app.text)

"""The page Agreement: a blind round from its start to the agreed labels."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import address, errors
from workbench.bench.bench import Bench
from workbench.review import blind_rounds
from workbench.store import Store

Open = Callable[..., AppTest]


def revealed(store: Store, ana: list[str], bo: list[str]) -> tuple[Bench, str]:
    """A revealed round in which Ana and Bo said this of the first failing conversations."""
    bench = Bench(store, "Ana")
    started = blind_rounds.start(bench, "Shop", blind_rounds.failing(bench)[: len(ana)], codes=["loop", "handoff"])
    for rater, codes in (("Ana", ana), ("Bo", bo)):
        for key, code in zip(started.conversations, codes, strict=True):
            blind_rounds.vote(bench.acting(rater), started.round, key, code, note=f"{rater}'s reason")
    bench.judgement.rounds.reveal(started.round, actor="Ana")
    return bench, started.round


def test_without_rounds_the_page_says_what_one_is_and_starts_one(open_page: Open, store: Store) -> None:
    app = open_page(store, "agreement")
    assert app.info[0].value.startswith("No round yet. Two or more people label the same conversations")

    app.button_group(key="round_count").set_value(10)
    app.button(key="start_round").click().run()
    assert not app.exception
    assert address(app, "r") == "AG-0001"
    kept = Bench(store).judgement.rounds.get("AG-0001")
    assert (kept.title, len(kept.conversations), kept.raters) == ("Failures at random", 10, ["Ana"])
    assert set(kept.scope) == {"bot", "of", "seed"}


def test_a_vote_goes_on_to_the_next_and_can_be_taken_back(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    members = [member.key for member in bench.cluster("FC-0001").members]
    started = blind_rounds.start(bench, "Shop", members, codes=["loop", "handoff"])
    blind_rounds.vote(bench.acting("Bo"), started.round, started.conversations[0], "handoff", note="Bo's secret")
    app = open_page(store, "agreement", r="AG-0001")

    app.button(key="cause_key_1").click().run()
    assert address(app, "n") == "2"
    app.selectbox(key="other_AG-0001_1_0").select("tool-fault").run()
    assert address(app, "n") == "3"
    assert [(one.conversation, one.code) for one in bench.judgement.rounds.votes("AG-0001", seen_by="Ana")] == sorted(
        [(started.conversations[0], "loop"), (started.conversations[1], "tool-fault")]
    )
    everything = " ".join(str(one.value) for one in [*app.text, *app.caption, *app.markdown])
    assert "secret" not in everything
    assert "Handoff" not in everything

    app.button(key="vote_undo").click().run()
    assert address(app, "n") == "2"
    assert [one.code for one in bench.judgement.rounds.votes("AG-0001", seen_by="Ana")] == ["loop"]


@pytest.mark.parametrize("spelled", ["AG-0001", "ag-0001", " AG-1", "1"])
def test_the_address_of_a_round_opens_it_however_it_is_spelled(open_page: Open, store: Store, spelled: str) -> None:
    bench = Bench(store, "Ana")
    blind_rounds.start(bench, "Shop", blind_rounds.failing(bench)[:3])

    app = open_page(store, "agreement", r=spelled)

    assert not app.error
    assert any("AG-0001 Shop · 1 of 3" in caption.value.replace("\\", "") for caption in app.caption)


def test_the_address_of_no_round_names_those_that_there_are(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    blind_rounds.start(bench, "Shop", blind_rounds.failing(bench)[:3])

    assert errors(open_page(store, "agreement", r="AG-0009")) == ["There is no round 'AG-0009'. There are AG-0001."]


def test_the_end_shows_who_is_how_far_and_one_alone_can_not_reveal(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    started = blind_rounds.start(bench, "Shop", blind_rounds.failing(bench)[:1], raters=["Ana", "Bo"], codes=["loop"])
    app = open_page(store, "agreement", r="AG-0001")
    app.button(key="cause_key_1").click().run()
    assert [title.value for title in app.title] == ["AG-0001: you labelled all"]
    assert app.info[0].value.startswith("Agreement takes two.")

    blind_rounds.vote(bench.acting("Bo"), started.round, started.conversations[0], "loop")
    app.run()
    app.button(key="reveal").click().run()
    assert not app.exception
    assert bench.judgement.rounds.get("AG-0001").status == "revealed"


def test_disagreements_are_listed_and_settled_with_all_votes(open_page: Open, store: Store) -> None:
    bench, number = revealed(store, ["loop"] * 3 + ["handoff"], ["loop", "loop", "handoff", "loop"])
    app = open_page(store, "agreement", r=number)

    assert not app.exception
    table = app.dataframe[0].value
    assert table[["Ana", "Bo", "Agreed"]].values.tolist() == [["Loop", "Handoff", ""], ["Handoff", "Loop", ""]]
    key = bench.judgement.rounds.get(number).conversations[2]
    app.button(key="cause_key_2").click().run()
    label = bench.judgement.labels.all()["conversation", key]
    assert (label.cause, label.by, label.about["round"]) == ("loop", "Ana", number)
    assert [(vote["rater"], vote["code"], vote["note"]) for vote in label.about["votes"]] == [
        ("Ana", "loop", "Ana's reason"),
        ("Bo", "handoff", "Bo's reason"),
    ]
    assert address(app, "d") == "2"

    app.button(key="record").click().run()
    assert len(bench.judgement.labels.all()) == 3
    assert list(app.dataframe[0].value["Agreed"]) == ["Loop", ""]


def test_where_nobody_disagreed_it_says_so(open_page: Open, store: Store) -> None:
    _, number = revealed(store, ["loop", "handoff"], ["loop", "handoff"])
    app = open_page(store, "agreement", r=number)
    assert not app.exception
    assert [info.value for info in app.info] == ["Nobody disagreed: there is nothing to talk about here."]
    assert any(
        text.value == "Alpha is 1. There is no interval: resampling can't doubt what nobody disputed, "
        "and 2 conversations say little."
        for text in app.text
    )

"""Blind votes in a session: at most three items, hidden until the reveal, agreed on with all votes behind."""

from __future__ import annotations

import pytest

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.records.sessions import AgendaItem
from workbench.store import Store
from workbench.triage import calibration


@pytest.fixture
def bench(store: Store) -> Bench:
    bench = Bench(store, "Ana")
    rows = bench.clusters()
    bench.sessions.create("Monday", [AgendaItem(row.cluster) for row in rows])
    return bench


def test_votes_are_hidden_until_the_reveal_and_then_agreed_on_with_all_of_them_kept(bench: Bench) -> None:
    ballot = calibration.mark(bench, "TS-0001", "FC-0001")
    for name, code in (("Ana", "loop"), ("Bo", "tool-fault"), ("Cy", "loop")):
        calibration.vote(bench.acting(name), ballot, code, "S2")
    blind = calibration.ballots(bench, "TS-0001")["FC-0001"]
    assert (sorted(blind.voted), blind.votes) == (["Ana", "Bo", "Cy"], [])
    with pytest.raises(UserError, match="still blind"):
        calibration.agree(bench, "TS-0001", blind, "loop")

    calibration.reveal(bench, blind)
    shown = calibration.ballots(bench, "TS-0001")["FC-0001"]
    assert shown.raters_by_code == {"loop": ["Ana", "Cy"], "tool-fault": ["Bo"]}
    label = calibration.agree(bench, "TS-0001", shown, "loop")
    assert (label.cause, label.severity, [vote["rater"] for vote in label.about["votes"]]) == (
        "loop",
        "S2",
        ["Ana", "Bo", "Cy"],
    )
    decided = bench.sessions.decisions("TS-0001")["FC-0001"]
    assert (decided.cause, decided.severity) == ("loop", "S2")
    assert bench.judgement.labels.all()["cluster", "FC-0001"].about["round"] == label.about["round"]


def test_a_marked_item_stays_marked_once_and_a_closed_session_marks_none(bench: Bench) -> None:
    first = calibration.mark(bench, "TS-0001", "FC-0001")
    assert calibration.mark(bench, "TS-0001", "FC-0001").round == first.round
    with pytest.raises(UserError, match="not on the agenda"):
        calibration.mark(bench, "TS-0001", "FC-0999")
    bench.sessions.close("TS-0001")
    assert calibration.waiting(bench, "TS-0001") == []
    with pytest.raises(UserError, match="is closed"):
        calibration.mark(bench, "TS-0001", bench.clusters()[-1].cluster)


def test_at_most_three_items_are_voted_on(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibration, "MOST", 1)
    first, second, *_ = (row.cluster for row in bench.clusters())
    calibration.mark(bench, "TS-0001", first)
    with pytest.raises(UserError, match=f"votes blind on {first} already"):
        calibration.mark(bench, "TS-0001", second)


def test_a_code_opens_its_session_however_it_is_typed_while_it_is_open(bench: Bench) -> None:
    code = bench.sessions.code("TS-0001")
    assert bench.sessions.code("TS-0001") == code
    typed = f" {code[:4].lower()}-{code[4:]} "
    assert [getattr(bench.sessions.of_code(each), "session", None) for each in (typed, "WRONG")] == ["TS-0001", None]
    bench.sessions.close("TS-0001")
    assert bench.sessions.of_code(code) is None

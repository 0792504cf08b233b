"""Verdicts, draws and failure modes: kept with their history, by who may, and undone one by one."""

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

import pytest

from workbench.errors import Conflict, Denied, UserError
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.reading import VERDICTS, CheckScope, Draw, Mode, ReadingScope, Verdict
from workbench.judgement.store import Judgement
from workbench.judgement.verdicts import picked

NOON = datetime(2026, 3, 2, 12)


@pytest.fixture
def judgement(url: str) -> Iterator[Judgement]:
    """A store whose clock goes on by a minute at each look."""
    ticks = (NOON + timedelta(minutes=n) for n in range(1000))
    with closing(Judgement(url, lambda: next(ticks))) as store:
        yield store


def test_a_reader_adds_to_the_verdict_and_the_source_stays_that_of_the_first_time(judgement: Judgement) -> None:
    judgement.verdicts.add("k1", actor="Ana", source="random", draw="RD-0001", about={"bot": "shop"}, verdict="failed")
    judgement.verdicts.add("k1", actor="Ana", note="  lost the date ", failing_turn=3)
    assert judgement.verdicts.all() == {
        "k1": [
            Verdict(
                "k1", "Ana", "failed", "lost the date", 3, "random", "RD-0001", {"bot": "shop"},
                NOON + timedelta(minutes=1), version=2,
            )
        ]
    }  # fmt: skip


def test_each_reader_has_a_verdict_of_their_own(judgement: Judgement) -> None:
    judgement.verdicts.add("k1", actor="Bert", verdict="fine")
    judgement.verdicts.add("k1", actor="Ana", verdict="failed")
    assert [(verdict.reader, verdict.verdict) for verdict in judgement.verdicts.all()["k1"]] == [
        ("Bert", "fine"),
        ("Ana", "failed"),
    ]


def test_what_is_fine_has_no_failing_turn(judgement: Judgement) -> None:
    judgement.verdicts.add("k1", actor="Ana", verdict="failed", failing_turn=3)
    assert judgement.verdicts.add("k1", actor="Ana", verdict="fine").failing_turn is None


@pytest.mark.parametrize("verdict", VERDICTS)
def test_each_verdict_is_kept(judgement: Judgement, verdict: str) -> None:
    judgement.verdicts.add("k1", actor="Ana", verdict=verdict)
    assert [kept.verdict for kept in judgement.verdicts.all()["k1"]] == [verdict]


def test_the_same_again_is_no_event(judgement: Judgement) -> None:
    first = judgement.verdicts.add("k1", actor="Ana", verdict="fine")
    assert judgement.verdicts.add("k1", actor="Ana", verdict="fine") == first
    assert judgement.journal.sequence() == 1


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"note": "lost"}, "Say first how it went: fine, failed, unsure."),
        ({"verdict": "broken"}, "'broken' is no verdict. There are: fine, failed, unsure."),
    ],
)
def test_a_verdict_is_one_of_three(judgement: Judgement, parts: dict[str, str], message: str) -> None:
    with pytest.raises(UserError, match=message.replace(".", r"\.")):
        judgement.verdicts.add("k1", actor="Ana", **parts)  # type: ignore[arg-type]


def test_a_verdict_is_undone_step_by_step_or_taken_back_whole(judgement: Judgement) -> None:
    given = judgement.verdicts.add("k1", actor="Ana", verdict="failed")
    noted = judgement.verdicts.add("k1", actor="Ana", note="lost the date")
    with pytest.raises(Conflict):
        judgement.undo(given.version, "Ana")
    judgement.undo(noted.version, "Ana")
    assert judgement.verdicts.all()["k1"][0].note == ""
    judgement.undo(given.version, "Ana")
    assert judgement.verdicts.all() == {}

    judgement.verdicts.add("k1", actor="Ana", verdict="failed")
    judgement.verdicts.remove("k1", actor="Ana")
    assert judgement.verdicts.all() == {}
    with pytest.raises(UserError, match="Ana gave no verdict"):
        judgement.verdicts.remove("k1", actor="Ana")


def test_a_viewer_reads_along_and_says_nothing(judgement: Judgement) -> None:
    judgement.pod.set_role("Ana", "lead", actor="Ana")
    judgement.pod.set_role("Eve", "viewer", actor="Ana")
    with pytest.raises(Denied):
        judgement.verdicts.add("k1", actor="Eve", verdict="fine")


def test_a_draw_is_kept_as_it_was_drawn(judgement: Judgement) -> None:
    kept = judgement.draws.add(["k2", "k1"], actor="Ana", population=9, seed=7, scope=ReadingScope("shop"))
    assert judgement.draws.all() == [kept]
    assert kept == Draw("RD-0001", ReadingScope("shop"), 9, ["k2", "k1"], 7, "Ana", NOON, version=1)


def test_a_draw_that_checks_a_label_is_told_as_one(judgement: Judgement) -> None:
    kept = judgement.draws.add(["k2", "k1"], actor="Ana", population=9, seed=7, scope=CheckScope("FC-0001"))
    assert judgement.draws.all() == [kept]
    assert sentence(judgement.journal.events()[0]) == "Ana drew 2 members of FC-0001 to check its label (RD-0001)"


def test_a_mode_is_named_defined_and_merged_and_a_merge_can_be_undone(judgement: Judgement) -> None:
    fee = judgement.modes.create(" wrong fee ", [("k1", "Ana")], actor="Ana")
    assert fee == Mode("FM-0001", "wrong fee", notes=[["k1", "Ana"]], by="Ana", at=NOON, version=1)
    price = judgement.modes.create("made-up price", [("k2", "Ana")], actor="Ana")
    merged = judgement.modes.merge(price.mode, fee.mode, actor="Ana")
    assert (merged.merged_into, merged.notes) == ("FM-0001", [["k2", "Ana"]])
    judgement.undo(merged.version, "Ana")
    assert [mode.merged_into for mode in judgement.modes.all()] == [None, None]


def test_modes_are_merged_into_what_the_other_one_was_merged_into(judgement: Judgement) -> None:
    for name in ("a", "b", "c"):
        judgement.modes.create(name, [], actor="Ana")
    judgement.modes.merge("FM-0002", "FM-0001", actor="Ana")
    assert judgement.modes.merge("FM-0003", "FM-0002", actor="Ana").merged_into == "FM-0001"
    with pytest.raises(UserError, match="FM-0002 is FM-0001 already"):
        judgement.modes.merge("FM-0001", "FM-0002", actor="Ana")


def test_a_note_is_in_one_mode_only(judgement: Judgement) -> None:
    judgement.modes.create("wrong fee", [("k1", "Ana")], actor="Ana")
    with pytest.raises(UserError, match=r"FM-0001 \(wrong fee\) holds one of these"):
        judgement.modes.create("made-up price", [("k1", "Ana")], actor="Ana")
    with pytest.raises(UserError, match="needs a name"):
        judgement.modes.create(" ", [], actor="Ana")


@pytest.mark.parametrize(
    ("sources", "is_picked"),
    [(["learn"], True), (["novel", "cluster"], True), (["learn", "random"], False), (["direct"], False)],
)
def test_what_one_reader_met_by_chance_is_not_picked_though_another_was_led_there(
    sources: list[str], is_picked: bool
) -> None:
    assert picked(Verdict("k1", f"reader {n}", source=source) for n, source in enumerate(sources)) is is_picked

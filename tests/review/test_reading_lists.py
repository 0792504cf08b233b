"""Reading lists on a real store: fixed when made, blind where random, and what they add up to."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from tests.support.encoders import WordHashEncoder
from workbench.bench.bench import Bench
from workbench.errors import Denied, UserError
from workbench.exports import export_bytes
from workbench.judgement.verdicts import picked
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.review import failure_modes, reading_lists, shared_queues
from workbench.review.failure_modes import LEAST
from workbench.review.reading_lists import MIXES, ReadingList
from workbench.review.sampling import Item, Saturation
from workbench.store import Store


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    with closing(Bench(store, actor="Ana")) as opened:
        yield opened


def read(bench: Bench, listed: ReadingList, said: dict[str, bool] | None = None) -> None:
    """Read a list to its end: failed where the log's reward says so."""
    truth = bench.evidence.flags("") if said is None else said
    for item in listed.items:
        reading_lists.say(bench, item.key, item, listed.draw.draw, verdict="failed" if truth[item.key] else "fine")


def test_a_list_of_each_kind_is_found_again_as_it_was(bench: Bench) -> None:
    made = reading_lists.start(bench, "mixed", 9)
    assert [item.source for item in made.items] == ["random", "cluster", "novel"] * 3
    assert reading_lists.reading_list(bench, "RD-0001") == made
    assert len(made.draw.conversations) == 3
    assert made.draw.population == 48


def test_what_teaches_most_is_picked_not_drawn_so_no_rate_rests_on_it(bench: Bench) -> None:
    made = reading_lists.start(bench, "learn", 3)
    assert [item.source for item in made.items] == ["learn"] * 3
    assert made.draw.conversations == []
    read(bench, made)
    verdicts = bench.judgement.verdicts.all()
    assert [verdict.draw for listed in verdicts.values() for verdict in listed] == [None] * 3
    assert all(picked(listed) for listed in verdicts.values())
    assert reading_lists.estimated(bench) is None
    with pytest.raises(UserError, match="nothing left to read"):
        reading_lists.start(bench, "learn", 3)


def test_reading_goes_on_where_it_was_left(bench: Bench) -> None:
    made = reading_lists.start(bench, "random", 10)
    first = made.items[0]
    reading_lists.say(bench, first.key, first, made.draw.draw, verdict="fine")
    (left,) = reading_lists.open_lists(bench)
    assert (left.draw.draw, left.first_unread) == ("RD-0001", 1)
    assert reading_lists.open_lists(bench.acting("Bert")) == []
    assert reading_lists.reading_list(bench.acting("Bert"), "RD-0001").mine == {}


def test_why_a_conversation_is_read_says_nothing_of_the_signals_where_it_was_drawn_by_chance(bench: Bench) -> None:
    assert reading_lists.why(bench, Item("k", "random", "")) == (
        "drawn at random; what the signals said shows after your verdict"
    )
    assert reading_lists.why(bench, Item("k", "cluster", "FC-0001")) == (
        "typical of FC-0001 address, change: carries out change_address (8/8)"
    )
    assert reading_lists.why(bench, Item("k", "novel", "")) == "unlike what was read so far"


def test_nothing_is_drawn_twice_and_all_read_is_said(bench: Bench) -> None:
    for _ in range(5):
        reading_lists.start(bench, "random", 10)
    drawn = [key for draw in bench.judgement.draws.all() for key in draw.conversations]
    assert sorted(drawn) == sorted(bench.evidence.flags(""))
    with pytest.raises(UserError, match="There is nothing left to read here"):
        reading_lists.start(bench, "random", 10)


def test_a_sample_read_to_its_end_is_certain(bench: Bench) -> None:
    assert reading_lists.estimated(bench) is None
    truth = bench.evidence.flags("")
    missed = next(key for key, failed in truth.items() if not failed)
    read(bench, reading_lists.start(bench, "random", 60), truth | {missed: True})
    found = reading_lists.estimated(bench)
    assert found is not None
    assert found.estimate.rate is not None and found.estimate.recall is not None  # noqa: PT018
    assert (found.estimate.read, found.estimate.failures, found.drawn, found.unsure) == (48, 27, 48, 0)
    assert (found.estimate.rate.low, found.estimate.rate.high) == (27 / 48, 27 / 48)
    assert found.estimate.recall.value == 26 / 27
    assert not found.outdated


def test_what_the_signals_said_before_the_verdict_is_what_counts_for_them(bench: Bench) -> None:
    truth = bench.evidence.flags("")
    missed = next(key for key, failed in truth.items() if not failed)
    reading_lists.say(bench, missed, verdict="failed")
    assert bench.judgement.verdicts.all()[missed][0].about["flagged"] is False


def test_what_was_read_adds_up_to_kinds(bench: Bench) -> None:
    read(bench, reading_lists.start(bench, "typical", 4))
    assert reading_lists.seen_so_far(bench) == Saturation(read=4, failures=4, kinds=4, since=0, random=0, unseen=None)
    assert reading_lists.seen_so_far(bench, "another bot").read == 0


def test_pages_are_told_at_once_what_a_person_said(bench: Bench) -> None:
    member = bench.cluster("FC-0001").members[0]
    reading_lists.say(bench, member.key, verdict="fine")
    row = next(one for one in bench.cluster("FC-0001").members if one.key == member.key)
    assert (row.agreed, row.read_by) == ("fine", ["Ana"])
    assert [(one.reader, one.verdict, one.source) for one in bench.conversation(member.key).verdicts] == [
        ("Ana", "fine", "direct")
    ]


@pytest.mark.parametrize("mix", MIXES)
def test_a_viewer_starts_no_list(bench: Bench, mix: str) -> None:
    bench.judgement.pod.set_role("Eve", "viewer", actor="Ana")
    with pytest.raises(Denied):
        reading_lists.start(bench.acting("Eve"), mix)
    assert bench.judgement.draws.all() == []


def noted(bench: Bench, notes: int = LEAST) -> list[str]:
    """Failures with notes of two sorts; their keys."""
    keys = [key for key, failed in bench.evidence.flags("").items() if failed][:notes]
    for number, key in enumerate(keys):
        note = "the wrong order was cancelled" if number % 2 else "asks for the number again"
        reading_lists.say(bench, key, verdict="failed", note=note)
    return keys


def test_notes_become_modes_and_are_counted_by_bot_and_week(bench: Bench) -> None:
    noted(bench)
    groups = failure_modes.proposed_modes(bench, WordHashEncoder())
    assert {note.text for note in groups[0].notes} in (
        {"the wrong order was cancelled"}, {"asks for the number again"}
    )  # fmt: skip
    failure_modes.put_notes(bench, groups[0].notes, name="the one of ana@example.com")
    assert len(failure_modes.loose_notes(bench)) == LEAST - len(groups[0].notes)
    counts = failure_modes.mode_counts(bench)
    assert {(row.mode, row.name, row.bot) for row in counts} == {("FM-0001", "the one of [email]", "shop")}
    assert sum(row.conversations for row in counts) == len(groups[0].notes)
    lines = export_bytes("modes", "csv", counts[:1], raw=True).decode().splitlines()
    assert lines == [
        "mode,name,cause,cluster,bot,week,conversations",
        f"FM-0001,the one of [email],,,shop,{counts[0].week},{counts[0].conversations}",
    ]


def test_notes_can_be_added_to_a_mode_that_there_is(bench: Bench) -> None:
    noted(bench, 2)
    one, other = failure_modes.loose_notes(bench)
    failure_modes.put_notes(bench, [one], name="wrong order")
    failure_modes.put_notes(bench, [other], mode="FM-0001")
    assert failure_modes.loose_notes(bench) == []
    assert [note.text for note in failure_modes.notes_of(bench, "FM-0001")] == [one.text, other.text]
    with pytest.raises(UserError, match="Choose at least one note"):
        failure_modes.put_notes(bench, [], name="nothing")


def test_a_mode_becomes_a_root_cause_and_labels_what_nobody_labelled(bench: Bench) -> None:
    keys = noted(bench, 3)
    bench.label(keys[0], cause="tool-fault")
    failure_modes.put_notes(bench, failure_modes.loose_notes(bench), name="wrong order")
    labelled = failure_modes.make_cause(bench, "FM-0001", "Wrong-Order", title="Wrong order", meaning="another order")
    labels = bench.judgement.labels.all()
    assert labelled == 2
    assert [labels["conversation", key].cause for key in keys] == ["tool-fault", "wrong-order", "wrong-order"]
    assert bench.judgement.causes.taxonomy().title("wrong-order") == "Wrong order"
    assert bench.judgement.modes.all()[0].cause == "wrong-order"
    assert failure_modes.mode_counts(bench)[0].cause == "wrong-order"


def test_a_mode_becomes_a_cluster_where_one_holds_most_of_its_failures(bench: Bench) -> None:
    for member in bench.cluster("FC-0001").members[:3]:
        reading_lists.say(bench, member.key, verdict="failed", note="wrong address")
    failure_modes.put_notes(bench, failure_modes.loose_notes(bench), name="wrong address")
    home = failure_modes.home_of(bench, "FM-0001")
    assert home is not None
    assert (home.cluster, len(home.keys), home.size) == ("FC-0001", 3, 8)
    new = failure_modes.make_cluster(bench, bench.judgement.modes.all()[0])
    (act,) = bench.judgement.edits.all()
    assert (act.kind, act.cluster, act.into, act.members, act.name) == (
        "split", "FC-0001", new, home.keys, "wrong address"
    )  # fmt: skip
    assert bench.judgement.modes.all()[0].cluster == new


def test_an_analysis_that_heeds_verdicts_does_not_change_what_the_signals_are_credited_with(bench: Bench) -> None:
    before = bench.evidence.flags("")
    found = next(key for key, failed in before.items() if failed)
    missed = next(key for key, failed in before.items() if not failed)
    drawn = reading_lists.start(bench, "random", 48)
    read(bench, drawn, before | {found: False, missed: True})
    told = reading_lists.estimated(bench)
    Build(Job(store=str(bench.store.root), actor="Ana"), lambda *_: None, WordHashEncoder()).run()
    heeded = bench.evidence.flags("")
    assert (heeded[found], heeded[missed]) == (False, True)
    assert reading_lists.estimated(bench) == told


def test_a_shared_list_is_read_by_so_many_and_adds_up_to_alpha(store: Store) -> None:
    bench = Bench(store, "Ana")
    listed = reading_lists.start(bench, count=4, readers=2)
    for who, verdict in (("Ana", "fine"), ("Bo", "fine"), ("Cy", "failed")):
        reader = bench.acting(who)
        while (place := shared_queues.next_of_list(reader, listed)) < len(listed.items):
            item = listed.items[place]
            reading_lists.say(reader, item.key, item, listed.draw.draw, verdict=verdict)

    shared = shared_queues.shared_list(bench, listed)
    assert (shared.items, shared.complete) == (len(listed.items), len(listed.items))
    assert shared.by_person == {"Ana": len(listed.items), "Bo": len(listed.items)}
    assert [each.draw.draw for each in reading_lists.open_lists(bench.acting("Cy"))] == ["RD-0001"]

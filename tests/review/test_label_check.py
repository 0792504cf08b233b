"""How far a cluster's label is borne out by its members, and where to label next."""

import pytest

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.judgement.records.labels import Label
from workbench.review.label_check import Checked, check_list, checked, draw_five, next_unlabelled, say
from workbench.review.reading_lists import say as give_verdict
from workbench.store import Store


def test_own_labels_and_verdicts_of_members_bear_a_label_out_or_not(store: Store) -> None:
    bench = Bench(store, "Ana")
    label = bench.label("FC-0001", cause="tool-fault")
    agrees, differs, failed, fine, *unread = (member.key for member in bench.cluster("FC-0001").members)
    bench.label(agrees, cause="tool-fault")
    bench.label(differs, disposition="not-a-bug")
    give_verdict(bench, failed, verdict="failed")
    give_verdict(bench, fine, verdict="fine")

    found = checked(label, bench.cluster("FC-0001").members, bench.judgement.labels.all())
    assert found == Checked(members=4 + len(unread), read=4, judged=3, agreeing=1, drawn=0)
    assert found.sentence() == (
        "4 of 8 members read; 1 of 3 agree with this label (95 % interval 6–79 %, as far as those read are typical)."
    )
    nothing_to_fix = Label("cluster", "FC-0001", disposition="not-a-bug")
    assert checked(nothing_to_fix, bench.cluster("FC-0001").members, bench.judgement.labels.all()).agreeing == 2


@pytest.mark.parametrize(
    ("found", "sentence"),
    [
        (Checked(8, 0, 0, 0, 0), "None of 8 members was read yet."),
        (Checked(8, 2, 0, 0, 0), "2 of 8 members read; none of them says what it is."),
        (Checked(8, 5, 5, 5, 5), "5 of 8 members read; 5 of 5 agree with this label (95 % interval 57–100 %)."),
    ],
)
def test_what_was_not_read_is_not_claimed(found: Checked, sentence: str) -> None:
    assert found.sentence() == sentence


def test_five_members_are_drawn_once_and_kept_with_their_seed(store: Store) -> None:
    bench = Bench(store, "Ana")
    bench.label("FC-0001", cause="loop")
    members = {member.key for member in bench.cluster("FC-0001").members}
    draw = draw_five(bench, "FC-0001")
    assert (len(draw.conversations), draw.population) == (5, 8)
    assert set(draw.conversations) < members

    said = say(bench, check_list(bench, draw.draw), draw.conversations[0], "needs-info")
    assert (said.disposition, said.about["draw"]) == ("needs-info", draw.draw)
    assert check_list(bench, draw.draw).first_open == 1
    bench.label_each(sorted(members), cause="loop")
    with pytest.raises(UserError, match="Every member of FC-0001 has a label of its own already"):
        draw_five(bench, "FC-0001")
    with pytest.raises(UserError, match="There is no check RD-0099"):
        check_list(bench, "RD-0099")


def test_the_next_unlabelled_cluster_comes_after_this_one_and_then_from_the_top(store: Store) -> None:
    bench = Bench(store, "Ana")
    ranked = ["FC-0001", "FC-0002", "FC-0003"]
    bench.label("FC-0003", disposition="not-a-bug")
    assert next_unlabelled(bench, ranked, "FC-0001") == "FC-0002"
    assert next_unlabelled(bench, ranked, "FC-0002") == "FC-0001"
    bench.label("FC-0001", cause="loop")
    assert next_unlabelled(bench, ranked, "FC-0002") is None


def test_several_conversations_are_labelled_all_or_none(store: Store) -> None:
    bench = Bench(store, "Ana")
    keys = [member.key for member in bench.cluster("FC-0001").members[:2]]
    with pytest.raises(UserError, match="'lop' is no root cause"):
        bench.label_each(keys, cause="lop")
    with pytest.raises(UserError, match="There is no conversation 'nowhere' here"):
        bench.label_each([*keys, "nowhere"], cause="loop")
    assert bench.judgement.labels.all() == {}
    bench.label_each(keys, cause="loop", contributing=["handoff"], severity="S2", note="both")
    told = {
        target: (label.cause, label.contributing, label.severity, label.note, set(label.about))
        for (_, target), label in bench.judgement.labels.all().items()
    }
    assert told == dict.fromkeys(keys, ("loop", ["handoff"], "S2", "both", {"bot", "conversation_id"}))

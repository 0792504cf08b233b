"""A pod's own root causes: added, reworded, merged and retired; labels follow a merge, each as an event."""

import pytest

from workbench.errors import Conflict, Denied, UserError
from workbench.judgement.causes import CauseUse
from workbench.judgement.records.sessions import AgendaItem
from workbench.judgement.store import Judgement
from workbench.judgement.taxonomy import CAUSES, Cause


def test_a_pod_begins_with_the_default_causes(judgement: Judgement) -> None:
    assert dict(judgement.causes.taxonomy().causes) == CAUSES
    assert {(row.state, row.version) for row in judgement.causes.rows()} == {("offered", 0)}


def test_an_added_cause_is_offered_after_the_defaults_and_taken_wherever_causes_are(judgement: Judgement) -> None:
    judgement.causes.add(
        " Late-Refund ",
        actor="Ann",
        title="Late refund ",
        meaning="money came back after the promised day",
        discipline="integration",
        hint="a promise with a date",
        examples=["I still have no money", " "],
    )
    late = Cause(
        "late-refund",
        "Late refund",
        "money came back after the promised day",
        "integration",
        "a promise with a date",
        ("I still have no money",),
    )
    assert list(judgement.causes.taxonomy().offered().items()) == [*CAUSES.items(), ("late-refund", late)]

    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="LATE-refund")
    ticket = judgement.tickets.create("Refunds", ["FC-0001"], actor="Ann", cause="late-refund")
    session = judgement.sessions.create("Monday", [AgendaItem("FC-0001")], actor="Ann").session
    decision = judgement.sessions.decide(session, "FC-0001", actor="Ann", cause="late-refund")
    assert (ticket.cause, decision.cause) == ("late-refund", "late-refund")


def test_a_default_is_reworded_and_undo_brings_it_back(judgement: Judgement) -> None:
    edit = judgement.causes.edit("loop", 0, actor="Ann", title="Going round", examples=["again", "and again"])
    assert judgement.causes.taxonomy().causes["loop"] == Cause(
        "loop",
        "Going round",
        CAUSES["loop"].meaning,
        CAUSES["loop"].discipline,
        CAUSES["loop"].hint,
        ("again", "and again"),
    )
    assert list(judgement.causes.taxonomy().causes) == list(CAUSES)
    judgement.undo(edit.version, actor="Ann")
    assert judgement.causes.taxonomy().causes["loop"] == CAUSES["loop"]


def test_two_people_editing_one_cause_see_it(judgement: Judgement) -> None:
    seen = judgement.causes.edit("loop", actor="Ann", title="Going round").version
    judgement.causes.edit("loop", seen, actor="Bo", title="No end")
    with pytest.raises(Conflict) as caught:
        judgement.causes.edit("loop", seen, actor="Ann", meaning="no way out")
    assert str(caught.value) == (
        "loop was changed while you edited it: title: Going round → No end (edited by Bo, 2026-03-02 12:00 UTC, event 2). "
        "Load it again and repeat your change."
    )


def test_a_retired_cause_is_refused_for_new_labels_and_stays_on_those_that_have_it(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", contributing=["handoff"])
    judgement.causes.retire("loop", actor="Ann")
    assert "loop" not in judgement.causes.taxonomy().offered()
    assert judgement.causes.taxonomy().title("loop") == "Loop"
    with pytest.raises(UserError, match=r"^The root cause 'loop' is retired\. Choose one of: policy-not-followed, "):
        judgement.labels.set("cluster", "FC-0002", actor="Ann", cause="loop")
    kept = judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", severity="S2")
    assert (kept.cause, kept.severity) == ("loop", "S2")
    judgement.causes.retire("loop", retired=False, actor="Ann")
    assert judgement.causes.taxonomy().code("loop") == "loop"


def test_labels_tickets_and_contributing_causes_follow_a_merge_and_keep_who_said_them(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop", contributing=["handoff"], note="turn 4")
    judgement.labels.set("conversation", "c1", actor="Bo", cause="handoff", contributing=["loop", "incomplete"])
    judgement.labels.set("conversation", "c2", actor="Bo", cause="incomplete", contributing=["loop"])
    judgement.labels.set("conversation", "c3", actor="Bo", cause="tool-fault")
    judgement.tickets.create("Round and round", ["FC-0001"], actor="Bo", cause="loop")
    before = judgement.labels.all()

    assert judgement.causes.merge("loop", "incomplete", actor="Ann") == 4

    after = judgement.labels.all()
    assert {target: (label.cause, label.contributing, label.by) for (_, target), label in after.items()} == {
        "FC-0001": ("incomplete", ["handoff"], "Bo"),
        "c1": ("handoff", ["incomplete"], "Bo"),
        "c2": ("incomplete", [], "Bo"),
        "c3": ("tool-fault", [], "Bo"),
    }
    assert judgement.tickets.get("FIX-0001").cause == "incomplete"
    assert [(event.what, event.subject, event.actor) for event in reversed(judgement.journal.events(limit=5))] == [
        ("merged", "cause:loop", "Ann"),
        ("followed the merge of loop", "label:cluster:FC-0001", "Ann"),
        ("followed the merge of loop", "label:conversation:c1", "Ann"),
        ("followed the merge of loop", "label:conversation:c2", "Ann"),
        ("followed the merge of loop", "ticket:FIX-0001", "Ann"),
    ]
    assert judgement.causes.taxonomy().code("loop") == "incomplete"

    judgement.undo(8, actor="Ann")  # one of them alone
    assert judgement.labels.all()["conversation", "c1"].contributing == ["loop", "incomplete"]
    assert judgement.causes.unmerge("loop", actor="Ann") == 3
    assert [(label.cause, label.contributing) for label in judgement.labels.all().values()] == [
        (label.cause, label.contributing) for label in before.values()
    ]
    assert judgement.tickets.get("FIX-0001").cause == "loop"
    assert judgement.causes.taxonomy().code("loop") == "loop"
    assert judgement.journal.verify_chain().intact


def test_what_changed_after_a_merge_stays_when_it_is_taken_back(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop")
    judgement.causes.merge("loop", "incomplete", actor="Ann")
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="incomplete", severity="S1")
    assert judgement.causes.unmerge("loop", actor="Ann") == 0
    assert judgement.labels.all()["cluster", "FC-0001"].cause == "incomplete"


def test_a_chain_of_merges_leads_to_its_end(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop")
    judgement.causes.merge("loop", "repeated-action", actor="Ann")
    judgement.causes.merge("repeated-action", "incomplete", actor="Ann")
    assert judgement.labels.all()["cluster", "FC-0001"].cause == "incomplete"
    assert judgement.causes.taxonomy().current("loop") == "incomplete"


def test_uses_are_counted_by_where_a_code_is_said(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop", contributing=["handoff"])
    judgement.labels.set("conversation", "c1", actor="Bo", cause="loop")
    judgement.labels.set("conversation", "c2", actor="Bo", disposition="not-a-bug")
    judgement.tickets.create("Round and round", ["FC-0001"], actor="Bo", cause="loop")
    assert judgement.causes.uses() == {"loop": CauseUse(1, 1, 0, 1), "handoff": CauseUse(0, 0, 1, 0)}

    judgement.causes.retire("handoff", actor="Ann")
    judgement.causes.merge("model-change", "loop", actor="Ann")
    rows = {row.code: row for row in judgement.causes.rows()}
    assert list(rows)[-2:] == ["handoff", "model-change"]
    assert (rows["loop"].clusters, rows["loop"].conversations, rows["loop"].tickets) == (1, 1, 1)
    assert (rows["handoff"].state, rows["handoff"].contributing) == ("retired", 1)
    assert (rows["model-change"].state, rows["model-change"].merged_into) == ("merged", "loop")


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda store: store.causes.add("Late refund", title="x", actor="Ann"), "'late refund' can't be a code."),
        (lambda store: store.causes.add("loop", title="x", actor="Ann"), "There is a root cause 'loop' already."),
        (lambda store: store.causes.add("new", title=" ", actor="Ann"), "The root cause new needs a title."),
        (lambda store: store.causes.edit("nope", title="x", actor="Ann"), "There is no root cause 'nope'."),
        (lambda store: store.causes.merge("loop", "loop", actor="Ann"), "loop can't be merged into itself."),
        (lambda store: store.causes.merge("loop", "lop", actor="Ann"), "'lop' is no root cause. Did you mean 'loop'?"),
        (lambda store: store.causes.unmerge("loop", actor="Ann"), "loop was not merged"),
    ],
)
def test_an_edit_that_makes_no_sense_is_refused(judgement: Judgement, act, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError) as caught:
        act(judgement)
    assert str(caught.value).startswith(message)
    assert judgement.journal.sequence() == 0


def test_merging_and_retiring_take_a_lead(judgement: Judgement) -> None:
    judgement.pod.set_role("Ann", "lead", actor="Ann")
    judgement.pod.set_role("Bo", "triager", actor="Ann")
    judgement.causes.add("late-refund", title="Late refund", actor="Bo")
    for act in (
        lambda: judgement.causes.retire("loop", actor="Bo"),
        lambda: judgement.causes.merge("loop", "incomplete", actor="Bo"),
        lambda: judgement.causes.unmerge("loop", actor="Bo"),
    ):
        with pytest.raises(Denied, match="Bo is a triager here, and this takes a lead"):
            act()


def test_a_label_says_by_its_version_what_the_person_saw(judgement: Judgement) -> None:
    seen = judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", version=0).version
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="tool-fault", note="down", version=seen)
    with pytest.raises(Conflict) as caught:
        judgement.labels.set("cluster", "FC-0001", actor="Ann", severity="S1", version=seen)
    assert str(caught.value) == (
        "cluster FC-0001 was changed while you edited it: cause: loop → tool-fault; note: nothing → down "
        "(labelled by Bo, 2026-03-02 12:00 UTC, event 2). Load it again and repeat your change."
    )
    with pytest.raises(Conflict, match="it was made again"):
        judgement.labels.set("cluster", "FC-0001", actor="Cy", cause="loop", version=0)

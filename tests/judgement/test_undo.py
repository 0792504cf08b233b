"""Undo: what followed from a change is taken back with it, by somebody in the role that it took, and rounds stay blind."""

import contextlib
from collections.abc import Callable

import pytest

from tests.support.judgement import run
from workbench.errors import Conflict, Denied, UserError
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.judgement.records.labels import Label
from workbench.judgement.store import Judgement


def cause_and_origin(label: Label | None) -> tuple[str | None, str | None] | None:
    return None if label is None else (label.cause, label.inherited_from)


def handed_on(judgement: Judgement, *clusters: str) -> dict[str, object]:
    """What stands of clusters: what their label says, their owner, whether they are muted, and the tickets for them."""
    labels, owners, mutes = judgement.labels.all(), judgement.pod.owners(), judgement.pod.mutes()
    return {
        cluster: (
            cause_and_origin(labels.get(("cluster", cluster))),
            owners.get(cluster),
            cluster in mutes,
            [ticket.ticket for ticket in judgement.tickets.all() if cluster in ticket.clusters],
        )
        for cluster in clusters
    }


@pytest.fixture
def spoken_of(judgement: Judgement) -> Judgement:
    """Two clusters, of which FC-0001 has a label, an owner and a ticket (events 2 to 4)."""
    clusters = [
        Registered(name, "shop", "topical", None, "refund", members, b"\x00\x00\x80\x3f", "MiniLM")
        for name, members in (("FC-0001", ["a", "b"]), ("FC-0002", ["c"]))
    ]
    judgement.register.record("S000001", clusters, [])
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    judgement.pod.set_owner("FC-0001", "Kim", actor="Ann")
    judgement.tickets.create("Round and round", ["FC-0001"], actor="Ann")
    return judgement


# What followed from a change


def test_an_undone_merge_of_clusters_takes_back_what_it_handed_on_and_its_undo_hands_it_on_again(
    spoken_of: Judgement,
) -> None:
    before = handed_on(spoken_of, "FC-0001", "FC-0002")
    act = spoken_of.edits.merge("FC-0001", "FC-0002", actor="Ann")
    merged = handed_on(spoken_of, "FC-0001", "FC-0002")
    assert merged == before | {"FC-0002": (("loop", "FC-0001"), "Kim", False, ["FIX-0001"])}

    undone = spoken_of.undo(act.version, "Bo")
    assert (undone.what, undone.subject) == (f"undo {act.version}", "act:HA-0001")
    assert (spoken_of.edits.all(), handed_on(spoken_of, "FC-0001", "FC-0002")) == ([], before)

    again = spoken_of.undo(undone.sequence, "Ann")
    assert handed_on(spoken_of, "FC-0001", "FC-0002") == merged
    spoken_of.undo(again.sequence, "Ann")
    assert handed_on(spoken_of, "FC-0001", "FC-0002") == before
    assert spoken_of.journal.verify_chain().intact


def test_an_undone_split_leaves_nothing_to_confirm_and_nothing_with_the_part(spoken_of: Judgement) -> None:
    before = handed_on(spoken_of, "FC-0001", "FC-0003")
    act = spoken_of.edits.split("FC-0001", ["a"], ["b"], actor="Ann")
    assert handed_on(spoken_of, "FC-0001", "FC-0003") == {
        "FC-0001": (("loop", "FC-0001"), "Kim", False, ["FIX-0001"]),
        "FC-0003": (("loop", "FC-0001"), "Kim", False, ["FIX-0001"]),
    }
    spoken_of.undo(act.version, "Ann")
    assert handed_on(spoken_of, "FC-0001", "FC-0003") == before


def test_what_a_person_said_of_a_cluster_after_a_merge_stays_when_the_merge_is_undone(spoken_of: Judgement) -> None:
    act = spoken_of.edits.merge("FC-0001", "FC-0002", actor="Ann")
    spoken_of.labels.set("cluster", "FC-0002", actor="Ann", cause="handoff")
    spoken_of.undo(act.version, "Ann")
    assert handed_on(spoken_of, "FC-0002") == {"FC-0002": (("handoff", None), None, False, [])}


def test_what_another_change_handed_on_stays(spoken_of: Judgement) -> None:
    act = spoken_of.edits.move(
        "FC-0001", "FC-0002", ["a"], actor="Ann"
    )  # a move hands nothing on, a clustering's merge does
    spoken_of.register.record("S2", spoken_of.register.clusters(), [Lineage("S2", "FC-0002", "merged", "FC-0001", 1)])
    spoken_of.undo(act.version, "Ann")
    assert handed_on(spoken_of, "FC-0002")["FC-0002"] == (("loop", "FC-0001"), "Kim", False, ["FIX-0001"])


def test_an_undone_merge_of_causes_takes_its_labels_and_tickets_back_and_its_undo_takes_them_along_again(
    judgement: Judgement,
) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop")
    judgement.labels.set("conversation", "c1", actor="Bo", cause="handoff", contributing=["loop"])
    judgement.tickets.create("Round and round", ["FC-0001"], actor="Bo", cause="loop")
    judgement.causes.merge("loop", "incomplete", actor="Ann")

    def standing() -> object:
        labels = {
            target: (label.cause, label.contributing, label.by) for (_, target), label in judgement.labels.all().items()
        }
        return judgement.causes.taxonomy().code("loop"), labels, judgement.tickets.get("FIX-0001").cause

    apart = "loop", {"FC-0001": ("loop", [], "Bo"), "c1": ("handoff", ["loop"], "Bo")}, "loop"
    merged = "incomplete", {"FC-0001": ("incomplete", [], "Bo"), "c1": ("handoff", ["incomplete"], "Bo")}, "incomplete"
    assert standing() == merged
    undone = judgement.undo(4, "Ann")
    assert standing() == apart
    judgement.undo(undone.sequence, "Ann")
    assert standing() == merged
    assert judgement.causes.unmerge("loop", actor="Ann") == 3
    assert standing() == apart
    (taken_back,) = [event for event in judgement.journal.events() if event.what == "merge taken back"]
    judgement.undo(taken_back.sequence, "Ann")
    assert standing() == merged
    assert judgement.journal.verify_chain().intact


# Roles


Act = Callable[[Judgement], object]


@pytest.mark.parametrize(
    "acts",
    [
        [lambda store: store.pod.set_role("Bo", "lead", actor="Lea"), lambda store: store.pod.set_role("Bo", "triager", actor="Lea")],
        [lambda store: store.causes.retire("loop", actor="Lea")],
        [lambda store: store.causes.retire("loop", actor="Lea"), lambda store: store.causes.retire("loop", retired=False, actor="Lea")],
        [lambda store: store.causes.merge("loop", "incomplete", actor="Lea")],
        [lambda store: store.causes.merge("loop", "incomplete", actor="Lea"), lambda store: store.causes.unmerge("loop", actor="Lea")],
        [lambda store: store.causes.retire("loop", actor="Lea"), lambda store: store.undo(store.journal.sequence(), "Lea")],
    ],
    ids=["role", "retired", "offered again", "merged", "merge taken back", "an undo"],
)  # fmt: skip
def test_what_took_a_lead_is_undone_by_a_lead(judgement: Judgement, acts: list[Act]) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="loop")
    for act in acts:
        act(judgement)
    since = judgement.journal.sequence()
    for event in judgement.journal.events():
        if event.sequence > 3:
            with pytest.raises(Denied, match=r"Bo is a triager here, and this takes a lead\."):
                judgement.undo(event.sequence, "Bo")
    assert judgement.journal.sequence() == since
    assert judgement.undo(since, "Lea").actor == "Lea"


def test_a_triager_undoes_what_a_triager_may_do(judgement: Judgement) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    judgement.causes.add("late-refund", title="Late refund", actor="Lea")
    judgement.labels.set("cluster", "FC-0001", actor="Lea", cause="late-refund")
    for sequence in (4, 3):
        judgement.undo(sequence, "Bo")
    assert (judgement.labels.all(), "late-refund" in judgement.causes.taxonomy().causes) == ({}, False)


def test_somebody_stays_a_lead_on_a_shared_store(judgement: Judgement, url: str) -> None:
    refused = (
        contextlib.nullcontext() if url.startswith("sqlite") else pytest.raises(UserError, match="Then nobody would")
    )
    with refused:
        judgement.pod.set_role("Bo", "triager", actor="Ann")  # the first role that is given
    judgement.pod.set_role("Lea", "lead", actor="Ann")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    with refused:
        judgement.pod.set_role("Lea", "viewer", actor="Lea")
    judgement.pod.set_role("Lea", "lead", actor="Ann" if url.startswith("sqlite") else "Lea")
    given = [
        event.sequence
        for event in judgement.journal.events()
        if event.what == "role set" and event.subject == "person:Lea"
    ]
    with refused:
        judgement.undo(given[0], "Lea")


# Blind rounds


@pytest.fixture
def round(judgement: Judgement) -> str:
    """An open round (event 1) in which Ana (2, 3) and Bo (4) voted."""
    number = judgement.rounds.start("Shop", ["k1"], actor="Ana").round
    judgement.rounds.vote(number, "k1", actor="Ana", cause="loop")
    judgement.rounds.vote(number, "k1", actor="Ana", cause="handoff", note="asks for Jo")
    judgement.rounds.vote(number, "k1", actor="Bo", cause="loop")
    return number


def test_a_vote_is_undone_by_its_rater_while_the_round_is_open(judgement: Judgement, round: str) -> None:
    with pytest.raises(Denied, match=r"^A vote is undone only by who gave it\.$"):
        judgement.undo(4, "Ana")
    judgement.undo(4, "Bo")
    assert judgement.rounds.voted() == {round: {"Ana": 1}}
    judgement.undo(5, "Bo")
    judgement.rounds.reveal(round, actor="Ana")
    with pytest.raises(UserError, match=r"^AG-0001 is revealed: its votes stay as they were given\.$"):
        judgement.undo(6, "Bo")
    assert judgement.rounds.voted() == {round: {"Ana": 1, "Bo": 1}}


def test_why_a_vote_can_not_be_undone_tells_nothing_of_what_was_voted(judgement: Judgement, round: str) -> None:
    for actor, message in (("Bo", "A vote is undone only by who gave it."), ("Ana", "This vote has changed since event 2. Undo that first, or vote again.")):  # fmt: skip
        with pytest.raises(UserError) as caught:
            judgement.undo(2, actor)
        assert str(caught.value) == message
    with pytest.raises(Conflict):
        judgement.undo(2, "Ana")


def test_a_round_with_votes_can_not_be_taken_away_and_one_without_can(judgement: Judgement, round: str) -> None:
    with pytest.raises(UserError, match=r"^People voted in AG-0001 already, so its start can't be undone\.$"):
        judgement.undo(1, "Ana")
    second = judgement.rounds.start("Bank", ["k2"], actor="Ana")
    undone = judgement.undo(second.version, "Ana")
    assert [row.round for row in judgement.rounds.all()] == [round]
    judgement.undo(undone.sequence, "Ana")
    assert [row.round for row in judgement.rounds.all()] == [second.round, round]


def test_a_reveal_is_for_good(judgement: Judgement, round: str) -> None:
    revealed = judgement.rounds.reveal(round, actor="Ana")
    with pytest.raises(UserError, match="What the reveal of AG-0001 showed can't be made blind again"):
        judgement.undo(revealed.version, "Ana")


def test_votes_whose_round_is_gone_count_nowhere(judgement: Judgement, url: str, round: str) -> None:
    run(url, "delete from rounds")
    assert judgement.rounds.voted() == {}

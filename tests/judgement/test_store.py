"""Judgement: what people say is kept with its history, can be undone, and can't be changed behind its back."""

import threading
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from tests.support.judgement import NOON, run
from tests.support.thoroughness import tries
from workbench.errors import Conflict, Denied, UserError
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.clusters import Lineage, Registered
from workbench.judgement.records.events import ChainCheck, Forgotten
from workbench.judgement.records.labels import Label
from workbench.judgement.records.pod import Bot, Mute, Person
from workbench.judgement.records.sessions import AgendaItem, Decision, DecisionChange, Progress
from workbench.judgement.store import Judgement


def cluster(number: int, members: list[str], name: str = "refund") -> Registered:
    return Registered(f"FC-{number:04}", "shop", "topical", None, name, members, b"\x00\x00\x80\x3f", "MiniLM")


# Labels


def test_a_label_is_kept_with_who_said_it_and_when(judgement: Judgement) -> None:
    judgement.labels.set(
        "cluster",
        "FC-0001",
        actor="Ann",
        cause="Tool-Fault",
        contributing=["loop", "tool-fault", "loop"],
        severity="s1",
        note=" down since Monday ",
        about={"bot": "shop"},
    )
    assert judgement.labels.all() == {
        ("cluster", "FC-0001"): Label(
            "cluster",
            "FC-0001",
            "tool-fault",
            ["loop"],
            None,
            "S1",
            "down since Monday",
            "Ann",
            NOON,
            {"bot": "shop"},
            None,
            "Ann",
            NOON,
            1,
        )
    }


def test_a_label_replaces_the_one_before_and_can_be_removed(judgement: Judgement) -> None:
    judgement.labels.set("conversation", "c1", actor="Ann", cause="loop", note="see turn 4")
    second = judgement.labels.set("conversation", "c1", actor="Bo", disposition="not-a-bug")
    assert judgement.labels.all() == {("conversation", "c1"): second}
    assert (second.cause, second.note, second.by) == (None, "", "Bo")
    judgement.labels.remove("conversation", "c1", actor="Bo")
    assert judgement.labels.all() == {}
    assert [event.what for event in judgement.journal.events()] == ["unlabelled", "labelled", "labelled"]


def test_more_is_said_of_the_same_and_the_rest_stays(judgement: Judgement) -> None:
    judgement.labels.add(
        "cluster", "FC-0001", actor="Ann", cause="loop", contributing=["handoff"], about={"bot": "shop"}
    )
    judgement.labels.add("cluster", "FC-0001", actor="Bo", note=" see c1 ", severity="s2")
    label = judgement.labels.all()["cluster", "FC-0001"]
    assert (label.cause, label.contributing, label.severity, label.note, label.by, label.about) == (
        "loop", ["handoff"], "S2", "see c1", "Bo", {"bot": "shop"}
    )  # fmt: skip
    judgement.labels.add("cluster", "FC-0001", actor="Bo", cause="", contributing=[], severity="")
    assert judgement.labels.all()["cluster", "FC-0001"] == replace(
        label, cause=None, contributing=[], severity=None, decided_by=None, decided_at=None, version=3
    )
    assert judgement.labels.add("cluster", "FC-0001", actor="Bo", note="") is None
    assert judgement.labels.all() == {}
    for nothing in ({}, {"note": ""}):
        with pytest.raises(UserError, match="A label says something"):
            judgement.labels.add("cluster", "FC-0001", actor="Bo", **nothing)  # type: ignore[arg-type]


def test_the_votes_of_a_round_stand_behind_what_it_agreed_on_and_nothing_else(judgement: Judgement) -> None:
    about = {"bot": "shop", "round": "AG-0001", "votes": []}
    judgement.labels.set("conversation", "k", actor="Ann", cause="loop", about=about)
    noted = judgement.labels.add("conversation", "k", actor="Ann", note="see turn 3")
    changed = judgement.labels.add("conversation", "k", actor="Ann", cause="handoff")
    assert noted
    assert changed
    assert (noted.about, changed.about) == (about, {"bot": "shop"})


@pytest.mark.parametrize(
    ("parts", "message"),
    [
        ({"cause": "tool-falt"}, "'tool-falt' is no root cause. Did you mean 'tool-fault'?"),
        ({"contributing": ["x"], "cause": "loop"}, "'x' is no root cause."),
        ({"severity": "S9"}, "'S9' is no severity."),
        ({"disposition": "wontfix"}, "'wontfix' is no disposition."),
        ({}, "A label says something"),
        ({"contributing": ["loop"]}, "A label says something"),
        ({"note": "  "}, "A label says something"),
    ],
)
def test_a_label_with_a_wrong_code_or_nothing_in_it_is_refused(judgement: Judgement, parts, message: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(UserError, match="^" + message.replace("?", r"\?")):
        judgement.labels.set("cluster", "FC-0001", actor="Ann", **parts)
    assert judgement.journal.sequence() == 0


def test_every_change_needs_a_name(judgement: Judgement) -> None:
    with pytest.raises(UserError, match="Nobody is named for this change"):
        judgement.labels.set("cluster", "FC-0001", actor="  ", cause="loop")


def test_removing_a_label_that_is_not_there_says_so(judgement: Judgement) -> None:
    with pytest.raises(UserError, match="The cluster FC-0009 has no label to remove"):
        judgement.labels.remove("cluster", "FC-0009", actor="Ann")


def test_what_no_database_takes_is_mended(judgement: Judgement) -> None:
    label = judgement.labels.set(
        "conversation",
        "a\ud800b",
        actor="An\0n",
        note="x\0y \udfff",
        about={"id": "\ud800", "score": float("nan"), "turns": (1, 2)},
    )
    assert (label.target, label.by, label.note) == ("a?b", "Ann", "xy ?")
    assert label.about == {"id": "?", "score": None, "turns": [1, 2]}
    assert judgement.labels.all()[("conversation", "a?b")] == label


# Events, undo, the chain


def test_an_event_says_who_did_what_with_the_state_before_and_after(judgement: Judgement) -> None:
    judgement.pod.set_setting("time zone", "Europe/Berlin", actor="Ann")
    judgement.pod.set_setting("time zone", "UTC", actor="Bo")
    newest, oldest = judgement.journal.events()
    assert (newest.sequence, newest.at, newest.actor, newest.what, newest.subject) == (
        2,
        NOON,
        "Bo",
        "set",
        "setting:time zone",
    )
    assert newest.before == oldest.after == {"name": "time zone", "value": "Europe/Berlin"}
    assert newest.after == {"name": "time zone", "value": "UTC"}
    assert oldest.before is None


def test_events_come_newest_first_by_the_page_and_by_subject(judgement: Judgement) -> None:
    for value in range(5):
        judgement.pod.set_setting("odd" if value % 2 else "even", value, actor="Ann")
    assert [event.sequence for event in judgement.journal.events(limit=2)] == [5, 4]
    assert [event.sequence for event in judgement.journal.events(limit=2, before=4)] == [3, 2]
    assert [event.sequence for event in judgement.journal.events(subject="setting:odd")] == [4, 2]


def test_saying_the_same_again_is_no_event(judgement: Judgement) -> None:
    judgement.pod.set_setting("week starts", "Monday", actor="Ann")
    judgement.pod.set_setting("week starts", "Monday", actor="Bo")
    assert judgement.journal.sequence() == 1


def test_undo_restores_what_was_before_and_can_itself_be_undone(judgement: Judgement) -> None:
    first = judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    second = judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="handoff")
    undone = judgement.undo(2, actor="Cy")
    assert (undone.sequence, undone.actor, undone.what, undone.subject) == (3, "Cy", "undo 2", "label:cluster:FC-0001")
    assert judgement.labels.all()[("cluster", "FC-0001")] == Label(**{**vars(first), "version": 3})
    judgement.undo(3, actor="Bo")
    assert judgement.labels.all()[("cluster", "FC-0001")] == Label(**{**vars(second), "version": 4})
    assert judgement.journal.verify_chain() == ChainCheck(events=4)


def test_undoing_the_first_event_of_a_subject_removes_it(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    judgement.undo(1, actor="Ann")
    assert judgement.labels.all() == {}


def test_undo_is_refused_where_the_subject_has_changed_since(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    judgement.labels.set("cluster", "FC-0001", actor="Bo", cause="handoff", note="asked twice")
    with pytest.raises(Conflict) as caught:
        judgement.undo(1, actor="Ann")
    assert str(caught.value) == (
        "label:cluster:FC-0001 has changed since event 1: cause: loop → handoff; note: nothing → asked twice "
        "(labelled by Bo, 2026-03-02 12:00 UTC, event 2). Undo that first, or change it by hand."
    )


def test_undo_of_what_nobody_can_undo_says_why(judgement: Judgement) -> None:
    judgement.register.record("S000001", [cluster(1, ["a"])], [])
    with pytest.raises(UserError, match=r"Event 1 \(recorded snapshot:S000001\) can't be undone"):
        judgement.undo(1, actor="Ann")
    with pytest.raises(UserError, match="There is no event 7; the last one is 1"):
        judgement.undo(7, actor="Ann")


def test_the_sequence_holds_when_the_clock_goes_back(url: str) -> None:
    times = iter([NOON, NOON - timedelta(days=400), NOON + timedelta(seconds=1)])
    with closing(Judgement(url, clock=lambda: next(times))) as judgement:
        for cause in ("loop", "handoff", "guardrail"):
            judgement.labels.set("cluster", "FC-0001", actor="Ann", cause=cause)
        assert [event.sequence for event in judgement.journal.events()] == [3, 2, 1]
        assert judgement.labels.all()[("cluster", "FC-0001")].cause == "guardrail"
        assert judgement.journal.verify_chain().intact


@pytest.mark.parametrize(
    ("statement", "broken", "problem"),
    [
        ("update events set actor = 'Eve' where sequence = 2", 2, "the event was changed after it was written"),
        ("update payloads set after = '{}' where sequence = 2", 2, "the payload was changed after it was written"),
        ("delete from payloads where sequence = 2", 2, "the payload is gone, and nobody had it forgotten"),
        ("delete from payloads where sequence = 2; delete from events where sequence = 2", 2, "event 2 is missing"),
        (
            "delete from payloads where sequence = 3; delete from events where sequence = 3",
            3,
            "the last of 3 events are missing",
        ),
        ("update labels set cause = 'loop'", 3, "label:cluster:FC-0001 was changed without an event since"),
        ("delete from labels", 3, "label:cluster:FC-0001 was changed without an event since"),
        (
            "insert into people values ('Eve', 'lead', 1)",
            None,
            "person:Eve was written without an event",
        ),
    ],
)
def test_a_change_behind_the_back_of_the_store_is_found(
    judgement: Judgement, url: str, statement: str, broken: int | None, problem: str
) -> None:
    for cause in ("handoff", "guardrail", "incomplete"):
        judgement.labels.set("cluster", "FC-0001", actor="Ann", cause=cause)
    assert judgement.journal.verify_chain() == ChainCheck(events=3)
    run(url, statement)
    check = judgement.journal.verify_chain()
    assert (check.intact, check.broken, check.problem) == (False, broken, problem)


# Forgetting


def test_what_is_forgotten_is_gone_and_the_chain_still_verifies(judgement: Judgement) -> None:
    judgement.labels.set("conversation", "c1", actor="Ann", note="customer Jane Doe, jane@example.org")
    judgement.labels.set("conversation", "c1", actor="Ann", note="customer asked twice")
    judgement.labels.set("conversation", "c2", actor="Ann", note="JANE DOE again")
    judgement.labels.set("conversation", "c3", actor="Ann", note="plain Jane Doerr")
    assert judgement.erasing.forget("Jane Doe", actor="Bo") == Forgotten(
        [1, 2, 3], [], changed=["label:conversation:c2"]
    )
    newest, taken_out, kept, *blanked = judgement.journal.events()
    assert (newest.what, newest.after) == ("forget", {"events": [1, 2, 3]})
    assert (taken_out.what, taken_out.after["note"]) == ("forgotten in", "[forgotten] again")
    assert (kept.forgotten, [event.forgotten for event in blanked]) == (False, [True, True, True])
    assert judgement.labels.all()["conversation", "c2"].note == "[forgotten] again"
    assert judgement.journal.verify_chain() == ChainCheck(events=6)
    with pytest.raises(UserError, match="can't be undone"):
        judgement.undo(taken_out.sequence, actor="Bo")


def test_what_is_forgotten_leaves_no_bytes_in_a_sqlite_file(tmp_path: Path) -> None:
    with closing(Judgement(f"sqlite:///{tmp_path / 'judgement.db'}")) as judgement:
        judgement.labels.set("conversation", "c1", actor="Ann", note="jane@example.org")
        judgement.labels.set("conversation", "c1", actor="Ann", note="customer asked twice")
        judgement.erasing.forget("jane@example.org", actor="Bo")
        assert not [file.name for file in tmp_path.iterdir() if b"jane@example.org" in file.read_bytes()]


def test_a_person_can_be_forgotten_by_name(judgement: Judgement) -> None:
    judgement.pod.set_setting("week starts", "Monday", actor="Anna Lee")
    judgement.pod.set_setting("week starts", "Sunday", actor="Bob")
    assert judgement.erasing.forget("anna lee", actor="Bob") == Forgotten([1], [], named_in=[1])
    assert judgement.journal.verify_chain().intact
    with pytest.raises(UserError, match="What event 1 changed was forgotten"):
        judgement.undo(1, actor="Bob")


def test_forgetting_too_little_text_is_refused(judgement: Judgement) -> None:
    with pytest.raises(UserError, match="too short to forget"):
        judgement.erasing.forget(" a ", actor="Bo")


# The identity register


def test_the_register_gives_back_what_was_recorded(judgement: Judgement) -> None:
    assert judgement.register.next_number() == 1
    judgement.register.record(
        "S000001",
        [cluster(1, ["a", "b"]), cluster(12, [])],
        [Lineage("S000001", "FC-0001", "new"), Lineage("S000001", "FC-0012", "new")],
    )
    assert judgement.register.clusters() == [
        Registered(
            "FC-0001", "shop", "topical", None, "refund", ["a", "b"], b"\x00\x00\x80\x3f", "MiniLM", True, "S000001"
        ),
        Registered("FC-0012", "shop", "topical", None, "refund", [], b"\x00\x00\x80\x3f", "MiniLM", True, "S000001"),
    ]
    assert judgement.register.next_number() == 13
    assert judgement.register.lineage("FC-0001") == [Lineage("S000001", "FC-0001", "new", None, 0)]


def test_a_snapshot_is_recorded_once(judgement: Judgement) -> None:
    rows, lineage = [cluster(1, ["a"])], [Lineage("S000001", "FC-0001", "new")]
    assert judgement.register.record("S000001", rows, lineage) is True
    assert judgement.register.record("S000001", rows, lineage) is False
    assert judgement.journal.sequence() == 1
    assert judgement.register.lineage("FC-0001") == lineage


def test_a_snapshot_id_that_comes_back_with_other_content_is_recorded_anew(judgement: Judgement) -> None:
    judgement.register.record("S000001", [cluster(1, ["a"])], [])
    assert judgement.register.record("S000001", [cluster(1, ["a", "b"])], []) is True
    assert [row.members for row in judgement.register.clusters()] == [["a", "b"]]


def test_a_cluster_that_vanishes_is_kept_and_comes_back_as_itself(judgement: Judgement) -> None:
    judgement.register.record("S000001", [cluster(1, ["a"]), cluster(2, ["b"])], [])
    judgement.register.record("S000002", [cluster(1, ["a"])], [Lineage("S000002", "FC-0002", "vanished")])
    assert [(row.cluster, row.active, row.last_snapshot) for row in judgement.register.clusters()] == [
        ("FC-0001", True, "S000002"),
        ("FC-0002", False, "S000001"),
    ]
    assert judgement.register.next_number() == 3
    judgement.register.record("S000003", [cluster(2, ["b", "c"], "refunds")], [])
    assert [(row.cluster, row.active, row.name, row.members) for row in judgement.register.clusters()] == [
        ("FC-0001", False, "refund", ["a"]),
        ("FC-0002", True, "refunds", ["b", "c"]),
    ]


def test_a_recording_that_fails_leaves_nothing(judgement: Judgement) -> None:
    judgement.register.record("S000001", [cluster(1, ["a"])], [])
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        judgement.register.record("S000002", [], [Lineage("S000002", "FC-0404", "new")])
    assert [row.active for row in judgement.register.clusters()] == [True]
    assert judgement.journal.verify_chain() == ChainCheck(events=1)


# Tickets


def test_a_ticket_is_opened_edited_fixed_and_verified_each_with_its_event(judgement: Judgement) -> None:
    ticket = judgement.tickets.create(
        " Refunds are promised and not made ",
        ["FC-0001", "FC-0002", "FC-0001"],
        actor="Ann",
        cause="said-not-done",
        severity="s1",
        due=date(2026, 3, 9),
        evidence={"examples": ["c1"]},
    )
    assert (ticket.ticket, ticket.title, ticket.clusters, ticket.status, ticket.severity, ticket.created_by) == (
        "FIX-0001",
        "Refunds are promised and not made",
        ["FC-0001", "FC-0002"],
        "open",
        "S1",
        "Ann",
    )
    ticket = judgement.tickets.edit("FIX-0001", ticket.version, actor="Bo", owner="Cy", tracker_key="SHOP-7")
    ticket = judgement.tickets.mark_fixed("FIX-0001", actor="Cy", release="r8", eligible={"near": "FC-0001"})
    assert (ticket.status, ticket.fixed_release, ticket.fixed_at, ticket.eligible, ticket.evidence) == (
        "fixed",
        "r8",
        NOON,
        {"near": "FC-0001"},
        {"examples": ["c1"]},
    )
    judgement.tickets.set_status("FIX-0001", "verified", actor="Cy")
    judgement.tickets.set_status("FIX-0001", "regressed", actor="Cy")
    reopened = judgement.tickets.set_status("FIX-0001", "open", actor="Cy")
    assert (reopened.fixed_release, reopened.fixed_at, reopened.eligible, reopened.owner) == (None, None, None, "Cy")
    assert [event.what for event in judgement.journal.events()] == [
        "open",
        "regressed",
        "verified",
        "fixed",
        "edited",
        "opened",
    ]
    assert judgement.journal.verify_chain().intact


def test_two_people_editing_one_ticket_see_it(judgement: Judgement) -> None:
    seen = judgement.tickets.create("Loop at checkout", ["FC-0001"], actor="Ann").version
    judgement.tickets.edit("FIX-0001", seen, actor="Bo", owner="Bo")
    with pytest.raises(Conflict) as caught:
        judgement.tickets.edit("FIX-0001", seen, actor="Ann", owner="Ann")
    assert str(caught.value) == (
        "FIX-0001 was changed while you edited it: owner: nothing → Bo (edited by Bo, 2026-03-02 12:00 UTC, event 2). "
        "Load it again and repeat your change."
    )
    assert judgement.tickets.get("FIX-0001").owner == "Bo"


def test_a_ticket_number_is_never_given_twice(judgement: Judgement) -> None:
    judgement.tickets.create("One", ["FC-0001"], actor="Ann")
    judgement.undo(1, actor="Ann")
    judgement.tickets.create("Two", ["FC-0001"], actor="Ann")
    assert [(ticket.ticket, ticket.title) for ticket in judgement.tickets.all()] == [("FIX-0002", "Two")]


@pytest.mark.parametrize(
    ("act", "message"),
    [
        (lambda j: j.tickets.create(" ", ["FC-0001"], actor="A"), "A ticket needs a title."),
        (lambda j: j.tickets.create("x", [], actor="A"), "A ticket is for at least one cluster."),
        (lambda j: j.tickets.create("x", ["FC-0001"], actor="A", cause="y"), "'y' is no root cause."),
        (
            lambda j: j.tickets.mark_fixed("FIX-0001", actor="A"),
            "Say with which release or on which date FIX-0001 was fixed.",
        ),
        (lambda j: j.tickets.set_status("FIX-0001", "fixed", actor="A"), "Say with which release"),
        (
            lambda j: j.tickets.set_status("FIX-0001", "verified", actor="A"),
            "FIX-0001 is open; from there it can go to fixed, wont-fix, not verified.",
        ),
        (lambda j: j.tickets.mark_fixed("FIX-0404", actor="A", release="r"), "There is no ticket FIX-0404."),
        (lambda j: j.tickets.get("FIX-0404"), "There is no ticket FIX-0404."),
    ],
)
def test_a_ticket_that_makes_no_sense_is_refused(judgement: Judgement, act, message: str) -> None:  # type: ignore[no-untyped-def]
    judgement.tickets.create("Loop", ["FC-0001"], actor="Ann")
    with pytest.raises(UserError) as caught:
        act(judgement)
    assert str(caught.value).startswith(message)
    assert judgement.journal.sequence() == 1


# The pod


def test_a_bot_keeps_what_is_not_changed(judgement: Judgement) -> None:
    judgement.pod.set_bot("shop", actor="Ann", owner="Ann", tools={"get_order": "write"})
    judgement.pod.set_bot("shop", actor="Bo", deputy="Bo")
    assert judgement.pod.bots() == {"shop": Bot("shop", "Ann", "Bo", None, "", {"get_order": "write"}, version=2)}
    with pytest.raises(UserError, match="A tool is one of read, write; got "):
        judgement.pod.set_bot("shop", actor="Ann", tools={"x": "delete"})


def test_a_cluster_is_owned_by_who_was_named_else_its_ticket_else_its_bot(judgement: Judgement) -> None:
    judgement.register.record("S000001", [cluster(1, ["a"]), cluster(2, ["b"]), cluster(3, ["c"])], [])
    assert judgement.pod.owners() == {}
    judgement.pod.set_bot("shop", actor="Ann", owner="Bo")
    judgement.tickets.create("One", ["FC-0002", "FC-0003"], actor="Ann", owner="Cy")
    judgement.pod.set_owner("FC-0003", "Di", actor="Ann")
    assert judgement.pod.owners() == {"FC-0001": "Bo", "FC-0002": "Cy", "FC-0003": "Di"}
    judgement.pod.set_owner("FC-0003", None, actor="Ann")
    judgement.tickets.set_status("FIX-0001", "wont-fix", actor="Ann")
    assert judgement.pod.owners() == {"FC-0001": "Bo", "FC-0002": "Bo", "FC-0003": "Bo"}


def test_a_cluster_is_muted_until_a_date(judgement: Judgement) -> None:
    judgement.pod.mute("FC-0001", date(2026, 4, 1), actor="Ann")
    assert judgement.pod.mutes() == {"FC-0001": Mute("FC-0001", date(2026, 4, 1), "Ann", NOON, 1)}
    judgement.pod.unmute("FC-0001", actor="Ann")
    assert judgement.pod.mutes() == {}
    judgement.undo(2, actor="Ann")
    assert judgement.pod.mutes() == {"FC-0001": Mute("FC-0001", date(2026, 4, 1), "Ann", NOON, 3)}


def test_people_are_remembered_once(judgement: Judgement) -> None:
    judgement.pod.remember("Ann")
    judgement.pod.remember(" Ann ")
    judgement.pod.set_role("Bo", "lead", actor="Ann")
    assert judgement.pod.people() == [Person("Ann", None, 1), Person("Bo", "lead", 2)]
    with pytest.raises(UserError, match="'boss' is no role"):
        judgement.pod.set_role("Bo", "boss", actor="Ann")


def test_whoever_was_given_no_role_is_a_lead_on_a_local_store_and_on_a_shared_one_until_roles_are_given(
    judgement: Judgement, url: str
) -> None:
    judgement.pod.remember("Ann")
    assert [judgement.pod.role_of(name) for name in ("Ann", "Bo")] == ["lead", "lead"]
    judgement.pod.set_role("Lea", "lead", actor="Ann")
    judgement.pod.set_role("Bo", "triager", actor="Lea")
    ann = "lead" if url.startswith("sqlite") else "viewer"
    assert [judgement.pod.role_of(name) for name in ("Ann", "Bo", " Bo ")] == [ann, "triager", "triager"]


def test_settings_hold_any_json_and_go_back_to_the_default(judgement: Judgement) -> None:
    judgement.pod.set_setting("time zone", "Europe/Berlin", actor="Ann")
    judgement.pod.set_setting("slo", {"containment": 0.8}, actor="Ann")
    assert judgement.pod.settings() == {"time zone": "Europe/Berlin", "slo": {"containment": 0.8}}
    judgement.pod.set_setting("slo", None, actor="Ann")
    assert judgement.pod.settings() == {"time zone": "Europe/Berlin"}


def test_a_lead_sets_the_time_zone_and_takes_it_back(judgement: Judgement) -> None:
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Ann", "triager", actor="Lea")
    assert judgement.pod.time_zone() == "UTC"
    assert judgement.pod.set_time_zone("europe/berlin", actor="Lea") == "Europe/Berlin"
    event = judgement.journal.events(limit=1)[0]
    assert (judgement.pod.time_zone(), sentence(event)) == (
        "Europe/Berlin",
        "Lea set the pod's time zone to Europe/Berlin",
    )
    with pytest.raises(Denied):
        judgement.pod.set_time_zone("Asia/Tokyo", actor="Ann")
    with pytest.raises(Denied):
        judgement.undo(event.sequence, actor="Ann")
    with pytest.raises(UserError, match=r"There is no time zone 'Berlin'\. Try Europe/Berlin"):
        judgement.pod.set_time_zone("Berlin", actor="Lea")
    judgement.undo(event.sequence, actor="Lea")
    assert judgement.pod.time_zone() == "UTC"


# Triage sessions


@pytest.fixture
def meeting(judgement: Judgement) -> Judgement:
    judgement.sessions.create(
        "Week 10", [AgendaItem("FC-0001", "most failures"), AgendaItem("FC-0002", "new")], actor="Ann"
    )
    return judgement


def test_a_session_is_all_there_after_a_reload(meeting: Judgement, url: str) -> None:
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", cause="loop")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", severity="s2", owner="Bo", due=date(2026, 3, 9))
    meeting.sessions.skip("TS-0001", "FC-0002", actor="Ann")
    meeting.sessions.set_progress("TS-0001", Progress(1, 83.5), actor="Ann")
    with closing(Judgement(url)) as again:
        session = again.sessions.get("TS-0001")
        assert again.sessions.all() == [session]
        assert (session.title, session.status, session.created_by) == ("Week 10", "open", "Ann")
        assert session.agenda == [AgendaItem("FC-0001", "most failures"), AgendaItem("FC-0002", "new")]
        assert again.sessions.progress("TS-0001") == Progress(1, 83.5)
        decided, skipped = again.sessions.decisions("TS-0001").values()
        assert decided == Decision(
            "TS-0001", "FC-0001", "decided", "loop", "S2", None, "Bo", None, date(2026, 3, 9), "", "Ann", NOON, 6
        )
        assert (skipped.cluster, skipped.state) == ("FC-0002", "skipped")
        assert again.journal.verify_chain().intact


def test_a_decision_labels_and_hands_over_its_cluster(meeting: Judgement) -> None:
    meeting.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", note="see c1")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Bo", cause="tool-fault", owner="Cy", ticket="FIX-0001")
    label = meeting.labels.all()[("cluster", "FC-0001")]
    assert (label.cause, label.note, label.by) == ("tool-fault", "see c1", "Bo")
    assert meeting.pod.owners() == {"FC-0001": "Cy"}


@pytest.mark.parametrize(
    ("parts", "inherited_from"),
    [({"cause": "loop"}, None), ({"severity": "S2"}, None), ({"disposition": "duplicate"}, None), ({"note": "n"}, "FC-0009")],
)  # fmt: skip
def test_deciding_what_it_is_confirms_an_inherited_label_also_with_the_same_word(
    meeting: Judgement, parts: DecisionChange, inherited_from: str | None
) -> None:
    meeting.labels.set("cluster", "FC-0001", actor="Ann", cause="loop", inherited_from="FC-0009")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Bo", **parts)
    label = meeting.labels.all()["cluster", "FC-0001"]
    assert (label.cause, label.by, label.inherited_from) == ("loop", "Bo", inherited_from)


def test_a_retired_cause_that_stands_can_be_decided_and_given_a_ticket(meeting: Judgement) -> None:
    meeting.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    meeting.causes.retire("loop", actor="Ann")
    ticket = meeting.tickets.create("No end", ["FC-0001"], actor="Ann", cause="loop")
    decision = meeting.sessions.decide("TS-0001", "FC-0001", actor="Bo", cause="loop", ticket=ticket.ticket)
    assert (ticket.cause, decision.cause) == ("loop", "loop")
    with pytest.raises(UserError, match="The root cause 'loop' is retired"):
        meeting.sessions.decide("TS-0001", "FC-0002", actor="Bo", cause="loop")


def test_a_decision_goes_on_without_a_ticket_whose_opening_was_undone(meeting: Judgement) -> None:
    ticket = meeting.tickets.create("No end", ["FC-0001"], actor="Ann")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", ticket=ticket.ticket, severity="S2")
    assert meeting.tickets.get(ticket.ticket).severity == "S2"
    meeting.undo(meeting.tickets.get(ticket.ticket).version, actor="Ann")
    meeting.undo(ticket.version, actor="Ann")
    decision = meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", cause="loop")
    assert (decision.cause, decision.severity, meeting.tickets.all()) == ("loop", "S2", [])


def test_a_decision_that_a_ticket_can_not_follow_leaves_nothing(meeting: Judgement) -> None:
    ticket = meeting.tickets.create("No end", ["FC-0002"], actor="Ann")
    meeting.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    meeting.causes.retire("loop", actor="Ann")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", ticket=ticket.ticket)
    before = meeting.journal.sequence()
    with pytest.raises(UserError, match="retired"):
        meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", cause="loop")
    assert (meeting.journal.sequence(), meeting.sessions.decisions("TS-0001")["FC-0001"].cause) == (before, None)


def test_taking_the_only_word_of_a_decision_back_removes_its_label(meeting: Judgement) -> None:
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", disposition="not-a-bug")
    meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", disposition=None)
    assert meeting.labels.all() == {}


def test_moving_on_is_no_event(meeting: Judgement) -> None:
    before = meeting.journal.sequence()
    meeting.sessions.set_progress("TS-0001", Progress(1, 2.0), actor="Ann")
    assert meeting.journal.sequence() == before
    assert meeting.sessions.progress("TS-0404") == Progress(0, 0.0)


def test_a_closed_session_takes_nothing_until_it_is_opened_again(meeting: Judgement) -> None:
    assert meeting.sessions.close("TS-0001", actor="Ann").closed_at == NOON
    with pytest.raises(UserError, match="TS-0001 is closed"):
        meeting.sessions.decide("TS-0001", "FC-0001", actor="Ann", cause="loop")
    assert meeting.sessions.reopen("TS-0001", actor="Ann").closed_at is None
    with pytest.raises(UserError, match="FC-0009 is not on the agenda of TS-0001"):
        meeting.sessions.decide("TS-0001", "FC-0009", actor="Ann", cause="loop")


# Many writers


def test_twenty_threads_lose_nothing_and_none_fails(judgement: Judgement) -> None:
    failed: list[Exception] = []
    times = tries(50)

    def label_again_and_again(who: str) -> None:
        try:
            for n in range(times):
                judgement.labels.set("conversation", f"{who}-{n}", actor=who, cause="loop")
        except Exception as e:
            failed.append(e)

    threads = [threading.Thread(target=label_again_and_again, args=(f"T{n}",)) for n in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert len(judgement.labels.all()) == 20 * times
    assert judgement.journal.verify_chain() == ChainCheck(events=20 * times)


def test_who_said_a_cause_stays_whoever_says_more_of_it(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    judgement.labels.add("cluster", "FC-0001", actor="Bo", severity="S2")
    judgement.labels.set("cluster", "FC-0001", actor="Cy", cause="loop", severity="S2", note="again")

    label = judgement.labels.all()["cluster", "FC-0001"]
    assert (label.decided_by, label.by) == ("Ann", "Cy")


def test_whoever_says_another_cause_has_said_it(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="Ann", cause="loop")
    judgement.labels.add("cluster", "FC-0001", actor="Bo", cause="tool-fault")
    assert judgement.labels.all()["cluster", "FC-0001"].decided_by == "Bo"

    judgement.labels.add("cluster", "FC-0001", actor="Cy", cause=None, note="not sure any more")
    assert judgement.labels.all()["cluster", "FC-0001"].decided_by is None

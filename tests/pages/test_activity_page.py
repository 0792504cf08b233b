"""The activity page: each change as a sentence, found again, undone."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.pages import address, errors
from workbench.bench.bench import Bench
from workbench.judgement.activity import PAGE, concerns, find_events
from workbench.judgement.event_wording import sentence
from workbench.judgement.records.clusters import Registered
from workbench.judgement.records.sessions import AgendaItem
from workbench.judgement.records.tickets import Ticket
from workbench.judgement.store import Judgement
from workbench.store import Store

Open = Callable[..., AppTest]


@pytest.fixture
def judgement(tmp_path: Path) -> Judgement:
    return Judgement(f"sqlite:///{tmp_path / 'judgement.db'}")


@pytest.fixture
def labelled(store: Store) -> Store:
    """A store in which ann labelled FC-0001 and bob another conversation, after the build's own event."""
    Bench(store, "ann").label("FC-0001", cause="policy-not-followed", severity="S1")
    bench = Bench(store, "bob")
    bench.label(bench.find_conversation("conv-004"), cause="loop", note="write to jo@example.org")
    return store


def told(app: AppTest) -> list[str]:
    """The sentences on the page."""
    return [text.value for text in app.text]


def bare(text: str) -> str:
    """A text without the escapes that keep it plain."""
    return text.replace("\\", "").replace("\u2060", "")


def ticket(judgement: Judgement) -> Ticket:
    return judgement.tickets.create("Refunds twice", ["FC-0001", "FC-0003"], actor="ann", severity="S2")


def test_every_kind_of_change_has_its_sentence(judgement: Judgement) -> None:
    about = {"bot": "shop", "conversation_id": "conv-7"}
    judgement.labels.set("cluster", "FC-0001", actor="ann", cause="policy-not-followed", severity="S1")
    judgement.labels.set("cluster", "FC-0001", actor="bob", cause="loop", severity="S1", note="see call 2")
    judgement.labels.set("conversation", "k1", actor="bob", disposition="not-a-bug", about=about)
    judgement.labels.remove("cluster", "FC-0001", actor="ann")
    judgement.undo(judgement.journal.sequence(), "bob")
    made = ticket(judgement)
    made = judgement.tickets.edit(made.ticket, made.version, actor="bob", owner="Kim", due=date(2026, 5, 4))
    judgement.tickets.mark_fixed(made.ticket, actor="bob", release="r2")
    judgement.tickets.set_status(made.ticket, "verified", actor="ann")
    judgement.pod.set_owner("FC-0001", "Kim", actor="ann")
    judgement.pod.set_owner("FC-0001", None, actor="ann")
    judgement.pod.mute("FC-0002", date(2026, 5, 1), actor="ann")
    judgement.pod.unmute("FC-0002", actor="ann")
    judgement.pod.remember("Lea")
    judgement.pod.set_role("Lea", "lead", actor="ann")
    judgement.pod.set_bot("shop", actor="ann", owner="Kim")
    session = judgement.sessions.create("Week 12", [AgendaItem("FC-0001", "most failures")], actor="ann").session
    judgement.sessions.decide(session, "FC-0001", actor="ann", cause="loop", due=date(2026, 5, 8))
    judgement.sessions.skip(session, "FC-0001", actor="ann")
    judgement.sessions.close(session, actor="ann")
    judgement.register.record("S000001", [], [])
    judgement.erasing.forget("jo@example.org", "ann")

    assert [sentence(event) for event in reversed(judgement.journal.events())] == [
        "ann labelled FC-0001: policy-not-followed, S1",
        "bob changed the label of FC-0001: cause policy-not-followed → loop; note nothing → “see call 2”",
        "bob labelled conversation conv-7: not-a-bug",
        "ann took back what was said of FC-0001",
        "bob undid event 4: FC-0001 is back: loop, S1, “see call 2”",
        "ann opened FIX-0001 “Refunds twice” for FC-0001, FC-0003",
        "bob changed FIX-0001 “Refunds twice”: due nothing → 2026-05-04; owner nothing → Kim",
        "bob marked FIX-0001 “Refunds twice” as fixed with release r2",
        "ann moved FIX-0001 “Refunds twice” to verified",
        "ann gave FC-0001 to Kim",
        "ann left FC-0001 to the owner of its ticket or bot",
        "ann muted FC-0002 until 2026-05-01",
        "ann unmuted FC-0002",
        "Lea joined",
        "ann made Lea a lead",
        "ann set bot shop: owner nothing → Kim",
        "ann opened triage session TS-0001 “Week 12”",
        "ann decided FC-0001 in TS-0001: loop, 2026-05-08",
        "ann left FC-0001 in TS-0001 for another time",
        "ann closed TS-0001 “Week 12”",
        "build recorded snapshot S000001: 0 clusters with 0 failures",
        "ann had what 0 events said forgotten",
    ]


def test_changes_of_the_taxonomy_and_backups_have_their_sentences(judgement: Judgement) -> None:
    judgement.causes.add("late-refund", title="Late refund", actor="ann")
    judgement.causes.edit("loop", title="Going round", actor="bob")
    judgement.labels.set("cluster", "FC-0001", actor="bob", cause="loop")
    ticket(judgement)
    judgement.tickets.edit("FIX-0001", 4, actor="bob", cause="loop")
    judgement.causes.merge("loop", "incomplete", actor="ann")
    judgement.causes.retire("handoff", actor="ann")
    told = {"made_at": "2026-05-01T12:00:00Z", "made_by": "bob", "events": 7}
    judgement.journal.append_event("downloaded", "backup", told, actor="ann")
    judgement.journal.append_event("restored", "backup", told | {"kept": "before-restore-1.zip"}, actor="ann")

    assert [sentence(event) for event in reversed(judgement.journal.events())] == [
        "ann added the root cause late-refund “Late refund”",
        "bob changed the root cause loop: title Loop → “Going round”",
        "bob labelled FC-0001: loop",
        "ann opened FIX-0001 “Refunds twice” for FC-0001, FC-0003",
        "bob changed FIX-0001 “Refunds twice”: cause nothing → loop",
        "ann merged the root cause loop into incomplete",
        "ann changed the label of FC-0001: cause loop → incomplete",
        "ann let FIX-0001 “Refunds twice” follow a merge: cause loop → incomplete",
        "ann changed the root cause handoff: retired",
        "ann downloaded a backup of 7 events",
        "ann restored the backup of 2026-05-01T12:00:00Z, made by bob; what stood before is in before-restore-1.zip",
    ]


def test_clusters_changed_by_hand_have_their_sentences(judgement: Judgement) -> None:
    judgement.register.record("S1", [Registered("FC-0001", "shop", "topical", None, "n", ["a", "b"], b"", "m")], [])
    judgement.labels.set("cluster", "FC-0001", actor="ann", cause="loop")
    judgement.edits.split("FC-0001", ["a"], ["b"], actor="bob")
    judgement.edits.merge("FC-0001", "FC-0002", actor="bob")
    judgement.edits.move("FC-0002", "FC-0001", ["a"], actor="bob")
    judgement.edits.set_aside("FC-0002", ["b"], actor="bob")

    assert [sentence(event) for event in reversed(judgement.journal.events())][2:] == [
        "bob split FC-0002 off FC-0001 with 1 failure",
        "bob let FC-0002 inherit the label of FC-0001: loop",
        "bob left the label of FC-0001 to be confirmed after a split",
        "bob merged the cluster FC-0001 into FC-0002",
        "bob moved 1 failure from FC-0002 to FC-0001",
        "bob set 1 failure of FC-0002 aside",
    ]


def test_what_was_forgotten_is_not_told(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0001", actor="ann", note="call Jo Miller")
    judgement.erasing.forget("Jo Miller", "ann")
    assert sentence(judgement.journal.events()[-1]) == "ann: labelled FC-0001 (what was said has been forgotten)"
    assert not concerns(judgement.journal.events()[-1], "Jo Miller")


def test_a_cluster_finds_its_labels_and_the_tickets_for_it(judgement: Judgement) -> None:
    judgement.labels.set("cluster", "FC-0003", actor="ann", cause="loop")
    ticket(judgement)
    judgement.labels.set("cluster", "FC-0002", actor="ann", cause="loop")
    assert [event.subject for event in find_events(judgement, "fc-0003", "", None)[0]] == [
        "ticket:FIX-0001",
        "label:cluster:FC-0003",
    ]
    assert [event.subject for event in find_events(judgement, "label:cluster:FC-0002", "ann", None)[0]] == [
        "label:cluster:FC-0002"
    ]
    assert find_events(judgement, "FC-0002", "bob", None) == ([], False)


def test_older_changes_stand_on_the_next_page(judgement: Judgement) -> None:
    for number in range(PAGE + 5):
        judgement.labels.set("cluster", "FC-0001", actor="ann", note=f"note {number}")
    newest, more = find_events(judgement, "", "", None)
    assert ([newest[0].sequence, newest[-1].sequence, len(newest)], more) == ([PAGE + 5, 6, PAGE], True)
    older, more = find_events(judgement, "", "", newest[-1].sequence)
    assert ([event.sequence for event in older], more) == ([5, 4, 3, 2, 1], False)


def test_changes_stand_newest_first_and_masked(open_page: Open, labelled: Store) -> None:
    app = open_page(labelled, "activity")
    assert told(app)[:2] == [
        "bob labelled conversation conv-004: loop, “write to [email]”",
        "ann labelled FC-0001: policy-not-followed, S1",
    ]
    assert told(app)[2] == "tests imported small.parquet: 48 conversations (I000001)"
    assert told(app)[3].startswith("build recorded snapshot S000001: ")


def test_what_changes_the_data_is_undone_on_the_data_page(open_page: Open, store: Store) -> None:
    judgement = Judgement(store.judgement_url)
    judgement.journal.append_event("left out", "import:I000001", {"snapshot": "S000002"}, actor="ann")
    judgement.journal.append_event("rolled back to", "snapshot:S000001", {"imports": ["I000001"]}, actor="bob")
    judgement.journal.append_event(
        "imported",
        "import:I000002",
        {"files": ["/logs/a", "b", "c", "d"], "conversations": 1, "rejected": 2, "snapshot": "S000003"},
        actor="ann",
    )
    app = open_page(store, "activity")
    assert told(app)[:3] == [
        "ann imported a, b, c and 1 more: 1 conversation, 2 rows rejected (I000002)",
        "bob let S000001 serve again, built from I000001",
        "ann undid import I000001; S000002 was built without it",
    ]
    assert [button.label for button in app.button if button.label == "Undo"] == []


def test_the_address_narrows_to_one_subject(open_page: Open, labelled: Store) -> None:
    app = open_page(labelled, "activity", subject="FC-0001")
    assert told(app) == ["ann labelled FC-0001: policy-not-followed, S1"]
    assert app.text_input(key="subject").value == "FC-0001"
    app.text_input(key="actor").set_value("bob").run()
    assert [info.value for info in app.info] == ["No change matches."]


def test_an_undo_is_a_change_of_its_own(open_page: Open, labelled: Store) -> None:
    app = open_page(labelled, "activity", subject="FC-0001")
    event = Judgement(labelled.judgement_url).journal.events(subject="label:cluster:FC-0001")[0]
    app.button(key=f"undo_{event.sequence}").click().run()
    assert told(app)[0] == f"Ana undid event {event.sequence}: FC-0001 is as before it"
    assert ("cluster", "FC-0001") not in Judgement(labelled.judgement_url).labels.all()


def test_an_undo_of_what_changed_since_says_so_and_changes_nothing(open_page: Open, labelled: Store) -> None:
    first = Judgement(labelled.judgement_url).journal.events(subject="label:cluster:FC-0001")[0]
    app = open_page(labelled, "activity", subject="FC-0001")
    Bench(labelled, "eve").label("FC-0001", cause="loop", severity="S1")
    app.button(key=f"undo_{first.sequence}").click().run()
    (error,) = [bare(error.value) for error in app.error]
    assert error.startswith(f"label:cluster:FC-0001 has changed since event {first.sequence}: cause: ")
    assert Judgement(labelled.judgement_url).labels.all()["cluster", "FC-0001"].by == "eve"


def test_a_viewer_can_not_undo(open_page: Open, labelled: Store) -> None:
    app = open_page(labelled, "activity", subject="FC-0001")
    judgement = Judgement(labelled.judgement_url)
    judgement.pod.set_role("Ana", "viewer", actor="Lea")
    event = judgement.journal.events(subject="label:cluster:FC-0001")[0]
    app.button(key=f"undo_{event.sequence}").click().run()
    assert [bare(error.value) for error in app.error] == [
        "A viewer can't undo a change. Ask a lead to give Ana another role."
    ]
    assert ("cluster", "FC-0001") in judgement.labels.all()


def test_a_lead_sees_where_a_text_stands_and_then_has_it_forgotten(open_page: Open, labelled: Store) -> None:
    judgement = Judgement(labelled.judgement_url)
    said = judgement.journal.sequence()
    app = open_page(labelled, "activity")
    app.text_input(key="forget_text").set_value("jo@example.org").run()
    conversations, blanked, files, _ = told(app)[-1].split("\n")
    assert conversations == "No conversation names it."
    assert blanked.startswith(f"Of judgement, what event {said} said would be blanked; it would be taken out of label:")
    assert files.startswith("It stands in these files of the store: judgement.db")
    assert judgement.journal.sequence() == said
    app.button(key="forget_now").click().run()
    assert not app.exception
    assert "A search of every file of the store finds it no more." in told(app)[-1]
    assert app.text_input(key="forget_text").value == ""
    assert [(event.what, event.actor) for event in judgement.journal.events(limit=1)] == [("forget", "Ana")]
    assert told(app)[1].startswith("Ana had something forgotten in conversation ")
    assert told(app)[2].endswith(" (what was said has been forgotten)")


def test_forgetting_is_offered_to_leads_alone(open_page: Open, labelled: Store) -> None:
    Judgement(labelled.judgement_url).pod.set_role("Ana", "triager", actor="Lea")
    app = open_page(labelled, "activity")
    assert "Forgetting takes a lead." in [caption.value for caption in app.caption]
    assert [one for one in app.text_input if one.key == "forget_text"] == []


def test_what_was_rewritten_behind_the_back_of_the_store_is_said_to_be(open_page: Open, labelled: Store) -> None:
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(labelled.root / "judgement.db")) as connection, connection:
        connection.execute("update payloads set after = 'x' where sequence = (select max(sequence) from events)")
    app = open_page(labelled, "activity")
    assert not app.exception
    assert told(app)[0].endswith(" (what was said is not as it was written)")


@pytest.mark.parametrize("digits", [20, 5_000])
def test_a_number_that_no_event_can_have_is_left_out_of_the_address(
    open_page: Open, labelled: Store, digits: int
) -> None:
    app = open_page(labelled, "activity", before="9" * digits, turn="9" * digits)
    assert not app.exception
    assert (errors(app), address(app, "before"), address(app, "turn")) == ([], None, None)

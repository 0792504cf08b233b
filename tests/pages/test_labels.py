"""The labels page, and what every page keeps to."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.judgement.records.reading import CheckScope
from workbench.store import Store

Open = Callable[..., AppTest]


def test_labelled_conversations_are_listed_with_who_said_what(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0001", cause="tool-fault", note="carrier down")
    own = bench.cluster("FC-0001").members[0]
    bench.label(own.key, cause="loop")
    app = open_page(store, "labels")

    table = app.dataframe[0].value
    said = {
        row["Conversation"]: (row["Root cause"], row["Said of"], row["By"]) for row in table.to_dict(orient="records")
    }
    assert said == {
        member.conversation_id: ("Loop", "this conversation", "Bo")
        if member.key == own.key
        else ("Tool fault", "its cluster", "Bo")
        for member in bench.cluster("FC-0001").members
    }


def test_without_labels_the_page_says_how_to_begin(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "labels")

    assert [info.value for info in app.info] == [
        "Nothing is labelled yet. Open a cluster and say what is wrong; its conversations inherit that."
    ]


def save(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Save label").click().run()


def test_a_label_that_somebody_else_changed_meanwhile_is_shown_beside_what_was_typed(
    open_page: Open, store: Store
) -> None:
    seen = Bench(store, "Bo").label("FC-0001", cause="loop", severity="S3")
    app = open_page(store, "cluster", c="FC-0001")
    key = f"label_FC-0001_{seen.version}"
    app.text_area(key=f"{key}_note").input("mine")
    Bench(store, "Cy").label("FC-0001", cause="tool-fault", severity="S3", note="theirs")
    save(app)

    assert "Cy changed this label while you edited it" in app.error[0].value
    conflict = next(table.value for table in app.dataframe if "Typed here" in table.value)
    assert conflict.to_dict(orient="records") == [
        {"Field": "Cause", "As it is now": "tool-fault", "Typed here": "(not touched)"},
        {"Field": "Note", "As it is now": "theirs", "Typed here": "mine"},
    ]
    assert app.text_area(key=f"{key}_note").value == "mine"

    app.button(key="overwrite").click().run()
    save(app)
    now = Bench(store).judgement.labels.all()["cluster", "FC-0001"]
    assert (now.cause, now.severity, now.note, now.by) == ("tool-fault", "S3", "mine", "Ana")
    assert not app.error


def test_somebody_elses_label_can_be_taken_instead(open_page: Open, store: Store) -> None:
    app = open_page(store, "cluster", c="FC-0001")
    app.text_area(key="label_FC-0001_0_note").input("mine")
    theirs = Bench(store, "Cy").label("FC-0001", cause="tool-fault", note="theirs")
    save(app)
    app.button(key="take_theirs").click().run()

    assert app.text_area(key=f"label_FC-0001_{theirs.version}_note").value == "theirs"
    assert not app.error


def test_label_and_next_goes_to_the_next_unlabelled_cluster_and_can_be_undone_there(
    open_page: Open, store: Store
) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0002", cause="loop")
    app = open_page(store, "cluster", c="FC-0001")
    app.selectbox(key="label_FC-0001_0_cause").select("tool-fault")
    next(button for button in app.button if button.label == "and next").click().run()

    assert not app.exception
    assert address(app, "c") == "FC-0003"
    assert any(caption.value == "Saved FC\\-0001\\: Tool fault" for caption in app.caption)
    app.button(key="undo_before").click().run()
    assert ("cluster", "FC-0001") not in bench.judgement.labels.all()


def test_label_and_check_five_walks_through_members_drawn_at_random(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    app = open_page(store, "cluster", c="FC-0001")
    app.selectbox(key="label_FC-0001_0_cause").select("tool-fault")
    next(button for button in app.button if button.label == "and check five").click().run()

    assert address(app, "d") == "RD-0001"
    drawn = bench.judgement.draws.all()[0]
    assert (len(drawn.conversations), drawn.scope) == (5, CheckScope("FC-0001"))
    app = open_page(store, "labels", d="RD-0001")
    for _ in range(4):
        app.button(key="check_yes").click().run()
    app.selectbox(key="other_RD-0001_4_0").select("bad-format").run()
    assert [title.value for title in app.title] == ["FC-0001 is checked"]
    assert [text.value for text in app.text][:2] == [
        "Of 5 members drawn, 5 were read: the label Tool fault holds for 4.",
        "5 of 8 members read; 4 of 5 agree with this label (95 % interval 38–96 %).",
    ]
    labels = bench.judgement.labels.all()
    assert [labels["conversation", key].cause for key in drawn.conversations] == ["tool-fault"] * 4 + ["bad-format"]


def test_a_suggested_cause_is_marked_and_accepted_by_one_click(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    for member in bench.cluster("FC-0001").members[:3]:
        bench.label(member.key, cause="tool-fault")
    app = open_page(store, "cluster", c="FC-0001")

    assert bench.cluster("FC-0001").row.root_cause_source == "suggested"
    app.button(key="accept_suggestion").click().run()
    label = bench.judgement.labels.all()["cluster", "FC-0001"]
    assert (label.cause, label.by) == ("tool-fault", "Ana")
    assert "accept_suggestion" not in [button.key for button in app.button]


def test_marked_members_are_labelled_together_and_undone_together(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Ana")
    app = open_page(store, "cluster", c="FC-0001")
    table = next(one.key for one in app.dataframe if (one.key or "").startswith("members_"))
    app.session_state[table] = {"selection": {"rows": [0, 2], "columns": [], "cells": []}}
    app.run()
    app.selectbox(key="bulk_cause").select("handoff").run()
    app.button(key="bulk_label").click().run()

    assert not app.exception
    members = bench.cluster("FC-0001").members
    assert {key[1]: label.cause for key, label in bench.judgement.labels.all().items()} == {
        members[0].key: "handoff",
        members[2].key: "handoff",
    }
    app.button(key="bulk_undo").click().run()
    assert bench.judgement.labels.all() == {}


def test_labels_are_narrowed_in_the_address_and_counted(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0001", cause="tool-fault", severity="S3")
    own, *others = bench.cluster("FC-0001").members
    bench.acting("Cy").label(own.key, cause="loop", severity="S1")

    app = open_page(store, "labels")
    by_severity = app.dataframe[1].value.to_dict(orient="records")
    assert [(row["Root cause"], row["Labelled"], row["Read"]) for row in by_severity] == [
        ("Tool fault · tool-fault", len(others), "0 (0 %)"),
        ("Loop · loop", 1, "1 (100 %)"),
    ]

    app = open_page(store, "labels", by="Cy")
    assert list(app.dataframe[0].value["Conversation"]) == [own.conversation_id]
    app = open_page(store, "labels", cause="Loop · loop", severity="S3")
    assert [info.value for info in app.info] == ["No label passes these filters. Take one of them away."]

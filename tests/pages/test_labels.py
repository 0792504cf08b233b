"""The labels page, and what every page keeps to."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from workbench.bench import Bench
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
        member.conversation_id: ("loop", "this conversation", "Bo")
        if member.key == own.key
        else ("tool-fault", "its cluster", "Bo")
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
    now = Bench(store).judgement.labels()["cluster", "FC-0001"]
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

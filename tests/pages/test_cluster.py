"""The cluster page."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.store import Store

Open = Callable[..., AppTest]


def save(app: AppTest, key: str) -> AppTest:
    """Press the save button of the label form with this key."""
    return app.button(key=f"FormSubmitter:{key}-Save label").click().run()


def test_a_cluster_shows_what_how_often_and_its_members(open_page: Open, built_store: Store) -> None:
    detail = Bench(built_store).cluster("FC-0001")
    app = open_page(built_store, "cluster", c="FC-0001")

    row = detail.row
    shown = [text.value for text in app.text]
    assert not app.exception
    assert row.sentence in shown
    assert any(
        line.startswith(f"{row.failures} of {row.eligible} similar requests to shop failed this way") for line in shown
    )
    assert list(app.dataframe[-1].value["Conversation"]) == [member.conversation_id for member in detail.members]


def test_a_label_is_kept_with_its_author_and_can_be_undone(open_page: Open, store: Store) -> None:
    app = open_page(store, "cluster", c="FC-0001")

    app.selectbox(key="label_FC-0001_0_cause").select("tool-fault")
    app.button_group(key="label_FC-0001_0_severity").set_value("S2")
    app.text_area(key="label_FC-0001_0_note").input("the carrier's API is down")
    save(app, "label_FC-0001_0")

    label = Bench(store).cluster("FC-0001").label
    assert label is not None
    assert (label.cause, label.severity, label.note, label.by) == (
        "tool-fault",
        "S2",
        "the carrier's API is down",
        "Ana",
    )
    assert any(caption.value.startswith("Labelled by Ana") for caption in app.caption)

    app.button(key="undo_label").click().run()
    assert Bench(store).cluster("FC-0001").label is None


def test_a_label_that_says_nothing_is_refused_in_one_message(open_page: Open, store: Store) -> None:
    app = save(open_page(store, "cluster", c="FC-0001"), "label_FC-0001_0")

    assert not app.exception
    assert [error.value for error in app.error] == [
        "A label says something\\: a root cause, a disposition, a severity or a note."
    ]
    assert app.dataframe, "the page stays"


def test_nobody_labels_without_a_name(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "cluster", person="", c="FC-0001")

    assert app.button(key="FormSubmitter:label_FC-0001_0-Save label").disabled


def test_next_and_previous_walk_the_ranked_list(open_page: Open, built_store: Store) -> None:
    order = [row.cluster for row in Bench(built_store).clusters()]
    app = open_page(built_store, "cluster", c=order[0])

    assert app.button(key="step_Previous").disabled
    app.button(key="step_Next").click().run()
    assert address(app, "c") == order[1]
    app.button(key="step_Previous").click().run()
    assert address(app, "c") == order[0]


def test_an_unknown_cluster_gets_one_message(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "cluster", c="FC-9999")

    assert not app.exception
    assert len(app.error) == 1
    assert "FC\\-9999" in app.error[0].value

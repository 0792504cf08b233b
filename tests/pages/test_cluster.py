"""The cluster page."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench import wording
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.tickets import tickets

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


def test_no_second_ticket_is_urged_where_one_is_open(open_page: Open, store: Store) -> None:
    without = open_page(store, "cluster", c="FC-0001")
    bench = Bench(store, "Bo")
    tickets.create(bench, tickets.draft(bench, ["FC-0001"]))
    with_one = open_page(store, "cluster", c="FC-0001")
    assert [app.button(key="make_ticket").proto.type for app in (without, with_one)] == ["primary", "secondary"]
    offers = [[button.label for button in app.button if button.label == "and ticket"] for app in (without, with_one)]
    assert offers == [["and ticket"], []]


def test_a_label_leads_on_to_its_ticket(open_page: Open, store: Store) -> None:
    app = open_page(store, "cluster", c="FC-0001")
    app.selectbox(key="label_FC-0001_0_cause").select("loop")
    app.button(key="FormSubmitter:label_FC-0001_0-and ticket").click().run()
    assert (Bench(store).judgement.labels.all()["cluster", "FC-0001"].cause, address(app, "c")) == ("loop", "FC-0001")
    assert [title.value for title in app.title] == ["New ticket"]


def test_nobody_is_a_choice_of_the_owner_box_so_that_esc_empties_nothing(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.pod.set_owner("FC-0001", "Cem")
    box = open_page(store, "cluster", c="FC-0001").selectbox(key="keep_FC-0001_Cem_owner")
    assert (box.value, box.options[0], box.proto.HasField("default")) == ("Cem", "Nobody yet; type a new name", True)


def test_a_rise_after_a_verified_fix_asks_for_another_verdict() -> None:
    assert {status: wording.escalating(status) for status in ("new", "verified")} == {
        "new": "escalating",
        "verified": "rising again since its fix: judge it again",
    }


def test_tables_of_shares_name_what_they_compare(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "cluster", c="FC-0001")
    heads = [list(table.value.columns) for table in app.dataframe]
    assert ["What was seen", "Members", "Here", "Other conversations"] in heads
    assert ["Release", "Failed this way", "Rate", "Other releases"] in heads

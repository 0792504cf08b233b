"""The taxonomy page: root causes are reworded, added, merged and retired, and every form follows."""

from collections.abc import Callable

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.judgement.records.sessions import AgendaItem
from workbench.store import Store

Open = Callable[..., AppTest]


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def listed(app: AppTest) -> dict[str, dict[str, object]]:
    return {row["Code"]: row for row in app.dataframe[0].value.to_dict(orient="records")}


def test_each_cause_is_listed_with_how_often_it_is_said(open_page: Open, store: Store) -> None:
    Bench(store, "Bo").label("FC-0001", cause="loop", contributing=["handoff"])
    app = open_page(store, "taxonomy")

    assert not app.exception
    row = listed(app)["loop"]
    assert (row["Root cause"], row["Clusters"], row["Conv."], row["State"]) == ("Loop", 1, 0, "offered")
    assert listed(app)["handoff"]["Contrib."] == 1


def test_a_cause_is_reworded_and_forms_offer_the_new_words(open_page: Open, store: Store) -> None:
    app = open_page(store, "taxonomy", code="loop")
    app.text_input(key="cause_loop_0_title").input("Going round")
    app.text_area(key="cause_loop_0_examples").input("again\n\nand again")
    press(app, "Save")

    cause = Bench(store).judgement.causes.taxonomy().causes["loop"]
    assert (cause.title, cause.examples) == ("Going round", ("again", "and again"))
    form = open_page(store, "cluster", c="FC-0001")
    assert "Going round: no progress, no end" in form.selectbox(key="label_FC-0001_0_cause").options


def test_an_added_cause_is_shown_and_one_that_makes_no_sense_is_answered(open_page: Open, store: Store) -> None:
    app = open_page(store, "taxonomy")
    app.text_input(key="new_code").input("Late Refund")
    app.text_input(key="new_title").input("Late refund")
    press(app, "Add")
    assert "can't be a code" in app.error[0].value

    app.text_input(key="new_code").input("late-refund")
    press(app, "Add")
    assert address(app, "code") == "late-refund"
    assert listed(app)["late-refund"]["Root cause"] == "Late refund"


def test_labels_follow_a_merge_and_come_back(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0001", cause="loop")
    app = open_page(store, "taxonomy", code="loop")
    app.selectbox(key="into_loop").select("incomplete").run()
    press(app, "Merge")
    assert bench.judgement.labels.all()["cluster", "FC-0001"].cause == "incomplete"
    assert listed(app)["loop"]["State"] == "merged into incomplete"

    press(app, "Take the merge back")
    assert bench.judgement.labels.all()["cluster", "FC-0001"].cause == "loop"


def test_a_retired_cause_stays_where_it_was_said_and_is_offered_nowhere_else(open_page: Open, store: Store) -> None:
    label = Bench(store, "Bo").label("FC-0001", cause="loop")
    press(open_page(store, "taxonomy", code="loop"), "Retire")

    there = open_page(store, "cluster", c="FC-0001").selectbox(key=f"label_FC-0001_{label.version}_cause")
    assert (there.value, "Loop (retired): no progress, no end" in there.options) == ("loop", True)
    elsewhere = open_page(store, "cluster", c="FC-0002").selectbox(key="label_FC-0002_0_cause")
    assert not any(option.startswith("Loop") for option in elsewhere.options)


def test_words_that_somebody_else_changed_meanwhile_are_shown_beside_those_typed(open_page: Open, store: Store) -> None:
    app = open_page(store, "taxonomy", code="loop")
    app.text_input(key="cause_loop_0_title").input("Mine")
    Bench(store).judgement.causes.edit("loop", actor="Cy", title="Theirs", meaning="no way out")
    press(app, "Save")

    assert "Cy changed loop while you edited it" in app.error[0].value
    conflict = next(table.value for table in app.dataframe if "Typed here" in table.value)
    assert conflict.to_dict(orient="records") == [
        {"Field": "Title", "As it is now": "Theirs", "Typed here": "Mine"},
        {"Field": "Meaning", "As it is now": "no way out", "Typed here": "(not touched)"},
    ]
    app.button(key="overwrite").click().run()
    press(app, "Save")
    cause = Bench(store).judgement.causes.taxonomy().causes["loop"]
    assert (cause.title, cause.meaning) == ("Mine", "no way out")


def test_merging_and_retiring_take_a_lead(open_page: Open, store: Store) -> None:
    judgement = Bench(store).judgement
    judgement.pod.set_role("Ana", "triager", actor="Cy")
    app = open_page(store, "taxonomy", code="loop")
    assert [button.disabled for button in app.button if button.label in ("Merge", "Retire")] == [True, True]
    assert "Merging and retiring take a lead." in [caption.value for caption in app.caption]


def test_a_session_offers_every_cause_though_there_are_more_than_keys(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    for number in range(20):
        bench.judgement.causes.add(f"ours-{number:02}", title=f"Ours {number}", actor="Bo")
    session = bench.judgement.sessions.create("Monday", [AgendaItem("FC-0001")], actor="Bo").session
    app = open_page(store, "session", s=session, n="1")
    app.button(key="key_cause").click().run()
    offered = [button.label for button in app.button if str(button.key).startswith("choose_cause_")]
    assert (len(offered), offered[-1]) == (38, "Ours 19")


def test_a_session_offers_a_retired_cause_only_of_the_cluster_that_it_stands_on(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    bench.label("FC-0001", cause="loop")
    bench.judgement.causes.retire("loop", actor="Bo")
    agenda = [AgendaItem("FC-0001"), AgendaItem("FC-0002")]
    session = bench.judgement.sessions.create("Monday", agenda, actor="Bo").session
    offered = []
    for place in ("1", "2"):
        app = open_page(store, "session", s=session, n=place)
        app.button(key="key_cause").click().run()
        loops = [one for one in app.button if one.label.startswith("Loop")]
        offered.append([one.label for one in loops])
        if loops:
            loops[0].click().run()
    assert offered == [["Loop \\(retired\\)\\: no progress, no end"], []]
    assert bench.judgement.sessions.decisions(session)["FC-0001"].cause == "loop"

"""The tickets board, a draft, and the page of one ticket."""

import shutil
from collections.abc import Callable
from datetime import date
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.pages import address
from workbench.bench.bench import Bench
from workbench.store import Store
from workbench.tickets import tickets

Open = Callable[..., AppTest]


def made(store: Store, *clusters: str, owner: str | None = None) -> str:
    """A ticket for these clusters, by Bo; its name."""
    bench = Bench(store, "Bo")
    ticket = tickets.create(bench, tickets.draft(bench, clusters))
    if owner:
        bench.judgement.tickets.edit(ticket.ticket, ticket.version, actor="Bo", owner=owner)
    bench.close()
    return ticket.ticket


def submit(app: AppTest, form: str, label: str) -> AppTest:
    """Press a button of a form."""
    return app.button(key=f"FormSubmitter:{form}-{label}").click().run()


def badges(app: AppTest) -> list[str]:
    return [one.value for one in app.markdown]


def test_without_tickets_the_page_says_how_to_make_one(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "tickets")

    assert [info.value for info in app.info] == [
        "No ticket yet. Open a cluster, agree on what is wrong, and choose “Make a ticket” there."
    ]
    app.button(key="to_clusters").click().run()
    assert not app.exception


def test_a_cluster_leads_to_a_draft(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "cluster", c="FC-0001")
    app.button(key="make_ticket").click().run()
    assert (app.title[0].value, address(app, "c")) == ("New ticket", "FC-0001")


def test_a_draft_becomes_a_ticket_that_a_person_edited_first(open_page: Open, store: Store) -> None:
    Bench(store).judgement.pod.remember("Bo")
    app = open_page(store, "ticket", c="FC-0001")
    app.text_input(key="draft_FC-0001_title").input("Addresses are lost")
    app.selectbox(key="draft_FC-0001_cause").select("tool-fault")
    app.selectbox(key="draft_FC-0001_owner").set_value("Bo")
    app.date_input(key="draft_FC-0001_due").set_value(date(2026, 5, 1))
    app.button_group(key="draft_FC-0001_severity").set_value("S2")
    app.text_area(key="draft_FC-0001_description").input("It says that it did.")
    submit(app, "draft_FC-0001", "Create ticket")

    assert (app.title[0].value, address(app, "t")) == ("Addresses are lost", "FIX-0001")
    [row] = tickets.rows(Bench(store))
    assert (row.title, row.cause, row.owner, row.due, row.severity, row.description, row.created_by, row.clusters) == (
        "Addresses are lost", "tool-fault", "Bo", date(2026, 5, 1), "S2", "It says that it did.", "Ana", ["FC-0001"],
    )  # fmt: skip
    assert len(row.evidence.examples) == 3


def test_a_draft_for_several_clusters_says_what_is_worked_on_already(open_page: Open, store: Store) -> None:
    made(store, "FC-0002")
    app = open_page(store, "ticket", c="FC-0001,FC-0002")

    assert "FC-0002 has a ticket already:" in [text.value for text in app.text]
    submit(app, "draft_FC-0001,FC-0002", "Create ticket")
    assert [row.clusters for row in tickets.rows(Bench(store))] == [["FC-0002"], ["FC-0001", "FC-0002"]]


def test_a_ticket_without_a_title_is_refused_and_nothing_typed_is_lost(open_page: Open, store: Store) -> None:
    app = open_page(store, "ticket", c="FC-0001")
    app.text_input(key="draft_FC-0001_title").input(" ")
    app.text_area(key="draft_FC-0001_description").input("typed")
    submit(app, "draft_FC-0001", "Create ticket")

    assert [error.value for error in app.error] == ["A ticket needs a title."]
    assert app.text_area(key="draft_FC-0001_description").value == "typed"


def test_the_board_stands_by_status_and_narrows_by_owner(open_page: Open, store: Store) -> None:
    made(store, "FC-0001", owner="Bo")
    made(store, "FC-0002")
    tickets.fix(Bench(store, "Bo"), "FIX-0002", release="v8")
    app = open_page(store, "tickets")

    heads = [badge for badge in badges(app) if "Open" in badge or "Fixed" in badge or "Verified" in badge]
    assert len(heads) == 3
    assert [one.value for one in app.caption if one.value in ("FIX-0001", "FIX-0002")] == ["FIX-0001", "FIX-0002"]

    app.multiselect(key="owner").set_value(["Bo"]).run()
    assert [one.value for one in app.caption if one.value in ("FIX-0001", "FIX-0002")] == ["FIX-0001"]


def test_the_list_opens_the_ticket_that_was_picked(open_page: Open, store: Store) -> None:
    made(store, "FC-0001")
    made(store, "FC-0002")
    app = open_page(store, "tickets", view="Table")

    table = app.dataframe[0].value
    assert list(zip(table["Id"], table["Status"], strict=True)) == [("FIX-0001", "Open"), ("FIX-0002", "Open")]
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[1, "Title"]]}}
    app.run()
    assert address(app, "t") == "FIX-0002"


def test_a_ticket_shows_why_how_often_and_how_to_reproduce(open_page: Open, store: Store) -> None:
    ticket = made(store, "FC-0001")
    [row] = tickets.rows(Bench(store))
    app = open_page(store, "ticket", t=ticket)

    shown = [text.value for text in app.text]
    cluster, example = row.evidence.clusters[0], row.evidence.examples[0]
    assert not app.exception
    assert {row.description, row.acceptance, f"{cluster.failures} of {cluster.eligible}", example.verdict} <= set(shown)
    assert example.messages[0].content in shown
    assert 'change_address {"order": "0038"}' in [code.value for code in app.code]


def test_a_fix_is_recorded_with_a_release_and_taken_back(open_page: Open, store: Store) -> None:
    app = open_page(store, "ticket", t=made(store, "FC-0001"))
    app.selectbox(key="fixed_release").set_value("m-2")
    submit(app, "fixed_form", "Record the fix")

    ticket = Bench(store).judgement.tickets.get("FIX-0001")
    assert (ticket.status, ticket.fixed_release, ticket.fixed_date) == ("fixed", "m-2", None)
    assert Bench(store).cluster("FC-0001").row.status == "watching"

    app.button(key="reopen").click().run()
    app.button(key="wont_fix").click().run()
    events = Bench(store).judgement.journal.events(subject="ticket:FIX-0001")
    assert [(event.what, event.actor) for event in events] == [
        ("wont-fix", "Ana"), ("open", "Ana"), ("fixed", "Ana"), ("opened", "Bo"),
    ]  # fmt: skip
    assert list(app.dataframe[0].value["What"]) == [event.what for event in events]


def test_only_releases_of_the_tickets_own_bots_can_carry_its_fix_and_the_menu_closes_once_it_is_recorded(
    open_page: Open, store: Store
) -> None:
    bench = Bench(store)
    own = bench.cluster("FC-0001").row.bot
    releases = {row.bot: {member.release for member in bench.cluster(row.cluster).members} for row in bench.clusters()}
    app = open_page(store, "ticket", t=made(store, "FC-0001"))
    offered = set(app.selectbox(key="fixed_release").options)
    assert offered >= releases[own]
    assert not offered & (set().union(*releases.values()) - releases[own])
    before = [menu.proto.popover.label for menu in app.get("popover")]
    app.selectbox(key="fixed_release").set_value("m-2")
    submit(app, "fixed_form", "Record the fix")
    after = [menu.proto.popover.label for menu in app.get("popover")]
    assert ("Fix is out" in before, "Fix is out" in after) == (True, False)


def test_a_fix_without_release_and_day_is_refused_in_one_message(open_page: Open, store: Store) -> None:
    app = submit(open_page(store, "ticket", t=made(store, "FC-0001")), "fixed_form", "Record the fix")
    assert [error.value for error in app.error] == ["Say with which release or on which date FIX\\-0001 was fixed."]


def test_what_was_typed_stays_where_somebody_else_saved_first(open_page: Open, store: Store) -> None:
    ticket = Bench(store).judgement.tickets.get(made(store, "FC-0001"))
    app = open_page(store, "ticket", t=ticket.ticket, edit="1")
    key = f"edit_{ticket.ticket}_{ticket.version}"
    app.text_area(key=f"{key}_description").input("mine")
    Bench(store).judgement.tickets.edit(ticket.ticket, ticket.version, actor="Cy", title="Theirs", description="theirs")
    submit(app, key, "Save changes")

    assert "Cy changed FIX\\-0001 while you edited it" in app.error[0].value
    assert app.text_area(key=f"{key}_description").value == "mine"
    table = app.dataframe[0].value
    assert list(zip(table["Field"], table["As it is now"], table["Typed here"], strict=True)) == [
        ("Title", "Theirs", "(not touched)"), ("Description", "theirs", "mine"),
    ]  # fmt: skip
    assert Bench(store).judgement.tickets.get(ticket.ticket).description == "theirs"

    app.button(key="overwrite").click().run()
    submit(app, key, "Save changes")
    saved = Bench(store).judgement.tickets.get(ticket.ticket)
    assert (saved.title, saved.description, address(app, "edit")) == ("Theirs", "mine", None)


def test_theirs_can_be_taken_instead(open_page: Open, store: Store) -> None:
    ticket = Bench(store).judgement.tickets.get(made(store, "FC-0001"))
    app = open_page(store, "ticket", t=ticket.ticket, edit="1")
    key = f"edit_{ticket.ticket}_{ticket.version}"
    app.text_area(key=f"{key}_description").input("mine")
    now = Bench(store).judgement.tickets.edit(ticket.ticket, ticket.version, actor="Cy", description="theirs")
    submit(app, key, "Save changes")
    app.button(key="take_theirs").click().run()

    assert app.text_area(key=f"edit_{ticket.ticket}_{now.version}_description").value == "theirs"
    assert not app.error


def test_an_action_on_a_ticket_that_moved_meanwhile_is_refused(open_page: Open, store: Store) -> None:
    ticket = made(store, "FC-0001")
    app = open_page(store, "ticket", t=ticket)
    bench = Bench(store, "Cy")
    bench.judgement.tickets.edit(ticket, bench.judgement.tickets.get(ticket).version, actor="Cy", title="Theirs")
    app.button(key="wont_fix").click().run()

    assert "was changed while you edited it" in app.error[0].value
    assert bench.judgement.tickets.get(ticket).status == "open"


def test_nobody_changes_a_ticket_without_a_name(open_page: Open, store: Store) -> None:
    app = open_page(store, "ticket", person="", t=made(store, "FC-0001"))
    assert [app.button(key=key).disabled for key in ("edit", "wont_fix")] == [True, True]


def test_clusters_are_put_on_a_ticket_and_each_shows_it(open_page: Open, store: Store) -> None:
    ticket = Bench(store).judgement.tickets.get(made(store, "FC-0001"))
    app = open_page(store, "ticket", t=ticket.ticket)
    app.multiselect(key=f"clusters_{ticket.version}").set_value(["FC-0001", "FC-0002"])
    submit(app, "clusters_form", "Save the clusters")

    [row] = tickets.rows(Bench(store))
    assert ([one.cluster for one in row.evidence.clusters], row.clusters) == (["FC-0001", "FC-0002"],) * 2
    app = open_page(store, "cluster", c="FC-0002")
    assert not app.exception
    assert any(link.proto.label.startswith("FIX\\-0001") for link in app.get("page_link"))


def test_what_is_frozen_says_so_and_a_judged_ticket_keeps_its_clusters(open_page: Open, store: Store) -> None:
    ticket = made(store, "FC-0001")
    tickets.fix(Bench(store, "Bo"), ticket, release="v8")
    captions = [one.value for one in open_page(store, "ticket", t=ticket).caption]
    assert any(one.startswith("Frozen as of snapshot S000001, data through ") for one in captions)
    assert any(one.startswith("Now") for one in captions)
    assert "The fix is judged by these clusters. Reopen the ticket to change them." in captions


def test_the_table_narrows_by_status(open_page: Open, store: Store) -> None:
    made(store, "FC-0001")
    tickets.fix(Bench(store, "Bo"), made(store, "FC-0002"), release="v8")
    app = open_page(store, "tickets", view="Table")
    app.multiselect(key="status").set_value(["fixed"]).run()
    assert list(app.dataframe[0].value["Id"]) == ["FIX-0002"]


def test_a_ticket_downloads_in_every_format_and_so_does_its_regression_set(open_page: Open, store: Store) -> None:
    app = open_page(store, "ticket", t=made(store, "FC-0001"))
    assert [button.proto.label for button in app.get("download_button")] == [
        "CSV", "Excel", "JSON", "Markdown", "Jira (CSV)", "GitHub (zip)", "JSON Lines", "promptfoo tests",
    ]  # fmt: skip


def test_an_unknown_ticket_gets_one_message(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "ticket", t="FIX-0099")
    assert ([error.value for error in app.error], list(app.exception)) == (["There is no ticket FIX\\-0099\\."], [])


def test_the_board_and_a_ticket_are_drawn_on_real_logs(open_page: Open, agents_store: Store, tmp_path: Path) -> None:
    shutil.copytree(agents_store.root, tmp_path / "store")
    store = Store(tmp_path / "store")
    made(store, "FC-0001", "FC-0006")
    for page, query in (("tickets", {}), ("ticket", {"t": "FIX-0001"}), ("ticket", {"c": "FC-0002"})):
        assert not open_page(store, page, **query).exception


def test_a_fix_is_judged_by_the_logs_since_and_the_verdict_is_recorded(open_page: Open, store: Store) -> None:
    bench = Bench(store, "Bo")
    silent = next(row.cluster for row in bench.clusters() if row.signature == "empty-reply")
    ticket = made(store, silent)
    tickets.fix(bench, ticket, day=date(2026, 4, 1))
    app = open_page(store, "ticket", t=ticket)
    told = "\n".join(text.value for text in app.text)
    assert "Before from 2026-03-02: 3 of 34 similar requests failed this way" in told
    assert "Only 3 failures before the fix; it takes 10." in told
    assert "record_verdict" not in {button.key for button in app.button}

"""The page Bots: who answers for a bot, what its tools do, and the roles of people."""

from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from tests.support.encoders import WordHashEncoder
from workbench.bench.bench import Bench
from workbench.judgement.records.pod import Bot
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.reports.bots import ToolRow, bot_rows, say_of_tool, tool_rows
from workbench.store import Store

Open = Callable[..., AppTest]


def by_key(app: AppTest, widgets: str, ending: str) -> Any:
    """The only widget of a kind whose key ends like this."""
    (found,) = [one for one in app.get(widgets) if str(one.key).endswith(ending)]
    return found


def save_bot(app: AppTest) -> None:
    next(button for button in app.button if button.label == "Save" and button.key != "save_tool").click().run()


def test_bots_without_an_owner_are_said_first_and_one_can_be_set_and_undone(open_page: Open, store: Store) -> None:
    app = open_page(store, "bots", b="shop")
    assert app.text[0].value == "1 bot has no owner: shop."
    by_key(app, "text_area", "_note").set_value("ask first")
    by_key(app, "text_input", "_pod").set_value("Returns")
    by_key(app, "selectbox", "_bot_owner").set_value("Ana")
    save_bot(app)

    judgement = Bench(store).judgement
    assert not app.exception
    assert app.text[0].value == "Every bot has an owner."
    said = judgement.pod.bots()["shop"]
    assert said == Bot("shop", "Ana", None, "Returns", "ask first", {}, version=said.version)
    assert set(judgement.pod.owners().values()) == {"Ana"}
    judgement.undo(said.version, "Ana")
    assert judgement.pod.bots() == {}


def test_a_viewer_reads_and_is_refused(open_page: Open, store: Store) -> None:
    judgement = Bench(store).judgement
    judgement.pod.set_role("Lea", "lead", actor="Lea")
    judgement.pod.set_role("Ana", "viewer", actor="Lea")
    app = open_page(store, "bots", b="shop")
    assert not [button for button in app.button if button.key == "give_role"]
    assert "Giving roles takes a lead." in [caption.value for caption in app.caption]
    by_key(app, "text_input", "_pod").set_value("Returns")
    save_bot(app)
    assert app.error[0].value.startswith("Ana is a viewer here, and this takes a triager.")
    assert judgement.pod.bots() == {}


def test_a_lead_gives_a_role(open_page: Open, store: Store) -> None:
    judgement = Bench(store).judgement
    judgement.pod.remember("Ana")
    app = open_page(store, "bots")
    app.selectbox(key="role_Ana_none").set_value("triager").run()
    app.button(key="give_role").click().run()
    assert not app.exception
    assert [(one.name, one.role) for one in judgement.pod.people()] == [("Ana", "triager")]


def test_what_people_say_of_a_tool_counts_from_the_next_analysis_on(open_page: Open, store: Store) -> None:
    app = open_page(store, "bots", b="shop")
    app.selectbox(key="tool_of_shop").set_value("refund_order").run()
    app.selectbox(key="kind_shop_refund_order_None").set_value("read").run()
    app.button(key="save_tool").click().run()
    assert not app.exception
    bench = Bench(store, "Ana")
    said = next(row for row in tool_rows(bench, "shop") if row.tool == "refund_order")
    assert said == ToolRow("refund_order", 16, 16, "write", "read", None)
    assert said.waits

    def changed() -> int:
        analyses = [bench.evidence.analysis(row.key) for row in bench.evidence.failures()]
        facts = [fact for analysis in analyses if analysis for fact in analysis.facts]
        return facts.count("carries out refund_order")

    before = changed()
    Build(Job(store=str(store.root), actor="Ana"), lambda *_: None, WordHashEncoder()).run()
    assert (before > 0, changed()) == (True, 0)
    assert [row.waits for row in tool_rows(bench, "shop")] == [False, False, False]
    say_of_tool(bench, "shop", "refund_order", None)
    assert bench.judgement.pod.bots()["shop"].tools == {}


def test_a_row_says_how_a_bot_fares(store: Store) -> None:
    (row,) = bot_rows(Bench(store))
    assert (row.bot, row.conversations, row.failures, row.releases, row.open_tickets) == (
        "shop",
        48,
        26,
        ["m-1", "m-2"],
        [],
    )


def test_a_bots_note_is_listed_masked_and_edited_as_it_was_typed(open_page: Open, store: Store) -> None:
    Bench(store).judgement.pod.set_bot("shop", actor="Bo", note="ask bo@example.com")
    app = open_page(store, "bots", b="shop")
    assert by_key(app, "text_area", "_note").value == "ask bo@example.com"
    assert app.dataframe[0].value["Note"].tolist() == ["ask [email]"]
    assert [row.note for row in bot_rows(Bench(store))] == ["ask [email]"]


def test_a_cluster_is_owned_and_muted_on_its_page(open_page: Open, store: Store) -> None:
    app = open_page(store, "cluster", c="FC-0001")
    app.selectbox(key="keep_FC-0001_None_owner").set_value("Ana").run()
    app.button(key="save_owner").click().run()
    app.button(key="mute").click().run()
    bench = Bench(store, "Ana")
    row = bench.cluster("FC-0001").row
    assert not app.exception
    assert (row.owner, row.status) == ("Ana", "muted")
    app.button(key="unmute").click().run()
    assert (bench.judgement.pod.mutes(), bench.cluster("FC-0001").row.status) == ({}, "new")

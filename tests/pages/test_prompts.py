"""Prompts on the pages: pasted on the bot's, read beside a transcript, compared where two releases are."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.pages import texts
from tests.support.prompted_log import prompted
from workbench.bench.bench import Bench

Open = Callable[..., AppTest]
CHANGE = "- Be kind.\n+ Be **brief**.\n+ <b>Mail [email]</b>"


def codes(app: AppTest) -> list[str]:
    return [each.value for each in app.code]


def told(folder: Path) -> Bench:
    bench = prompted(folder)
    bench.prompts.set_each("shop", {"p1": "Be kind.", "p2": "Be **brief**.\n<b>Mail a@b.example</b>"})
    return bench


def test_a_pasted_text_is_kept_and_taken_back(open_page: Open, tmp_path: Path) -> None:
    bench = prompted(tmp_path)
    app = open_page(bench.store, "bots", b="shop")
    app.selectbox(key="prompt_version_shop").set_value("p1")
    app.text_area(key="prompt_text_shop").set_value("Be kind.")
    next(button for button in app.button if button.label == "Keep the text").click().run()
    assert not app.exception
    assert {name: kept.text for name, kept in bench.prompts.of("shop").items()} == {"p1": "Be kind."}
    assert "The text of p1 of this bot changed." in texts(app)

    app.button(key="prompt_undo").click().run()
    assert bench.prompts.of("shop") == {}


def test_the_bots_page_shows_the_newest_text_beside_the_one_before_it_masked(open_page: Open, tmp_path: Path) -> None:
    app = open_page(told(tmp_path).store, "bots", b="shop")
    assert not app.exception
    assert codes(app) == ["Be **brief**.\n<b>Mail [email]</b>"]
    assert CHANGE in texts(app)


def test_a_conversation_shows_what_its_bot_was_told_and_what_had_changed(open_page: Open, tmp_path: Path) -> None:
    bench = told(tmp_path)
    app = open_page(bench.store, "conversation", k=bench.find_conversation("p2-0"))
    assert not app.exception
    assert [each.label for each in app.expander if "rompt" in each.label] == ["Prompt p2, as the bot had it"]
    assert codes(app)[-1] == "Be **brief**.\n<b>Mail [email]</b>"

    app = open_page(bench.store, "conversation", k=bench.find_conversation("p3-0"))
    assert "Nobody brought in the text of the prompt p3." in texts(app).replace("\\", "")


def test_two_releases_show_what_changed_in_the_prompt(open_page: Open, tmp_path: Path) -> None:
    store = told(tmp_path).store
    app = open_page(store, "releases", b="shop", r="m-1 · p2", r2="m-1 · p1")
    assert CHANGE in texts(app)
    assert "Nobody brought in the text of p3 yet." in texts(
        open_page(store, "releases", b="shop", r="m-1 · p3", r2="m-1 · p2")
    ).replace("\\", "")

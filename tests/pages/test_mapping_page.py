"""A table and nested JSON brought in on the data page: what is guessed from values, asked, and said."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from streamlit.testing.v1 import AppTest

from tests.support.pages import address, errors, press, texts
from workbench.errors import WorkbenchError
from workbench.pipeline.worker import RunningJob
from workbench.store import Store

Open = Callable[..., AppTest]


def seen(app: AppTest, store: Store, parameter: str) -> AppTest:
    """The page once its dry run ended."""
    name = address(app, parameter)
    assert name is not None, errors(app)
    with suppress(WorkbenchError):
        RunningJob(store.jobs / name).result()
    return app.run()


def columns_of(open_page: Open, store: Store, log: Path) -> AppTest:
    """The form that names the columns of a log."""
    app = open_page(store, "data")
    app.text_input(key="path_0").set_value(str(log))
    app = seen(press(app, "Preview"), store, "preview")
    return seen(press(app, "Name its columns"), store, "columns")


def chosen(app: AppTest) -> dict[str, str]:
    """What the form's lists say, by their labels."""
    return {box.label.replace("\\", ""): box.value for box in app.selectbox if box.value is not None}


def test_a_table_in_a_language_of_its_own_is_guessed_by_its_values_and_imported(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    said = [("Kunde", "wo bleibt mein Paket, bitte?"), ("Bot", "Grüße, das weiß ich leider nicht.")]
    lines = ["vorgang;wer;was;wann;filiale"]
    lines += [f"{n};{who};{what};2026-03-02 09:{n:02d};Köln" for n in range(6) for who, what in said]
    log = tmp_path / "chats.csv"
    log.write_bytes("\n".join(lines).encode("cp1252"))
    app = columns_of(open_page, store, log)
    assert "read as CSV with semicolons between its cells, in Windows-1252." in texts(app).replace("\\", "")
    form = chosen(app)
    assert {name: form[name] for name in ("Conversation's id", "Role (who speaks)", "Content (what is said)", "Time of the message", "“Kunde” is")} == {
        "Conversation's id": "vorgang", "Role (who speaks)": "wer", "Content (what is said)": "was", "Time of the message": "wann", "“Kunde” is": "user",
    }  # fmt: skip
    app = seen(press(app, "Preview with it"), store, "preview")
    shown = texts(app)
    assert "12 rows read = 12 to be kept + 0 rejected + 0 already there. 6 new conversations with 12 turns." in shown
    assert "Kept with the conversation, but no signal looks at filiale." in shown
    assert shown.count("wo bleibt mein Paket, bitte?") >= 3


def test_nested_json_asks_which_list_holds_the_rows_and_shows_three_conversations_at_once(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    said = [{"who": "customer", "said": "where is parcel {}, please?"}, {"who": "desk", "said": "I can't say."}]
    chats = [
        {"number": f"A-{n}", "lines": [each | {"said": each["said"].format(n)} for each in said]} for n in range(5)
    ]
    log = tmp_path / "desk.json"
    log.write_text(json.dumps({"export": {"version": 2, "chats": chats}, "by": "desk"}), "utf-8")
    app = columns_of(open_page, store, log)
    form = chosen(app)
    assert {name: form[name] for name in ("Which list holds the rows?", "Conversation's id", "Messages", "Role (who speaks)", "Content (what is said)")} == {
        "Which list holds the rows?": "export.chats", "Conversation's id": "number", "Messages": "lines", "Role (who speaks)": "who", "Content (what is said)": "said",
    }  # fmt: skip
    app = seen(press(app, "Preview with it"), store, "preview")
    shown = [text.value for text in app.text]
    assert "5 rows read = 5 to be kept + 0 rejected + 0 already there. 5 new conversations with 10 turns." in shown
    assert [text for text in shown if text.startswith("where is parcel")] == [
        f"where is parcel {n}, please?" for n in range(3)
    ]


def test_another_list_of_rows_is_looked_into(open_page: Open, store: Store, tmp_path: Path) -> None:
    log = tmp_path / "log.json"
    messages = [
        {"thread": "t1", "speaker": "user", "text": "hello there"},
        {"thread": "t1", "speaker": "bot", "text": "yes?"},
    ]
    log.write_text(json.dumps({"meta": {"n": 1}, "log": {"entries": messages}}), "utf-8")
    app = columns_of(open_page, store, log)
    box = next(each for each in app.selectbox if each.label == "Which list holds the rows?")
    assert (box.value, box.options) == ("", ["none: each object of the file is a row", "log.entries"])
    box.set_value("log.entries").run()
    app = seen(app, store, "columns")
    form = chosen(app)
    assert (form["Which list holds the rows?"], form["Conversation's id"], form["Role (who speaks)"]) == ("log.entries", "thread", "speaker")  # fmt: skip

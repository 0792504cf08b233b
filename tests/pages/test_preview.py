"""See before you commit, on the data page: previews, how a log is read, and mappings made by hand."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from tests.support.imported import write
from tests.support.pages import address, errors, press, texts
from tests.support.small_log import small_log, write_chat
from workbench.errors import WorkbenchError
from workbench.judgement.store import Judgement
from workbench.logs.formats import ColumnMapping, load_mapping
from workbench.logs.saved_mappings import keep
from workbench.pipeline import worker
from workbench.pipeline.job import Job
from workbench.pipeline.worker import RunningJob
from workbench.store import Pointer, Store
from workbench.text.escaping import plain

Open = Callable[..., AppTest]
DESK = [
    {
        "ref": f"A-{n}",
        "check": {"solved": "no" if n % 2 else "yes"},
        "thread": [{"who": "customer", "said": f"where is parcel {n}?"}, {"who": "desk", "said": "I can't say."}],
    }
    for n in range(6)
]
"""An in-house log that no reader knows."""
DESK_MAPPING = ColumnMapping(
    "desk",
    "chat",
    columns={"conversation_id": "ref", "messages": "thread"},
    message={"role": "who", "content": "said"},
    roles={"customer": "user", "desk": "assistant"},
    constants={"bot": "parcels"},
    metadata={"check_solved": "check.solved"},
    fails_when={"check_solved": "== no"},
)


def seen(app: AppTest, store: Store, parameter: str = "preview") -> AppTest:
    """The page once its dry run ended."""
    name = address(app, parameter)
    assert name is not None, errors(app)
    with suppress(WorkbenchError):
        RunningJob(store.jobs / name).result()
    return app.run()


def import_as_shown(app: AppTest, store: Store) -> Job:
    """What is asked to be built; it needn't be built for these tests."""
    press(app, "Import as shown")
    running = worker.latest(store)
    assert running is not None
    running.cancel()
    return running.job


def preview(open_page: Open, store: Store, log: Path) -> AppTest:
    app = open_page(store, "data")
    app.text_input(key="path_0").set_value(str(log))
    return seen(press(app, "Preview"), store)


def builder(open_page: Open, store: Store, log: Path) -> AppTest:
    return seen(press(preview(open_page, store, log), "Name its columns"), store, "columns")


def by_label(app: AppTest, label: str) -> Any:
    found = [*app.selectbox, *app.text_input]
    return next(widget for widget in found if widget.label.replace("\\", "") == label)


def map_desk(app: AppTest) -> AppTest:
    """Name the columns of the in-house log as a person does."""
    for label, value in (("Conversation's id", "ref"), ("Content (what is said)", "said"), ("“desk” is", "assistant")):
        by_label(app, label).set_value(value)
    by_label(app, "Bot's name, the same for all").set_value("parcels")
    by_label(app, "Failed when").set_value("check.solved")
    by_label(app, "Condition").set_value("== no")
    return app.run()


def outcomes(app: AppTest) -> list[tuple[str, str, int]]:
    """What the page says of how conversations ended."""
    table = next(each.value for each in app.dataframe if "Known from" in each.value)
    return [tuple(row) for row in table[["Outcome", "Known from", "Conversations"]].to_numpy().tolist()]


@pytest.fixture
def april(tmp_path: Path) -> Path:
    """Twelve conversations, of which one has no id."""
    rows = [row | {"conversation_id": f"april-{n}"} for n, row in enumerate(small_log()[:12])]
    rows[4]["conversation_id"] = None
    return write_chat(tmp_path / "april.parquet", rows)


# --- what is seen ---


def test_a_preview_says_what_would_come_of_a_log_and_changes_nothing(
    open_page: Open, store: Store, april: Path
) -> None:
    app = preview(open_page, store, april)
    shown = texts(app)
    assert not app.exception
    assert "Preview of …/april.parquet" in shown.replace("\\", "")
    assert "12 rows read = 11 to be kept + 1 rejected + 0 already there. 11 new conversations with 44 turns." in shown
    assert "Failed when reward < 0.5: 9 conversations can be judged by it." in shown
    assert outcomes(app) == [
        ("contained", "derived from reward and no hand-over", 5),
        ("failed", "derived from reward", 4),
        ("unknown", "the log does not say", 2),
    ]
    assert (
        "Every conversation has: session, user's words, bot's words, times, bot's name, model, tool calls, tool results."
        in shown
    )
    assert "1 rejected row" in shown
    assert nothing_was_built(store)


def test_a_conversation_that_is_picked_looks_as_it_will(open_page: Open, store: Store, april: Path) -> None:
    app = preview(open_page, store, april)
    assert "change the delivery address of order 5 to Main Street" not in [text.value for text in app.text]
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[4, "Turns"]]}}
    app.run()
    assert "change the delivery address of order 5 to Main Street" in [text.value for text in app.text]
    assert any("change\\_address" in expander.label for expander in app.expander)


def test_a_preview_that_is_not_kept_any_longer_is_said(open_page: Open, store: Store) -> None:
    for name in ("123-abcdef", "../parts", "."):
        app = open_page(store, "data", preview=name)
        assert "isn't kept any longer" in app.info[0].value
        assert "Bring logs in" in texts(app)


def test_a_preview_that_was_discarded_leaves_the_form(open_page: Open, store: Store, april: Path) -> None:
    app = press(preview(open_page, store, april), "Discard preview")
    assert (address(app, "preview"), "Bring logs in" in texts(app)) == (None, True)


# --- changing it, and importing ---


def test_how_the_outcome_is_derived_can_be_changed_and_is_imported_as_shown(
    open_page: Open, store: Store, april: Path
) -> None:
    app = preview(open_page, store, april)
    by_label(app, "Condition").set_value("is bad")
    press(app, "Preview again")
    assert "fails_when for column 'reward': 'is bad' is no rule." in errors(app)[0]

    by_label(app, "Condition").set_value(">= 0.5")
    by_label(app, "Bot, where the log names none").set_value("shop")
    seen(press(app, "Preview again"), store)
    shown = RunningJob(store.jobs / str(address(app, "preview"))).job
    assert "Failed when reward >= 0.5: 9 conversations can be judged by it." in texts(app)
    assert ("failed", "derived from reward", 5) in outcomes(app)

    kept = store.root / "mappings" / "april-outcome.toml"
    assert import_as_shown(app, store) == replace(shown, dry_run=False, mapping=str(kept))
    assert (shown.actor, shown.bot, load_mapping(kept).fails_when) == ("Ana", "shop", {"reward": ">= 0.5"})
    assert address(app, "preview") is None


def test_an_upload_is_imported_from_its_preview_and_then_deleted(
    open_page: Open, tmp_path: Path, store: Store, april: Path
) -> None:
    packed = write(tmp_path / "more.jsonl.gz", [{"messages": [{"role": "user", "content": "hello"}]}])
    app = open_page(store, "data")
    files = [("april.parquet", april.read_bytes(), ""), ("more.jsonl.gz", packed.read_bytes(), "")]
    app.file_uploader(key="upload_0").set_value(files)
    seen(press(app, "Preview"), store)
    assert "13 rows read = 12 to be kept + 1 rejected" in texts(app)
    files = [Path(path) for path in import_as_shown(app, store).paths]
    assert [file.name for file in files] == ["april.parquet", "more.jsonl.gz"]
    dropped = next(thread for thread in threading.enumerate() if thread.name == "uploads")
    dropped.join(timeout=10)
    assert not any(file.exists() for file in files)


def test_a_viewer_neither_previews_nor_sees_a_preview(open_page: Open, store: Store, tmp_path: Path) -> None:
    app = builder(open_page, store, write(tmp_path / "desk.jsonl", DESK))
    Judgement(store.judgement_url).pod.set_role("Ana", "viewer", actor="Lea")  # taken away while the page is open
    app.run()
    assert "A viewer can't bring logs in" in errors(app)[0]
    assert "Preview with it" not in [button.label for button in app.button]

    started = len(worker.started(store))
    assert "A viewer can't bring logs in" in errors(press(open_page(store, "data"), "Preview"))[0]
    assert len(worker.started(store)) == started
    assert nothing_was_built(store)
    assert not (store.root / "mappings").exists()


# --- a mapping by hand ---


def test_columns_that_no_reader_knows_are_named_by_hand_and_imported(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    log = write(tmp_path / "desk.jsonl", DESK)
    app = preview(open_page, store, log)
    assert "Found: ref, check, thread." in errors(app)[0]
    assert "Import as shown" not in [button.label for button in app.button]

    app = seen(press(app, "Name its columns"), store, "columns")
    assert by_label(app, "Messages").value == "thread"
    assert (by_label(app, "Role (who speaks)").value, by_label(app, "“customer” is").value) == ("who", "user")
    assert by_label(app, "Content (what is said)").value == "said"

    seen(press(map_desk(app), "Preview with it"), store)
    assert "6 rows read = 6 to be kept" in texts(app)
    assert ("failed", "derived from check_solved", 3) in outcomes(app)
    assert plain("Mapping in use: desk") in [expander.label for expander in app.expander]
    kept = store.root / "mappings" / "desk.toml"
    assert import_as_shown(app, store).mapping == str(kept)
    assert tables(load_mapping(kept)) == tables(DESK_MAPPING)


def test_a_column_that_is_needed_and_can_not_be_guessed_is_asked_for(
    open_page: Open, store: Store, tmp_path: Path
) -> None:
    rows = [{"ref": f"A-{n}", "thread": [{"who": who, "code": n} for who in ("customer", "desk")]} for n in range(6)]
    app = press(builder(open_page, store, write(tmp_path / "desk.jsonl", rows)), "Preview with it")
    assert errors(app) == ["Choose a column for: Content (what is said)."]


def test_a_row_a_message_is_mapped_too(open_page: Open, store: Store, tmp_path: Path) -> None:
    rows = [{"talk": "t1", "n": n, "by": by, "words": by + " speaks"} for n, by in enumerate(("guest", "ai"))]
    app = builder(open_page, store, write(tmp_path / "desk.parquet", rows))
    for label, value in (
        ("Conversation's id", "talk"),
        ("Role (who speaks)", "by"),
        ("Content (what is said)", "words"),
        ("Place in the conversation", "n"),
    ):
        by_label(app, label).set_value(value)
    app.run()
    assert (by_label(app, "“guest” is").value, by_label(app, "“ai” is").value) == ("user", "assistant")
    seen(press(app, "Preview with it"), store)
    assert "2 rows read = 2 to be kept + 0 rejected + 0 already there. 1 new conversation with 2 turns." in texts(app)


def test_a_saved_mapping_is_chosen_later_and_opens_in_the_form(open_page: Open, store: Store, tmp_path: Path) -> None:
    log = write(tmp_path / "desk.jsonl", DESK)
    press(map_desk(builder(open_page, store, log)), "Save")
    file = store.root / "mappings" / "desk.toml"
    assert tables(load_mapping(file)) == tables(DESK_MAPPING)

    app = open_page(store, "data")
    app.text_input(key="path_0").set_value(str(log))
    app.selectbox(key="mapping_0").set_value(str(file))
    seen(press(app, "Preview"), store)
    assert "6 rows read = 6 to be kept" in texts(app)
    app = seen(press(app, "Name its columns"), store, "columns")
    assert [by_label(app, label).value for label in ("Conversation's id", "“desk” is", "Failed when", "Condition")] == [
        "ref",
        "assistant",
        "check.solved",
        "== no",
    ]
    press(app, "Save")
    assert [each.name for each in (store.root / "mappings").iterdir()] == ["desk.toml"]


def test_names_and_values_of_a_log_stay_text(open_page: Open, store: Store, tmp_path: Path) -> None:
    evil = "![x](http://evil.example/x.png)"
    rows = [{evil: "a", "thread": [{"who": evil, "said": evil}]}]
    app = builder(open_page, store, write(tmp_path / "desk.jsonl", rows))
    by_label(app, "Content (what is said)").set_value("said")
    by_label(app, "Failed when").set_value(evil)
    by_label(app, "Condition").set_value("== a")
    app.run()
    labels = [widget.label for widget in (*app.selectbox, *app.text_input, *app.expander, *app.button)]
    drawn = [*labels, *(str(each.value) for each in (*app.caption, *app.subheader, *app.markdown))]
    seen(press(app, "Preview with it"), store)
    labels = [widget.label for widget in (*app.selectbox, *app.text_input, *app.expander, *app.button)]
    drawn += [*labels, *(str(each.value) for each in (*app.caption, *app.subheader, *app.markdown))]
    assert [text for text in drawn if "![x](" in text] == []
    assert any("evil" in label for label in drawn)
    assert outcomes(app) == [("failed", f"derived from {evil.replace('.', '_')}", 1)]


def test_a_damaged_mapping_is_said_in_one_message(open_page: Open, store: Store, april: Path) -> None:
    file = keep(store, "odd", "layout = 7\n")
    app = open_page(store, "data")
    app.text_input(key="path_0").set_value(str(april))
    app.selectbox(key="mapping_0").set_value(str(file))
    seen(press(app, "Preview"), store)
    assert "layout is 7. Say 'chat' or 'turns'." in errors(app)[0]
    assert not app.exception


def nothing_was_built(store: Store) -> bool:
    """Whether the only build of the store is the one that the fixture made."""
    builds = [folder for folder in store.jobs.iterdir() if not RunningJob(folder).job.dry_run]
    return len(builds) == 1 and store.pointer() == Pointer("S000001", ["I000001"])


def tables(mapping: ColumnMapping) -> list[dict[str, Any]]:
    """What a mapping says, but for the name of its file."""
    return [mapping.columns, mapping.message, mapping.roles, mapping.constants, mapping.metadata, mapping.fails_when]

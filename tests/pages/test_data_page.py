"""The data page, and what every page shows while there is no data."""

import json
import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.testing.v1 import AppTest

from tests.support.encoders import WordHashEncoder
from tests.support.pages import address, errors, press, texts
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.demo.generator import DEMO_FILES, demo_job
from workbench.demo.history import start_demo
from workbench.exports import export, export_bytes, read_csv
from workbench.judgement.store import Judgement
from workbench.logs.formats import Reject
from workbench.logs.saved_mappings import keep, saved
from workbench.pipeline import worker
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.store import Pointer, Store
from workbench.ui.logs.imports import ImportRow
from workbench.ui.shared.progress import clock, fraction, summary

Open = Callable[..., AppTest]


def build(store: Store, *paths: Path, **options: Any) -> None:
    """One build in this process, with the tiny encoder."""
    job = Job(store=str(store.root), paths=[str(path) for path in paths], actor="Bo", **options)
    Build(job, lambda stage, done, total: None, WordHashEncoder()).run()


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a whole import, and one of 40 rows of which two are rejected; the logs beside it."""
    folder = tmp_path_factory.mktemp("both")
    store = Store(folder / "two")
    build(store, write_chat(folder / "march.parquet", small_log()))
    rows = [row | {"conversation_id": f"april-{n}"} for n, row in enumerate(small_log()[:40])]
    rows[4]["conversation_id"] = None
    rows[9]["messages"] = None
    build(store, write_chat(folder / "april.parquet", rows))
    return folder


@pytest.fixture
def two_imports(both: Path, tmp_path: Path) -> Store:
    """A copy of that store and its logs."""
    shutil.copytree(both, tmp_path, dirs_exist_ok=True)
    return Store(tmp_path / "two")


# --- what there is ---


def test_imports_are_listed_with_rows_that_add_up_the_newest_first(open_page: Open, two_imports: Store) -> None:
    rows = open_page(two_imports, "data").dataframe[0].value.to_dict(orient="records")
    counted = ("Import", "By", "Format", "Rows read", "Kept", "Rejected", "Already there", "Conversations", "Turns")
    assert [tuple(row[name] for name in counted) for row in rows] == [
        ("I000002", "Bo", "chat", 40, 38, 2, 0, 38, 152),
        ("I000001", "Bo", "chat", 48, 48, 0, 0, 48, 192),
    ]


def test_the_page_says_how_each_file_was_understood(open_page: Open, two_imports: Store) -> None:
    app = open_page(two_imports, "data", **{"import": "I000001"})
    (file,) = app.dataframe[1].value.to_dict(orient="records")
    manifest = Bench(two_imports).evidence.imports()[0]
    assert (file["Read as"], file["Because"], file["Rows"]) == (
        "chat",
        "it has the columns conversation_id and messages",
        48,
    )
    assert file["SHA-256"] == manifest.files[0]["sha256"][:12]
    assert manifest.files[0]["sha256"] in app.code[0].value


def test_what_the_log_lacks_stands_with_what_is_blind_because_of_it(open_page: Open, two_imports: Store) -> None:
    app = open_page(two_imports, "data")
    assert [badge.value for badge in app.markdown if badge.value.endswith(" %]")] == [
        ":orange-badge[missing in 100 %]"
    ] * 6
    shown = texts(app)
    for title, signals in (
        ("Documents", "answer leaves its documents, numbers without a source, answer without documents"),
        ("Feedback", "thumbs-down from the user"),
        ("Outcome", "abandoned by the user"),
    ):
        assert title in shown
        assert f"Can't fire there: {signals}." in shown
    assert (
        "Every conversation has: session, user's words, bot's words, times, bot's name, model, tool calls, tool results."
        in texts(app)
    )


def test_rejected_rows_say_where_and_why(open_page: Open, two_imports: Store) -> None:
    app = open_page(two_imports, "data")
    rows = app.dataframe[2].value.to_dict(orient="records")
    assert [(row["Row"], row["Column"], row["Reason"]) for row in rows] == [
        (5, "conversation_id", "is empty"),
        (10, "messages", "is empty: a conversation has at least one message"),
    ]
    assert "2 rejected rows" in texts(app)


def test_a_saved_mapping_can_be_deleted_by_who_may_change_things(open_page: Open, two_imports: Store) -> None:
    keep(two_imports, "Our log", 'layout = "chat"\n')
    app = open_page(two_imports, "data")
    assert [each.label for each in app.expander if "mapping" in each.label] == ["1 saved mapping"]
    app.button(key="delete_our-log").click().run()
    assert (saved(two_imports), [each.label for each in app.expander if "mapping" in each.label]) == ([], [])
    event = Bench(two_imports).judgement.journal.events(1)[0]
    assert (event.actor, event.what, event.subject) == ("Ana", "deleted the mapping", "mapping:our-log")


def test_imports_download_with_the_files_that_they_are_of(two_imports: Store) -> None:
    bench = Bench(two_imports)
    rows = json.loads(export_bytes("imports", "json", [ImportRow.of(one) for one in bench.imports()]))
    files = [[Path(name).name for name in row.pop("files")] for row in rows]
    assert files == [["april.parquet"], ["march.parquet"]]
    assert [(row["import_id"], row["actor"], row["rows_read"], row["rows_rejected"]) for row in rows] == [
        ("I000002", "Bo", 40, 2),
        ("I000001", "Bo", 48, 0),
    ]
    assert [len(row["sha256"][0]) for row in rows] == [64, 64]


def test_rejects_download_as_csv_without_formulas(tmp_path: Path) -> None:
    rows = [Reject("may.parquet", 3, "started_at", "is no time", "=HYPERLINK(1)")]
    export("rejects", "csv", rows, tmp_path / "rejected.csv")
    assert "'=HYPERLINK(1)" in (tmp_path / "rejected.csv").read_text("utf-8-sig")
    assert read_csv(tmp_path / "rejected.csv") == [
        {
            "file": "may.parquet",
            "row": "3",
            "column": "started_at",
            "reason": "is no time",
            "value": "=HYPERLINK(1)",
            "rows": "1",
        }
    ]


# --- changing it ---


def test_an_import_by_path_shows_its_progress_and_ends_with_numbers_that_add_up(
    open_page: Open, tmp_path: Path, store: Store
) -> None:
    rows = [row | {"conversation_id": f"new-{n}"} for n, row in enumerate(small_log()[:6])]
    rows[2]["conversation_id"] = ""
    log = write_chat(tmp_path / "more.parquet", [*rows, rows[0]])
    app = open_page(store, "data")
    app.text_input(key="path_0").set_value(str(log))
    press(app, "Import")
    assert "Import of …/more.parquet" in texts(app).replace("\\", "")
    assert [button.label for button in app.button].count("Cancel") == 1

    running = worker.latest(store)
    assert running is not None
    assert running.job.actor == "Ana"
    running.result()
    app.run()
    assert "7 rows read = 5 kept + 1 rejected + 1 already there. 5 new conversations with 20 turns." in texts(app)
    assert "The store now holds 53 conversations" in texts(app)
    assert app.text_input(key="path_1").value == ""


def test_an_upload_is_imported_under_its_own_name_and_kept_neither_in_memory_nor_on_disk(
    open_page: Open, tmp_path: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    forgotten: list[str] = []
    monkeypatch.setattr(MemoryUploadedFileManager, "remove_file", lambda held, session, file: forgotten.append(file))
    log = write_chat(tmp_path / "x.parquet", small_log()[:2])
    app = open_page(store, "data")
    app.file_uploader(key="upload_0").set_value([("again.parquet", log.read_bytes(), ""), ("no.pq", b"a,b\n", "")])
    press(app, "Import")
    running = worker.latest(store)
    assert running is not None
    assert len(set(forgotten)) == 2
    assert "2 already there" in summary(running.result())[0]
    app.run()
    assert "Refused no.pq: this is no Parquet file" in texts(app)


def test_what_can_not_be_imported_is_said_in_one_message(open_page: Open, store: Store) -> None:
    app = press(open_page(store, "data"), "Import")
    assert errors(app) == ["There is nothing to import yet. Choose files, or name a path."]

    app.file_uploader(key="upload_0").set_value([("..\\evil.parquet", b"PAR1", "")])
    press(app, "Import")
    assert len(errors(app)) == 1
    assert "is a path or a pattern" in errors(app)[0]
    assert not (store.root / "uploads").exists()


def test_a_viewer_can_neither_import_nor_undo_nor_roll_back(open_page: Open, two_imports: Store) -> None:
    app = open_page(two_imports, "data")
    judgement = Judgement(two_imports.judgement_url)
    judgement.pod.set_role("Ana", "viewer", actor="Lea")  # taken away while the page is open
    for label in ("Import", "Analyse", "Build without it", "Let S000001 serve"):
        assert "A viewer can't" in errors(press(app, label))[0]
    assert worker.latest(two_imports) is None
    assert two_imports.pointer() == Pointer("S000002", ["I000001", "I000002"])


def test_without_a_name_nothing_can_be_started(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "data", person="")
    assert {button.label for button in app.button if button.disabled} == {
        "Import",
        "Preview",
        "Analyse",
        "Set the time zone",
    }


def test_a_press_without_a_name_reads_nothing_whatever_the_button_was(open_page: Open, built_store: Store) -> None:
    app = open_page(built_store, "data")
    app.session_state["person"] = ""
    before = [running.folder for running in worker.started(built_store)]
    press(app, "Preview")
    assert [running.folder for running in worker.started(built_store)] == before


def test_a_roll_back_lets_the_older_snapshot_serve_at_once(open_page: Open, two_imports: Store) -> None:
    app = press(open_page(two_imports, "data"), "Let S000001 serve")
    assert two_imports.pointer() == Pointer("S000001", ["I000001"])
    assert list(app.dataframe[0].value["Import"]) == ["I000001"]
    assert "Let S000002 serve" in [button.label for button in app.button]


def test_an_undo_builds_the_next_snapshot_without_the_import(open_page: Open, store: Store) -> None:
    Bench(store, "Bo").label("FC-0001", cause="loop")
    app = press(open_page(store, "data"), "Build without it")
    running = worker.latest(store)
    assert running is not None
    assert (running.job.undo, running.job.actor) == ("I000001", "Ana")
    running.result()
    app.run()
    assert store.pointer() == Pointer("S000002", [])
    assert "Every import was undone" in app.info[0].value

    clusters = open_page(store)
    assert [info.value for info in clusters.info] == ["No failure was found. The page Data brings logs in."]
    assert "no conversations · snapshot S000002" in [caption.value for caption in clusters.caption]
    assert Judgement(store.judgement_url).labels.all()["cluster", "FC-0001"].cause == "loop"


def test_a_picked_import_stands_in_the_address(open_page: Open, two_imports: Store) -> None:
    app = open_page(two_imports, "data")
    app.session_state[app.dataframe[0].key] = {"selection": {"rows": [], "columns": [], "cells": [[1, "Import"]]}}
    app.run()
    assert address(app, "import") == "I000001"
    assert "What was understood of I000001" in texts(app)


# --- a first visit ---


@pytest.mark.parametrize("page", ["clusters", "labels", "data", "activity"])
def test_an_empty_store_offers_the_import_and_the_demo_on_every_page(
    open_page: Open, tmp_path: Path, page: str
) -> None:
    app = open_page(Store(tmp_path / "none"), page)
    assert not app.exception
    assert app.title[0].value == "No logs yet"
    assert {"Import", "Load the demo"} <= {button.label for button in app.button}


def test_imports_without_a_snapshot_are_built_again_and_not_mixed_with_the_demo(
    open_page: Open, two_imports: Store
) -> None:
    for file in two_imports.snapshots.iterdir():
        file.unlink()
    labels = [button.label for button in open_page(two_imports, "clusters").button]
    assert "Build it again" in labels
    assert "Load the demo" not in labels
    assert not start_demo(two_imports)


def test_the_demo_is_its_logs_without_their_truth_and_left_out_where_there_is_data(built_store: Store) -> None:
    assert [Path(path).name for path in demo_job(built_store, "Ana").paths] == list(DEMO_FILES)
    assert not start_demo(built_store)


# --- words ---


def test_progress_only_goes_forward() -> None:
    moments = [
        ("starting", 0, None), ("checking", 0, 3), ("checking", 3, 3), ("reading", 0, 10), ("signals", 5, 10),
        ("load model", 0, None), ("embed", 1, 2), ("embed", 2, 2), ("cluster", 0, 3), ("write", 0, None),
    ]  # fmt: skip
    shares = [fraction(*moment) for moment in moments]
    assert shares == sorted(shares)
    assert (shares[0], fraction("write", 1, 1)) == (0, 1)


@pytest.mark.parametrize(("seconds", "expected"), [(0.4, "0 s"), (59, "59 s"), (60, "1:00 min"), (125, "2:05 min")])
def test_a_clock_counts_to_the_second(seconds: float, expected: str) -> None:
    assert clock(seconds) == expected


# --- a backup ---


def test_a_backup_is_downloaded_by_a_lead_only(open_page: Open, store: Store) -> None:
    Bench(store).judgement.pod.set_role("Bo", "triager", actor="Ana")

    def disabled(person: str) -> bool:
        app = open_page(store, "data", person=person)
        (button,) = [one for one in app.get("download_button") if one.proto.label == "Download a backup"]
        return bool(button.proto.disabled)

    assert (disabled("Ana"), disabled("Bo")) == (False, True)


def test_a_lead_sets_the_time_zone_of_weeks_for_the_next_analysis(open_page: Open, store: Store) -> None:
    page = open_page(store, "data")
    page.selectbox(key="pod_time_zone").set_value("Europe/Berlin")
    press(page, "Set the time zone")
    assert "Set is Europe/Berlin; the weeks shown are those of UTC until the next analysis." in texts(page)
    with closing(Judgement(store.judgement_url)) as judgement:
        assert judgement.pod.time_zone() == "Europe/Berlin"
        judgement.pod.set_role("Ana", "triager", actor="Ana")
    page = open_page(store, "data")
    assert next(button for button in page.button if button.label == "Set the time zone").disabled

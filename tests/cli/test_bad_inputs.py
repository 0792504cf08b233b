"""The list of bad inputs, as far as imports go: each row with the tests that hold it, and the rows about storage.

`ROWS` names the rows of the list under Parquet, JSON and storage in its words. What they ask for is R (the file is refused,
with its name and the cause), Q (the row goes to the reject table) or what stands there.
"""

from __future__ import annotations

import ast
import os
import random
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

from tests.support.encoders import WordHashEncoder
from tests.support.paths import ROOT
from tests.support.small_log import small_log, write_chat
from workbench.bench.bench import Bench
from workbench.pipeline.build import Build
from workbench.pipeline.job import Job
from workbench.pipeline.worker import start
from workbench.store import Pointer, Store

TESTS = ROOT / "tests"
PARQUET = "logs/files/test_bad_inputs"
JSONL = "logs/files/test_bad_json"
DATABASE = "judgement/test_database"

ROWS = {
    "Parquet: zero bytes R": [f"{PARQUET}::test_zero_bytes_are_refused"],
    "Parquet: cut at each sixteenth R": [f"{PARQUET}::test_a_file_cut_at_each_sixteenth_is_refused"],
    "Parquet: a CSV renamed .parquet R": [f"{PARQUET}::test_a_csv_renamed_parquet_is_refused"],
    "Parquet: 6.5 KB that unpack to 200 MB cells R within limits": [
        f"{PARQUET}::test_kilobytes_that_unpack_to_200_mb_cells_are_refused_within_limits",
        f"{PARQUET}::test_one_dictionary_value_that_stands_in_3000_rows_is_refused_within_limits",
    ],
    "Parquet: a required column missing R naming it": [
        f"{PARQUET}::test_a_missing_required_column_is_refused_by_its_name"
    ],
    "Parquet: null or blank id Q": [f"{PARQUET}::test_a_null_or_blank_id_is_rejected"],
    "Parquet: the same id with the same content: counted as duplicate": [
        f"{PARQUET}::test_the_same_id_with_the_same_content_is_a_duplicate"
    ],
    "Parquet: the same id with different content in one file Q": [
        f"{PARQUET}::test_the_same_id_with_different_content_in_one_file_is_rejected"
    ],
    "Parquet: the same file again under another name: 0 new, labels kept": [
        f"{PARQUET}::test_the_same_file_again_under_another_name_adds_nothing",
        "cli/test_bad_inputs::test_the_same_file_again_under_another_name_keeps_the_labels",
    ],
    "Parquet: naive and aware times mixed: Q unless a zone is declared": [
        f"{PARQUET}::test_naive_and_aware_times_mixed_reject_the_naive_ones",
        f"{PARQUET}::test_naive_and_aware_times_mixed_are_taken_with_a_declared_zone",
        f"{PARQUET}::test_mixed_times_are_found_wherever_they_stand",
    ],
    "Parquet: year 0001, 9999, milliseconds read as seconds Q": [
        f"{PARQUET}::test_times_that_cannot_be_true_are_rejected"
    ],
    "Parquet: tool calls null, or nested 200 deep: shown or Q": [
        f"{PARQUET}::test_tool_calls_that_are_null_are_none",
        f"{PARQUET}::test_arguments_nested_200_deep_are_kept",
        f"{PARQUET}::test_arguments_in_structs_nested_200_deep_are_kept",
        f"{PARQUET}::test_messages_nested_without_bottom_are_rejected",
    ],
    "Parquet: zero rows: accepted, and said": [f"{PARQUET}::test_zero_rows_are_accepted_and_said"],
    "Parquet: 5,000 columns or 100k row groups R": [
        f"{PARQUET}::test_5000_columns_are_refused",
        f"{PARQUET}::test_100k_row_groups_are_refused",
    ],
    "Parquet: a pickled extension type: never unpickled": [
        f"{PARQUET}::test_a_pickled_extension_type_is_never_unpickled"
    ],
    "Parquet: encrypted or unknown codec R": [
        f"{PARQUET}::test_an_encrypted_file_is_refused",
        f"{PARQUET}::test_an_unknown_codec_is_refused",
    ],
    "Parquet: a folder with good and bad files: the good ones load, each bad one is named": [
        f"{PARQUET}::test_in_a_folder_the_good_files_load_and_each_bad_one_is_named",
        f"{PARQUET}::test_when_nothing_can_be_read_each_file_is_named_with_its_cause",
    ],
    "JSON: bad line 4 of 5 Q at line 4": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: truncated last line Q": [
        f"{JSONL}::test_a_truncated_last_line_is_rejected",
        f"{JSONL}::test_a_last_line_cut_in_the_middle_of_a_character_is_rejected",
        f"{JSONL}::test_a_truncated_list_is_said_and_its_whole_items_are_kept",
    ],
    "JSON: BOM, CRLF, blank lines: accepted": [f"{JSONL}::test_bom_crlf_and_blank_lines_are_accepted"],
    "JSON: NUL and C0 characters: shown as visible symbols": [
        f"{JSONL}::test_nul_and_c0_characters_are_kept",
        "text/test_escaping::test_what_is_hidden_is_shown_and_what_is_spelled_stays",
    ],
    "JSON: 100k nested brackets Q": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: NaN, 1e999, a 5,000-digit integer Q": [f"{JSONL}::test_bad_line_4_of_5_is_rejected_at_line_4"],
    "JSON: UTF-16 or Latin-1 R with byte offset": [
        f"{JSONL}::test_utf_16_and_latin_1_are_refused_with_the_byte_offset"
    ],
    "JSON: a 10 MB message: kept, display cut and said": [
        f"{JSONL}::test_a_10_mb_message_is_kept",
        "text/test_formatting::test_a_long_text_is_cut_and_says_how_much",
    ],
    "JSON: gzip bomb R": [
        f"{JSONL}::test_a_gzip_bomb_is_refused_by_its_ratio",
        f"{JSONL}::test_what_unpacks_to_more_than_the_absolute_limit_is_refused",
    ],
    "JSON: messages null, empty, or a list of parts: Q or normalised": [
        f"{JSONL}::test_messages_that_are_none_are_rejected",
        f"{JSONL}::test_a_list_of_parts_is_one_text",
    ],
    "JSON: role unknown: kept as logged": [f"{JSONL}::test_an_unknown_role_is_kept_as_logged"],
    "Storage: kill -9 during import: the old snapshot serves, the next import works": [
        "pipeline/test_build::test_a_kill_at_any_moment_leaves_the_old_snapshot_serving",
        "pipeline/test_build::test_a_build_ends_with_the_process_that_started_it",
        "cli/test_bad_inputs::test_kill_9_of_the_command_during_import_leaves_the_old_snapshot_serving",
    ],
    "Storage: a second process: both work": [
        "cli/test_bad_inputs::test_two_imports_at_once_both_work_while_a_third_process_reads",
        "pipeline/test_build::test_a_second_builder_waits_and_says_so",
        f"{DATABASE}::test_two_processes_write_in_one_store_and_a_third_reads_and_nothing_is_lost",
    ],
    "Storage: read-only folder: a clear message at start": [
        "cli/test_bad_inputs::test_a_read_only_folder_gets_a_clear_message_at_start",
        f"{DATABASE}::test_a_read_only_folder_gets_a_clear_message",
    ],
    "Storage: disk full during import: error, old snapshot serves": [
        "cli/test_bad_inputs::test_a_full_disk_during_import_is_an_error_and_the_old_snapshot_serves",
        "logs/test_importing::test_a_full_disk_is_said_and_leaves_nothing",
    ],
}


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_list_has_its_tests(row: str) -> None:
    for node in ROWS[row]:
        module, _, name = node.partition("::")
        tree = ast.parse((TESTS / f"{module}.py").read_text("utf-8"))
        assert name in {each.name for each in tree.body if isinstance(each, ast.FunctionDef)}, f"{row}: no {node}"


# --- storage --------------------------------------------------------------------------------------------------------


@pytest.fixture
def served(tmp_path: Path) -> Store:
    """A store that serves 48 conversations."""
    store = Store(tmp_path / "s")
    Build(job(store, write_chat(tmp_path / "log.parquet", small_log())), lambda *_: None, WordHashEncoder()).run()
    return store


def job(store: Store, *paths: Path, **options: Any) -> Job:
    return Job(store=str(store.root), paths=[str(path) for path in paths], actor="tests", **options)


def renamed(lead: str, filler: int = 0) -> list[dict[str, Any]]:
    """The small log under other ids; each conversation with so many bytes that don't compress."""
    noise = random.Random(lead)
    rows = [row | {"conversation_id": f"{lead}-{row['conversation_id']}"} for row in small_log()]
    for row in rows if filler else []:
        row["messages"][0] |= {"content": noise.randbytes(filler).hex()}
    return rows


def conversations(store: Store) -> int:
    bench = Bench(store)
    try:
        return bench.summary().conversations
    finally:
        bench.close()


def importing(store: Store, log: Path, *, file_limit: int = 0) -> subprocess.Popen[str]:
    """`import --no-analyze` by the command, as its own process group; no file may outgrow the limit."""
    import resource

    def limit() -> None:
        if file_limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (file_limit, file_limit))

    command = [sys.executable, "-m", "workbench", "import", str(log), "--no-analyze", "--store", str(store.root)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=limit, start_new_session=True
    )


def test_the_same_file_again_under_another_name_keeps_the_labels(served: Store, tmp_path: Path) -> None:
    bench = Bench(served, "ann")
    key = bench.find_conversation("conv-000")
    bench.label(key, cause="tool-fault")
    (tmp_path / "log.parquet").rename(tmp_path / "july.parquet")
    again = Build(job(served, tmp_path / "july.parquet"), lambda *_: None, WordHashEncoder()).run()
    assert (again["conversations"], again["duplicates"], again["snapshot"]) == (0, 48, "S000001")
    assert bench.judgement.labels.all()["conversation", key].cause == "tool-fault"


@pytest.mark.parametrize(("filler", "stage"), [(50_000, "The import can't be written"), (0, "The snapshot")])
def test_a_full_disk_during_import_is_an_error_and_the_old_snapshot_serves(
    served: Store, tmp_path: Path, filler: int, stage: str
) -> None:
    log = write_chat(tmp_path / "large.parquet", renamed("large", filler))
    full = importing(served, log, file_limit=260_000)
    out, told = full.communicate(timeout=60)
    assert (full.returncode, out) == (1, "")
    assert told.startswith(stage)
    assert "Traceback" not in told
    assert (conversations(served), served.pointer()) == (48, Pointer("S000001", ["I000001"]))
    assert importing(served, log).wait(60) == 0
    assert conversations(served) == 96


def test_kill_9_of_the_command_during_import_leaves_the_old_snapshot_serving(served: Store, tmp_path: Path) -> None:
    log = write_chat(tmp_path / "more.parquet", renamed("more", 100_000))
    killed = importing(served, log)
    draft = served.parts / ".draft"
    deadline = time.monotonic() + 30
    while not draft.exists() and time.monotonic() < deadline:
        time.sleep(0.002)
    os.killpg(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert draft.exists()
    assert (conversations(served), served.pointer()) == (48, Pointer("S000001", ["I000001"]))
    assert importing(served, log).wait(60) == 0
    assert conversations(served) == 96
    assert sorted(path.name for path in served.parts.iterdir()) == ["I000001", "I000002"]


def test_two_imports_at_once_both_work_while_a_third_process_reads(served: Store, tmp_path: Path) -> None:
    logs = [write_chat(tmp_path / f"{lead}.parquet", renamed(lead)) for lead in ("one", "two")]
    running = [start(job(served, log, analyze=False)) for log in logs]
    seen = set()
    while not all(each.done for each in running):
        seen.add(conversations(served))
    assert [each.result()["conversations"] for each in running] == [48, 48]
    assert seen <= {48, 96, 144}
    assert conversations(served) == 144


WITHOUT_RIGHTS = """
import os, sys
import rich.progress, workbench.demo.generator, workbench.pipeline.worker, workbench.ui.server  # what root alone may read here
from workbench.cli.main import main
if os.geteuid() == 0:
    os.setuid(65534)  # root would not be stopped by a mode
main()
"""


@pytest.mark.parametrize("command", ["import", "analyze", "demo", "serve"])
def test_a_read_only_folder_gets_a_clear_message_at_start(command: str) -> None:
    with tempfile.TemporaryDirectory() as name:  # not tmp_path: another user has to get there
        log = write_chat(Path(name) / "log.parquet", small_log())
        folder = Path(name) / "kept"
        folder.mkdir()
        for path, rights in ((Path(name), 0o755), (log, 0o644), (folder, 0o555)):
            path.chmod(rights)
        paths = [str(log)] if command == "import" else []
        ended = subprocess.run(
            [sys.executable, "-c", WITHOUT_RIGHTS, command, *paths, "--store", str(folder / "s")],
            env=os.environ | {"WORKBENCH_ACTOR": "ann"}, cwd=TESTS.parent, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert stat.S_IMODE(folder.stat().st_mode) == 0o555
        assert list(folder.iterdir()) == []
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"The store {folder}/s can't be written (Permission denied).")

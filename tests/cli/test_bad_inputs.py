"""The rows about storage of the list of bad inputs (tests/test_bad_inputs.py), as far as commands go."""

from __future__ import annotations

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
        if command == "analyze":  # which makes no store where there is none
            (folder / "s" / "parts").mkdir(parents=True)
            (folder / "s").chmod(0o555)
        for path, rights in ((Path(name), 0o755), (log, 0o644), (folder, 0o555)):
            path.chmod(rights)
        before = sorted(folder.rglob("*"))
        paths = [str(log)] if command == "import" else []
        ended = subprocess.run(
            [sys.executable, "-c", WITHOUT_RIGHTS, command, *paths, "--store", str(folder / "s")],
            env=os.environ | {"WORKBENCH_ACTOR": "ann"}, cwd=ROOT, capture_output=True, text=True, timeout=60,
        )  # fmt: skip
        assert stat.S_IMODE(folder.stat().st_mode) == 0o555
        assert sorted(folder.rglob("*")) == before
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr.startswith(f"The store {folder}/s can't be written (Permission denied).")

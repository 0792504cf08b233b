import csv
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import small_log, write_chat
from workbench import cli
from workbench.store import Store

FAILURE_COLUMNS = (
    "conversation_id,bot,started_at,week,release,outcome,failing_turn,signals,signature,score,theme,cluster,cluster_name,"
    "strand,root_cause,root_cause_source,severity,status,owner,ticket,ticket_key,request_excerpt,reply_excerpt,link"
).split(",")
CLUSTER_KEYS = (
    "cluster kind name keywords theme size failure_rate rate_low rate_high trend status escalating severity bot signature "
    "root_cause root_cause_source owner first_seen last_seen examples"
).split()


class Command:
    """Runs a command in this process: exit code, standard output, standard error."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Path) -> None:
        self._monkeypatch, self._capsys, self._store = monkeypatch, capsys, store

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        self._monkeypatch.setattr(sys, "argv", ["workbench", *arguments, "--store", str(self._store)])
        code = 0
        try:
            cli.main()
        except SystemExit as e:
            code = int(e.code or 0)
        out, err = self._capsys.readouterr()
        return code, out, err

    def json(self, *arguments: str) -> Any:
        code, out, err = self(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store) -> Command:
    return Command(monkeypatch, capsys, store.root)


def test_clusters_as_json_has_the_keys_of_the_contract_in_order(run: Command) -> None:
    rows = run.json("clusters")
    assert [list(row) for row in rows] == [CLUSTER_KEYS] * len(rows)
    silent = next(row for row in rows if row["signature"] == "empty-reply")
    assert (silent["kind"], silent["size"], silent["status"], silent["first_seen"]) == (
        "mechanical", 3, "new", "2026-03-02T09:00:00Z"
    )  # fmt: skip


@pytest.mark.parametrize("command", [["clusters"], ["export", "failures", "--out", "never.csv"]])
def test_a_bot_or_status_that_is_not_known_is_refused_with_those_that_are(run: Command, command: list[str]) -> None:
    assert run(*command, "--bot", "shp") == (2, "", "There is no bot 'shp'. Known are: shop.\n")
    code, out, told = run(*command, "--bot", "shop", "--status", "fixd")
    assert (code, out, told.split(".")[0], "fixing, watching" in told) == (2, "", "There is no status 'fixd'", True)


def test_a_label_is_in_the_list_and_in_both_exports(run: Command, tmp_path: Path) -> None:
    said = run.json(
        "label", "FC-0001", "--cause", "tool-fault", "--severity", "S2", "--note", "see log", "--actor", "ann"
    )
    assert (said["target"], said["cause"], said["severity"], said["note"], said["by"]) == (
        "FC-0001", "tool-fault", "S2", "see log", "ann"
    )  # fmt: skip
    assert [row["cluster"] for row in run.json("clusters", "--status", "triaged")] == ["FC-0001"]
    for kind in ("failures", "labels"):
        assert run("export", kind, "--format", "csv", "--raw", "--out", str(tmp_path / f"{kind}.csv"))[0] == 0
    with (tmp_path / "failures.csv").open(encoding="utf-8", newline="") as file:
        failures = list(csv.DictReader(file))
    assert list(failures[0]) == FAILURE_COLUMNS
    assert len(failures) == 26
    with (tmp_path / "labels.csv").open(encoding="utf-8", newline="") as file:
        labels = list(csv.DictReader(file))
    extra = ["labelled_by", "labelled_at", "contributing", "disposition", "note", "read_by"]
    assert list(labels[0]) == FAILURE_COLUMNS + extra
    assert {(row["cluster"], row["root_cause"], row["root_cause_source"], row["labelled_by"]) for row in labels} == {
        ("FC-0001", "tool-fault", "cluster", "ann")
    }


def test_a_conversation_is_labelled_by_its_logged_id(run: Command) -> None:
    said = run.json("label", "conv-009", "--cause", "bad-format", "--actor", "ann")
    assert (said["target_kind"], said["about"]) == ("conversation", {"bot": "shop", "conversation_id": "conv-009"})


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["clusters", "--store", "nowhere"], "There is no evidence in the store nowhere yet"),
        (["label", "FC-9999", "--cause", "tool-fault"], "There is no cluster 'FC-9999'"),
        (["label", "FC-0001", "--cause", "tol-fault"], "Did you mean 'tool-fault'?"),
        (["label", "FC-0001"], "A label says something"),
        (["export", "failures", "--format", "pdf", "--out", "x"], "failures can't be exported as 'pdf'"),
        (["export", "everything", "--out", "x"], "There is no export 'everything'"),
        (["export", "failures", "--out", "no/such/folder.csv"], "the folder no/such does not exist"),
    ],
)
def test_a_persons_mistake_is_one_message_on_standard_error(
    run: Command, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], told: str
) -> None:
    if "--store" in arguments:
        monkeypatch.setattr(sys, "argv", ["workbench", *arguments])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        code, (out, err) = ended.value.code, capsys.readouterr()
    else:
        code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert told in err
    assert "Traceback" not in err


def test_import_and_analyze_from_the_terminal(tmp_path: Path) -> None:
    log = write_chat(tmp_path / "log.parquet", small_log())

    def workbench(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "workbench", *arguments, "--store", str(tmp_path / "s")]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    taken = workbench("import", str(log), "--no-analyze", "--json")
    assert (taken.returncode, taken.stderr) == (0, "")
    result = json.loads(taken.stdout)
    assert (result["rows_read"], result["rows_kept"], result["clustering"]) == (48, 48, "none")
    analysed = workbench("analyze")
    assert (analysed.returncode, analysed.stderr) == (0, "")
    assert "The store holds 48 conversations, 26 failing" in analysed.stdout
    (tmp_path / "bad.parquet").write_bytes(b"")
    refused = workbench("import", str(tmp_path / "bad.parquet"), "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "bad.parquet" in refused.stderr
    checks = json.loads(workbench("doctor", "--json").stdout)
    assert [check["name"] for check in checks if not check["ok"]] == []
    assert next(c["found"] for c in checks if c["name"] == "imports") == "I000001"

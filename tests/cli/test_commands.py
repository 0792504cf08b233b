import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command import Command
from tests.support.small_log import small_log, write_chat
from workbench.cli import main
from workbench.judgement.store import Judgement
from workbench.store import Store

FAILURE_COLUMNS = (
    "conversation_id,bot,started_at,week,release,outcome,failing_turn,signals,signature,score,theme,cluster,cluster_name,"
    "strand,root_cause,root_cause_source,severity,status,owner,ticket,ticket_key,request_excerpt,reply_excerpt,link"
).split(",")
CLUSTER_KEYS = (
    "cluster kind name keywords theme size failure_rate rate_low rate_high trend status escalating severity bot signature "
    "root_cause root_cause_source owner first_seen last_seen examples"
).split()


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


def test_the_help_lists_the_commands_in_the_order_of_the_work(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["workbench", "--help"])
    with pytest.raises(SystemExit):
        main.main()
    listed = capsys.readouterr().out.split("Commands:\n")[1].splitlines()
    assert [line.split()[0] for line in listed] == (
        "import demo analyze clusters week report health show label judge ticket verify prompts export backup restore doctor forget serve mcp".split()
    )


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


def test_what_is_not_given_stays_as_it_was_said_and_the_line_says_what_stands(run: Command) -> None:
    lines = [
        run("label", "FC-0001", *options, "--actor", "ann")
        for options in (
            ["--cause", "tool-fault", "--severity", "S2"],
            ["--note", "times out", "--contributing", "loop"],
            ["--severity", "", "--contributing", ""],
            ["--clear", "--disposition", "duplicate"],
            ["--clear"],
        )
    ]
    assert lines == [
        (0, "FC-0001: tool-fault, S2, by ann.\n", ""),
        (0, "FC-0001: tool-fault (also loop), S2, “times out”, by ann.\n", ""),
        (0, "FC-0001: tool-fault, “times out”, by ann.\n", ""),
        (0, "FC-0001: duplicate, by ann.\n", ""),
        (0, "FC-0001: nothing is said of it any more.\n", ""),
    ]
    noted = run.json("label", "FC-0001", "--note", "seen", "--actor", "ann")
    gone = run.json("label", "FC-0001", "--note", "", "--actor", "ann")
    assert list(gone) == list(noted)
    assert (gone["target"], {name for name, value in gone.items() if value}) == ("FC-0001", {"target_kind", "target"})
    assert run("label", "FC-0001", "--clear") == (2, "", "The cluster FC-0001 has no label to remove.\n")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["failures", "--ticket", "FIX-0001"], "--ticket does not narrow failures; it applies to tickets, evals.\n"),
        (["clusters", "--ticket", ""], "--ticket does not narrow clusters; it applies to tickets, evals.\n"),
        (
            ["tickets", "--signal", "empty-reply"],
            "--signal does not narrow tickets; it applies to failures, labels, clusters, evals, scores.\n",
        ),
        (
            ["tickets", "--week", "2026-W10"],
            "--week does not narrow tickets; it applies to failures, labels, clusters, evals, scores.\n",
        ),
        (
            ["tickets", "--release", "m-1"],
            "--release does not narrow tickets; it applies to failures, labels, clusters, evals, scores.\n",
        ),
        (["evals", "--ticket", "FIX-0777"], "There is no ticket FIX-0777.\n"),
        (["tickets", "--ticket", "FIX-0777"], "There is no ticket FIX-0777.\n"),
    ],
)
def test_an_option_that_would_narrow_nothing_is_refused_and_nothing_is_written(
    run: Command, tmp_path: Path, arguments: list[str], told: str
) -> None:
    assert run("export", *arguments, "--out", str(tmp_path / "x")) == (2, "", told)
    assert not (tmp_path / "x").exists()


def test_a_pods_own_cause_keeps_its_discipline_in_every_command_of_a_ticket(run: Command, store: Store) -> None:
    Judgement(store.judgement_url).causes.add("late-refund", actor="ann", title="Late refund", discipline="billing")
    shown = [
        run.json("ticket", *arguments)
        for arguments in (
            ["new", "FC-0001", "--cause", "late-refund"],
            ["clusters", "FIX-0001", "--add", "FC-0002"],
            ["fixed", "FIX-0001", "--date", "2026-05-01"],
            ["show", "FIX-0001"],
        )
    ]
    assert [(one["cause"], one["discipline"]) for one in shown] == [("late-refund", "billing")] * 4


def test_a_user_without_an_account_reads_and_writes_as_somebody(run: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_account() -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr("getpass.getuser", no_account)
    monkeypatch.delenv("WORKBENCH_ACTOR", raising=False)
    assert run("clusters")[0] == 0
    assert run("label", "FC-0001", "--note", "seen") == (0, "FC-0001: “seen”, by somebody.\n", "")


def test_who_only_reads_is_not_asked_who_it_is(run: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def asked() -> str:
        raise AssertionError("asked for a name")

    monkeypatch.setattr("getpass.getuser", asked)
    monkeypatch.delenv("WORKBENCH_ACTOR", raising=False)
    assert run("export", "failures", "--out", str(tmp_path / "x.csv"))[0] == 0


NO_TEXT = "\udcff"
"""A byte of a command line that is no UTF-8, as Python hands it over."""


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["label", f"FC-0001{NO_TEXT}", "--note", "x"], "There is no conversation 'FC-0001\\udcff' here. "),
        (["ticket", "new", f"FC-0001{NO_TEXT}"], "There is no cluster 'FC-0001\\udcff'. "),
        (["clusters", "--bot", NO_TEXT], "There is no bot '\\udcff'. Known are: shop."),
        (["export", "failures", "--out", "x" * 300], f"{'x' * 300}: can't be written (File name too long). "),
        (["export", "failures", "--out", f"{'x' * 300}/a.csv"], f"{'x' * 300}/a.csv: can't be written (File name"),
    ],
)
def test_what_no_database_and_no_disk_takes_is_the_persons_mistake(
    run: Command, arguments: list[str], told: str
) -> None:
    code, out, err = run(*arguments)
    assert (code, out, err[: len(told)]) == (2, "", told)


def test_several_files_go_into_no_folder_whose_name_is_too_long(run: Command) -> None:
    run("ticket", "new", "FC-0001")
    assert run("export", "tickets", "--format", "github", "--out", "x" * 300) == (
        2, "", f"{'x' * 300}: can't be made (File name too long). Name another folder.\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["clusters", "--store", "nowhere"], "There is no store at nowhere: there is no such folder."),
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
            main.main()
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
    unknown = workbench("analyze", "--pod-timezone", "Berlin")
    assert (unknown.returncode, unknown.stdout) == (2, "")
    assert unknown.stderr.startswith("There is no time zone 'Berlin'. Try Europe/Berlin")
    (tmp_path / "bad.parquet").write_bytes(b"")
    refused = workbench("import", str(tmp_path / "bad.parquet"), "--json")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "bad.parquet" in refused.stderr
    again = workbench("import", str(log), f"{tmp_path}/{NO_TEXT}.parquet", "--json")
    assert (again.returncode, again.stdout) == (2, "")
    assert again.stderr == f"{tmp_path}/\\udcff.parquet: there is no such file or folder. Check the path.\n"
    (tmp_path / f"{NO_TEXT}.parquet").write_bytes(b"")
    beside = json.loads(workbench("import", str(log), f"{tmp_path}/{NO_TEXT}.parquet", "--json").stdout)
    assert (beside["rows_read"], [one["file"] for one in beside["refused"]]) == (48, [f"{tmp_path}/\\udcff.parquet"])
    checks = json.loads(workbench("doctor", "--json").stdout)
    assert [check["name"] for check in checks if not check["ok"]] == []
    assert next(c["found"] for c in checks if c["name"] == "imports") == "I000001"


def test_health_says_how_bots_fare_as_a_table_and_as_json(run: Command) -> None:
    (shop,) = run.json("health", "--bot", "shop")
    assert {name: shop[name] for name in ("bot", "conversations", "failures", "outcomes_known", "outcomes_unknown")} == {
        "bot": "shop", "conversations": 48, "failures": 26, "outcomes_known": 45, "outcomes_unknown": 3
    }  # fmt: skip
    assert [(row["release"], row["before"], row["stands"]) for row in shop["releases"]] == [
        ("m-1", None, None),
        ("m-2", "m-1", False),
    ]
    assert run("health")[1].split()[:2] == ["bot", "conversations"]
    told = run("health", "--bot", "shop")[1]
    assert "shop: 26 of 48 fail." in told
    assert "2026-W15" in told
    assert run("health", "--bot", "other")[::2] == (
        2, "There is no bot 'other' in this snapshot. Known are: shop.\n"
    )  # fmt: skip


def test_a_conversation_is_printed_as_its_page_shows_it(run: Command) -> None:
    shown = run.json("show", "conv-009", "--bot", "shop")
    assert list(shown) == ["conversation_id", "bot", "started_at", "outcome", "turns"]
    assert (shown["conversation_id"], shown["outcome"]) == ("conv-009", "unknown")
    assert [(turn["position"], turn["role"], turn["name"]) for turn in shown["turns"]] == [
        (0, "user", None), (1, "assistant", None), (2, "tool", "track_parcel"), (3, "assistant", None)
    ]  # fmt: skip
    assert shown["turns"][1]["tool_calls"] == [
        {"id": "call-9", "name": "track_parcel", "arguments": '{"order": "0009"}'}
    ]
    code, out, err = run("show", "conv-009")
    assert (code, err, "my parcel 9 never arrived" in out, "(result: turn 2)" in out) == (0, "", True, True)
    assert run("show", "conv-009", "--bot", "no such")[0] == 2


def test_scores_hold_every_analysed_conversation_with_what_people_say(run: Command, tmp_path: Path) -> None:
    run.json("label", "FC-0001", "--cause", "tool-fault", "--severity", "S2", "--note", "ask a@b.org", "--actor", "ann")
    assert run("export", "scores", "--format", "langfuse", "--out", str(tmp_path / "s.jsonl"))[0] == 0
    scores = [json.loads(line) for line in (tmp_path / "s.jsonl").read_text("utf-8").splitlines()]
    failed = {score["sessionId"]: score["value"] for score in scores if score["name"] == "triage.failed"}
    assert (len(failed), sum(failed.values())) == (48, 26)
    causes = [score for score in scores if score["name"] == "triage.root_cause" and score["metadata"]["by"] == "person"]
    assert {(score["value"], score["comment"]) for score in causes} == {("tool-fault", "ask [email]")}

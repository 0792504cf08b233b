"""Keys and states read back from a tracker's own export."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command import Command
from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.exports import export_bytes
from workbench.store import Store
from workbench.tickets import tickets
from workbench.tickets.tracker import import_keys, in_words, read_issues


@pytest.fixture
def bench(store: Store) -> Iterator[Bench]:
    bench = Bench(store, "Ana")
    for cluster in ("FC-0001", "FC-0002"):
        tickets.create(bench, tickets.draft(bench, [cluster]))
    yield bench
    bench.close()


def jira_export(*rows: tuple[str, ...]) -> bytes:
    """What Jira's "Export CSV (all fields)" looks like: columns in its own order, labels repeated."""
    text = io.StringIO()
    csv.writer(text).writerows(
        [("Summary", "Issue key", "Issue id", "Status", "Labels", "Labels", "Description"), *rows]
    )
    return text.getvalue().encode("utf-8-sig")


def test_issues_are_matched_by_their_fingerprint_whatever_became_of_their_titles(bench: Bench) -> None:
    first, second = (row.fingerprint for row in tickets.rows(bench))
    data = jira_export(
        ("Renamed by hand", "OPS-7", "10007", "In Progress", "triage-workbench", first, "moved"),
        ("Another", "OPS-8", "10008", "Done", "", "", f"Some text.\nFingerprint: {second}. Leave it here."),
        ("Not ours", "OPS-9", "10009", "To Do", "", "", ""),
        ("Of another store", "OPS-10", "10010", "To Do", "wb-000000000000", "", ""),
    )
    matched = import_keys(bench, data, "jira.csv")
    assert matched.matched == [("FIX-0001", "OPS-7", "In Progress"), ("FIX-0002", "OPS-8", "Done")]
    assert (matched.changed, matched.missing) == (["FIX-0001", "FIX-0002"], [])
    assert [(issue.row, issue.key, why) for issue, why in matched.unmatched] == [
        (3, "OPS-9", "no fingerprint in it, so it did not come from here, or somebody took it out."),
        (4, "OPS-10", "its fingerprint is of no ticket in this store."),
    ]
    assert [(row.ticket_key, row.tracker_state, row.status) for row in tickets.rows(bench)] == [
        ("OPS-7", "In Progress", "open"), ("OPS-8", "Done", "open"),
    ]  # fmt: skip

    again = import_keys(bench, data, "jira.csv")
    assert (len(again.matched), again.changed) == (2, [])
    assert bench.judgement.journal.events(subject="ticket:FIX-0001")[0].what == "tracked"


def test_exporting_again_names_the_issue_so_that_it_is_updated(bench: Bench) -> None:
    first = tickets.rows(bench)[0]
    before = export_bytes("tickets", "jira", [first])
    import_keys(bench, jira_export(("x", "OPS-7", "1", "Done", first.fingerprint, "", "")), "jira.csv")
    bench.judgement.tickets.edit(
        "FIX-0001", bench.judgement.tickets.get("FIX-0001").version, actor="Ana", title="Addresses"
    )
    after = tickets.rows(bench)[0]
    assert after.fingerprint == first.fingerprint
    keys = [
        next(csv.DictReader(io.StringIO(data.decode("utf-8"))))["Issue Key"]
        for data in (before, export_bytes("tickets", "jira", [after]))
    ]
    assert keys == ["", "OPS-7"]


def test_two_issues_of_one_ticket_are_listed_and_left_alone(bench: Bench) -> None:
    first, second = (row.fingerprint for row in tickets.rows(bench))
    data = jira_export(
        ("a", "OPS-1", "1", "Open", first, "", ""), ("b", "OPS-2", "2", "Open", first, "", ""), ("c", "OPS-3", "3", "Open", first, second, ""),
    )  # fmt: skip
    matched = import_keys(bench, data, "jira.csv")
    assert (matched.matched, matched.missing) == ([], ["FIX-0001", "FIX-0002"])
    assert [why for _, why in matched.unmatched] == [
        "other issues name FIX-0001 too; keep one of them.",
        "other issues name FIX-0001 too; keep one of them.",
        "it names several tickets (FIX-0001, FIX-0002).",
    ]
    assert in_words(matched).splitlines()[-2:] == [
        "Not in this file: FIX-0001, FIX-0002.",
        "0 matched, 0 of them changed.",
    ]


def test_a_comment_that_names_a_fingerprint_is_no_match(bench: Bench) -> None:
    first = tickets.rows(bench)[0].fingerprint
    rows = [
        ("Summary", "Issue key", "Status", "Labels", "Comment"),
        ("Ours", "OPS-7", "Done", first, ""),
        ("Other", "OPS-9", "To Do", "x", f"like {first}"),
    ]
    data = "\n".join(map(",".join, rows)).encode()
    assert import_keys(bench, data, "jira.csv").matched == [("FIX-0001", "OPS-7", "Done")]


def test_github_tells_its_issues_as_json(bench: Bench) -> None:
    first = tickets.rows(bench)[0].fingerprint
    data = json.dumps([{"number": 12, "state": "CLOSED", "body": f"…\nFingerprint: `{first}`."}]).encode()
    assert import_keys(bench, data, "issues.json").matched == [("FIX-0001", "#12", "CLOSED")]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_csv_may_be_separated_otherwise(delimiter: str) -> None:
    data = delimiter.join(["Key", "Status"]) + "\r\n" + delimiter.join(["OPS-1", "Done"]) + "\r\n"
    assert [(issue.key, issue.state) for issue in read_issues(data.encode(), "x.csv")] == [("OPS-1", "Done")]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "x.csv: empty. Export the issues"),
        (b"Summary,Status\r\na,b\r\n", "x.csv: no column names the issue"),
        ("né,Key\n".encode("latin-1"), "x.csv: not UTF-8 at byte 1"),
        (b"[1]", "x.csv: not a list of issues"),
        (b"{", "x.csv: begins like JSON but is none"),
        (b"[" * 100_000, "x.csv: begins like JSON but is none"),
    ],
)
def test_what_is_no_export_of_a_tracker_is_refused_by_name(data: bytes, message: str) -> None:
    with pytest.raises(UserError) as refused:
        list(read_issues(data, "x.csv"))
    assert str(refused.value).startswith(message)


def test_a_line_that_was_cut_short_is_an_issue_without_a_key_and_the_others_count(bench: Bench) -> None:
    first, second = (row.fingerprint for row in tickets.rows(bench))
    data = f"Description,Issue key\r\n{first}\r\n{second},OPS-2\r\n"
    matched = import_keys(bench, data.encode(), "jira.csv")
    assert (matched.matched, matched.missing) == ([("FIX-0002", "OPS-2", None)], ["FIX-0001"])
    assert in_words(matched).splitlines()[1] == "Not matched: row 1, without a key: it has no key."


def test_keys_are_read_back_by_command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], store: Store, tmp_path: Path) -> None:  # fmt: skip
    run = Command(monkeypatch, capsys, store.root)
    fingerprint = run.json("ticket", "new", "FC-0001")["fingerprint"]
    file = tmp_path / "jira.csv"
    file.write_bytes(
        jira_export(("a", "OPS-1", "1", "Done", fingerprint, "", ""), ("b", "OPS-2", "2", "Open", "", "", ""))
    )
    assert run.json("ticket", "import-keys", str(file)) == {
        "matched": [{"ticket": "FIX-0001", "key": "OPS-1", "state": "Done"}],
        "changed": ["FIX-0001"],
        "unmatched": [
            {
                "row": 2,
                "key": "OPS-2",
                "title": "b",
                "reason": "no fingerprint in it, so it did not come from here, or somebody took it out.",
            }
        ],
        "missing": [],
    }
    shown = run.json("ticket", "show", "FIX-0001")
    assert (shown["ticket_key"], shown["tracker_state"]) == ("OPS-1", "Done")
    assert run("ticket", "import-keys", str(tmp_path / "none.csv"))[0] == 2

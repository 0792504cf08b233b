"""Tickets for Jira and GitHub: what their importers take, and what log text can't do there."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from tests.support.tickets import EXAMPLE, HOSTILE, TICKET, ticket_with
from workbench.errors import UserError
from workbench.exports import export, export_bytes
from workbench.exports.github import issue
from workbench.exports.jira import DESCRIPTION, labels
from workbench.exports.wiki import escaped
from workbench.tickets.tickets import TicketRow


def jira(tickets: list[TicketRow]) -> list[list[str]]:
    """The rows of the CSV, headers first."""
    return list(csv.reader(io.StringIO(export_bytes("tickets", "jira", tickets).decode("utf-8"))))


def test_jira_gets_summary_first_and_each_label_in_a_column_of_its_own() -> None:
    [heads, row] = jira([replace(TICKET, owner="bo@example.com")])
    assert heads == [
        "Summary", "Issue Key", "Issue Type", "Priority", "Assignee", "Due Date",
        "Labels", "Labels", "Labels", "Labels", "Labels", "Labels", "Description",
    ]  # fmt: skip
    assert row[:12] == [
        "FIX-0001: shop: requests about address and change fail", "OPS-12", "Bug", "Highest", "bo@example.com", "2026-05-01",
        "wb-0123456789ab", "triage-workbench", "shop", "FC-0007", "S1", "tool-fault",
    ]  # fmt: skip
    assert row[12].startswith("*Fixed, being watched* · severity *S1* (acted wrongly on the world)")


def test_a_description_is_wiki_markup() -> None:
    description = jira([TICKET])[1][-1]
    assert (
        "\n\nh2. What is known\n\n|| ||FC-0007||\n|Observed|address, change: carries out change_address (8/8)|\n"
        in description
    )
    assert "\n\nh3. Example 1: conversation {{conv-038}}\n\nFailing: the log gives reward 0.0.\n" in description
    assert (
        "\n\n{noformat}\n[0] user\n    change the address\n    to Main Street\n\n[1] assistant   <== look here\n"
        in description
    )
    assert "\n\nHow it fails:\n\n* carries out change_address: 8 of 8\n\n" in description
    assert description.endswith(
        "Fingerprint: {{wb-0123456789ab}}. Leave it here: it leads the next export back to this issue."
    )


def test_an_owner_without_an_address_and_a_key_that_is_none_are_left_out() -> None:
    row = jira([replace(TICKET, owner="=Bo", ticket_key="=1+1", severity=None, due=None)])[1]
    assert row[1:6] == ["", "Bug", "", "", ""]


def test_no_cell_of_a_jira_file_can_begin_a_formula() -> None:
    for text in ("=1+1", "+1", "-1", "@SUM(A1)", "＝1", "\t=1", "\u200b=1", "'x"):
        data = export_bytes("tickets", "jira", [ticket_with(text)]).decode("utf-8")
        assert not data.startswith("\ufeff")
        cells = [cell for row in csv.reader(io.StringIO(data)) for cell in row if cell]
        assert [cell[:20] for cell in cells if not (cell[0].isalnum() or cell[0] == "*")] == []


def test_log_text_is_no_markup_in_jira() -> None:
    description = jira([ticket_with(HOSTILE)])[1][-1]
    blocks = description.split("{noformat}")
    outside = "".join(blocks[::2])
    assert len(blocks) % 2 == 1
    for live in ("!x", "[click]", "http://", "https://", "www.", "@everyone", "\u202e", "\x1b", "\nh1. Heading"):
        assert live not in outside
    assert "{\u2060noformat}" in jira([ticket_with("end {noformat} h1. x")])[1][-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("carries out cancel_reservation (8/10), 50 %", "carries out cancel_reservation (8/10), 50 %"),
        ("_x_ *b* -gone- {code} [a|b] !img!", r"\_x\_ \*b\* \-gone\- \{code\} \[a\|b\] \!img\!"),
        ("well-known, 13–43 %", "well-known, 13–43 %"),
        ("h1. Title", "\u2060h1. Title"),
        ("https://a.test", "https:\u2060//a.test"),
        (":) (x)", ":\u2060) (\u2060x)"),
    ],
)
def test_wiki_text_shows_as_it_is(text: str, expected: str) -> None:
    assert escaped(text) == expected


def test_a_description_longer_than_jira_takes_loses_examples_first_and_says_so() -> None:
    long = replace(EXAMPLE, documents=["d" * 20_000])
    three = jira([replace(TICKET, evidence=replace(TICKET.evidence, examples=[long, long, long]))])[1][-1]
    assert (three.count("h3. Example"), len(three) <= DESCRIPTION) == (1, True)
    [_, row] = jira([replace(TICKET, title="t" * 400, description="d" * 50_000)])
    assert (len(row[0]), len(row[-1]), "The rest is left out" in row[-1]) == (255, DESCRIPTION, True)


def test_jira_files_hold_250_tickets_each(tmp_path: Path) -> None:
    small = replace(TICKET, evidence=replace(TICKET.evidence, examples=[], clusters=[]))
    tickets = [replace(small, ticket=f"FIX-{n:04}") for n in range(1, 502)]
    written = export("tickets", "jira", tickets, tmp_path / "jira.csv")
    counts = [len(list(csv.reader(io.StringIO(path.read_text("utf-8"))))) - 1 for path in written]
    assert [(path.name, count) for path, count in zip(written, counts, strict=True)] == [
        ("jira.csv", 250), ("jira-2.csv", 250), ("jira-3.csv", 1),
    ]  # fmt: skip
    archive = zipfile.ZipFile(io.BytesIO(export_bytes("tickets", "jira", tickets)))
    assert archive.namelist() == ["tickets.csv", "tickets-2.csv", "tickets-3.csv"]
    assert export("tickets", "jira", tickets, tmp_path / "jira.zip") == [tmp_path / "jira.zip"]


def test_github_gets_a_markdown_file_a_ticket_and_a_list_of_issues(tmp_path: Path) -> None:
    tickets = [replace(TICKET, owner="@bo-1", ticket_key="#12"), replace(TICKET, ticket="FIX-0002", ticket_key=None)]
    written = export("tickets", "github", tickets, tmp_path / "issues")
    assert [path.name for path in written] == ["FIX-0001.md", "FIX-0002.md", "issues.json"]
    first, second = json.loads((tmp_path / "issues" / "issues.json").read_text("utf-8"))
    assert {name: value for name, value in first.items() if name != "body"} == {
        "ticket": "FIX-0001",
        "fingerprint": "wb-0123456789ab",
        "number": 12,
        "title": "FIX-0001: shop: requests about address and change fail",
        "labels": ["triage-workbench", "shop", "FC-0007", "S1", "tool-fault"],
        "assignees": ["bo-1"],
    }
    assert first["body"].startswith("**Fixed, being watched** · severity **S1**")
    assert "`wb-0123456789ab`" in first["body"]
    assert (second["number"], second["assignees"]) == (None, [])
    assert (tmp_path / "issues" / "FIX-0001.md").read_text("utf-8").startswith("# FIX-0001: shop: ")
    assert zipfile.ZipFile(io.BytesIO(export_bytes("tickets", "github", tickets))).namelist() == [
        "FIX-0001.md", "FIX-0002.md", "issues.json",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("key", "number"),
    [("#12", 12), ("12", 12), ("https://github.com/a/b/issues/7", 7), ("OPS-12", None), (None, None)],
)
def test_the_number_of_an_issue_is_read_from_its_key(key: str | None, number: int | None) -> None:
    assert issue(replace(TICKET, ticket_key=key))["number"] == number


def test_github_needs_a_folder_or_a_zip(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("x")
    with pytest.raises(UserError, match=r"taken: a file, but these are several\. Name a folder"):
        export("tickets", "github", [TICKET], tmp_path / "taken")
    with pytest.raises(UserError, match="does not exist"):
        export("tickets", "github", [TICKET], tmp_path / "a" / "b")


def test_the_same_tickets_make_the_same_files() -> None:
    for form in ("jira", "github", "markdown"):
        assert export_bytes("tickets", form, [TICKET]) == export_bytes("tickets", form, [TICKET])


def test_labels_hold_no_spaces_and_nothing_twice() -> None:
    assert labels(replace(TICKET, bots=["my shop (EU)", "my shop (EU)"], clusters=["FC-0001"], cause=None)) == [
        "triage-workbench", "my-shop-EU", "FC-0001", "S1",
    ]  # fmt: skip

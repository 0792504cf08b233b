"""docs/data-dictionary.md says what the exports hold: every kind, format, column, in order."""

from __future__ import annotations

import json
import re
from dataclasses import fields

from tests.support.paths import ROOT
from tests.support.tickets import TICKET
from workbench.exports import COLUMNS, FORMATS
from workbench.exports.github import issue
from workbench.exports.jira import COLUMNS as JIRA
from workbench.tickets.regression import EvalRow
from workbench.tickets.tickets import TicketRow

PAGE = (ROOT / "docs" / "data-dictionary.md").read_text("utf-8")
SECTIONS = dict(re.findall(r"^#{2,3} (.+?)\n(.*?)(?=^#{2,3} |\Z)", PAGE, re.MULTILINE | re.DOTALL))


def listed(section: str) -> list[str]:
    """The names in the first column of a section's table."""
    return re.findall(r"^\| `([^`]+)` \|", SECTIONS[section], re.MULTILINE)


def test_every_kind_is_listed_with_its_formats() -> None:
    rows = re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|`]+) \|$", PAGE.split("\n## ")[0], re.MULTILINE)
    assert {kind: tuple(formats.split(", ")) for kind, formats in rows} == FORMATS


def test_every_column_is_told_in_its_order() -> None:
    told = {kind: listed(kind) for kind in COLUMNS if kind != "labels"}
    assert told == {kind: list(columns) for kind, columns in COLUMNS.items() if kind != "labels"}
    assert [*listed("failures"), *listed("labels")] == COLUMNS["labels"]


def test_every_column_has_type_meaning_and_example() -> None:
    tables = [line for kind in COLUMNS for line in SECTIONS[kind].splitlines() if line.startswith("| `")]
    types = {"text", "number", "integer", "time", "day", "yes/no", "list", "messages"}
    assert [line for line in tables if len(cells := line.strip("| ").split(" | ")) != 4 or cells[1] not in types] == []


def test_what_jira_and_github_get_is_told() -> None:
    assert listed("jira") == list(JIRA)
    assert listed("github") == list(issue(TICKET))


def test_columns_are_fields_of_their_rows() -> None:
    assert COLUMNS["evals"] == [field.name for field in fields(EvalRow)]
    known = {field.name for field in fields(TicketRow)} | {"discipline"}
    assert set(COLUMNS["tickets"]) == known - {"evidence", "root_cause"}


def test_the_types_of_a_ticket_are_those_of_its_values() -> None:
    by_name = {
        line.split("`")[1]: line.split(" | ")[1] for line in SECTIONS["tickets"].splitlines() if line.startswith("| `")
    }
    lists = {name for name in COLUMNS["tickets"] if isinstance(getattr(TICKET, name), list)}
    assert {name for name, kind in by_name.items() if kind == "list"} == lists
    assert json.dumps(sorted(by_name)) == json.dumps(sorted(COLUMNS["tickets"]))

"""Tickets as CSV that Jira's importer takes (Atlassian, "Create issues using the CSV importer").

Summary first, no punctuation in the headers, one column Labels for each label, days as yyyy-MM-dd, 250 issues a file (what
Jira takes from somebody who is no administrator). A row with an Issue Key updates that issue. No BOM, which would spoil the
first header, and no guards, which would stand in the issue: no cell can begin a formula, because each begins with a word of
ours (a ticket's number, a state, a label) or has a form that is checked (a key, a day, an e-mail address).
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence
from itertools import islice
from typing import TYPE_CHECKING

from workbench.exports.wiki import in_wiki
from workbench.text.escaping import plain_words, visible
from workbench.text.values import without_lone_surrogates
from workbench.tickets.document import document

if TYPE_CHECKING:
    from workbench.tickets.tickets import TicketRow

COLUMNS = ("Summary", "Issue Key", "Issue Type", "Priority", "Assignee", "Due Date", "Labels", "Description")
CHUNK = 250
SUMMARY, DESCRIPTION = 255, 32_767
"""Jira's limits, in characters."""
PRIORITIES = {"S1": "Highest", "S2": "High", "S3": "Medium", "S4": "Low"}
_KEY = re.compile(r"[A-Z][A-Z0-9_]*-[0-9]+\Z")
_EMAIL = re.compile(r"\w[\w.+-]*@[\w-]+(?:\.[\w-]+)+\Z")
_CUT = "\n\nThe rest is left out: Jira takes no longer description. The workbench and its Markdown have all of it."


def jira_files(tickets: Sequence[TicketRow]) -> list[bytes]:
    """One CSV for each 250 tickets; without any, one with the headers alone."""
    rows = iter(tickets)
    chunks = list(iter(lambda: list(islice(rows, CHUNK)), []))
    return [_csv(chunk) for chunk in chunks or [[]]]


def labels(ticket: TicketRow) -> list[str]:
    """What an issue is found by in a tracker; without spaces, which Jira's labels can't have."""
    names = ["triage-workbench", *ticket.bots, *ticket.clusters, ticket.severity, ticket.cause]
    slugs = (re.sub(r"[^\w.]+", "-", plain_words(name or "", 50)).strip("-_.") for name in names)
    return list(dict.fromkeys(slug for slug in slugs if slug))


def summary(ticket: TicketRow, limit: int = SUMMARY) -> str:
    """The one line that names an issue; it begins with the ticket's number."""
    line = f"{ticket.ticket}: {visible(' '.join(ticket.title.split()))}"
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def _csv(tickets: Sequence[TicketRow]) -> bytes:
    labelled = [[ticket.fingerprint, *labels(ticket)] for ticket in tickets]
    widest = max(map(len, labelled), default=1)
    before, after = COLUMNS[: COLUMNS.index("Labels")], COLUMNS[COLUMNS.index("Labels") + 1 :]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_ALL)
    writer.writerow([*before, *["Labels"] * widest, *after])
    for ticket, ticket_labels in zip(tickets, labelled, strict=True):
        cells = [*_fields(ticket), *ticket_labels, *[""] * (widest - len(ticket_labels)), _description(ticket)]
        writer.writerow([without_lone_surrogates(cell) for cell in cells])
    return text.getvalue().encode("utf-8")


def _fields(ticket: TicketRow) -> list[str]:
    key, owner = ticket.ticket_key or "", ticket.owner or ""
    return [
        summary(ticket),
        key if _KEY.match(key) else "",
        "Bug",
        PRIORITIES.get(ticket.severity or "", ""),
        owner if _EMAIL.match(owner) else "",
        ticket.due.isoformat() if ticket.due else "",
    ]


def _description(ticket: TicketRow) -> str:
    """As many examples as fit; the title stands in the summary."""
    for examples in (3, 2, 1, 0):
        text = in_wiki(document(ticket, examples)[1:])
        if len(text) <= DESCRIPTION:
            return text
    return text[: DESCRIPTION - len(_CUT)] + _CUT

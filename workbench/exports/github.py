"""Tickets as GitHub issues: one Markdown file each, and `issues.json` with title, body, labels and assignees of all."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from workbench.exports.jira import labels, summary
from workbench.exports.markdown import in_markdown
from workbench.tickets.document import document

if TYPE_CHECKING:
    from workbench.tickets.tickets import TicketRow

TITLE, BODY = 256, 65_536
"""GitHub's limits, in characters."""
LIST = "issues.json"
_LOGIN = re.compile(r"@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))\Z")
_NUMBER = re.compile(r"(?:#|/issues/|\A)([0-9]+)\Z")
_CUT = "\n\nThe rest is left out: GitHub takes no longer text. The workbench has all of it.\n"


def github_files(tickets: Sequence[TicketRow]) -> dict[str, bytes]:
    """The files by name."""
    files = {f"{ticket.ticket}.md": in_markdown(document(ticket)) for ticket in tickets}
    files[LIST] = json.dumps([issue(ticket) for ticket in tickets], ensure_ascii=False, indent=1) + "\n"
    return {name: text.encode("utf-8", "backslashreplace") for name, text in files.items()}


def issue(ticket: TicketRow) -> dict[str, Any]:
    """What GitHub's API takes for an issue, with the ticket, its fingerprint, and its number there where it is known.

    An owner that is written as @login is the assignee; a bare name may be a stranger's login.
    """
    number, login = _NUMBER.search(ticket.ticket_key or ""), _LOGIN.match(ticket.owner or "")
    return {
        "ticket": ticket.ticket,
        "fingerprint": ticket.fingerprint,
        "number": int(number[1]) if number else None,
        "title": summary(ticket, TITLE),
        "body": _body(ticket),
        "labels": labels(ticket),
        "assignees": [login[1]] if login else [],
    }


def _body(ticket: TicketRow) -> str:
    """As many examples as fit; the title stands above the issue."""
    for examples in (3, 2, 1, 0):
        text = in_markdown(document(ticket, examples)[1:])
        if len(text) <= BODY:
            return text
    return text[: BODY - len(_CUT)] + _CUT

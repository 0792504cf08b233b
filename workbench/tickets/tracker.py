"""The tracker's own word on our tickets: key and state, read back from its export and matched by fingerprint.

The fingerprint stands in every issue that we exported, in its labels and at the end of its description (comments may name
those of others), so that any export that has one of the two will do: Jira's "Export CSV (all fields)", or `gh issue list --json number,state,body`.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.tickets.tickets import fingerprint

FINGERPRINT = re.compile(r"(?<![0-9A-Za-z-])wb-[0-9a-f]{12}(?![0-9A-Za-z])")
KEYS = ("issue key", "key", "number", "iid", "id")
STATES = ("status", "state")
TITLES = ("summary", "title")
BESIDE = (
    "comment",
    "inward issue link",
    "outward issue link",
    "linked issues",
    "worklog",
    "log work",
    "history",
    "attachment",
)
"""How columns begin in which an issue talks of others."""
LONGEST = 100


@dataclass(frozen=True)
class Issue:
    """One issue of a tracker's export."""

    row: int
    """Its line, from 1."""
    key: str
    """The tracker's name for it."""
    state: str | None
    """Its state, in the tracker's words."""
    title: str
    """As it stands there."""
    fingerprints: frozenset[str]
    """Those that its cells name."""


@dataclass(frozen=True)
class Matched:
    """What reading a tracker's export back did."""

    matched: list[tuple[str, str, str | None]]
    """(ticket, key, state)."""
    changed: list[str]
    """The tickets that this changed."""
    unmatched: list[tuple[Issue, str]]
    """An issue that is no ticket here, and why."""
    missing: list[str]
    """Tickets that the export does not have."""


def import_keys(bench: Bench, data: bytes, name: str) -> Matched:
    """Take key and state of each ticket from a tracker's export; all of them, or none. `name` is the file's, for errors.

    An issue that names no ticket of this store, or several, and issues that name the same ticket are left alone.
    """
    issues = list(read_issues(data, name))
    tickets = {fingerprint(ticket): ticket.ticket for ticket in bench.tickets.all()}
    named = Counter(fingerprint for issue in issues for fingerprint in issue.fingerprints)
    matched: dict[str, tuple[str, str | None]] = {}
    unmatched = []
    for issue in issues:
        ours = [tickets[fingerprint] for fingerprint in issue.fingerprints if fingerprint in tickets]
        if (
            len(ours) == 1
            and named[next(fingerprint for fingerprint in issue.fingerprints if fingerprint in tickets)] == 1
            and issue.key
        ):
            matched[ours[0]] = (issue.key, issue.state)
        else:
            unmatched.append((issue, _why(issue, ours)))
    changed = bench.judgement.tickets.set_tracker(matched, actor=bench.actor) if matched else []
    return Matched(
        matched=[(ticket, key, state) for ticket, (key, state) in sorted(matched.items())],
        changed=changed,
        unmatched=unmatched,
        missing=[ticket for ticket in tickets.values() if ticket not in matched],
    )


def read_issues(data: bytes, name: str) -> Iterator[Issue]:
    """The issues of a CSV or JSON export; `UserError` for a file that is neither, or names no keys."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as e:
        raise UserError(f"{name}: not UTF-8 at byte {e.start}. Export it from the tracker again, as CSV.") from e
    rows = list(_json_rows(text, name) if text.lstrip()[:1] in ("[", "{") else _csv_rows(text, name))
    heads = {head.strip().casefold(): head for row in rows for head, _ in row}
    key = next((head for head in KEYS if head in heads), None)
    if rows and key is None:
        raise UserError(
            f"{name}: no column names the issue ({' / '.join(KEYS)}); it has {', '.join(list(heads.values())[:8])}. "
            "Export it with its keys."
        )
    for place, row in enumerate(rows, 1):
        cells = {head.strip().casefold(): cell for head, cell in reversed(row)}
        state = next((cells[head].strip() for head in STATES if head in cells), "")
        title = next((cells[head].strip() for head in TITLES if head in cells), "")
        cell = cells.get(key or "", "").strip()
        yield Issue(
            place,
            (f"#{cell}" if key in ("number", "iid") and cell.isdigit() else cell)[:LONGEST],
            state[:LONGEST] or None,
            title,
            frozenset(FINGERPRINT.findall("\n".join(cell for head, cell in row if _is_own(head)))),
        )


def as_json(matched: Matched) -> dict[str, Any]:
    """What was matched and what was not, for programs."""
    return {
        "matched": [{"ticket": ticket, "key": key, "state": state} for ticket, key, state in matched.matched],
        "changed": matched.changed,
        "unmatched": [
            {"row": issue.row, "key": issue.key, "title": issue.title, "reason": why}
            for issue, why in matched.unmatched
        ],
        "missing": matched.missing,
    }


def in_words(matched: Matched) -> str:
    """What was matched and what was not, for a person."""
    sentences = [f"{ticket} is {key}" + (f", {state}." if state else ".") for ticket, key, state in matched.matched]
    sentences += [
        f"Not matched: row {issue.row}, {issue.key or 'without a key'}: {why}" for issue, why in matched.unmatched
    ]
    if matched.missing:
        sentences.append(f"Not in this file: {', '.join(matched.missing)}.")
    return "\n".join([*sentences, f"{len(matched.matched)} matched, {len(matched.changed)} of them changed."])


def _is_own(head: str) -> bool:
    """Whether a column says what the issue is, and not what people, or other issues, say beside it."""
    return not head.strip().casefold().startswith(BESIDE)


def _why(issue: Issue, ours: Sequence[str]) -> str:
    if not issue.fingerprints:
        return "no fingerprint in it, so it did not come from here, or somebody took it out."
    if not ours:
        return "its fingerprint is of no ticket in this store."
    if len(ours) > 1:
        return f"it names several tickets ({', '.join(sorted(ours))})."
    return f"other issues name {ours[0]} too; keep one of them." if issue.key else "it has no key."


def _csv_rows(text: str, name: str) -> Iterator[list[tuple[str, str]]]:
    first = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=first.count)
    # A cell may be longer than the csv module's default of 131,072 characters.
    csv.field_size_limit(max(csv.field_size_limit(), len(text) + 1))
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True))
    except csv.Error as e:
        raise UserError(f"{name}: not a CSV ({e}). Export it from the tracker again, as CSV.") from e
    if not lines:
        raise UserError(f"{name}: empty. Export the issues from the tracker as CSV.")
    heads = lines[0]
    for line in lines[1:]:
        if any(cell.strip() for cell in line):
            # A line that was cut short still has all columns, the last ones empty.
            yield list(zip_longest(heads, line[: len(heads)], fillvalue=""))


def _json_rows(text: str, name: str) -> Iterator[list[tuple[str, str]]]:
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as e:
        raise UserError(f"{name}: begins like JSON but is none ({e}).") from e
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UserError(f"{name}: not a list of issues, as `gh issue list --json number,state,body` gives it.")
    for row in rows:
        yield [(head, value if isinstance(value, str) else json.dumps(value)) for head, value in row.items()]

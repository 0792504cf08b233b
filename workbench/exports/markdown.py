"""Tickets as Markdown, for an engineer who never saw the workbench, pasted into a tracker or read as it is.

Log text stands in fences that nothing inside can close, or is escaped: it can't become a heading, a link, an image, a
table cell or a mention.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, BinaryIO, cast

from workbench import ticket_words, words
from workbench.plain import visible
from workbench.taxonomy import CAUSES, SEVERITIES

if TYPE_CHECKING:
    from workbench.ticket_evidence import ClusterEvidence, Example, Message
    from workbench.tickets import TicketRow
    from workbench.views import Fact

STATUSES = {
    "open": "Open",
    "fixed": "Fixed, being watched",
    "verified": "Verified",
    "not-fixed": "Not fixed",
    "regressed": "Came back",
    "wont-fix": "Won't fix",
}
_ANYWHERE = re.compile(r"[\\`*\[\]<>|~$&]|(?<![^\W_])_|_(?![^\W_])")
_AT_START = re.compile(r"^(\s*)([#+=>-]|\d+(?=[.)]))")
# Trackers link these without any markup; a word joiner inside keeps them text.
_LINKED = re.compile(r"(?<=:)(?=//)|(?<=www)(?=\.)|(?<=mailto)(?=:)|(?<=@)(?=\w)|(?<=#)(?=\d)", re.IGNORECASE)
_BACKTICKS = re.compile("`+")


def write_markdown(rows: Iterable[object], file: BinaryIO) -> None:
    """The document of these `TicketRow`s, in UTF-8."""
    file.write(markdown(cast("Sequence[TicketRow]", list(rows))).encode("utf-8", "backslashreplace"))


def markdown(tickets: Sequence[TicketRow]) -> str:
    """One document of these tickets, each under a heading of its own, with a line between them."""
    return "\n---\n\n".join(_ticket(ticket) for ticket in tickets)


def escaped(text: str) -> str:
    """Text on one line that Markdown shows as it is."""
    line = _LINKED.sub("\u2060", visible(" ".join(text.split())))
    line = _ANYWHERE.sub(lambda found: "\\" + found[0], line)
    return _AT_START.sub(lambda found: found[1] + (found[2] + "\\" if found[2].isdigit() else "\\" + found[2]), line)


def fenced(text: str) -> str:
    """Text in a block of code whose fence is longer than any run of backticks inside."""
    fence = "`" * max(3, 1 + _longest_run(text))
    return f"{fence}text\n{visible(text)}\n{fence}"


def code(text: str) -> str:
    """A name or an id as code within a line."""
    line = visible(" ".join(text.split()))
    ticks = "`" * (1 + _longest_run(line))
    space = " " if len(ticks) > 1 else ""
    return f"{ticks}{space}{line}{space}{ticks}" if line else "–"


def _longest_run(text: str) -> int:
    return max(map(len, _BACKTICKS.findall(text)), default=0)


def _ticket(ticket: TicketRow) -> str:
    evidence = ticket.evidence
    parts = [
        f"# {ticket.ticket}: {escaped(ticket.title)}",
        _standing(ticket),
        _paragraphs(ticket.description),
        *_numbers(evidence.clusters),
    ]
    if evidence.examples:
        parts += ["## How to reproduce", _how_to(evidence.examples)]
        parts += [part for number, one in enumerate(evidence.examples, 1) for part in _example(number, one)]
    if ticket.acceptance:
        parts += ["## Done when", _paragraphs(ticket.acceptance)]
    return "\n\n".join(part for part in [*parts, _origin(ticket)] if part) + "\n"


def _standing(ticket: TicketRow) -> str:
    cause = CAUSES.get(ticket.cause or "")
    told = [f"**{STATUSES.get(ticket.status, escaped(ticket.status))}**"]
    if ticket.severity:
        told.append(f"severity **{ticket.severity}** ({SEVERITIES.get(ticket.severity, '')})")
    told.append(f"root cause **{cause.title}** ({cause.meaning})" if cause else "root cause not agreed yet")
    told.append(f"owner **{escaped(ticket.owner)}**" if ticket.owner else "no owner yet")
    if ticket.due:
        told.append(f"due **{ticket.due}**")
    if ticket.fixed_release or ticket.fixed_date:
        parts = [f"with release {escaped(ticket.fixed_release)}" if ticket.fixed_release else "",
                 f"on {ticket.fixed_date}" if ticket.fixed_date else ""]  # fmt: skip
        told.append("fixed " + " ".join(part for part in parts if part))
    if ticket.ticket_key:
        told.append(f"tracked as {escaped(ticket.ticket_key)}")
    return " · ".join(told)


def _paragraphs(text: str) -> str:
    """Plain text with its lines kept; a line that begins with "- " is a point of a list."""
    shown: list[str] = []
    in_list = False
    for line in text.splitlines():
        is_point = line.startswith("- ")
        if shown and shown[-1] and line and not is_point and not in_list:
            shown[-1] += "  "
        if line and shown and shown[-1] and is_point != in_list:
            shown.append("")
        shown.append(f"- {escaped(line[2:])}" if is_point else escaped(line))
        in_list = is_point
    return "\n".join(shown).strip()


def _numbers(clusters: Sequence[ClusterEvidence]) -> list[str]:
    if not clusters:
        return []
    rows = [
        ["Failing conversations", *(f"{one.size:,}" for one in clusters)],
        ["Failed this way", *(f"{one.failures:,} of {one.eligible:,} {escaped(words.among(one))}" for one in clusters)],
        ["Rate, 95 % interval", *(f"{words.percent(one.failure_rate)}, {words.interval(one.rate_low, one.rate_high)}" for one in clusters)],
        ["Trend", *(ticket_words.trend(one) for one in clusters)],
        ["First seen", *(words.day(one.first_seen) for one in clusters)],
        ["Last seen", *(words.day(one.last_seen) for one in clusters)],
    ]  # fmt: skip
    parts = ["## In numbers", _table(["", *(f"{one.cluster}" for one in clusters)], rows)]
    for one in clusters:
        named = f" ({one.cluster})" if len(clusters) > 1 else ""
        seen, releases = ticket_words.facts(one), ticket_words.releases(one)
        if seen:
            heads = [f"Seen in the failing conversations{named}", "here", "the bot's others"]
            parts.append(_table(heads, [_fact(fact) for fact in seen]))
        if releases:
            heads = [f"Release{named}", "failed this way", "all other releases"]
            parts.append(_table(heads, [_fact(fact) for fact in releases]))
    return parts


def _fact(fact: Fact) -> list[str]:
    return [escaped(fact.text), ticket_words.share(fact), words.percent(fact.base_rate)]


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _how_to(examples: Sequence[Example]) -> str:
    bots = ", ".join(dict.fromkeys(code(one.bot) for one in examples))
    return (
        f"Send the messages of an example to the bot {bots} up to the turn named below, with the tool results as they stand, "
        "and look at what it does next. The turn is where to look first, not a verdict. Numbers in brackets are the turns "
        "of the conversation, from 0."
    )


def _example(number: int, one: Example) -> list[str]:
    when = f" · {words.day(one.started_at)} {one.started_at:%H:%M} UTC" if one.started_at else ""
    release = f" · release {code(one.release)}" if one.release else ""
    verdict = f"{escaped(one.verdict)}  \n" if one.verdict else ""
    head = f"{verdict}Cluster {one.cluster} · bot {code(one.bot)}{release}{when}"
    parts = [f"### Example {number}: conversation {code(one.conversation_id)}", head]
    if one.documents:
        parts += ["Documents that the bot had:", fenced("\n".join(one.documents))]
    if one.before:
        ending = f"{one.before[0].position} to {one.before[-1].position}"
        parts += [f"**Send: turns {ending}**", fenced(transcript(one.before))]
    if one.after:
        parts += [
            f"**Look at: turn {one.failing_turn}** ({escaped(one.why)})",
            fenced(transcript(one.after)),
        ]
    return parts


def transcript(messages: Sequence[Message]) -> str:
    """Messages as text: a line that says who speaks at which turn, then what was said, indented so that it can't pose as one."""
    told, last = [], None
    for one in messages:
        if last is not None and one.position > last + 1:
            told.append(f"[… turns {last + 1} to {one.position - 1} are left out here]")
        told.append("\n".join([f"[{one.position}] {_speaker(one)}", *(f"    {line}" for line in _said(one))]))
        last = one.position
    return "\n\n".join(told)


def _speaker(one: Message) -> str:
    return " ".join(part for part in (one.role, one.name) if part).replace("\n", " ")


def _said(one: Message) -> list[str]:
    lines = one.content.splitlines() if one.content.strip() else []
    for call in one.tool_calls:
        lines += f"→ calls {call.name} {call.arguments}".splitlines()
    if one.error:
        lines += f"error: {one.error}".splitlines()
    for document in one.documents:
        lines += f"document: {document}".splitlines()
    return lines or ["(empty)"]


def _origin(ticket: TicketRow) -> str:
    evidence = ticket.evidence
    made = f"Made by {escaped(ticket.created_by)} on {words.day(ticket.created_at)}"
    taken = f" from snapshot {evidence.snapshot}" if evidence.snapshot else ""
    through = f", data through {words.day(evidence.data_through)}" if evidence.data_through else ""
    link = f" [{ticket.ticket} in the workbench]({ticket.link})." if ticket.link else ""
    return f"*{made}{taken}{through}. Numbers and examples are as of then; e-mail addresses, phone and card numbers are masked.*{link}"

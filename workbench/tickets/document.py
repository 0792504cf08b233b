"""What a ticket says to an engineer who never saw the workbench, as blocks that each tracker's markup spells its own way.

First what happens and to whom, then what is known of it (frozen, as of one snapshot), then examples to read, then when
it is done. Pure: no markup and no escaping here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from workbench.bench import wording as bench_wording
from workbench.conversation.roles import is_system, is_tool
from workbench.judgement.taxonomy import SEVERITIES
from workbench.text import formatting
from workbench.tickets import wording
from workbench.tickets.evidence import cut

if TYPE_CHECKING:
    from workbench.bench.cluster_detail import Fact
    from workbench.tickets.frozen_evidence import ClusterEvidence, Example, Message
    from workbench.tickets.tickets import TicketRow

FIRST_SHOWN, LAST_SHOWN = 2, 6
"""Messages of an example that are shown: those it begins with and those before the failing turn."""
SAID_SHOWN, RESULT_SHOWN = 1_200, 500


@dataclass(frozen=True)
class Strong:
    """Words that stand out."""

    text: str
    """As it is shown."""


@dataclass(frozen=True)
class Code:
    """A name or an id, exactly as it is."""

    text: str
    """As it is shown."""


Line = Sequence[str | Strong | Code]


@dataclass(frozen=True)
class Heading:
    """A heading."""

    level: int
    """From 1, the ticket's title."""
    line: Line
    """Its words."""


@dataclass(frozen=True)
class Paragraph:
    """Lines that each begin on a new one."""

    lines: Sequence[Line]
    """In order."""


@dataclass(frozen=True)
class Points:
    """A list."""

    lines: Sequence[Line]
    """Its points, in order."""


@dataclass(frozen=True)
class Table:
    """A table; its first cells name the rows."""

    heads: Sequence[str]
    """Above the columns; the first is over the names of the rows."""
    rows: Sequence[Sequence[str]]
    """As many cells as heads."""


@dataclass(frozen=True)
class Fence:
    """Text exactly as it is, over several lines."""

    text: str
    """As it is shown."""


Block = Heading | Paragraph | Points | Table | Fence


def document(ticket: TicketRow, examples: int = 3) -> list[Block]:
    """All that a ticket says; `examples` as many transcripts at most, for trackers that limit a description."""
    blocks: list[Block] = [Heading(1, [f"{ticket.ticket}: {ticket.title}"]), Paragraph([_standing(ticket)])]
    blocks += _paragraphs(ticket.description)
    blocks += _what_is_known(ticket.evidence.clusters)
    blocks += _examples(ticket.evidence.examples[:examples])
    blocks += _done(ticket)
    return [*blocks, Paragraph(_origin(ticket))]


def transcript(messages: Sequence[Message], focus: int | None = None) -> str:
    """Messages with their turns; what they say is indented, so that no text in them can pose as another speaker.

    The turn `focus` is marked.
    """
    parts: list[str] = []
    last = messages[0].position - 1 if messages else 0
    for message in messages:
        if message.position > last + 1:
            parts.append(f"[… turns {last + 1} to {message.position - 1} are left out here]")
        last = message.position
        speaker = " ".join(part for part in (message.role, message.name) if part).replace("\n", " ")
        mark = "   <== look here" if message.position == focus else ""
        parts.append(
            "\n".join([f"[{message.position}] {speaker}{mark}", *(f"    {line}" for line in _lines_of(message))])
        )
    return "\n\n".join(parts)


def _standing(ticket: TicketRow) -> Line:
    facts: list[Line] = [[Strong(wording.STATUSES.get(ticket.status, ticket.status))]]
    if ticket.severity:
        facts.append(["severity ", Strong(ticket.severity), f" ({SEVERITIES.get(ticket.severity, '')})"])
    if ticket.root_cause:
        facts.append(["root cause ", Strong(ticket.root_cause.title), f" ({ticket.root_cause.meaning})"])
    else:
        facts.append(["root cause not agreed yet"])
    if ticket.discipline:
        facts.append([f"usually the work of {ticket.discipline}"])
    facts.append(["owner ", Strong(ticket.owner)] if ticket.owner else ["no owner yet"])
    if ticket.due:
        facts.append(["due ", Strong(str(ticket.due))])
    if ticket.fixed_release or ticket.fixed_date:
        parts = [f"with release {ticket.fixed_release}" if ticket.fixed_release else "",
                 f"on {ticket.fixed_date}" if ticket.fixed_date else ""]  # fmt: skip
        facts.append(["fixed " + " ".join(part for part in parts if part)])
    if ticket.ticket_key:
        facts.append(
            [f"tracked as {ticket.ticket_key}" + (f" ({ticket.tracker_state})" if ticket.tracker_state else "")]
        )
    return [part for place, line in enumerate(facts) for part in ([" · "] if place else []) + list(line)]


def _paragraphs(text: str) -> list[Block]:
    """Plain text with its lines kept; lines that begin with "- " are a list."""
    blocks: list[Block] = []
    fresh = True
    for line in text.splitlines():
        kind = Points if line.startswith("- ") else Paragraph
        words = line[2:] if kind is Points else line
        if not line.strip():
            fresh = True
            continue
        if not fresh and isinstance(blocks[-1], kind):
            blocks[-1] = kind([*blocks[-1].lines, [words]])
        else:
            blocks.append(kind([[words]]))
        fresh = False
    return blocks


# ── what is known ──


def _what_is_known(clusters: Sequence[ClusterEvidence]) -> list[Block]:
    if not clusters:
        return []
    blocks: list[Block] = [Heading(2, ["What is known"]), _numbers(clusters)]
    for cluster in clusters:
        blocks += _of_cluster(cluster, f" ({cluster.cluster})" if len(clusters) > 1 else "")
    return blocks


def _numbers(clusters: Sequence[ClusterEvidence]) -> Table:
    rows = [
        ["Observed", *(cluster.name for cluster in clusters)],
        ["Failing conversations", *(wording.size(cluster) for cluster in clusters)],
        ["Rate", *(bench_wording.how_often(cluster).rstrip(".") for cluster in clusters)],
        ["Trend", *(wording.trend(cluster) for cluster in clusters)],
        ["Seen", *(wording.since(cluster).rstrip(".") for cluster in clusters)],
    ]
    if any(cluster.onset for cluster in clusters):
        rows.append(["Rise", *(wording.onset(cluster) or "no clear week" for cluster in clusters)])
    return Table(["", *(cluster.cluster for cluster in clusters)], rows)


def _of_cluster(cluster: ClusterEvidence, named: str) -> list[Block]:
    blocks: list[Block] = []
    if seen := wording.facts(cluster):
        heads = [f"What the failing conversations share{named}", "here", "this bot's other conversations"]
        blocks.append(Table(heads, [_fact(fact) for fact in seen]))
    if cluster.parted:
        heads = [f"How they differ from the same requests that worked{named}", "failures", "where it worked"]
        rows = [
            [row.text, _share(row.failing, row.failures), _share(row.working, row.worked)] for row in cluster.parted
        ]
        blocks.append(Table(heads, rows[: wording.SHOWN_FACTS]))
    if cluster.suspects:
        blocks.append(
            Paragraph([[Strong("Suspects"), f"{named}, by correlation: none of them is proven to be the cause."]])
        )
        blocks.append(Points([[wording.suspect(row)] for row in cluster.suspects[: wording.SHOWN_FACTS]]))
    else:
        blocks.append(
            Paragraph([[f"No release, model, prompt, tool, document or channel stands out as a suspect{named}."]])
        )
    if releases := wording.releases(cluster):
        heads = [f"Release{named}", "failed this way", "all other releases"]
        blocks.append(Table(heads, [_fact(fact) for fact in releases[: wording.SHOWN_FACTS]]))
    return blocks


def _fact(fact: Fact) -> list[str]:
    return [fact.text, wording.share(fact), formatting.percent(fact.base_rate)]


def _share(count: int, total: int) -> str:
    return f"{count:,} of {total:,}"


# ── examples ──


def _examples(examples: Sequence[Example]) -> list[Block]:
    if not examples:
        return []
    intro = (
        "Numbers in brackets are the turns of the conversation, from 0. The turn to look at is where the failure likely "
        "shows first; it is no verdict. Placeholders such as [email] stand for personal data; within one conversation the "
        "same one is the same address."
    )
    blocks: list[Block] = [Heading(2, ["Examples"]), Paragraph([[intro]])]
    return blocks + [block for number, example in enumerate(examples, 1) for block in _example(number, example)]


def _example(number: int, example: Example) -> list[Block]:
    meta: list[str | Strong | Code] = [f"Cluster {example.cluster} · bot ", Code(example.bot)]
    if example.release:
        meta += [" · release ", Code(example.release)]
    if example.started_at:
        meta.append(f" · {formatting.minute(example.started_at)} UTC")
    blocks: list[Block] = [
        Heading(3, [f"Example {number}: conversation ", Code(example.conversation_id)]),
        Paragraph([[example.verdict], meta] if example.verdict else [meta]),
    ]
    if example.documents:
        blocks += [Paragraph([["Documents that the bot had:"]]), Fence("\n".join(example.documents))]
    where = f" ({example.why})" if example.why else ""
    if example.failing_turn is not None:
        blocks.append(Paragraph([[Strong(f"Look at turn {example.failing_turn}"), where, ":"]]))
    shown = [_shown(message) for message in (*_near(example.before), *example.after)]
    blocks.append(Fence(transcript(shown, example.failing_turn)))
    if example.worked:
        blocks.append(
            Paragraph(
                [
                    [
                        "It worked in conversation ",
                        Code(example.worked.conversation_id),
                        f" ({wording.beside(example.worked)}). First difference: {example.worked.first}. {wording.steps(example.worked)}",
                    ],
                ]
            )
        )
    return blocks


def _near(messages: Sequence[Message]) -> list[Message]:
    """The beginning and what leads to the failing turn; the rest is in the regression set."""
    spoken = [message for message in messages if not is_system(message.role)]
    return spoken if len(spoken) <= FIRST_SHOWN + LAST_SHOWN else [*spoken[:FIRST_SHOWN], *spoken[-LAST_SHOWN:]]


def _shown(message: Message) -> Message:
    limit = RESULT_SHOWN if is_tool(message.role) else SAID_SHOWN
    calls = [replace(call, arguments=cut(call.arguments, SAID_SHOWN)) for call in message.tool_calls]
    return replace(message, content=cut(message.content, limit), tool_calls=calls)


def _lines_of(message: Message) -> list[str]:
    lines = message.content.splitlines() if message.content.strip() else []
    for call in message.tool_calls:
        lines += f"→ calls {call.name} {call.arguments}".splitlines()
    if message.error:
        lines += f"error: {message.error}".splitlines()
    for document in message.documents:
        lines += f"document: {document}".splitlines()
    return lines or ["(empty)"]


# ── when it is done ──


def _done(ticket: TicketRow) -> list[Block]:
    blocks: list[Block] = []
    if ticket.acceptance:
        blocks += [Heading(2, ["Done when"]), *_paragraphs(ticket.acceptance)]
    if ticket.remedy:
        blocks += [Heading(2, ["What was done"]), *_paragraphs(ticket.remedy)]
    if ticket.evidence.regression:
        size = formatting.count(len(ticket.evidence.regression), "conversation")
        command = (
            f"python -m workbench export evals --ticket {ticket.ticket} --format jsonl --out {ticket.ticket}.jsonl"
        )
        blocks += [
            Paragraph([[Strong("Regression set"), f": {size}. Their messages up to the failing turn come from ", Code(command), " (or --format promptfoo)."]]),
            Fence("\n".join(ticket.regression)),
        ]  # fmt: skip
    return blocks


def _origin(ticket: TicketRow) -> list[Line]:
    evidence = ticket.evidence
    taken = f" The evidence is frozen: snapshot {evidence.snapshot}" if evidence.snapshot else ""
    through = (
        f", data through {formatting.day(evidence.data_through)}." if evidence.data_through else "." if taken else ""
    )
    lines: list[Line] = [
        [
            f"Made by {ticket.created_by} on {formatting.day(ticket.created_at)}.{taken}{through} State, cause and owner are as of "
            "this export. E-mail addresses, phone, card and bank account numbers are masked."
        ],
        ["Fingerprint: ", Code(ticket.fingerprint), ". Leave it here: it leads the next export back to this issue."],
    ]
    return [*lines, [f"In the workbench: {ticket.link}"]] if ticket.link else lines

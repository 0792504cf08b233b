"""A ticket for a coding agent: all that it needs to begin with, in at most `BUDGET` tokens, log text between marks.

What is too long loses in this order, a step at a time until it fits: the length of messages and of the description, the
third and the second example, messages far from the failing turn, facts beyond the first, further clusters. What happens,
the numbers, the failing turn and when it is done always stand. The same ticket gives the same bundle, which ends with what
was left out and the command that shows it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TypeVar

from workbench.bench.wording import how_often
from workbench.conversation.roles import is_system, is_tool
from workbench.judgement.taxonomy import SEVERITIES
from workbench.text.fencing import UNTRUSTED, fenced_log
from workbench.text.formatting import count, day, minute, percent
from workbench.text.token_budget import token_count, whole_words
from workbench.tickets import wording
from workbench.tickets.document import transcript
from workbench.tickets.frozen_evidence import ClusterEvidence, Example, Message
from workbench.tickets.tickets import TicketRow

Row = TypeVar("Row")
BUDGET = 4_000
"""Tokens, by `token_count`."""


@dataclass(frozen=True)
class Bundle:
    """A ticket for a coding agent."""

    text: str
    """Markdown, log text between marks."""
    tokens: int
    """Its length, by `token_count`."""
    left_out: list[str]
    """What does not stand in it, in words."""


@dataclass(frozen=True)
class _Limits:
    """How much a bundle holds at most; texts in characters."""

    description: int
    said: int
    result: int
    examples: int
    messages: int
    facts: int
    clusters: int
    short: int = 200
    """Of names and ids; sentences may have twice as much."""


_STEPS = (
    _Limits(2_000, 1_200, 500, examples=3, messages=8, facts=5, clusters=8),
    _Limits(2_000, 800, 300, examples=3, messages=8, facts=5, clusters=8),
    _Limits(1_600, 500, 200, examples=3, messages=8, facts=5, clusters=8),
    _Limits(1_600, 800, 300, examples=2, messages=8, facts=5, clusters=8),
    _Limits(1_200, 500, 200, examples=2, messages=8, facts=5, clusters=8),
    _Limits(1_000, 300, 120, examples=2, messages=8, facts=5, clusters=6),
    _Limits(1_200, 800, 300, examples=1, messages=8, facts=5, clusters=6),
    _Limits(1_000, 600, 250, examples=1, messages=8, facts=5, clusters=6),
    _Limits(1_000, 500, 200, examples=1, messages=6, facts=3, clusters=4),
    _Limits(600, 300, 120, examples=1, messages=4, facts=2, clusters=2, short=120),
    _Limits(300, 150, 60, examples=1, messages=3, facts=1, clusters=1, short=80),
    _Limits(120, 60, 30, examples=1, messages=2, facts=1, clusters=1, short=40),
)
"""From the most to the least; the first that fits is taken."""
_CALLS, _DOCUMENTS = 5, 2
"""Calls and documents of a message that are shown."""


def bundle(ticket: TicketRow) -> Bundle:
    """The ticket in at most `BUDGET` tokens."""
    for limits in _STEPS:
        made = _Writer(ticket, limits).bundle()
        if made.tokens <= BUDGET:
            break
    return made


class _Writer:
    """One try at a bundle, which counts what it leaves out."""

    def __init__(self, ticket: TicketRow, limits: _Limits) -> None:
        self._ticket, self._limits = ticket, limits
        self._omitted: Counter[str] = Counter()

    def bundle(self) -> Bundle:
        parts = [*self._what_happens(), *self._what_is_known(), *self._examples(), *self._done()]
        left_out = [
            count(number, what, what.replace(noun := what.split()[0], f"{noun}s", 1))
            for what, number in self._omitted.items()
            if number
        ]
        text = "\n\n".join([*parts, self._where_the_rest_is(left_out)]) + "\n"
        return Bundle(text, token_count(text), left_out)

    def _what_happens(self) -> list[str]:
        ticket = self._ticket
        facts = [wording.STATUSES.get(ticket.status, ticket.status)]
        if ticket.severity:
            facts.append(f"severity {ticket.severity} ({SEVERITIES.get(ticket.severity, '')})")
        facts.append(f"root cause {ticket.cause}" if ticket.cause else "root cause not agreed yet")
        facts += [f"due {ticket.due}"] if ticket.due else []
        shown = ticket.clusters[: self._limits.clusters]
        facts.append("for " + ", ".join(shown) + (" and others" if len(shown) < len(ticket.clusters) else ""))
        lines = [self._short(ticket.title)]
        if ticket.root_cause:
            lines.append(f"Root cause: {self._short(f'{ticket.root_cause.title}: {ticket.root_cause.meaning}')}")
        lines += [f"Owner: {self._short(ticket.owner)}"] if ticket.owner else []
        if ticket.fixed_release or ticket.fixed_date:
            how = [f"with release {self._short(ticket.fixed_release)}" if ticket.fixed_release else "",
                   f"on {ticket.fixed_date}" if ticket.fixed_date else ""]  # fmt: skip
            lines.append("Fixed " + " ".join(part for part in how if part))
        lines += ["", self._cut(ticket.description, self._limits.description, "character of the description")]
        return [
            f"# {ticket.ticket}: a ticket of the triage workbench",
            f"{UNTRUSTED} Placeholders such as [email] stand for personal data.",
            " · ".join(facts),
            "## What happens",
            fenced_log("\n".join(lines)),
        ]

    def _what_is_known(self) -> list[str]:
        evidence = self._ticket.evidence
        if not evidence.clusters:
            return []
        shown = self._first(evidence.clusters, self._limits.clusters, "cluster")
        frozen = f", as of snapshot {evidence.snapshot}" if evidence.snapshot else ""
        through = f", data through {day(evidence.data_through)}" if evidence.data_through else ""
        lines = "\n\n".join("\n".join(self._of_cluster(cluster)) for cluster in shown)
        return [f"## What is known{frozen}{through}", fenced_log(lines)]

    def _of_cluster(self, cluster: ClusterEvidence) -> list[str]:
        facts, most = wording.facts(cluster), self._limits.facts
        self._omitted["fact beyond the first"] += max(0, len(cluster.facts) - len(facts))
        named = replace(cluster, bot=self._short(cluster.bot))
        lines = [
            f"{cluster.cluster}: {self._short(cluster.name)}",
            f"- failing conversations: {wording.size(cluster)}",
            f"- {how_often(named)}",
            f"- trend: {wording.trend(cluster)}; {wording.since(cluster)}",
        ]
        lines += [f"- rise: {rise}"] if (rise := wording.onset(cluster)) else []
        lines += [
            f"- {self._short(fact.text)}: {wording.share(fact)} here, {percent(fact.base_rate)} of this bot's others"
            for fact in self._first(facts, most, "fact beyond the first")
        ]
        lines += [
            f"- apart from the same requests that worked: {self._sentence(wording.parted(row))}"
            for row in self._first(cluster.parted, most, "fact beyond the first")
        ]
        lines += [
            f"- suspect, by correlation and not proven: {self._sentence(wording.suspect(row))}"
            for row in self._first(cluster.suspects, most, "fact beyond the first")
        ]
        lines += [
            f"- release {self._short(fact.text)}: {wording.share(fact)} failed this way, {percent(fact.base_rate)} of all others"
            for fact in self._first(wording.releases(cluster), most, "fact beyond the first")
        ]
        return lines

    # ── examples ──

    def _examples(self) -> list[str]:
        shown = self._first(self._ticket.evidence.examples, self._limits.examples, "example")
        return list(chain.from_iterable(self._example(number, example) for number, example in enumerate(shown, 1)))

    def _example(self, number: int, example: Example) -> list[str]:
        where = "" if example.failing_turn is None else f": look at turn {example.failing_turn} first, it is no verdict"
        about = [f"conversation {self._short(example.conversation_id)}", f"bot {self._short(example.bot)}"]
        about += [f"release {self._short(example.release)}"] if example.release else []
        about += [f"{minute(example.started_at)} UTC"] if example.started_at else []
        lines = [" · ".join(about)]
        lines += [self._sentence(example.verdict)] if example.verdict else []
        lines += [f"Why that turn: {self._sentence(example.why)}"] if example.why else []
        lines += [f"document: {text}" for text in self._documents(example.documents)]
        lines += ["", transcript([self._message(each) for each in self._messages(example)], example.failing_turn)]
        if example.worked:
            worked = example.worked
            beside = replace(worked, steps=[self._short(step) for step in worked.steps])
            lines += [
                "",
                f"It worked in conversation {self._short(worked.conversation_id)} ({wording.beside(worked)}). "
                f"First difference: {self._sentence(worked.first)}. {wording.steps(beside)}",
            ]
        return [f"## Example {number}{where}", fenced_log("\n".join(lines))]

    def _messages(self, example: Example) -> list[Message]:
        """The failing turn, the request, what came back, then the ones before it, the nearest first."""
        spoken = [message for message in example.messages if not is_system(message.role)]
        before = [each for each in spoken if each in example.before]
        wanted = [*example.after[:1], *before[:1], *example.after[1:], *reversed(before[1:])][: self._limits.messages]
        self._omitted["message of the examples"] += len(spoken) - len(wanted)
        return sorted(wanted, key=lambda message: message.position)

    def _message(self, message: Message) -> Message:
        limit = self._limits.result if is_tool(message.role) else self._limits.said
        what = "character of messages"
        calls = [
            replace(
                call, name=self._short(call.name), arguments=self._cut(call.arguments, self._limits.result * 2, what)
            )
            for call in self._first(message.tool_calls, _CALLS, "call")
        ]
        return replace(
            message,
            role=self._short(message.role),
            name=self._short(message.name) if message.name else None,
            content=self._cut(message.content, limit, what),
            error=self._cut(message.error, limit, what) if message.error else None,
            tool_calls=calls,
            documents=self._documents(message.documents),
        )

    def _documents(self, documents: Sequence[str]) -> list[str]:
        shown = self._first(documents, _DOCUMENTS, "document")
        return [self._cut(text, self._limits.result, "character of documents") for text in shown]

    # ── the end ──

    def _done(self) -> list[str]:
        parts = []
        if self._ticket.acceptance:
            done = self._cut(self._ticket.acceptance, 8 * self._limits.short, "character of the acceptance rule")
            parts += ["## Done when", fenced_log(done)]
        if self._ticket.regression:
            name = self._ticket.ticket
            parts.append(
                f"Regression set: {count(len(self._ticket.regression), 'conversation')}, their messages up to the failing "
                f"turn: `python -m workbench export evals --ticket {name} --format jsonl --out {name}.jsonl`"
            )
        return parts

    def _where_the_rest_is(self, left_out: Sequence[str]) -> str:
        whole = "One conversation in full: `python -m workbench show CONVERSATION --bot BOT`, ids as in the examples."
        if not left_out:
            return f"## Left out\n\nNothing of the ticket. {whole}"
        return (
            f"## Left out\n\n{'; '.join(left_out)}. `python -m workbench ticket show {self._ticket.ticket}` shows more of "
            f"the ticket. {whole}"
        )

    def _first(self, rows: Sequence[Row], most: int, what: str) -> Sequence[Row]:
        self._omitted[what] += max(0, len(rows) - most)
        return rows[:most]

    def _cut(self, text: str, limit: int, what: str) -> str:
        shown = whole_words(text, limit)
        self._omitted[what] += shown.omitted
        return shown.text

    def _short(self, text: str) -> str:
        return whole_words(" ".join(text.split()), self._limits.short).text

    def _sentence(self, text: str) -> str:
        return whole_words(" ".join(text.split()), 2 * self._limits.short).text

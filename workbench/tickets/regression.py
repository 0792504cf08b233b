"""Failing conversations as test cases: the messages up to the failing turn, what the bot did there, and what to check.

Messages are in the shape of chat completion APIs, so that they can be sent as they are. They are masked, and within one
conversation the same address is the same placeholder in texts, arguments and results. No model is called here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from workbench.bench.bench import Bench
from workbench.bench.comparison import first_differences
from workbench.bench.failure_rows import FailureRow
from workbench.bench.filter import Filter
from workbench.bench.wording import signal_title
from workbench.conversation import Conversation, Turn
from workbench.conversation.masked import replayable
from workbench.conversation.roles import Side, is_bot, is_tool, side_of
from workbench.evidence.analysis_tables import SignalRecord
from workbench.judgement.effective_label import effective_label
from workbench.judgement.records.labels import Label
from workbench.judgement.taxonomy import Taxonomy
from workbench.text.masking import mask
from workbench.tickets.evidence import cut, last_shown
from workbench.tickets.frozen_evidence import read_evidence

_SENT_AS: dict[Side | None, str] = {"user": "user", "bot": "assistant", "tool": "tool", "system": "system"}
NOT_FAILING = ("not-a-bug", "judged-wrong", "out-of-scope")
"""Dispositions that say there is nothing to check."""
BLOCK = 200
SAID_SHOWN = 300


@dataclass(frozen=True)
class EvalRow:
    """One line of `export evals`."""

    id: str
    """The same at every export."""
    conversation_id: str
    """Its id, as logged."""
    bot: str
    """The bot, as logged."""
    release: str | None
    """The release, as logged; None where the log names none."""
    started_at: datetime | None
    """Its first time, naive UTC; None where the log has none."""
    cluster: str | None
    """The FC-id; None where it is in none."""
    cluster_name: str | None
    """What was observed there."""
    kind: str | None
    """mechanical or topical."""
    ticket: str | None
    """The ticket that it is exported for."""
    root_cause: str | None
    """A taxonomy's code."""
    root_cause_source: str | None
    """person or suggested."""
    severity: str | None
    """S1 to S4; None where nobody said one and the log suggests none."""
    tags: list[str]
    """By which a test runner filters."""
    failing_turn: int | None
    """Where the failure likely shows first, from 0."""
    check: list[str]
    """What to look at in an answer, in sentences."""
    messages: list[dict[str, Any]]
    """What the bot had before its failing turn, without calls on a device of the user: it never saw them."""
    logged: list[dict[str, Any]]
    """What it did then."""
    documents: list[dict[str, Any]] = field(default_factory=list)
    """What it could rest on."""


def evals(bench: Bench, filter: Filter = Filter(), ticket: str | None = None) -> list[EvalRow]:  # noqa: B008 - frozen
    """The failing conversations that pass the filter as test cases; with a ticket, only those of its regression set.

    What a person called no failure (not-a-bug, judged-wrong, out-of-scope) is left out.
    """
    wanted = _regression(bench, ticket) if ticket is not None else None
    labels = bench.judgement.labels.all()
    failing: dict[str, tuple[FailureRow, Label | None]] = {}
    for row in bench.failures(filter):
        key = row.key
        label = effective_label(labels, key, row.cluster)
        if (wanted is None or key in wanted) and not (label and label.disposition in NOT_FAILING):
            failing[key] = (row, label)
    order = list(wanted or failing)
    return [row for keys in _blocks([key for key in order if key in failing]) for row in _rows(bench, keys, failing)]


def _regression(bench: Bench, ticket: str) -> list[str]:
    return [conversation.key for conversation in read_evidence(bench.tickets.get(ticket).evidence).regression]


def _blocks(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(keys), BLOCK):
        yield keys[start : start + BLOCK]


def _rows(
    bench: Bench, keys: Sequence[str], failing: Mapping[str, tuple[FailureRow, Label | None]]
) -> Iterator[EvalRow]:
    taxonomy = bench.causes.taxonomy()
    conversations = {conversation.key: conversation for conversation in bench.evidence.conversations(keys)}
    differences = first_differences(bench.evidence, list(conversations.values()))
    signals: dict[str, list[SignalRecord]] = {}
    for hit in bench.evidence.signals_of(keys):
        signals.setdefault(hit.key, []).append(hit)
    for key in keys:
        row, label = failing[key]
        cluster = bench.evidence.cluster(row.cluster) if row.cluster else None
        conversation = replayable(conversations[key])
        yield EvalRow(
            id=key,
            conversation_id=row.conversation_id,
            bot=row.bot,
            release=row.release,
            started_at=row.started_at,
            cluster=row.cluster,
            cluster_name=row.cluster_name,
            kind=cluster.kind if cluster else None,
            ticket=row.ticket,
            root_cause=row.root_cause,
            root_cause_source=row.root_cause_source,
            severity=row.severity,
            tags=_tags(row),
            failing_turn=row.failing_turn,
            check=_check(row, label, taxonomy, signals.get(key, []), differences.get(key)),
            messages=list(sent(conversation, row.failing_turn)),
            logged=[_message(turn, _ids(conversation)) for turn in _after(conversation.turns, row.failing_turn)],
            documents=_documents(conversation, row.failing_turn),
        )


def _tags(row: FailureRow) -> list[str]:
    named = {"bot": row.bot, "cluster": row.cluster, "ticket": row.ticket, "cause": row.root_cause,
             "severity": row.severity, "release": row.release}  # fmt: skip
    return [f"{name}:{value}" for name, value in named.items() if value] + [f"signal:{code}" for code in row.signals]


def _check(
    row: FailureRow,
    label: Label | None,
    taxonomy: Taxonomy,
    signals: Sequence[SignalRecord],
    difference: tuple[str, str] | None,
) -> list[str]:
    """What to look at in a new answer: what a person said, what was observed, and what differed where it worked."""
    sentences = []
    if label and (cause := taxonomy.causes.get(label.cause or "")):
        sentences.append(f"Root cause, agreed by a person: {cause.title} ({cause.meaning}). It must not happen again.")
    if label and label.note:
        sentences.append(f"Note: {mask(label.note)}")
    for hit in signals:
        where = "" if hit.position is None else f" (turn {hit.position})"
        if hit.strength in ("strong", "medium"):
            sentences.append(f"Observed: {signal_title(hit.code)}{where}: {cut(mask(hit.evidence), SAID_SHOWN)}")
    if difference:
        other, first = difference
        sentences.append(f"Where the same request worked (conversation {other}): {first}.")
    if row.failing_turn is not None:
        sentences.append(f"Likely failing turn: {row.failing_turn}; where to look first, no verdict.")
    return sentences


def sent(conversation: Conversation, failing: int | None) -> Iterator[dict[str, Any]]:
    """The messages before the failing turn as the bot had them."""
    ids = _ids(conversation)
    for turn in conversation.turns[: failing if failing is not None else len(conversation.turns)]:
        of_user = turn.caller is not None and not is_bot(turn.caller)
        silent = not is_bot(turn.role) and turn.tool_calls and not turn.content.strip()
        if not of_user and not silent:
            yield _message(turn, ids)


def _after(turns: Sequence[Turn], failing: int | None) -> Sequence[Turn]:
    """The failing turn, the results of its calls, and what the bot said of them."""
    return [] if failing is None else turns[failing : last_shown(turns, failing) + 1]


def _ids(conversation: Conversation) -> dict[int, str]:
    """The id of the call that a tool's turn answers, by its position, also where the log has none."""
    return {
        call.result_position: call.id or f"call_{turn.position}_{place}"
        for turn in conversation.turns
        for place, call in enumerate(turn.tool_calls)
        if call.result_position is not None
    }


def _message(turn: Turn, ids: Mapping[int, str]) -> dict[str, Any]:
    """A turn as chat completion APIs take it, under their names for the roles."""
    of_bot, is_result = is_bot(turn.role), is_tool(turn.role)
    content = turn.content or (f"error: {turn.error}" if is_result and turn.error else "")
    message: dict[str, Any] = {"role": _SENT_AS.get(side_of(turn.role), turn.role), "content": content}
    if of_bot and turn.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id or f"call_{turn.position}_{place}",
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for place, call in enumerate(turn.tool_calls)
        ]
    if is_result:
        named = {"name": turn.name, "tool_call_id": turn.tool_call_id or ids.get(turn.position)}
        message |= {name: value for name, value in named.items() if value}
    return message


def _documents(conversation: Conversation, failing: int | None) -> list[dict[str, Any]]:
    """What the bot was given to read for its failing turn: the conversation's documents, and that turn's own."""
    turns = conversation.turns if failing is None else conversation.turns[: failing + 1]
    own = [document for turn in turns[-2:] for document in turn.retrieved]
    return [asdict(document) for document in [*conversation.retrieved, *own]]

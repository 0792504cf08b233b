"""What a ticket carries of the evidence: numbers, what was seen, and examples to replay. Frozen when it is made.

Everything here is plain data that JSON holds, so that a ticket still reads when its snapshot is long gone. All log text
in it is masked, and long texts are cut with a marker that says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

from workbench.bench.cluster_detail import ClusterDetail, Fact, SuccessRow
from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.conversation_detail import ConversationDetail
from workbench.bench.failure_rows import MemberRow
from workbench.clusters.matched_successes import deed
from workbench.conversation import Conversation, Document, Turn
from workbench.conversation.roles import is_bot, is_tool, side_of
from workbench.text.masking import mask
from workbench.tickets.frozen_evidence import Call, ClusterEvidence, Example, Message, Replay, Worked

EXAMPLES = 3
REPLAYED = 20
"""Conversations of a cluster in a ticket's regression set, at most."""
PARTED_KEPT, STEPS_KEPT = 5, 8
MESSAGE_KEPT, RESULT_KEPT, DOCUMENT_KEPT = 4_000, 2_000, 300
FIRST_KEPT, LAST_KEPT = 10, 60


def peers(rows: Sequence[ClusterRow], cluster: ClusterRow) -> list[tuple[int, int]]:
    """Failures and eligible conversations of the bot's clusters of one kind, this one among them: what it was picked from."""
    return [(row.failures, row.eligible) for row in rows if (row.bot, row.kind) == (cluster.bot, cluster.kind)]


def cluster_evidence(detail: ClusterDetail, users: int | None = None) -> ClusterEvidence:
    """The numbers of a cluster as they are now."""
    row = detail.row
    shared = {field.name for field in fields(ClusterEvidence)} & {field.name for field in fields(row)} - {
        "weeks",
        "users",
    }
    return ClusterEvidence(
        **{name: getattr(row, name) for name in shared},
        facts=_telling(detail),
        releases=detail.releases,
        weeks=detail.weeks,
        users=users,
        note=mask(detail.label.note) if detail.label else "",
        noted_by=detail.label.by if detail.label else "",
        suspects=[suspect for suspect in detail.suspects if suspect.stands],
        parted=detail.parted[:PARTED_KEPT],
        onset=detail.onset,
    )


def regression_set(detail: ClusterDetail) -> list[Replay]:
    """The conversations that a fix must pass: the examples, then members from the most to the least typical."""
    others = [member for member in detail.members if member.key not in {example.key for example in detail.examples}]
    wanted = REPLAYED - len(detail.examples)
    if len(others) > wanted:
        others = [others[place * (len(others) - 1) // max(wanted - 1, 1)] for place in range(wanted)]
    rows: list[MemberRow] = [*detail.examples, *others]
    return [Replay(row.key, row.conversation_id, detail.row.cluster) for row in rows]


def example(
    detail: ConversationDetail, cluster: str, to_replay: Conversation | None = None, worked: Sequence[SuccessRow] = ()
) -> Example:
    """A conversation as an example of its cluster, all of it masked already.

    Its messages are those of `to_replay`, where one is given: the same conversation with numbered placeholders. Of the
    successes beside it (`worked`, nearest first) the nearest is told.
    """
    conversation = to_replay or detail.conversation
    candidate = detail.candidates[0] if detail.candidates else None
    turn = candidate.position if candidate else None
    return Example(
        key=conversation.key,
        conversation_id=conversation.conversation_id,
        bot=conversation.bot,
        cluster=cluster,
        started_at=conversation.started_at,
        release=conversation.release_name,
        verdict=detail.verdict,
        failing_turn=turn,
        why=candidate.why if candidate else "",
        documents=_documents(conversation.retrieved),
        messages=_messages(conversation, turn),
        worked=_worked(worked[0]) if worked else None,
    )


def _worked(row: SuccessRow) -> Worked:
    return Worked(
        row.key,
        row.conversation_id,
        row.similarity,
        row.same_task,
        row.contrast.first,
        [deed(pair.there) for pair in row.contrast.steps if pair.there][:STEPS_KEPT],
        row.release,
        row.started_at,
    )


def examples(per_cluster: Sequence[Sequence[Example]]) -> list[Example]:
    """Three examples: of several clusters one of each first."""
    rounds = [row[place] for place in range(EXAMPLES) for row in per_cluster if place < len(row)]
    return list({example.key: example for example in rounds}.values())[:EXAMPLES]


def _telling(detail: ClusterDetail) -> list[Fact]:
    """What at least a quarter of the failing conversations share, more often than the bot's others; best first."""
    seen = {fact.text: fact for fact in [*detail.signals, *detail.facts]}
    gains = {fact: fact.count / fact.total - (fact.base_rate or 0) for fact in seen.values() if fact.total}
    telling = [fact for fact, gain in gains.items() if fact.count * 4 >= fact.total and gain > 0]
    return sorted(telling, key=lambda fact: (-gains[fact], fact.text))


def _messages(conversation: Conversation, turn: int | None) -> list[Message]:
    turns = conversation.turns if turn is None else conversation.turns[: last_shown(conversation.turns, turn) + 1]
    if len(turns) > FIRST_KEPT + LAST_KEPT:
        turns = [*turns[:FIRST_KEPT], *turns[-LAST_KEPT:]]
    return [
        Message(
            position=turn.position,
            role=turn.role,
            content=cut(turn.content, RESULT_KEPT if side_of(turn.role) in ("tool", "system") else MESSAGE_KEPT),
            name=turn.name,
            tool_calls=[Call(call.name, cut(call.arguments, RESULT_KEPT), call.id) for call in turn.tool_calls],
            tool_call_id=turn.tool_call_id,
            error=cut(turn.error, RESULT_KEPT) if turn.error else None,
            documents=_documents([*turn.retrieved, *turn.citations]),
        )
        for turn in turns
    ]


def last_shown(turns: Sequence[Turn], failing: int) -> int:
    """The last turn to show: the failing one, the results of its calls, and what the bot said of them."""
    last = failing
    while last + 1 < len(turns) and is_tool(turns[last + 1].role):
        last += 1
    said_of_results = last > failing and last + 1 < len(turns) and is_bot(turns[last + 1].role)
    return last + said_of_results


def _documents(documents: Sequence[Document]) -> list[str]:
    lines = []
    for document in documents:
        score = f"score {document.score:.3g}" if document.score is not None else None
        head = " · ".join(part for part in (document.title, document.id, document.url, score) if part)
        lines.append(": ".join(part for part in (head, cut(document.text or "", DOCUMENT_KEPT)) if part))
    return lines


def cut(text: str, limit: int) -> str:
    """The text, or its beginning and how much was left out."""
    return text if len(text) <= limit else f"{text[:limit]}… [cut here: {len(text) - limit:,} more characters]"

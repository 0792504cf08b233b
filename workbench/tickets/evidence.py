"""What a ticket carries of the evidence: numbers, what was seen, and examples to replay. Frozen when it is made.

Everything here is plain data that JSON holds, so that a ticket still reads when its snapshot is long gone. All log text
in it is masked, and long texts are cut with a marker that says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from workbench.bench.rows import (
    ClusterDetail,
    ConversationDetail,
    Fact,
    MemberRow,
    PartedRow,
    SuspectRow,
    WeekRate,
    WorkedRow,
)
from workbench.clusters.suspects import Onset
from workbench.conversation import Conversation, Document, Turn
from workbench.conversation.roles import is_bot, is_tool, side_of
from workbench.text.masking import mask

EXAMPLES = 3
REPLAYED = 20
"""Conversations of a cluster in a ticket's regression set, at most."""
PARTED_KEPT, STEPS_KEPT = 5, 8
MESSAGE_KEPT, RESULT_KEPT, DOCUMENT_KEPT = 4_000, 2_000, 300
FIRST_KEPT, LAST_KEPT = 10, 60


@dataclass(frozen=True)
class Call:
    """A tool call as logged; `arguments` is its JSON text."""

    name: str
    arguments: str = "{}"
    id: str | None = None


@dataclass(frozen=True)
class Message:
    """One message of an example, in the words of our own log format. `position` is its turn."""

    position: int
    role: str
    content: str = ""
    name: str | None = None
    tool_calls: list[Call] = field(default_factory=list)
    tool_call_id: str | None = None
    error: str | None = None
    documents: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Worked:
    """The same request that worked, beside an example: how alike the two are, the first difference between them, and what
    the bot did there (`steps`, those that change something)."""

    key: str
    conversation_id: str
    similarity: float
    same_task: bool
    first: str
    steps: list[str] = field(default_factory=list)
    release: str | None = None
    started_at: datetime | None = None


@dataclass(frozen=True)
class Replay:
    """One conversation of a ticket's regression set."""

    key: str
    conversation_id: str
    cluster: str


@dataclass(frozen=True)
class Example:
    """A failing conversation to look at and to replay.

    `messages` go up to the likely failing turn and what came back on it (to the end where no turn is named); of a very
    long conversation the middle is left out, which shows as a gap in the positions.
    """

    key: str
    conversation_id: str
    bot: str
    cluster: str
    started_at: datetime | None = None
    release: str | None = None
    verdict: str = ""
    failing_turn: int | None = None
    why: str = ""
    documents: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    worked: Worked | None = None

    @property
    def before(self) -> list[Message]:
        """What to send: the messages before the failing turn."""
        return [m for m in self.messages if self.failing_turn is None or m.position < self.failing_turn]

    @property
    def after(self) -> list[Message]:
        """What the bot did: the failing turn and what came back on it."""
        return [m for m in self.messages if self.failing_turn is not None and m.position >= self.failing_turn]


@dataclass(frozen=True)
class ClusterEvidence:
    """A cluster's numbers, and what was noted of it, when it was put on the ticket; the fields are those of `ClusterRow` and
    `ClusterDetail`."""

    cluster: str
    name: str
    bot: str
    kind: str
    keywords: list[str]
    sentence: str
    size: int
    failures: int
    eligible: int
    failure_rate: float | None
    rate_low: float | None
    rate_high: float | None
    trend: str | None
    first_seen: datetime | None
    last_seen: datetime | None
    facts: list[Fact] = field(default_factory=list)
    releases: list[Fact] = field(default_factory=list)
    weeks: list[WeekRate] = field(default_factory=list)
    users: int | None = None
    note: str = ""
    noted_by: str = ""
    suspects: list[SuspectRow] = field(default_factory=list)
    parted: list[PartedRow] = field(default_factory=list)
    onset: Onset | None = None


@dataclass(frozen=True)
class TicketEvidence:
    """All that a ticket carries, as of one snapshot; empty for a ticket that was made without.

    `users` are those of all clusters together, None where the log names none. `suspects` are only those that stand.
    """

    snapshot: str | None = None
    data_through: datetime | None = None
    clusters: list[ClusterEvidence] = field(default_factory=list)
    examples: list[Example] = field(default_factory=list)
    acceptance: str = ""
    users: int | None = None
    regression: list[Replay] = field(default_factory=list)

    @property
    def conversations(self) -> int:
        """How many failing conversations; each is in one cluster."""
        return sum(cluster.size for cluster in self.clusters)

    def as_json(self) -> dict[str, Any]:
        """As plain values that JSON holds; times as ISO text."""
        return _plain(asdict(self))  # type: ignore[no-any-return]


def read_evidence(stored: Mapping[str, Any]) -> TicketEvidence:
    """What `as_json` gave, also that of an older or a newer program: unknown fields are left out."""
    return TicketEvidence(
        **_fields_of(TicketEvidence, stored)
        | {
            "clusters": [_cluster(row) for row in stored.get("clusters", [])],
            "examples": [_example(row) for row in stored.get("examples", [])],
            "regression": [Replay(**_fields_of(Replay, row)) for row in stored.get("regression", [])],
        }
    )


def cluster_evidence(detail: ClusterDetail, users: int | None = None) -> ClusterEvidence:
    """The numbers of a cluster as they are now."""
    row = detail.row
    shared = {field.name for field in fields(ClusterEvidence)} & {field.name for field in fields(row)}
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
    detail: ConversationDetail, cluster: str, to_replay: Conversation | None = None, worked: Sequence[WorkedRow] = ()
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


def _worked(row: WorkedRow) -> Worked:
    return Worked(
        row.key,
        row.conversation_id,
        row.similarity,
        row.same_task,
        row.contrast.first,
        [f"{pair.there.tool} {pair.there.outcome}" for pair in row.contrast.steps if pair.there][:STEPS_KEPT],
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


def _cluster(stored: Mapping[str, Any]) -> ClusterEvidence:
    rows: dict[str, Any] = {
        "facts": Fact,
        "releases": Fact,
        "weeks": WeekRate,
        "suspects": SuspectRow,
        "parted": PartedRow,
    }
    parts = {name: [kind(**_fields_of(kind, part)) for part in stored.get(name, [])] for name, kind in rows.items()}
    onset = stored.get("onset")
    return ClusterEvidence(
        **_fields_of(ClusterEvidence, stored) | parts | {"onset": Onset(**_fields_of(Onset, onset)) if onset else None}
    )


def _example(stored: Mapping[str, Any]) -> Example:
    messages, worked = [_message(message) for message in stored.get("messages", [])], stored.get("worked")
    beside = Worked(**_fields_of(Worked, worked)) if worked else None
    return Example(**_fields_of(Example, stored) | {"messages": messages, "worked": beside})


def _message(stored: Mapping[str, Any]) -> Message:
    """A kept message, masked again: masking may have learned something since."""
    message = _fields_of(Message, stored)
    return Message(
        **message
        | {
            "content": mask(message.get("content", "")),
            "tool_calls": [
                Call(call["name"], mask(call["arguments"]), call.get("id")) for call in message.get("tool_calls", [])
            ],
            "error": mask(message["error"]) if message.get("error") else None,
            "documents": [mask(document) for document in message.get("documents", [])],
        }
    )


_TIMES = {"data_through", "started_at", "first_seen", "last_seen"}


def _fields_of(kind: type[Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    names = {field.name for field in fields(kind)} & set(stored)
    return {name: _time(stored[name]) if name in _TIMES else stored[name] for name in names}


def _time(value: str | None) -> datetime | None:
    return datetime.fromisoformat(value) if value else None


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value.isoformat() if isinstance(value, datetime) else value

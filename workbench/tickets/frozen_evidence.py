"""What a ticket carries of its clusters, frozen as of one snapshot: the records, and how they are kept as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import datetime
from typing import Any

from workbench.bench.cluster_detail import BehaviourRow, Fact, SuspectRow
from workbench.bench.cluster_rows import WeekRate
from workbench.clusters.suspects import Onset
from workbench.text.masking import mask


@dataclass(frozen=True)
class Call:
    """A tool call as logged."""

    name: str
    """The tool's name."""
    arguments: str = "{}"
    """JSON text, as logged."""
    id: str | None = None
    """What its result names it by; None where the log has none."""


@dataclass(frozen=True)
class Message:
    """One message of an example, in the words of our own log format."""

    position: int
    """Its turn, from 0."""
    role: str
    """As logged."""
    content: str = ""
    """What it says, cut and masked."""
    name: str | None = None
    """The tool's or speaker's name."""
    tool_calls: list[Call] = field(default_factory=list)
    """The calls that it makes."""
    tool_call_id: str | None = None
    """The call that it answers."""
    error: str | None = None
    """What the log calls its error."""
    documents: list[str] = field(default_factory=list)
    """The documents that it got or cites, in words."""


@dataclass(frozen=True)
class Worked:
    """The same request that worked, beside an example."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    similarity: float
    """The cosine of the two requests."""
    same_task: bool
    """Whether the log says that both are one task."""
    first: str
    """The first difference between the two, in words."""
    steps: list[str] = field(default_factory=list)
    """What the bot did there, of what changes something."""
    release: str | None = None
    """The release, as logged; None where the log names none."""
    started_at: datetime | None = None
    """Its first time, naive UTC; None where the log has none."""


@dataclass(frozen=True)
class Replay:
    """One conversation of a ticket's regression set."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    cluster: str
    """The FC-id that it is in the set for."""


@dataclass(frozen=True)
class Example:
    """A failing conversation to look at and to replay."""

    key: str
    """The conversation's key in the store."""
    conversation_id: str
    """Its id, as logged."""
    bot: str
    """The bot, as logged."""
    cluster: str
    """The FC-id that it is an example of."""
    started_at: datetime | None = None
    """Its first time, naive UTC; None where the log has none."""
    release: str | None = None
    """The release, as logged; None where the log names none."""
    verdict: str = ""
    """How it went by the log, in words."""
    failing_turn: int | None = None
    """Where the failure likely shows first, from 0; None where no turn is named."""
    why: str = ""
    """Why this turn, in words."""
    documents: list[str] = field(default_factory=list)
    """Documents that the whole conversation had, in words."""
    messages: list[Message] = field(default_factory=list)
    """Up to the failing turn and what came back on it, else to the end; of a very long one the middle is left out, which shows as a gap in the positions."""
    worked: Worked | None = None
    """The same request that worked, where there is one."""

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
    """Its FC-id."""
    name: str
    """What was observed, in a line."""
    bot: str
    """The bot, as logged."""
    kind: str
    """mechanical or topical."""
    keywords: list[str]
    """Words of its topic, the most typical first."""
    sentence: str
    """The request of its most typical conversation."""
    size: int
    """Its failing conversations."""
    failures: int
    """Those of them that the rate counts."""
    eligible: int
    """Conversations with a request like theirs."""
    failure_rate: float | None
    """`failures` of `eligible`; None where there are too few."""
    rate_low: float | None
    """The lower 95 % bound of the rate (Wilson)."""
    rate_high: float | None
    """The upper 95 % bound of the rate (Wilson)."""
    trend: str | None
    """rising, falling, flat or new; None where the log spans too little time."""
    first_seen: datetime | None
    """Its first conversation, naive UTC."""
    last_seen: datetime | None
    """Its last conversation, naive UTC."""
    facts: list[Fact] = field(default_factory=list)
    """What its failures share, against the other conversations of the bot."""
    releases: list[Fact] = field(default_factory=list)
    """How often it fails this way by release."""
    weeks: list[WeekRate] = field(default_factory=list)
    """How often by week."""
    users: int | None = None
    """Users that it touched; None where the log names none."""
    note: str = ""
    """What a person noted of it, masked."""
    noted_by: str = ""
    """Who noted it."""
    suspects: list[SuspectRow] = field(default_factory=list)
    """What came with it, those that stand only."""
    parted: list[BehaviourRow] = field(default_factory=list)
    """What parts it from the same requests that worked."""
    onset: Onset | None = None
    """The week from which on it is more frequent."""
    judged_failures: int | None = None
    """Those of its failures that a verdict would count before a fix of today; None where that was not counted."""
    judged_eligible: int | None = None
    """The conversations among them: those that could have failed so from its first failure on."""
    peers: list[tuple[int, int]] = field(default_factory=list)
    """Failures and eligible conversations of the bot's clusters among which it was picked."""


@dataclass(frozen=True)
class TicketEvidence:
    """All that a ticket carries, as of one snapshot; empty for a ticket that was made without."""

    snapshot: str | None = None
    """The snapshot's name."""
    data_through: datetime | None = None
    """The last time in its data, naive UTC."""
    clusters: list[ClusterEvidence] = field(default_factory=list)
    """In the order of the ticket."""
    examples: list[Example] = field(default_factory=list)
    """To look at, of all clusters in turn."""
    acceptance: str = ""
    """When it is done: the fix rule with these numbers."""
    users: int | None = None
    """Of all clusters together; None where the log names none."""
    regression: list[Replay] = field(default_factory=list)
    """The conversations to replay."""

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


def _cluster(stored: Mapping[str, Any]) -> ClusterEvidence:
    rows: dict[str, Any] = {
        "facts": Fact,
        "releases": Fact,
        "weeks": WeekRate,
        "suspects": SuspectRow,
        "parted": BehaviourRow,
    }
    parts = {name: [kind(**_fields_of(kind, part)) for part in stored.get(name, [])] for name, kind in rows.items()}
    onset = stored.get("onset")
    return ClusterEvidence(
        **_fields_of(ClusterEvidence, stored)
        | parts
        | {"peers": [(failures, eligible) for failures, eligible in stored.get("peers", [])]}
        | {"onset": Onset(**_fields_of(Onset, onset)) if onset else None}
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

"""What judgement holds, as plain records. Times are naive UTC.

`version` is the sequence of the event that wrote the state. Every field that may come later has a default, because an
event of an older schema lacks it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

TARGET_KINDS = ("cluster", "conversation")
ROLES = ("viewer", "triager", "lead")
TOOL_KINDS = ("read", "write")
VERDICTS = ("fine", "failed", "unsure")

# From each status of a ticket, those that it can go to.
TICKET_STATUSES: dict[str, tuple[str, ...]] = {
    "open": ("fixed", "wont-fix"),
    "fixed": ("open", "fixed", "verified", "not-fixed"),
    "verified": ("open", "regressed"),
    "not-fixed": ("open", "fixed", "verified", "wont-fix"),
    "regressed": ("open", "fixed", "wont-fix"),
    "wont-fix": ("open",),
}


@dataclass(frozen=True)
class Label:
    """What a person said of a cluster (FC-id) or of one conversation (its key).

    `about` is what was known of the target when it was labelled, e.g. bot and conversation_id, so that the label can
    be read without the evidence. `inherited_from` is the cluster that a split or merge took it from.
    """

    target_kind: str
    target: str
    cause: str | None = None
    contributing: list[str] = field(default_factory=list)
    disposition: str | None = None
    severity: str | None = None
    note: str = ""
    by: str = ""
    at: datetime = datetime.min
    about: dict[str, Any] = field(default_factory=dict)
    inherited_from: str | None = None
    version: int = 0

    @property
    def decides(self) -> bool:
        """Whether it says what its target is, by a root cause or a disposition; a severity or a note alone doesn't."""
        return bool(self.cause or self.disposition)


class LabelChange(TypedDict, total=False):
    """What a person says of several conversations at once."""

    cause: str | None
    contributing: Sequence[str]
    disposition: str | None
    severity: str | None
    note: str


@dataclass(frozen=True)
class Registered:
    """One cluster of the identity register. `members` are conversation keys, `centroid` float32 little endian.

    A cluster that a later snapshot no longer has stays for ever, not `active`, so that it can come back as itself.
    """

    cluster: str
    bot: str
    kind: str
    mechanical_key: str | None
    name: str
    members: list[str]
    centroid: bytes
    model: str
    active: bool = True
    last_snapshot: str = ""


@dataclass(frozen=True)
class Lineage:
    """What became of a cluster in a snapshot: continued, split, merged, new, vanished; `shared` members with `other`."""

    snapshot: str
    cluster: str
    relation: str
    other: str | None = None
    shared: int = 0


@dataclass(frozen=True)
class Ticket:
    """A fix to be made (FIX-0001) for one or more clusters. `evidence` is frozen when the ticket is made.

    `eligible` defines the conversations that the fix is judged by, frozen when the fix is recorded.
    """

    ticket: str
    title: str = ""
    cause: str | None = None
    severity: str | None = None
    owner: str | None = None
    status: str = "open"
    due: date | None = None
    description: str = ""
    evidence: dict[str, Any] = field(default_factory=dict)
    clusters: list[str] = field(default_factory=list)
    tracker_key: str | None = None
    tracker_state: str | None = None
    fixed_release: str | None = None
    fixed_date: date | None = None
    fixed_at: datetime | None = None
    eligible: dict[str, Any] | None = None
    created_by: str = ""
    created_at: datetime = datetime.min
    version: int = 0


class TicketChange(TypedDict, total=False):
    """The fields of a ticket that a person edits."""

    title: str
    cause: str | None
    severity: str | None
    owner: str | None
    due: date | None
    description: str
    clusters: list[str]
    tracker_key: str | None
    tracker_state: str | None


@dataclass(frozen=True)
class Bot:
    """Who answers for a bot. `tools` overrides what a tool is guessed to do: {name: "read" | "write"}."""

    bot: str
    owner: str | None = None
    deputy: str | None = None
    pod: str | None = None
    note: str = ""
    tools: dict[str, str] = field(default_factory=dict)
    version: int = 0


class BotChange(TypedDict, total=False):
    """The fields of a bot that a person edits."""

    owner: str | None
    deputy: str | None
    pod: str | None
    note: str
    tools: dict[str, str]


@dataclass(frozen=True)
class Mute:
    """A cluster that nobody wants to see until a date."""

    cluster: str
    until: date = date.min
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Owner:
    """A cluster's owner, where a person named one."""

    cluster: str
    owner: str = ""
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Person:
    """A remembered name; `role` is None where nobody gave one."""

    name: str
    role: str | None = None
    version: int = 0


@dataclass(frozen=True)
class Setting:
    """One setting of the pod, e.g. its time zone; `value` is anything that JSON holds."""

    name: str
    value: Any = None
    version: int = 0


@dataclass(frozen=True)
class AgendaItem:
    """A cluster on a session's agenda, and why it is there."""

    cluster: str
    reason: str = ""


@dataclass(frozen=True)
class Session:
    """A triage session (TS-0001): its agenda in order, open or closed."""

    session: str
    title: str = ""
    agenda: list[AgendaItem] = field(default_factory=list)
    status: str = "open"
    created_by: str = ""
    created_at: datetime = datetime.min
    closed_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True)
class Decision:
    """What a session decided of a cluster; `state` is decided or skipped."""

    session: str
    cluster: str
    state: str = "decided"
    cause: str | None = None
    severity: str | None = None
    disposition: str | None = None
    owner: str | None = None
    ticket: str | None = None
    due: date | None = None
    note: str = ""
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


class DecisionChange(TypedDict, total=False):
    """The parts of a decision, each said by its own key."""

    cause: str | None
    severity: str | None
    disposition: str | None
    owner: str | None
    ticket: str | None
    due: date | None
    note: str


@dataclass(frozen=True)
class Progress:
    """Where a session is: the 0-based place on its agenda, and the seconds on its clock."""

    position: int = 0
    elapsed: float = 0.0


@dataclass(frozen=True)
class Verdict:
    """What a reader found in one conversation (its key): fine, failed or unsure; one reader, one verdict.

    `note` is the first thing that went wrong, in the reader's words; `failing_turn` where, when the reader said so.
    `source` is why the conversation was read (a queue's name), `draw` the random draw that it belongs to.
    """

    conversation: str
    reader: str
    verdict: str = "unsure"
    note: str = ""
    failing_turn: int | None = None
    source: str = "direct"
    draw: str | None = None
    about: dict[str, Any] = field(default_factory=dict)
    at: datetime = datetime.min
    version: int = 0


class VerdictChange(TypedDict, total=False):
    """The parts of a verdict, each said by its own key."""

    verdict: str
    note: str
    failing_turn: int | None


@dataclass(frozen=True)
class ReadingScope:
    """What the reading list of a draw was made from; draws are pooled only while these stay the same."""

    bot: str = ""
    """The bot that was read; empty for all."""
    imports: list[str] = field(default_factory=list)
    """The imports that the snapshot held."""
    flagged: int = 0
    """How many conversations signals called failing when it was drawn."""
    unflagged: int = 0
    """How many they did not."""
    mix: str = ""
    """What the list is mixed of."""
    flagged_drawn: list[str] = field(default_factory=list)
    """Of what was drawn at random, the keys that signals called failing."""
    list: list[list[str]] = field(default_factory=list)
    """The whole list: key, source and why of each conversation, in its order."""


@dataclass(frozen=True)
class CheckScope:
    """A draw that checks what was said of a cluster."""

    check: str = ""
    """The cluster whose label is checked."""


@dataclass(frozen=True)
class Draw:
    """A random sample of conversation keys (RD-0001), fixed when drawn: what an estimate of the failure rate rests on.

    `population` is how many conversations it was drawn from, `scope` what for, `seed` repeats it.
    """

    draw: str
    scope: ReadingScope | CheckScope = ReadingScope()
    population: int = 0
    conversations: list[str] = field(default_factory=list)
    seed: int = 0
    created_by: str = ""
    created_at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Mode:
    """A failure mode that a person made of readers' notes (FM-0001). `notes` are [conversation, reader] pairs.

    It became a code of the taxonomy (`cause`) or a cluster (`cluster`), or neither yet; `merged_into` is another mode.
    """

    mode: str
    name: str = ""
    definition: str = ""
    notes: list[list[str]] = field(default_factory=list)
    cause: str | None = None
    cluster: str | None = None
    merged_into: str | None = None
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


class ModeChange(TypedDict, total=False):
    """The fields of a failure mode that a person edits."""

    name: str
    definition: str
    notes: list[list[str]]
    cause: str | None
    cluster: str | None


@dataclass(frozen=True)
class CauseEdit:
    """A root cause that a pod added or changed; it stands over the default of the same code.

    `merged_into` is the code that its labels follow to; `retired` says that it is offered no more.
    """

    code: str
    title: str = ""
    meaning: str = ""
    discipline: str = ""
    hint: str = ""
    examples: list[str] = field(default_factory=list)
    retired: bool = False
    merged_into: str | None = None
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Round:
    """A blind round of labelling (AG-0001): the sample, who labels it, open or revealed.

    `scope` is where the sample is from (a cluster, a selection, a random draw with its seed), `codes` the short list of
    causes and dispositions that have a key of their own, the same for all raters.
    """

    round: str
    title: str = ""
    conversations: list[str] = field(default_factory=list)
    raters: list[str] = field(default_factory=list)
    scope: dict[str, Any] = field(default_factory=dict)
    codes: list[str] = field(default_factory=list)
    status: str = "open"
    created_by: str = ""
    created_at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Vote:
    """What one rater said of one conversation in a round; nobody else sees it before the reveal."""

    round: str
    conversation: str
    rater: str
    cause: str | None = None
    disposition: str | None = None
    severity: str | None = None
    note: str = ""
    at: datetime = datetime.min
    version: int = 0

    @property
    def code(self) -> str:
        """What counts when votes are compared."""
        return self.cause or self.disposition or ""


@dataclass(frozen=True)
class Act:
    """A cluster changed by hand (HA-0001), applied again after every clustering, in order, until it is undone.

    `kind` is split, merge, move or aside; `cluster` where the `members` (conversation keys) were, `into` where they go.
    `stays` are those that a split left behind: what comes later goes where the nearest of either went.
    """

    act: str
    kind: str = ""
    cluster: str = ""
    into: str | None = None
    members: list[str] = field(default_factory=list)
    stays: list[str] = field(default_factory=list)
    name: str = ""
    by: str = ""
    at: datetime = datetime.min
    version: int = 0


@dataclass(frozen=True)
class Event:
    """One change: who did what to which subject, with the state before and after (None: it did not exist).

    `forgotten` says that the payload was blanked, `damaged` that it is not as it was written; then `before` and `after`
    are None.
    """

    sequence: int
    at: datetime
    actor: str
    what: str
    subject: str
    before: Any
    after: Any
    forgotten: bool = False
    damaged: bool = False


@dataclass(frozen=True)
class Verification:
    """The result of checking the chain: `broken` is the first wrong sequence, `problem` what is wrong with it."""

    events: int
    broken: int | None = None
    problem: str | None = None

    @property
    def intact(self) -> bool:
        return self.problem is None


@dataclass(frozen=True)
class Forgotten:
    """What `forget` did, or would do: the events whose payloads are blanked, and where the text still stands.

    `still_in` are subjects whose present state names it, also clusters of the register (`registered:FC-0007`);
    `named_in` the events that have it as their actor or in their subject, which the chain is made of; `copies` earlier
    states of the store, into which nobody looked; `in_log` whether it may stand in SQLite's write-ahead log.
    """

    events: list[int]
    still_in: list[str]
    named_in: list[int] = field(default_factory=list)
    copies: list[str] = field(default_factory=list)
    in_log: bool = False

"""What judgement holds, as plain records. Times are naive UTC; `version` is the sequence of the event that wrote it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TARGET_KINDS = ("cluster", "conversation")


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
class Event:
    """One change: who did what to which subject, with the state before and after (None: it did not exist).

    `forgotten` says that the payload was blanked; then `before` and `after` are None.
    """

    sequence: int
    at: datetime
    actor: str
    what: str
    subject: str
    before: Any
    after: Any
    forgotten: bool = False


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
    """What `forget` did: the blanked events, and the subjects whose present state still holds the text."""

    events: list[int]
    still_in: list[str]

"""Reading conversations: verdicts, the random draws behind them, and failure modes made of readers' notes."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

VERDICTS = ("fine", "failed", "unsure")


@dataclass(frozen=True)
class Verdict:
    """How a reader judged one conversation; one reader, one verdict."""

    conversation: str
    """The conversation's key."""
    reader: str
    """Who read it."""
    verdict: str = "unsure"
    """One of `VERDICTS`."""
    note: str = ""
    """The first thing that went wrong, in the reader's words."""
    failing_turn: int | None = None
    """The 0-based turn where it went wrong, where the reader gave one."""
    source: str = "direct"
    """Why it was read: the name of a queue."""
    draw: str | None = None
    """The random draw that it belongs to."""
    about: dict[str, Any] = field(default_factory=dict)
    """What the evidence had of the conversation at that time, e.g. bot and conversation_id."""
    at: datetime = datetime.min
    """When the verdict was given, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


class VerdictChange(TypedDict, total=False):
    """The parts of a verdict, each by its own key."""

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
    readers: int = 0
    """How many people are to read each conversation, where the list is shared out; 0 where it is one person's own."""


@dataclass(frozen=True)
class CheckScope:
    """A draw that checks what was said of a cluster."""

    check: str = ""
    """The cluster whose label is checked."""


@dataclass(frozen=True)
class Draw:
    """A random sample of conversations, fixed when drawn: what an estimate of the failure rate rests on."""

    draw: str
    """Its id, RD-0001."""
    scope: ReadingScope | CheckScope = ReadingScope()
    """What it was drawn for."""
    population: int = 0
    """How many conversations it was drawn from."""
    conversations: list[str] = field(default_factory=list)
    """The keys that were drawn."""
    seed: int = 0
    """The seed that repeats the draw."""
    created_by: str = ""
    """Who had it drawn."""
    created_at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Mode:
    """A failure mode that a person made of readers' notes; it became a cause, a cluster, or neither yet."""

    mode: str
    """Its id, FM-0001."""
    name: str = ""
    """What the person calls it."""
    definition: str = ""
    """What belongs to it, in words."""
    notes: list[list[str]] = field(default_factory=list)
    """Pairs [conversation key, reader]."""
    cause: str | None = None
    """The code of the taxonomy that it became."""
    cluster: str | None = None
    """The FC-id of the cluster that it became."""
    merged_into: str | None = None
    """The mode that its notes count with now."""
    by: str = ""
    """Who made it or changed it last."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


class ModeChange(TypedDict, total=False):
    """The fields of a failure mode that a person edits."""

    name: str
    definition: str
    notes: list[list[str]]
    cause: str | None
    cluster: str | None

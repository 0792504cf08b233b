"""The pod: its people and settings, who answers for what, and what nobody wants to see."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, TypedDict

ROLES = ("viewer", "triager", "lead")
TOOL_KINDS = ("read", "write")


@dataclass(frozen=True)
class Bot:
    """Who answers for a bot."""

    bot: str
    """Its name, as logged."""
    owner: str | None = None
    """Who answers for it."""
    deputy: str | None = None
    """Who answers for it meanwhile."""
    pod: str | None = None
    """The team that it belongs to."""
    note: str = ""
    """What else there is to say of it."""
    tools: dict[str, str] = field(default_factory=dict)
    """Of tools that a person corrected, which of `TOOL_KINDS` each is, by the tool's name."""
    on_call: str | None = None
    """Whom to call when it fails now: a person, a rota or a number."""
    provider: str | None = None
    """Who runs its model or the whole of it, by contract."""
    sla: dict[str, int] = field(default_factory=dict)
    """Hours from a ticket's opening to its fix, by severity."""
    models: list[str] = field(default_factory=list)
    """The model versions that it may run; none: any."""
    prompts: list[str] = field(default_factory=list)
    """The prompt versions that it may run; none: any."""
    version: int = 0
    """The sequence of the event that wrote it."""


class BotChange(TypedDict, total=False):
    """The fields of a bot that a person edits."""

    owner: str | None
    deputy: str | None
    pod: str | None
    note: str
    tools: dict[str, str]
    on_call: str | None
    provider: str | None
    sla: dict[str, int]
    models: list[str]
    prompts: list[str]


@dataclass(frozen=True)
class Prompt:
    """The text of one version of a bot's prompt or policy."""

    bot: str
    """The bot, as logged."""
    name: str
    """The version, as logged."""
    text: str = ""
    """As it was given to the model."""
    by: str = ""
    """Who brought it in."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Mute:
    """A cluster that nobody wants to see until a date."""

    cluster: str
    """Its FC-id."""
    until: date = date.min
    """The first day on which it is seen again."""
    by: str = ""
    """Who muted it."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Owner:
    """A cluster's owner, where a person named one."""

    cluster: str
    """Its FC-id."""
    owner: str = ""
    """Who answers for it."""
    by: str = ""
    """Who named the owner."""
    at: datetime = datetime.min
    """When, UTC."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Person:
    """A remembered name."""

    name: str
    """As the person gave it."""
    role: str | None = None
    """One of `ROLES`; None where nobody gave one."""
    version: int = 0
    """The sequence of the event that wrote it."""


@dataclass(frozen=True)
class Setting:
    """One setting of the pod."""

    name: str
    """What it sets, e.g. the time zone."""
    value: Any = None
    """Anything that JSON holds."""
    version: int = 0
    """The sequence of the event that wrote it."""

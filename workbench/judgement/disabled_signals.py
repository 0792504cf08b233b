"""Signals that people switched off, for one bot or for all. Each is a setting, so an event that can be undone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

_PREFIX = "signal-off"
EVERY_BOT = ""


@dataclass(frozen=True)
class Switch:
    """A signal that is off: for one bot, or for every one (an empty name), since when (UTC), and by whom."""

    code: str
    bot: str
    at: datetime
    by: str


def setting_name(code: str, bot: str = EVERY_BOT) -> str:
    """The name of the setting that keeps a signal off."""
    return f"{_PREFIX}:{code}:{bot}"


def setting_value(at: datetime, by: str) -> dict[str, str]:
    """What that setting holds."""
    return {"at": at.isoformat(), "by": by}


def switches(settings: Mapping[str, Any]) -> list[Switch]:
    """Every signal that is off, the latest switch first."""
    found = []
    for name, value in settings.items():
        prefix, _, rest = name.partition(":")
        if prefix == _PREFIX:
            code, _, bot = rest.partition(":")
            found.append(Switch(code, bot, datetime.fromisoformat(value["at"]), value["by"]))
    return sorted(found, key=lambda one: (one.at, one.code), reverse=True)


def switched_off(settings: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The codes that are off, by bot; those off for every bot under the empty name."""
    found: dict[str, set[str]] = defaultdict(set)
    for one in switches(settings):
        found[one.bot].add(one.code)
    return {bot: frozenset(codes) for bot, codes in found.items()}


def switches_of(settings: Mapping[str, Any], bot: str, counted: Mapping[str, Sequence[str]]) -> list[Switch]:
    """The switches that figures of a bot heed; the earliest first. `counted` is what was off when they were counted, by bot."""
    return [
        one
        for one in reversed(switches(settings))
        if one.bot in (EVERY_BOT, bot) and one.code in counted.get(one.bot, ())
    ]

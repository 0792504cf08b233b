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
class DisabledSignal:
    """A signal that people switched off."""

    code: str
    """The signal's."""
    bot: str
    """The bot that it is off for; `EVERY_BOT` for all."""
    at: datetime
    """Since when, UTC."""
    by: str
    """Who switched it off."""


def setting_name(code: str, bot: str = EVERY_BOT) -> str:
    """The name of the setting that keeps a signal off."""
    return f"{_PREFIX}:{code}:{bot}"


def setting_value(at: datetime, by: str) -> dict[str, str]:
    """What that setting holds."""
    return {"at": at.isoformat(), "by": by}


def disabled_signals(settings: Mapping[str, Any]) -> list[DisabledSignal]:
    """Every signal that is off, the latest first."""
    disabled = []
    for name, value in settings.items():
        prefix, _, rest = name.partition(":")
        if prefix == _PREFIX:
            code, _, bot = rest.partition(":")
            disabled.append(DisabledSignal(code, bot, datetime.fromisoformat(value["at"]), value["by"]))
    return sorted(disabled, key=lambda signal: (signal.at, signal.code), reverse=True)


def disabled_codes(settings: Mapping[str, Any]) -> dict[str, frozenset[str]]:
    """The codes that are off, by bot; those off for every bot under the empty name."""
    codes: dict[str, set[str]] = defaultdict(set)
    for signal in disabled_signals(settings):
        codes[signal.bot].add(signal.code)
    return {bot: frozenset(disabled) for bot, disabled in codes.items()}


def disabled_for(settings: Mapping[str, Any], bot: str, counted: Mapping[str, Sequence[str]]) -> list[DisabledSignal]:
    """The signals that figures of a bot leave out; the earliest first.

    `counted` are the codes that were off when the figures were counted, by bot.
    """
    return [
        signal
        for signal in reversed(disabled_signals(settings))
        if signal.bot in (EVERY_BOT, bot) and signal.code in counted.get(signal.bot, ())
    ]

"""The bots as an inventory: who answers, who is called, who runs it, what it may run, and what is wrong with that."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from workbench.bench.bench import Bench
from workbench.errors import UserError
from workbench.evidence.overview_rows import BotRecord, VersionRecord
from workbench.judgement.records.pod import Bot, BotChange
from workbench.judgement.taxonomy import SEVERITIES
from workbench.reports.sla import MET, MISSED, SlaClock
from workbench.stats import wilson
from workbench.text import formatting
from workbench.text.masking import mask

SILENT_BELOW = 0.001
"""A log is silent once a pause of this length has at most this chance at the rate at which the bot was used before."""
_TEXTS = ("owner", "deputy", "pod", "on_call", "provider")
_LISTS = ("models", "prompts")
_LONGEST_SLA = 24 * 366
_DAY = 86_400.0


@dataclass(frozen=True)
class InventoryRow:
    """One bot, as the inventory's CSV has it."""

    bot: str
    """The bot, as logged."""
    owner: str | None
    """Who answers for it."""
    deputy: str | None
    """Who stands in."""
    pod: str | None
    """The team that it belongs to."""
    on_call: str | None
    """Whom to call when it fails now."""
    provider: str | None
    """Who runs it, by contract."""
    sla_s1: int | None
    """Hours to the fix of a ticket of severity S1."""
    sla_s2: int | None
    """The same for S2."""
    sla_s3: int | None
    """The same for S3."""
    sla_s4: int | None
    """The same for S4."""
    models: list[str]
    """The model versions that it may run."""
    prompts: list[str]
    """The prompt versions that it may run."""
    note: str
    """A remark, masked."""
    flags: list[str]
    """What is wrong, in words; not read back."""


@dataclass(frozen=True)
class InventoryChange:
    """One value that an inventory changes."""

    bot: str
    """The bot."""
    field: str
    """What of it."""
    before: str
    """As it stands."""
    after: str
    """As it would stand."""


@dataclass(frozen=True)
class ProviderRow:
    """What a provider's bots delivered, for the talk about its contract."""

    provider: str
    """As the inventory names it."""
    bots: list[str]
    """Its bots."""
    conversations: int
    """How many there were."""
    failures: int
    """Those that failed."""
    failure_rate: float | None
    """The failing share; None without conversations."""
    rate_low: float
    """Its lower 95 % bound (Wilson)."""
    rate_high: float
    """Its upper 95 % bound."""
    sla_met: int
    """Tickets that were fixed in time."""
    sla_missed: int
    """Tickets that were not."""


def inventory_rows(bots: Mapping[str, Bot], flags: Mapping[str, Sequence[str]]) -> list[InventoryRow]:
    """The inventory, by bot; `flags` has every bot that is known."""
    return [_row(bots.get(name, Bot(name)), flags[name]) for name in sorted(flags)]


def flagged(bench: Bench, clocks: Mapping[str, SlaClock]) -> dict[str, list[str]]:
    """What is wrong with each bot of the snapshot and of the inventory, by its name; an empty list where nothing is."""
    logged = {row.bot: row for row in bench.evidence.bots()}
    versions, through = bench.evidence.versions(), bench.summary().data_through
    bots = bench.pod.bots()
    return {
        name: flags(
            bots.get(name, Bot(name)),
            logged.get(name),
            [version for version in versions if version.bot == name],
            [clock for clock in clocks.values() if clock.bot == name],
            through,
        )
        for name in sorted(bots.keys() | logged.keys())
    }


def flags(
    bot: Bot,
    logged: BotRecord | None,
    versions: Sequence[VersionRecord],
    clocks: Sequence[SlaClock],
    through: datetime | None,
) -> list[str]:
    """What is wrong with a bot, in words."""
    words = [] if bot.owner else ["no owner"]
    if logged is None:
        words.append("no log")
    elif is_silent(logged, through):
        words.append(f"log silent since {formatting.day(logged.last_seen)}")
    pinned = {"model": bot.models, "prompt": bot.prompts}
    strays = [each.name for each in versions if pinned[each.kind] and each.name not in pinned[each.kind]]
    if strays:
        words.append(f"not pinned: {', '.join(mask(name) for name in strays)}")
    missed = [clock.ticket for clock in clocks if clock.state == MISSED]
    return [*words, *([f"SLA missed: {', '.join(missed)}"] if missed else [])]


def is_silent(logged: BotRecord, through: datetime | None) -> bool:
    """Whether a log has stopped before the others: at its rate so far, no conversation for so long has hardly a chance (Poisson).

    A pause of less than a day says nothing: nights are quiet.
    """
    if logged.first_seen is None or logged.last_seen is None or through is None:
        return False
    pause = (through - logged.last_seen).total_seconds()
    span = max((logged.last_seen - logged.first_seen).total_seconds(), _DAY)
    return pause > _DAY and math.exp(-logged.conversations / span * pause) < SILENT_BELOW


def read_inventory(rows: Sequence[Mapping[str, str]]) -> dict[str, BotChange]:
    """What an inventory's rows say of each bot; a column that is not there says nothing.

    Raises `UserError` for a row without a bot, a bot that is named twice, and hours that are none.
    """
    if not rows or "bot" not in rows[0]:
        raise UserError("An inventory has a column `bot`. Download the inventory here, fill it in, and give it back.")
    read: dict[str, BotChange] = {}
    for number, row in enumerate(rows, 2):
        name = row.get("bot", "").strip()
        if not name or name in read:
            raise UserError(f"Row {number}: {f'{name!r} stands twice' if name else 'no bot is named'}.")
        change: BotChange = {}
        values = {field: row[field].strip() or None for field in _TEXTS if field in row}
        lists = {
            field: [part.strip() for part in row[field].split(";") if part.strip()] for field in _LISTS if field in row
        }
        change.update(values)  # type: ignore[typeddict-item]
        change.update(lists)  # type: ignore[typeddict-item]
        if "note" in row:
            change["note"] = row["note"].strip()
        if any(f"sla_{severity.lower()}" in row for severity in SEVERITIES):
            change["sla"] = {
                severity: _hours(row[column], number)
                for severity in SEVERITIES
                if (column := f"sla_{severity.lower()}") in row and row[column].strip()
            }
        read[name] = change
    return read


def differences(bots: Mapping[str, Bot], read: Mapping[str, BotChange]) -> list[InventoryChange]:
    """What an inventory that was read would change, value by value."""
    return [
        InventoryChange(name, field.replace("_", " "), _shown(before), _shown(after))
        for name, change in read.items()
        for field, after in change.items()
        if (before := getattr(bots.get(name, Bot(name)), field)) != after
    ]


def by_provider(
    bots: Mapping[str, Bot], logged: Sequence[BotRecord], clocks: Mapping[str, SlaClock]
) -> list[ProviderRow]:
    """The bots of each provider that the inventory names, by its name."""
    providers: dict[str, list[str]] = {}
    for name, bot in sorted(bots.items()):
        if bot.provider:
            providers.setdefault(bot.provider, []).append(name)
    rows = []
    for provider, names in sorted(providers.items()):
        own = [row for row in logged if row.bot in names]
        conversations, failures = sum(row.conversations for row in own), sum(row.failures for row in own)
        low, high = wilson(failures, conversations)
        states = [clock.state for clock in clocks.values() if clock.bot in names]
        rate = failures / conversations if conversations else None
        rows.append(
            ProviderRow(
                provider, names, conversations, failures, rate, low, high, states.count(MET), states.count(MISSED)
            )
        )
    return rows


def _row(bot: Bot, flags: Sequence[str]) -> InventoryRow:
    return InventoryRow(
        bot=bot.bot,
        owner=bot.owner,
        deputy=bot.deputy,
        pod=bot.pod,
        on_call=bot.on_call,
        provider=bot.provider,
        sla_s1=bot.sla.get("S1"),
        sla_s2=bot.sla.get("S2"),
        sla_s3=bot.sla.get("S3"),
        sla_s4=bot.sla.get("S4"),
        models=list(bot.models),
        prompts=list(bot.prompts),
        note=mask(bot.note),
        flags=list(flags),
    )


def _hours(text: str, number: int) -> int:
    if not text.strip().isascii() or not text.strip().isdecimal() or not 0 < int(text) <= _LONGEST_SLA:
        raise UserError(f"Row {number}: {text!r} is no number of hours from 1 to {_LONGEST_SLA:,}.")
    return int(text)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {hours} h" for name, hours in value.items()) or "–"
    if isinstance(value, list):
        return ", ".join(value) or "–"
    return str(value) if value else "–"

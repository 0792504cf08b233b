"""The bots of the snapshot, who answers for them, and what their tools do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from workbench.bench.bench import Bench
from workbench.conversation.tool_calls import call_kind
from workbench.errors import UserError
from workbench.evidence.overview_rows import BotRecord
from workbench.judgement.records.pod import Bot
from workbench.stats import wilson
from workbench.text.masking import mask

CLOSED = frozenset({"verified", "wont-fix"})


def bot_rows(bench: Bench) -> list[BotRow]:
    """Every bot of the snapshot and of the inventory: those that nobody owns first, then by name."""
    inventory = bench.pod.bots()
    of_cluster = {row.cluster: row.bot for row in bench.evidence.clusters()}
    tickets = [
        (ticket.ticket, {of_cluster.get(cluster) for cluster in ticket.clusters})
        for ticket in bench.tickets.all()
        if ticket.status not in CLOSED
    ]
    rows = []
    logged = bench.evidence.bots()
    silent = [
        BotRecord(name, 0, 0, 0, [], None, None) for name in sorted(inventory.keys() - {row.bot for row in logged})
    ]
    for row in [*logged, *silent]:
        bot = inventory.get(row.bot) or Bot(row.bot)
        low, high = wilson(row.failures, row.conversations)
        rows.append(
            BotRow(
                **vars(row),
                failure_rate=row.failures / row.conversations if row.conversations else None,
                rate_low=low,
                rate_high=high,
                open_tickets=[ticket for ticket, bots in tickets if bot.bot in bots],
                owner=bot.owner,
                deputy=bot.deputy,
                pod=bot.pod,
                on_call=bot.on_call,
                provider=bot.provider,
                note=mask(bot.note),
            )
        )
    return sorted(rows, key=lambda row: (bool(row.owner), row.bot))


def tool_rows(bench: Bench, bot: str) -> list[ToolRow]:
    """The tools that a bot called, the most frequent first."""
    entry = bench.pod.bots().get(bot)
    overrides = entry.tools if entry else {}
    counted = bench.settings().get("tools", {}).get(bot, {})
    return [
        ToolRow(**vars(row), guessed=call_kind(row.tool), said=overrides.get(row.tool), counted=counted.get(row.tool))
        for row in bench.evidence.tools(bot)
    ]


def say_of_tool(bench: Bench, bot: str, tool: str, kind: str | None) -> None:
    """Say that a tool reads or writes, from the next analysis on; None goes by its name again."""
    if tool not in {row.tool for row in tool_rows(bench, bot)}:
        raise UserError(f"The bot {bot!r} called no tool {tool!r} in this snapshot.")
    entry = bench.pod.bots().get(bot)
    others = {name: kind for name, kind in entry.tools.items() if name != tool} if entry else {}
    bench.pod.set_bot(bot, tools=others | ({tool: kind} if kind else {}))


@dataclass(frozen=True)
class BotRow:
    """A bot of the snapshot or the inventory, with who answers for it; one without logs has no conversations."""

    bot: str
    """The bot, as logged."""
    conversations: int
    """How many conversations."""
    failures: int
    """Those that fail."""
    suspected: int
    """Those that are suspected, which the rate doesn't count."""
    failure_rate: float | None
    """The failing share; None where nothing was analysed."""
    rate_low: float
    """The lower 95 % bound of its failing share (Wilson)."""
    rate_high: float
    """The upper 95 % bound of the rate (Wilson)."""
    releases: list[str]
    """By first sight."""
    first_seen: datetime | None
    """Its first conversation, naive UTC."""
    last_seen: datetime | None
    """Its last conversation, naive UTC."""
    open_tickets: list[str]
    """Tickets of its clusters that are neither verified nor given up."""
    owner: str | None
    """Who answers for it, by name."""
    deputy: str | None
    """Who stands in."""
    pod: str | None
    """The team that it belongs to."""
    on_call: str | None
    """Whom to call when it fails now."""
    provider: str | None
    """Who runs it, by contract."""
    note: str
    """A remark, masked."""


@dataclass(frozen=True)
class ToolRow:
    """A tool that a bot called, and whether it reads or writes."""

    tool: str
    """Its name."""
    calls: int
    """How often it was called."""
    conversations: int
    """In how many conversations."""
    guessed: str
    """What its name makes one guess."""
    said: str | None
    """What people said."""
    counted: str | None
    """What this snapshot went by."""

    @property
    def waits(self) -> bool:
        """Whether what people said takes effect only at the next analysis."""
        return self.said != self.counted

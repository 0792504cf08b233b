"""What the bench's rows say in words: rates, trends, where a label comes from, signals by their titles."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from workbench.bench.cluster_rows import ClusterRow
from workbench.bench.store_summary import StoreSummary
from workbench.failures.signals import REGISTRY
from workbench.text.formatting import count, day, interval, percent, signed


class Rated(Protocol):
    """What a cluster's row, and a ticket's copy of it, both know of its rate."""

    @property
    def bot(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def failures(self) -> int: ...
    @property
    def eligible(self) -> int: ...
    @property
    def failure_rate(self) -> float | None: ...
    @property
    def rate_low(self) -> float | None: ...
    @property
    def rate_high(self) -> float | None: ...


TRENDS = {"rising": "↗ rising", "falling": "↘ falling", "flat": "→ flat", "new": "● new"}


SUSPECTED = "Medium evidence speaks for a failure, and nobody has settled it: listed beside the failing ones, counted in no rate."
"""What suspected means."""


SAID_OF = {
    "conversation": "this conversation",
    "cluster": "its cluster",
    "outdated": "this conversation, in words that the log has replaced since",
}


SOURCES = {
    "person": "said by a person",
    "cluster": "from its cluster",
    "outdated": "said by a person of words that the log has replaced since: read it again",
    "suggested": "suggested, not yet said by a person",
}


def escalating(status: str) -> str:
    """What a rise is called: after a fix that was verified it says that the fix is to be judged again."""
    return "rising again since its fix: judge it again" if status == "verified" else "escalating"


def signal_title(code: str) -> str:
    """What a signal's code stands for."""
    return REGISTRY[code].title if code in REGISTRY else code


def signal_titles(codes: Sequence[str]) -> list[str]:
    """What these signals' codes stand for."""
    return [signal_title(code) for code in codes]


def among(row: Rated) -> str:
    """What the rate is a share of: a mechanical fault can show in any conversation, a topical one in similar requests."""
    return f"conversations with {row.bot}" if row.kind == "mechanical" else f"similar requests to {row.bot}"


def how_often(row: Rated) -> str:
    """The rate of a cluster's failure with its interval, in one sentence."""
    if row.failure_rate is None:
        return f"{count(row.failures, 'conversation')} failed this way; too few similar requests for a rate."
    return (
        f"{row.failures:,} of {row.eligible:,} {among(row)} failed this way: {percent(row.failure_rate)} "
        f"(95 % interval {interval(row.rate_low, row.rate_high)})."
    )


def and_suspected(row: ClusterRow) -> str:
    """How many suspected conversations a cluster holds beside its failures; empty where none."""
    if not row.suspected:
        return ""
    more = "+ " if row.size else ""
    return f"{more}{row.suspected:,} suspected"


def what_it_costs(row: ClusterRow) -> str:
    """Whom a cluster hits, how lately, and what its failures take beyond their matched successes, in one sentence; empty where
    nothing of that can be said."""
    parts = [count(row.users, "user")] if row.users else []
    if row.last_week is not None:
        parts.append(f"{row.last_week:,} in the last complete week")
    for extra, scale, unit in (
        (row.extra_turns, 1, "turns"),
        (row.extra_minutes, 1, "minutes"),
        (row.extra_handovers, 100, "hand-overs in 100"),
    ):
        if extra is not None and not extra.low <= 0 <= extra.high:
            mean, low, high = (signed(scale * value) for value in (extra.mean, extra.low, extra.high))
            parts.append(f"{mean} {unit} against the same requests that worked ({low} … {high})")
    return "; ".join(parts) + "." if parts else ""


def said_by_readers(verdict: str | None, readers: Sequence[str]) -> str:
    """What the readers of a conversation found, like "fine (Ana)"; empty where nobody read it."""
    if not readers:
        return ""
    return f"{verdict or 'not settled'} ({', '.join(readers)})"


def standing(summary: StoreSummary) -> str:
    """What the store holds, for the line under the navigation."""
    if not summary.conversations:
        return f"no conversations · snapshot {summary.snapshot}"
    through = f"data through {day(summary.data_through)}" if summary.data_through else "the logs have no times"
    return " · ".join(
        [
            through,
            count(summary.conversations, "conversation"),
            count(summary.bots, "bot"),
            f"snapshot {summary.snapshot}",
        ]
    )

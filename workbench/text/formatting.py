"""Numbers and codes in the words that people read. Pure; every page, export and command says the same thing the same way."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Protocol

from workbench.failures.signals import REGISTRY
from workbench.views import StoreSummary


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
SAID_OF = {"conversation": "this conversation", "cluster": "its cluster"}
SOURCES = {
    "person": "said by a person",
    "cluster": "from its cluster",
    "suggested": "suggested, not yet said by a person",
}


def percent(share: float | None) -> str:
    """A share of 1 as whole percent; with one decimal below 1 %, "–" where there is none."""
    if share is None:
        return "–"
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def interval(low: float | None, high: float | None) -> str:
    """An interval of shares like "13–43 %"."""
    return "–" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f} %"


def signal_title(code: str) -> str:
    """What a signal's code stands for."""
    return REGISTRY[code].title if code in REGISTRY else code


def signal_titles(codes: Sequence[str]) -> list[str]:
    """What these signals' codes stand for."""
    return [signal_title(code) for code in codes]


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 turn", "1,204 turns"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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


def said_by_readers(said: str | None, readers: Sequence[str]) -> str:
    """What the readers of a conversation found, like "fine (Ana)"; empty where nobody read it."""
    if not readers:
        return ""
    return f"{said or 'not settled'} ({', '.join(readers)})"


def day(moment: date | None) -> str:
    """A date like "14 Nov 2025"; "–" where the log has none."""
    return f"{moment.day} {moment:%b %Y}" if moment else "–"


def minute(moment: datetime | None) -> str:
    """A date and time (UTC) like "14 Nov 2025, 16:20"."""
    return f"{day(moment)}, {moment:%H:%M}" if moment else "–"


def since(first: datetime | None, last: datetime | None) -> str:
    """From when to when something was seen."""
    if first is None or last is None:
        return "The log has no times."
    return f"On {day(first)}." if first.date() == last.date() else f"First {day(first)}, last {day(last)}."


def elapsed(seconds: float) -> str:
    """A span of time like "3.2 s" or "14 min"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.0f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


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


def shortened(text: str, limit: int = 40) -> str:
    """The beginning of a short text such as a name or an id, with an ellipsis where it is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

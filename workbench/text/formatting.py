"""Numbers and codes in the words that people read. Pure; every page, export and command says the same thing the same way."""

from __future__ import annotations

from datetime import date, datetime


def percent(share: float | None) -> str:
    """A share of 1 as whole percent; with one decimal below 1 %, "–" where there is none."""
    if share is None:
        return "–"
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def interval(low: float | None, high: float | None) -> str:
    """An interval of shares like "13–43 %"."""
    return "–" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f} %"


def count(number: int, one: str, many: str | None = None) -> str:
    """A number with its noun: "1 turn", "1,204 turns"."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


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


def shortened(text: str, limit: int = 40) -> str:
    """The beginning of a short text such as a name or an id, with an ellipsis where it is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"

"""Numbers and codes in the words that people read. Pure; every page, export and command says the same thing the same way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from workbench.text.masking import mask

EXCERPT = 240
"""Characters of a request or a reply that a table shows."""


def percent(share: float | None) -> str:
    """A share of 1 as whole percent; with one decimal below 1 %, "–" where there is none."""
    if share is None:
        return "–"
    return f"{100 * share:.1f} %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def signed(value: float, digits: int = 1) -> str:
    """A difference with its sign, like "+8.0" or "−0.4"; what rounds to nothing is "+0.0"."""
    return f"{value:+z,.{digits}f}".replace("-", "−")


def interval(low: float | None, high: float | None) -> str:
    """An interval of shares like "13–43 %"."""
    return "–" if low is None or high is None else f"{100 * low:.0f}–{100 * high:.0f} %"


def chance(p: float) -> str:
    """How often chance alone would do as much (a p value), as odds: "chance: 1 in 400", "chance: below 1 in a million"."""
    if p < 1e-6:
        return "chance: below 1 in a million"
    if p >= 0.5:
        return "chance: as likely as not"
    odds = 1 / p + 1e-6  # a p of 0.00002 is 1 in 50,000, whatever its binary digits
    step = 10 ** max(len(str(int(odds))) - 2, 0)
    return f"chance: 1 in {int(odds / step) * step:,}"


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


def duration(seconds: float) -> str:
    """A span of time like "3.2 s", "14 min", "2.5 h" or "29 h"."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    if seconds < 3600:
        return f"{seconds / 60:.0f} min"
    hours = seconds / 3600
    return f"{hours:.1f} h" if hours < 10 else f"{hours:.0f} h"


def shortened(text: str, limit: int = 40) -> str:
    """The beginning of a short text such as a name or an id, with an ellipsis where it is cut."""
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def excerpt(text: str | None, limit: int = EXCERPT) -> str:
    """The beginning of a log text on one line, masked before the cut, which could leave half an address."""
    return shortened(mask(" ".join((text or "").split())), limit)


@dataclass(frozen=True)
class Beginning:
    """The beginning of a text that would drown a page."""

    text: str
    """What is shown, with an ellipsis where it was cut."""
    omitted: int
    """How many characters were left out."""


def beginning(text: str, limit: int) -> Beginning:
    """The first `limit` characters, cut back to a word where one ends near; nothing is cut that is hardly longer."""
    if len(text) <= limit * 1.15:
        return Beginning(text, 0)
    space = text.rfind(" ", int(limit * 0.85), limit)
    shown = text[: space if space > 0 else limit].rstrip()
    return Beginning(shown + " …", len(text) - len(shown))

"""Figures in a reply that contradict themselves or what they rest on: week days, sums that are written out, counts of a list."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import Any

from workbench.failures.signals.ids import parsed
from workbench.failures.signals.language import quotation
from workbench.failures.signals.registry import Hit, Observed, signal

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_WEEK_DAY = re.compile(
    rf"\b(?P<day>{'|'.join(_DAYS)}),?\s+(?:the\s+)?(?:"
    rf"(?P<iso>\d{{4}}-\d\d-\d\d)"
    rf"|(?P<month>{'|'.join(_MONTHS)})[a-z]*\.?\s+(?P<dom>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<year>\d{{4}})"
    rf"|(?P<dom2>\d{{1,2}})(?:st|nd|rd|th)?\s+(?:of\s+)?(?P<month2>{'|'.join(_MONTHS)})[a-z]*\.?,?\s+(?P<year2>\d{{4}}))\b",
    re.IGNORECASE,
)
_AMOUNT = r"[$€£]?\s?(\d[\d,]*(?:\.\d+)?)"
_EQUATION = re.compile(
    rf"(?<![+*×x/-]\s)(?<![\w.,/+*×x-]){_AMOUNT}\s?([+×*])\s?{_AMOUNT}\s?=\s?{_AMOUNT}(?![\d%]|\s?[+×*/-])"
)
_NUMBERS = {name: n for n, name in enumerate("two three four five six seven eight nine ten eleven twelve".split(), 2)}
_COUNTED = re.compile(
    rf"\b(?P<count>{'|'.join(_NUMBERS)}|\d{{1,2}})\s+(?:[a-z]+\s)?(?P<noun>[a-z]{{3,}}s)\b", re.IGNORECASE
)
_HAVE = re.compile(
    r"(?<!\bcan )(?<!\bmay )(?<!\bcould )(?<!\bmust )\b(?:have|has|found|there are|shows?|lists?)\s+(?:a total of\s+|only\s+)?$",
    re.IGNORECASE,
)
_LONGEST = 20_000


@signal("wrong-figure", "weak", "figure that can't be right", blind_without=("bot_words",), severity="S2")
def wrong_figure(seen: Observed) -> Iterator[Hit]:
    """The bot names a week day that the date has not (English), or writes out a sum or product that does not hold."""
    for utterance in seen.bot:
        text = utterance.text
        if len(text) > _LONGEST or not any(map(str.isdecimal, text)):
            continue
        if wrong := next(filter(None, map(_wrong_day, _WEEK_DAY.finditer(text))), None):
            yield Hit(utterance.position, wrong)
        elif "=" in text and (unequal := next((each[0] for each in _EQUATION.finditer(text) if _unequal(each)), None)):
            yield Hit(utterance.position, unequal.strip())


def _wrong_day(match: re.Match[str]) -> str | None:
    try:
        if match["iso"]:
            day = date.fromisoformat(match["iso"])
        else:
            month = (match["month"] or match["month2"]).lower()[:3]
            day = date(
                int(match["year"] or match["year2"]), _MONTHS.index(month) + 1, int(match["dom"] or match["dom2"])
            )
    except ValueError:
        return f"{match[0]}: there is no such date"
    right = _DAYS[day.weekday()]
    return None if right == match["day"].lower() else f"{match[0]}: that is a {right.capitalize()}"


def _unequal(match: re.Match[str]) -> bool:
    first, second, total = (float(match[group].replace(",", "").rstrip(".")) for group in (1, 3, 4))
    result = first + second if match[2] == "+" else first * second
    return abs(result - total) > max(0.01, 0.005 * abs(result))  # a total may be rounded


@signal(
    "wrong-count",
    "weak",
    "more than the result holds",
    blind_without=("bot_words", "tool_results"),
    severity="S2",
)
def wrong_count(seen: Observed) -> Iterator[Hit]:
    """The bot says how many of something there are, and the only list of that name in the results is shorter (English)."""
    if not seen.calls or not seen.bot:
        return
    lengths: dict[str, set[int]] = {}
    place = 0
    for utterance in seen.bot:
        while place < len(seen.calls) and seen.calls[place].position < utterance.position:
            for name, length in _lists(parsed(seen.calls[place].result or "")):
                lengths.setdefault(name, set()).add(length)
            place += 1
        if not lengths:
            continue
        for match in _COUNTED.finditer(utterance.text[:_LONGEST]):
            held = lengths.get(match["noun"].lower())
            count = _NUMBERS.get(match["count"].lower()) or int(match["count"])
            if held and len(held) == 1 and count > max(held) and _HAVE.search(utterance.text[: match.start()]):
                yield Hit(utterance.position, f"{quotation(match[0])}; the result holds {max(held)}")
                break


def _lists(value: Any) -> Iterator[tuple[str, int]]:
    """The lists inside a result by the last word of the name that they stand under, with their lengths."""
    if isinstance(value, dict):
        for name, part in value.items():
            if isinstance(part, list):
                yield str(name).lower().rpartition("_")[2], len(part)
            yield from _lists(part)
    elif isinstance(value, list):
        for part in value:
            yield from _lists(part)

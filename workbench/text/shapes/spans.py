"""What a shape gives: places in a text, and what stands there."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

Span = tuple[int, int, str]
"""From, to (exclusive), and the placeholder of what stands there."""


def apart(spans: Iterable[Span]) -> Iterator[Span]:
    """Spans in their order, none over another; of two that begin together the longer one."""
    free = 0
    for start, end, what in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= free:
            yield start, end, what
            free = end


_WORD = re.compile(r"[^\W\d_]+")


@lru_cache(maxsize=4)
def words_of(text: str) -> frozenset[str]:
    """The runs of letters in a text; the last few texts' are remembered, as each kind of shape asks for them."""
    return frozenset(_WORD.findall(text))


@lru_cache(maxsize=4)
def _small(text: str) -> str:
    return text.lower()


class Signs:
    """Words that patterns begin with, all small: a pattern is tried where one stands and nowhere else, which costs a tenth of a search."""

    def __init__(self, *words: str) -> None:
        self._all = words
        self._ascii = tuple(word for word in words if word.isascii())

    def _in(self, lowered: str) -> Iterable[str]:
        """Those that could be in a text in small letters."""
        return self._ascii if lowered.isascii() else self._all

    def places(self, lowered: str) -> list[int]:
        """Where one of the words begins in a text in small letters, in order."""
        places = set()
        for word in self._in(lowered):
            place = lowered.find(word)
            while place >= 0:
                places.add(place)
                place = lowered.find(word, place + 1)
        return sorted(places)

    def matches(self, pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
        """The matches of a pattern that begins with one of the words, none over another."""
        lowered = _small(text)
        if len(lowered) != len(text):  # İ is two characters when small
            yield from pattern.finditer(text)
            return
        free = 0
        for place in self.places(lowered):
            if place >= free and (match := pattern.match(text, place)):
                yield match
                free = match.end()


class WordSigns(Signs):
    """Signs that begin a word and whose first word ends in them: those of other words are not even looked for."""

    def __init__(self, *words: str) -> None:
        super().__init__(*words)
        self._by_word: dict[str, list[str]] = {}
        for word in words:
            first = _WORD.match(word)
            self._by_word.setdefault(first[0] if first else "", []).append(word)

    def _in(self, lowered: str) -> Iterable[str]:
        present = self._by_word.keys() & words_of(lowered)
        return [word for first in present for word in self._by_word[first]]

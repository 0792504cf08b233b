"""Words of texts that have no spaces to find them by: what recurs as a whole, counted over all the texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set

from workbench.text.tokens import is_hangul, is_katakana, letters, runs

_SHORTEST, _LONGEST = 2, 8
_FEWEST = 2
"""Texts that a word must be in: one that stands in a single text is nobody's keyword."""
_PART_OF = 0.8


def terms(texts: Sequence[str], stop: Set[str]) -> list[set[str]]:
    """The words of each text out of its `runs`, without the stop words; katakana runs are words as they stand.

    Elsewhere every sequence of up to eight letters that two texts share is a word, unless it stands in the same longer one
    four times in five: 款怎 in 退款怎么办 is a piece, 退款 in 申请退款 is none. Longer sequences are counted only where their
    parts are frequent (Agrawal and Srikant, VLDB 1994), so that memory is that of what recurs. Of a Korean run only its
    beginnings are looked at: a noun stands there, and endings follow.
    """
    terms = [{run for run in runs(text) if is_katakana(run) and len(run) >= _SHORTEST} for text in texts]
    signs: dict[str, str] = {}
    rows = [[*_runs(text, stop, signs)] for text in texts]
    if not any(rows):
        return terms
    shown = {sign: letter for letter, sign in signs.items()}
    counts: list[dict[str, int]] = [{}]
    for length in range(_SHORTEST, _LONGEST + 2):
        parts = counts[-1]
        spread = Counter(gram for row in rows for gram in {*_grams(row, length, parts)})
        counts.append({gram: count for gram, count in spread.items() if count >= _FEWEST})
    for length, grams in enumerate(counts[1:-1], _SHORTEST):
        longer: dict[str, int] = {}
        for gram, count in counts[length].items():
            for part in (gram[:-1], gram[1:]):
                longer[part] = max(longer.get(part, 0), count)
        whole = {
            gram: word
            for gram, count in grams.items()
            if longer.get(gram, 0) < _PART_OF * count
            and len(gram) >= _shortest(word := "".join(map(shown.__getitem__, gram)))
            and word not in stop
        }
        for words, row in zip(terms, rows, strict=True):
            words.update(whole[gram] for gram in _grams(row, length, counts[length - 2]) if gram in whole)
    return terms


def _grams(row: list[tuple[str, bool]], length: int, parts: dict[str, int]) -> Iterator[str]:
    """The sequences of so many letters in a text's runs; of longer ones those whose own parts are frequent."""
    for run, begins in row:
        for at in range(min(1, len(run) - length + 1) if begins else len(run) - length + 1):
            gram = run[at : at + length]
            if length == _SHORTEST or (gram[:-1] in parts and (begins or gram[1:] in parts)):
                yield gram


def _runs(text: str, stop: Set[str], signs: dict[str, str]) -> Iterator[tuple[str, bool]]:
    """The runs of a text but for katakana, cut at stop words of one letter, and whether it is Korean.

    A letter with its marks is one sign: itself, or a private one where it has marks.
    """
    for run in runs(text):
        if is_katakana(run):
            continue
        korean = is_hangul(run)
        own = ""
        for letter in [*letters(run), ""]:
            if letter and (korean or letter not in stop):
                if letter not in signs:
                    signs[letter] = letter if len(letter) == 1 else chr(0xF0000 + len(signs))
                own += signs[letter]
            else:
                if len(own) >= _SHORTEST:
                    yield own, korean
                own = ""


def _shortest(word: str) -> int:
    """Letters that a word has at least; Thai and Lao write vowels as letters too."""
    return _SHORTEST + ("\u0e01" <= word <= "\u0edf")

"""How words are written: letters with their marks, scripts that leave no spaces, and which script a text is in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from functools import cache
from itertools import pairwise

_MARK_BLOCKS = ((0x0300, 0x1CFF), (0x1DC0, 0x1DFF), (0xA66F, 0xABFF), (0xFB1E, 0xFB1E), (0x11000, 0x11FFF))
_JOINERS = "\u200c\u200d"  # spelling needs them in Persian and Indian words


def _marks() -> str:
    """The marks that words are spelled with, as the inside of a character class; `\\w` has none of them."""
    ranges: list[list[int]] = []
    for first, last in _MARK_BLOCKS:
        for code in range(first, last + 1):
            if unicodedata.category(chr(code)) not in ("Mn", "Mc"):
                continue
            if ranges and ranges[-1][1] == code - 1:
                ranges[-1][1] = code
            else:
                ranges.append([code, code])
    return "".join(f"{chr(first)}-{chr(last)}" for first, last in ranges)


MARKS = _marks()
WORD = rf"\w[\w{MARKS}{_JOINERS}]*"
"""The pattern of one word of any script, as a person would underline it; where a script leaves no spaces, a whole clause."""
_HIRAGANA = "\u3041-\u3096\u309d-\u309f"
_KATAKANA = "\u30a1-\u30fa\u30fc-\u30ff\u31f0-\u31ff\uff66-\uff9f"
_HAN = "\u3005-\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_SOUTH_EAST = "\u0e01-\u0e4e\u0e81-\u0ecd\u0edc-\u0edf\u1000-\u103f\u1050-\u108f\u109a-\u109f\ua9e0-\ua9ef\uaa60-\uaa7f\u1780-\u17dd"
_HANGUL = "\uac00-\ud7a3"
UNSPACED = f"{_HAN}{_HIRAGANA}{_KATAKANA}{_SOUTH_EAST}"  # Thai, Lao, Burmese, Khmer

_WORD, _BARE_WORD = re.compile(WORD), re.compile(r"\w+")
_BEYOND_BARE = re.compile(f"[{MARKS}{_JOINERS}{UNSPACED}]")
_STRETCH = re.compile(f"([{UNSPACED}]+)")
_LETTER = re.compile(f"[^{MARKS}][{MARKS}]*|[{MARKS}]+")
_GRAMMAR = re.compile(f"[{_HIRAGANA}ー]+")
_RUN = re.compile(f"[{_HAN}]+|[{_KATAKANA}]+|[{_SOUTH_EAST}]+|[{_HANGUL}]+")
_WITHOUT_WORDS = re.compile(f"[{UNSPACED}{_HANGUL}]+")


def words(text: str) -> list[str]:
    """Lower-case words in order, of any script; `can't` is two words. A script without spaces gives pairs of letters."""
    text = text.lower()
    if text.isascii() or not _BEYOND_BARE.search(text):
        return _BARE_WORD.findall(text)
    stretches = _WORD.findall(unicodedata.normalize("NFC", text))
    if not _STRETCH.search(text):
        return stretches
    return [piece for word in stretches for part in _STRETCH.split(word) if part for piece in _pieces(part)]


def _pieces(part: str) -> list[str]:
    if not is_piece(part):
        return [part]
    parted = letters(part)
    return [piece + other for piece, other in pairwise(parted)] or parted


def is_piece(word: str) -> bool:
    """Whether a word is a pair of letters out of a script without spaces."""
    return word >= "\u0e01" and _STRETCH.match(word) is not None


def is_grammar(word: str) -> bool:
    """Whether a word is written in hiragana alone, as endings, particles and courtesies are."""
    return word >= "\u3041" and _GRAMMAR.fullmatch(word) is not None


def how_many(listed: Iterable[str]) -> float:
    """How many words these are: a pair of letters counts half, as words have two letters or so where nothing parts them."""
    return sum(0.5 if is_piece(word) else 1 for word in listed)


def joined(listed: list[str]) -> list[str]:
    """Words to be shown: pairs of letters that overlap are one stretch again."""
    shown: list[str] = []
    for word in listed:
        first = letters(word)[0] if is_piece(word) else ""
        if shown and first and shown[-1].endswith(first):
            shown[-1] += word.removeprefix(first)
        else:
            shown.append(word)
    return shown


def runs(text: str) -> list[str]:
    """The stretches that can hold what a text is about where spaces don't part words, in order.

    In Japanese kanji and katakana say what a clause is about and hiragana, which is left out, holds it together. Korean
    has spaces, but its nouns carry their particles: 환불이, 환불을.
    """
    return _RUN.findall(text)


def without_runs(text: str) -> str:
    """The text without what is written so."""
    return text if text.isascii() else _WITHOUT_WORDS.sub(" ", text)


def is_run(word: str) -> bool:
    """Whether a word is of such a stretch."""
    return not word.isascii() and _RUN.fullmatch(word) is not None


def is_katakana(run: str) -> bool:
    """Whether a run is in katakana, as words from elsewhere are: each run is one."""
    return "\u30a1" <= run[:1] <= "\u30ff" or "\uff66" <= run[:1] <= "\uff9f"


def is_hangul(run: str) -> bool:
    """Whether a run is Korean."""
    return "\uac00" <= run[:1] <= "\ud7a3"


def letters(run: str) -> list[str]:
    """The letters, each with its marks."""
    return _LETTER.findall(run)


# --- scripts --------------------------------------------------------------------------------------------------------


def scripts(text: str) -> Counter[str]:
    """How many letters of a text are of each script, by Unicode's names; Han beside kana is Japanese, else Chinese."""
    counts: Counter[str] = Counter()
    for char, count in Counter(text).items():
        if char.isalpha():
            counts[_script(char)] += count
    kana, han = counts.pop("KANA", 0), counts.pop("CJK", 0)
    if kana or han:
        counts["JAPANESE" if kana >= 0.1 * (kana + han) else "CHINESE"] = kana + han
    return counts


@cache
def _script(char: str) -> str:
    name = unicodedata.name(char, "?").removeprefix("HALFWIDTH ").removeprefix("FULLWIDTH ").split()[0]
    return "KANA" if name.startswith(("HIRAGANA", "KATAKANA")) else name

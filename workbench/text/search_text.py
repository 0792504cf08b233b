"""What a search by words compares: folded text, the words of a query, and the excerpt around what they found.

Everything here works on masked text. What a page hides can't be searched for, so no query tells what stands behind a mask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from workbench.text.masking import mask

FIELD = "\x1f"
"""Stands between the texts of one turn (content, error, calls) on their way here; never inside one."""
MOST_WORDS = 20
BEFORE, AFTER = 60, 160
"""Characters of a turn that an excerpt shows before and after the first hit."""

_QUOTES = str.maketrans("“”„«»", '"' * 5)
_WORD = re.compile(r'(?P<minus>-?)(?:"(?P<phrase>[^"]*)"?|(?P<word>[^\s"]+))')
_ACCENTS = re.compile("[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]")
_APOSTROPHES = "’‘ʼ＇"


@dataclass(frozen=True)
class Words:
    """A query as it is looked up, folded; a phrase is one of its words."""

    wanted: tuple[str, ...]
    """What a conversation must hold, all of it."""
    excluded: tuple[str, ...]
    """What it must not hold, none of it."""


class _Folding(dict[int, str]):
    """A translation table that is filled as characters come."""

    def __missing__(self, code: int) -> str:
        char = chr(code)
        if char in _APOSTROPHES:
            folded = "'"
        elif char.isspace():
            folded = " "
        elif unicodedata.category(char) in ("Cf", "Cs"):
            folded = ""
        else:
            folded = _ACCENTS.sub("", unicodedata.normalize("NFKD", char).casefold())
        self[code] = folded
        return folded


_FOLDING = _Folding()


def fold(text: str) -> str:
    """The text as searches compare it: without case and accents, one space between words, nothing invisible."""
    return " ".join((text.lower() if text.isascii() else text.translate(_FOLDING)).split())


def masked_fields(text: str) -> str:
    """The texts of one turn, joined by `FIELD`, each masked as the pages mask it; one a line."""
    return "\n".join(mask(field) for field in text.split(FIELD) if field)


def searchable(text: str) -> str:
    """The texts of one turn, joined by `FIELD`, as a snapshot keeps them for searching."""
    return fold(masked_fields(text))


def words(query: str) -> Words:
    """Read a query: words, "phrases" and -excluded ones, at most 20; what folds to nothing is left out."""
    wanted: list[str] = []
    excluded: list[str] = []
    for match in _WORD.finditer(query.translate(_QUOTES)):
        folded = fold(match["word"] if match["phrase"] is None else match["phrase"])
        if folded.strip("-"):
            (excluded if match["minus"] else wanted).append(folded)
    return Words(*(tuple(dict.fromkeys(some))[:MOST_WORDS] for some in (wanted, excluded)))


def excerpt_around(text: str, wanted: Iterable[str]) -> str:
    """One line of a masked text around the first of the folded words in it; its beginning where it holds none."""
    line = " ".join(text.split())
    folded, origin = "", []
    for place, char in enumerate(line):
        part = char.lower() if char.isascii() else _FOLDING[ord(char)]
        folded += part
        origin += [place] * len(part)
    hits = [at for word in wanted if (at := folded.find(word)) >= 0]
    first = origin[min(hits)] if hits else 0
    start, end = max(0, first - BEFORE), first + AFTER
    if start:
        start = line.find(" ", start, first) + 1 or start
    return f"{'… ' if start else ''}{line[start:end].rstrip()}{'…' if end < len(line) else ''}"

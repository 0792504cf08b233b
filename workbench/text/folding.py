"""One spelling of what texts write in many: other scripts' digits, full-width signs, escapes of JSON and HTML, nothing invisible.

So that one set of patterns reads them all; the places in the folded text lead back to those in the text.
"""

from __future__ import annotations

import html
import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass, field

_INVISIBLE = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\U000e0000-\U000e007f"
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_SEPARATORS = {
    "-": "‐‑‒–—―−﹣－",
    ".": "．﹒。｡・•∙",
    "@": "＠﹫",
    "+": "＋﹢",
    "(": "（",
    ")": "）",
    ":": "：",
    "=": "＝",
}
_FOLDED = {char: plain for plain, chars in _SEPARATORS.items() for char in chars}
_ESCAPE = (
    r"(?<!\\)\\++u[0-9A-Fa-f]{4}"
    r"|&(?:\#[0-9]{1,6}|\#[xX][0-9A-Fa-f]{1,5}|commat|period|nbsp|amp|quot|apos|lt|gt|colon|equals|num|plus|lpar|rpar|shy);"
)
_ASCII = re.compile(_ESCAPE)
_ANY = re.compile(rf"{_ESCAPE}|[{_INVISIBLE}]+|(?=[^\x00-\x7f])(?:\d|[^\S\x85\u2028\u2029]|[{''.join(_FOLDED)}])")
_BLANK = re.compile(r"\\[nrtbf]")


@dataclass(frozen=True)
class Folded:
    """A folded text, and where its places lie in the text that it was made of."""

    text: str
    """Folded."""
    _places: list[int] = field(default_factory=list)
    """From which on the places lie further on in the text than before."""
    _shifts: list[int] = field(default_factory=list)
    """By how much, for each of these."""
    _widths: dict[int, int] = field(default_factory=dict)
    """How many characters of the text the character of a place was, where that is more than one."""

    def unfold(self, place: int) -> int:
        """Where the character at this place of the folded text begins in the text."""
        order = bisect_right(self._places, place)
        return place + (self._shifts[order - 1] if order else 0)

    def unfold_end(self, place: int) -> int:
        """Where a span that ends before this place of the folded text ends in the text; what is invisible behind it stays."""
        return self.unfold(place - 1) + self._widths.get(place - 1, 1)


def fold(text: str) -> Folded:
    """The text in one spelling; an escape is the character that it stands for."""
    ascii_ = text.isascii()
    if "\\" in text:
        text = _BLANK.sub(" \n", text)  # as long as it was
    if ascii_ and "&" not in text and "\\" not in text:
        return Folded(text)
    pieces: list[str] = []
    places: list[int] = []
    shifts: list[int] = []
    widths: dict[int, int] = {}
    done = length = shift = 0
    for match in (_ASCII if ascii_ else _ANY).finditer(text):
        start, end = match.span()
        char = _char(match[0])
        pieces += (text[done:start], char)
        length += start - done
        if end - start > len(char):
            if char:
                widths[length] = end - start
            shift += end - start - len(char)
            places.append(length + len(char))
            shifts.append(shift)
        length += len(char)
        done = end
    pieces.append(text[done:])
    return Folded("".join(pieces), places, shifts, widths)


def _char(written: str) -> str:
    """The one character that an escape, a separator or a digit is read as; none for what is invisible."""
    if written[0] == "\\":
        char = chr(int(written[-4:], 16))
    elif written[0] == "&" and len(written) > 1:
        char = html.unescape(written)[:1]
    else:
        char = written
    if _HIDDEN.match(char):
        return ""
    if char.isascii():
        return char
    if char in _FOLDED:
        return _FOLDED[char]
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    return " " if char.isspace() and char not in "\x85\u2028\u2029" else char

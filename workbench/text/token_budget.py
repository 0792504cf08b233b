"""How long a text is for a language model, and its beginning where it is too long. Pure."""

from __future__ import annotations

import math
import re
import unicodedata

from workbench.text.formatting import Beginning
from workbench.text.tokens import UNSPACED

# What stands together in a vocabulary: a word in one case, digits, any other sign; spaces go with what follows them.
_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+|[0-9]+|[^\S\n]+|.", re.DOTALL)
_LETTERS_A_TOKEN, _DIGITS_A_TOKEN, _BYTES_A_TOKEN = 6, 2, 4
_UNSPACED = re.compile(f"[{UNSPACED}]")
_CLOSING = frozenset(",;:}])>|")


def token_count(text: str) -> int:
    """About how many tokens a model reads, rather too many: the vocabularies of models differ.

    Six letters, two digits or one other sign a token, but never fewer than a quarter of the bytes. On the bundles of
    `benchmarks/bundle.py` it is above what the WordPiece of the packaged model counts.
    """
    pieces = sum(_tokens(piece) for piece in _PIECES.findall(text))
    return max(pieces, math.ceil(len(text.encode("utf-8", "surrogatepass")) / _BYTES_A_TOKEN))


def whole_words(text: str, limit: int) -> Beginning:
    """The first words of a text that `limit` characters hold; no word, number or placeholder of the mask is cut.

    Where a script leaves no spaces it ends between two letters. A single word that is longer is left out.
    """
    if len(text) <= limit:
        return Beginning(text, 0)
    end = next((place for place in range(limit, 0, -1) if _may_end(text[place - 1], text[place])), 0)
    shown = text[:end].rstrip()
    return Beginning(f"{shown} …" if shown else "…", len(text) - len(shown))


def _tokens(piece: str) -> int:
    if piece[0].isascii():
        if piece[0].isalpha():
            return math.ceil(len(piece) / _LETTERS_A_TOKEN)
        if piece[0].isdigit():
            return math.ceil(len(piece) / _DIGITS_A_TOKEN)
        return 0 if piece == " " else 1
    return 1 if ord(piece[0]) < 0x10000 else 3


def _may_end(last: str, following: str) -> bool:
    """Whether a text may end between two of its characters."""
    if last.isspace() or following.isspace():
        return True
    if unicodedata.category(following)[0] in "MC":
        return False
    if _UNSPACED.match(last) or _UNSPACED.match(following):
        return True
    return last in _CLOSING and not following.isdigit()

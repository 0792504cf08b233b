"""Where a name, an id or an address stands in text: as whole words, in any case, however it is spelled in a file."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

FORGOTTEN = "[forgotten]"
"""What stands in the place of a text that was forgotten."""


def naming(text: str) -> re.Pattern[str]:
    """What finds `text` as whole words in any case: composed or not, over line breaks, and as JSON may escape it."""
    spellings = dict.fromkeys(
        re.sub(r"(?:\\?\s)+", lambda blank: r"\s+", re.escape(each)) for each in _spellings(text.strip())
    )
    return re.compile(rf"(?<!\w)(?:{'|'.join(spellings)})(?!\w)", re.IGNORECASE)


def byte_naming(text: str) -> re.Pattern[bytes]:
    """What finds `text` in the bytes of any file, in the cases that people write; whole words are not looked at."""
    cases = (text, text.lower(), text.upper(), text.title(), text.casefold())
    spellings = {each for case in cases for each in _spellings(case)}
    encoded = {each.encode(encoding, "surrogatepass") for each in spellings for encoding in ("utf-8", "utf-16-le")}
    return re.compile(b"|".join(map(re.escape, sorted(encoded, key=len, reverse=True))), re.IGNORECASE)


def _spellings(text: str) -> Iterator[str]:
    for form in ("NFC", "NFD"):
        spelled = unicodedata.normalize(form, text)
        yield spelled
        yield json.dumps(spelled)[1:-1]
        yield json.dumps(spelled, ensure_ascii=False)[1:-1]


def texts(value: Any) -> Iterator[str]:
    """Every text in a value that JSON holds, names of fields among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, part in value.items():
            yield str(name)
            yield from texts(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from texts(part)

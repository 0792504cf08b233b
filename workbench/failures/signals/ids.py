"""Ids and values in what a call was given and gave back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

_ID = re.compile(r"(?=.*\d)[^\W\d_][\w#+.-]{3,39}|(?=.*\d.*\d)\d[\w#+.-]{3,39}")
_TIME = re.compile(r"\d{4}-\d\d-\d\d|\d\d?:\d\d")


def is_id(value: object) -> bool:
    """Whether a value looks like an id."""
    return isinstance(value, str) and _ID.fullmatch(value) is not None and not _TIME.search(value)


def parsed(text: str) -> Any:
    """The value that JSON text holds; None where it is none."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """The values inside a parsed one, each with the key that it stands under."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from leaves(part, str(key))
    elif isinstance(value, list):
        for part in value:
            yield from leaves(part, name)
    else:
        yield name, value

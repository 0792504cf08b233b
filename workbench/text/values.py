"""How a value of a row is said in text, the same in every target."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime


def iso_utc(at: datetime) -> str:
    """ISO 8601 with Z; a naive time is UTC already."""
    return naive_utc(at).isoformat() + "Z"


def naive_utc(at: datetime) -> datetime:
    """The same moment as a naive UTC time."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def cell_text(value: object) -> str:
    """A value as the text of one cell; what does not exist is empty, a list is joined by `; `.

    An item that holds a `;` or begins with a double quote stands in double quotes, its own doubled, as in CSV.
    """
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case datetime():
            return iso_utc(value)
        case float() if not math.isfinite(value):
            return ""
        case str():
            return value
        case Sequence():
            return "; ".join(_list_item(cell_text(item)) for item in value)
    return str(value)


def json_value(value: object) -> object:
    """A value that JSON has: times as ISO text, a number that is none as null, a record as an object."""
    match value:
        case datetime():
            return iso_utc(value)
        case date():
            return value.isoformat()
        case float() if not math.isfinite(value):
            return None
        case list() | tuple():
            return [json_value(item) for item in value]
        case _ if is_dataclass(value):
            return {field.name: json_value(getattr(value, field.name)) for field in fields(value)}
    return value


def without_lone_surrogates(text: str) -> str:
    """Half a surrogate pair, which JSON can log and UTF-8 can't hold, becomes the text \\ud800."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _list_item(text: str) -> str:
    if ";" in text or text.startswith('"'):
        return '"' + text.replace('"', '""') + '"'
    return text

"""Dotted paths into a logged row: through structs, lists and JSON text, to a value that is then taken out or looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from workbench.logs.values import normalise
from workbench.logs.values.json_object import JsonObject

OR = " | "
"""Between the paths of one column, of which the first that holds something counts."""


def taken(fields: JsonObject, paths: Mapping[str, str]) -> JsonObject:
    """The values at the paths, by name; each is then gone from `fields`."""
    places = {name: place for name, path in paths.items() if (place := _first_place(fields, path)) is not None}
    values = {name: holder[key] for name, (holder, key) in places.items()}
    for holder, key in places.values():
        if isinstance(holder, dict):
            holder.pop(key, None)
    return {name: value for name, value in values.items() if value is not None}


def _first_place(fields: JsonObject, paths: str) -> tuple[Any, Any] | None:
    """The first place of several paths that holds something, else the first that is there."""
    there = [place for path in paths.split(OR) if (place := _place(fields, path, path)) is not None]
    return next((place for place in there if place[0][place[1]] not in (None, "", [], {})), there[0] if there else None)


def all_items(fields: JsonObject, paths: str, first: Any) -> Iterator[Any]:
    """The messages at several paths one after the other: a list of them, or one; `first` was taken from the first path."""
    for value in [first, *taken(fields, {path: path for path in paths.split(OR)}).values()]:
        items = normalise.parse_json(value, "messages") if isinstance(value, str) and value.strip() else value
        yield from items if isinstance(items, list) else [items] if items else []


def items_at(fields: JsonObject, path: str) -> Iterator[Any]:
    """The items of the list that a path leads to; through a list on the way it leads into each of its objects."""
    place = _place(fields, path, path)
    value = _opened(*place, path) if place else None
    if isinstance(value, list):
        yield from value
        return
    for end in (at for at, sign in enumerate(path) if sign == "."):
        holders = value_at(fields, path[:end])
        if isinstance(holders, list):
            for holder in holders:
                yield from items_at(holder, path[end + 1 :]) if isinstance(holder, dict) else ()
            return


def value_of(fields: JsonObject, paths: str) -> Any:
    """The value at the first of several paths that holds something; None where none leads anywhere."""
    place = _first_place(fields, paths)
    return None if place is None else place[0][place[1]]


def value_at(fields: JsonObject, path: str) -> Any:
    """The value at one path; None where it leads nowhere."""
    place = _place(fields, path, path)
    return None if place is None else place[0][place[1]]


def _place(holder: Any, path: str, whole: str) -> tuple[Any, Any] | None:
    """The dictionary or list, and the key in it, that a path leads to. A name may hold dots itself."""
    if isinstance(holder, list):
        head, _, rest = path.partition(".")
        if not head.isdecimal() or int(head) >= len(holder):
            return None
        return _place(_opened(holder, int(head), whole), rest, whole) if rest else (holder, int(head))
    if not isinstance(holder, dict):
        return None
    if path in holder:
        return holder, path
    for end in (at for at in range(len(path) - 1, 0, -1) if path[at] == "."):
        if path[:end] in holder:
            place = _place(_opened(holder, path[:end], whole), path[end + 1 :], whole)
            if place is not None:
                return place
    return None


def _opened(holder: Any, key: Any, whole: str) -> Any:
    """What stands there; JSON text is replaced by what it says."""
    value = holder[key]
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        value = holder[key] = normalise.parse_json(value, whole)
    return value

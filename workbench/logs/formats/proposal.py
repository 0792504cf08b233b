"""Where the messages of a JSON log lie that no reader knows: found in its first rows, told as the mapping that reads them.

A list counts whose objects say who speaks and what, as *chat* reads them. Of several the shallowest counts, and of these the one
that is called like messages; where they are equal none is taken, since two lists may say the same twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.conversation.roles import side_of
from workbench.logs.files.source import MESSAGE_COLUMNS, OTHER_MESSAGE_COLUMNS
from workbench.logs.formats.mapping import ColumnMapping
from workbench.logs.values import dialects
from workbench.logs.values.json_object import JsonFields
from workbench.logs.values.message_lists import message
from workbench.logs.values.messages import SAYS, unwrapped
from workbench.logs.values.paths import OR, items_at, value_at
from workbench.logs.values.records import BadValue
from workbench.logs.values.usual_names import USUAL, identity_column, plain, role_of, speaker_fields

GUESS = "the guess"
"""What a proposed mapping is called where the file of another stands."""
CHOICE = "user or assistant"
"""What stands for the side of a speaker whom nobody here knows."""
_DEEPEST, _DEEPEST_ID = 6, 3
_HTML = re.compile(r"<(?:p|br|div|span|b|i|a|li|ul)\b[^>]*>", re.IGNORECASE)
_ITEMS, _ROLES = 50, 6
_NAMED = tuple(map(plain, (*MESSAGE_COLUMNS, *OTHER_MESSAGE_COLUMNS)))
_TALKS = ("conversation", "ticket", "chat", "session", "thread", "call", "case", "contact", "metadata")
_IDS = ("id", "uuid", "_id", "instance_id")


@dataclass(frozen=True)
class _Place:
    """A list of messages in the sample."""

    holders: tuple[tuple[tuple[str, ...], JsonFields], ...]
    """The file's row around it, and each item of a list on the way to it, with the way to the list."""
    path: tuple[str, ...]
    """The way from the innermost of these to the messages."""
    items: Sequence[JsonFields]
    """Its first messages there that say who speaks."""

    @property
    def way(self) -> tuple[str, ...]:
        """The whole way from the file's row."""
        return (*(step for steps, _ in self.holders for step in steps), *self.path)

    @property
    def rank(self) -> tuple[int, int]:
        """The lower, the more likely are these the messages."""
        name = plain(self.path[-1])
        return len(self.way), _NAMED.index(name) if name in _NAMED else len(_NAMED)


@dataclass(frozen=True)
class Proposal:
    """How a log can be read that no reader knows."""

    mapping: ColumnMapping
    """What says it. Without a layout it only says where rows lie that readers know."""
    strangers: tuple[str, ...] = ()
    """Who speaks, where none of these is known to be the user or the bot: then a person has to say it."""

    def __str__(self) -> str:
        """The mapping as TOML, a table after the other."""
        mapping = self.mapping
        lines = [f'layout = "{mapping.layout}"', *([f'rows = "{mapping.rows}"'] if mapping.rows else [])]
        lines += ["html = true"] if mapping.html else []
        roles = dict.fromkeys(self.strangers, CHOICE)
        for table, values in (("columns", mapping.columns), ("message", mapping.message), ("roles", roles)):
            if values:
                lines.append(
                    f"[{table}] " + ", ".join(f"{_key(name)} = {_paths(path)}" for name, path in values.items())
                )
        return ", ".join(lines)


def _key(name: str) -> str:
    return name if name.isascii() and name.isidentifier() else f'"{name}"'


def _paths(path: str) -> str:
    """A path in TOML, or a list of several."""
    several = [f'"{each}"' for each in path.split(OR)]
    return several[0] if len(several) == 1 else f"[{', '.join(several)}]"


def proposed(sample: Sequence[JsonFields]) -> Proposal | None:
    """The mapping that reads the rows of this sample; None where nothing, or not one thing alone, looks like messages."""
    if 2 * sum(speaks(row) and says(row) for row in sample) > len(sample):
        return None  # the rows are messages themselves
    if (place := _likeliest(sample)) is None or not _is_everywhere(place, sample):
        return None
    roles = dict.fromkeys(str(_as_read(item)["role"]) for item in place.items)
    tells_sides = any(side_of(role) in ("user", "bot") for role in roles)
    return Proposal(_mapping(place), () if tells_sides else tuple([*roles][:_ROLES]))


def _is_everywhere(place: _Place, sample: Sequence[JsonFields]) -> bool:
    """Whether nearly all rows that lie where these do have messages: else the rows are something else."""
    rows: list[Any] = [*sample]
    for steps, _ in place.holders[1:]:
        rows = [item for row in rows[:_ITEMS] if isinstance(row, dict) for item in items_at(row, ".".join(steps))]
    path = ".".join(place.path)
    talks = [
        any(speaks(item) and says(item) for item in held if isinstance(item, Mapping))
        for row in rows[:_ITEMS]
        if isinstance(row, dict) and isinstance(held := _listed(value_at(row, path)), list)
    ]
    return sum(talks) * 5 >= 4 * len(rows[:_ITEMS])


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, Mapping) else value


def _likeliest(sample: Sequence[JsonFields]) -> _Place | None:
    places = {place.way: place for row in reversed(sample) for place in _places(row, (((), row),), (), 0)}
    ranked = sorted(places.values(), key=lambda place: place.rank)
    if not ranked or (len(ranked) > 1 and ranked[0].rank == ranked[1].rank):
        return None
    return ranked[0]


def _mapping(best: _Place) -> ColumnMapping:
    spoken = next(filter(says, best.items))
    for count in range(len(best.holders), 0, -1):
        steps = tuple(step for way, _ in best.holders[:count] for step in way)
        messages = best.way[len(steps) :]
        if (identity := _identity(best.holders[count - 1][1], messages)) is not None:
            paths = [*_beside(best.holders[count - 1][1], messages), ".".join(messages)]
            columns = {"conversation_id": identity, "messages": OR.join(paths)}
            marked = any(_HTML.search(str(_as_read(item).get("content") or "")) for item in best.items)
            return ColumnMapping(GUESS, "chat", columns, _fields(spoken), rows=".".join(steps), html=marked)
    if identity_column([*spoken]) is not None:
        return ColumnMapping(GUESS, rows=".".join(best.way))
    steps = tuple(step for way, _ in best.holders for step in way)
    return ColumnMapping(GUESS, "chat", {"messages": ".".join(best.path)}, _fields(spoken), rows=".".join(steps))


def _beside(row: JsonFields, messages: Sequence[str]) -> list[str]:
    """The fields of a row that are a message each, and stand before the list of the others, as Intercom writes."""
    return [
        name
        for name, value in row.items()
        if name != messages[0] and isinstance(value, Mapping) and speaks(value) and says(value)
    ]


def _places(
    value: Any, holders: tuple[tuple[tuple[str, ...], JsonFields], ...], path: tuple[str, ...], depth: int
) -> Iterator[_Place]:
    """The lists of messages inside a row; what lies in a list of objects has these around it."""
    if not isinstance(value, Mapping) or depth > _DEEPEST:
        return
    for name, inner in value.items():
        if isinstance(inner, Mapping):
            if dialects.is_tree(inner) and speaks(inner) and says(inner):
                yield _Place(holders, (*path, name), [inner])
            elif not _is_keyed(inner):
                yield from _places(inner, holders, (*path, name), depth + 1)
            continue
        items = [item for item in inner[:_ITEMS] if isinstance(item, Mapping)] if isinstance(inner, list) else []
        speaking = [item for item in items if speaks(item)]
        if 2 * len(speaking) > len(items) and any(map(says, speaking)):
            yield _Place(holders, (*path, name), speaking)
        else:
            for item in items[:3]:
                yield from _places(item, (*holders, ((*path, name), item)), (), depth + 1)


def _is_keyed(value: JsonFields) -> bool:
    """Whether an object holds its items by their ids, which are no names of fields."""
    return len(value) > 1 and all(isinstance(item, Mapping) for item in value.values())


def _as_read(item: JsonFields) -> JsonFields:
    try:
        return unwrapped(message(next(iter(dialects.each(item))), ""))
    except (BadValue, StopIteration):
        return {}


def speaks(item: JsonFields) -> bool:
    """Whether an object says who speaks: in so many words, or by a type that is the name of a side."""
    role = _as_read(item).get("role")
    named = "role" in item or bool(speaker_fields(item)) or dialects.usual(item) is not None
    return isinstance(role, str) and (named or side_of(role) is not None or isinstance(item.get("message"), Mapping))


def says(item: JsonFields) -> bool:
    """Whether a message says or calls anything."""
    read = _as_read(item)
    return any(read.get(name) not in (None, "", [], {}) for name in SAYS)


def _fields(item: JsonFields) -> dict[str, str]:
    """Where a message says who speaks and what, as far as that are its own fields under other names than ours."""
    typed = side_of(str(unwrapped(item).get("role"))) is not None
    if dialects.usual(item) is not None or "role" in item or typed:
        return {}
    for name in speaker_fields(item):
        value = item[name]
        if not isinstance(role_of(name, value), str):
            continue
        inner = (
            next((key for key, each in value.items() if each == role_of(name, value)), None)
            if isinstance(value, Mapping)
            else ""
        )
        if inner is None or isinstance(value, bool):
            return {}
        fields = {"role": f"{name}.{inner}" if inner else name}
        words = next((key for usual in USUAL["content"] for key in item if plain(key) == usual and item[key]), None)
        return {**fields, **({"content": words} if words else {})}
    return {}


def _identity(row: JsonFields, messages: Sequence[str]) -> str | None:
    """The path of what names the conversation of a row: a usual name or an `id` of its own, else such a name inside of it, the
    shallowest first, else the `id` of what is called like a conversation there."""
    holders: list[tuple[str, JsonFields]] = [("", row)]
    ids: list[str] = []
    for above, holder in holders:
        single = [name for name, value in holder.items() if value != "" and _is_one(value)]
        own = next((name for name in _IDS if name in single), None)
        usual = identity_column(single) or (own if not above else None)
        if usual is not None:
            return f"{above}{usual}"
        if own is not None and plain(above.rstrip(".").rpartition(".")[2]) in _TALKS:
            ids.append(f"{above}{own}")
        if above.count(".") < _DEEPEST_ID:
            holders += [
                (f"{above}{name}.", inner)
                for name, inner in holder.items()
                if isinstance(inner, Mapping) and f"{above}{name}" != ".".join(messages)
            ]
    return next(iter(ids), None)


def _is_one(value: Any) -> bool:
    return isinstance(value, (str, int)) and not isinstance(value, bool)

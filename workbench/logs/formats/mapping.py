"""A TOML file that names the columns of an in-house log, so that it reads as *chat* or *turns*.

    layout = "chat"                      # or "turns"

    [columns]                            # ours = where the log has it; dots lead into structs, JSON text and lists
    conversation_id = "session.id"
    messages = "payload.dialog"

    [message]                            # chat: the fields of one message
    role = "speaker"
    content = "body.text"

    [roles]                              # as logged = as we say
    customer = "user"

    [constants]                          # the same for every conversation
    bot = "billing"

    [metadata]                           # what else to keep, under a name of its own
    quality = "scores.quality"

    [fails_when]                         # which values of a column mean that a conversation failed
    quality = "< 3"

With `fails_when` alone the file goes with any format.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.conversation.outcome import parse_rules
from workbench.errors import RefusedFile, UserError
from workbench.logs.files.find import shown
from workbench.logs.files.source import Log, Source
from workbench.logs.values import normalise
from workbench.logs.values.records import BadValue, Reject, add_reject, shallower

LAYOUTS = ("chat", "turns")
_MESSAGE = normalise.MESSAGE_FIELDS
_CONVERSATION = normalise.CONVERSATION_FIELDS
_NEEDED = ("conversation_id", "messages", "role", "content")
_TABLES = ("columns", "message", "roles", "constants", "metadata", "fails_when")
_ONE_VALUE = (str, int, float)


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says; `file` is its name. Without a `layout` it only says when a conversation failed."""

    file: str
    layout: str | None = None
    columns: dict[str, str] = field(default_factory=dict)
    message: dict[str, str] = field(default_factory=dict)
    roles: dict[str, str] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    metadata: dict[str, str] = field(default_factory=dict)
    fails_when: dict[str, str] = field(default_factory=dict)

    def names_any(self, columns: Sequence[str]) -> bool:
        """Whether it takes something out of one of these columns."""
        paths = [*self.columns.values(), *self.metadata.values()]
        return any(f"{path}.".startswith(f"{column}.") for path in paths for column in columns)

    def apply(self, source: Source) -> None:
        """Let a source give its rows as this mapping names them."""
        if self.layout is not None:
            source.log = MappedLog(source.log, self, source.notes)


def load_mapping(path: Path) -> ColumnMapping:
    """Read and check a mapping file; UserError naming the key that is wrong."""
    name = shown(path)
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as e:
        raise UserError(f"The mapping {name} can't be read ({e.strerror}). Check its path.") from e
    except ValueError as e:
        raise UserError(f"The mapping {name} is no TOML: {e}.") from e
    try:
        _check(raw)
        parse_rules(raw.get("fails_when", {}))
    except UserError as e:
        raise UserError(f"The mapping {name}: {e}") from e
    return ColumnMapping(name, **raw)


def _check(raw: Mapping[str, Any]) -> None:
    _known("", raw, ("layout", *_TABLES))
    layout = raw.get("layout")
    if layout is not None and layout not in LAYOUTS:
        raise UserError(f"layout is {layout!r}. Say {' or '.join(map(repr, LAYOUTS))}.")
    for table in _TABLES:
        values = raw.get(table, {})
        if not isinstance(values, Mapping):
            raise UserError(f"{table} is no table. Write [{table}] and its lines below.")
        kinds = _ONE_VALUE if table == "constants" else (str,)
        for key, value in values.items():
            if not isinstance(value, kinds) or value == "":
                raise UserError(f"[{table}] {key} = {value!r}: a text is expected.")
        if values and layout is None and table != "fails_when":
            raise UserError(f"[{table}] needs a layout. Say layout = 'chat' (one row a conversation) or 'turns'.")
    if layout == "turns" and raw.get("message"):
        raise UserError(
            "[message] is for the layout 'chat'. In 'turns' a row is a message: name its fields in [columns]."
        )
    ours = {*_CONVERSATION, *(("messages",) if layout == "chat" else ("turn_index", *_MESSAGE))}
    _known("columns", raw.get("columns", {}), ours)
    _known("message", raw.get("message", {}), _MESSAGE)
    _known("constants", raw.get("constants", {}), _CONVERSATION - {"conversation_id", "retrieved"})
    for table in ("constants", "metadata"):
        if twice := sorted(raw.get(table, {}).keys() & raw.get("columns", {}).keys()):
            raise UserError(f"{twice[0]} stands in [columns] and in [{table}]. Keep one of them.")
    if taken := sorted(raw.get("metadata", {}).keys() & ours):
        raise UserError(f"[metadata] {taken[0]} is a column of ours. Name it in [columns], or call it something else.")


def _known(table: str, keys: Mapping[str, Any], known: Any) -> None:
    for key in keys:
        if key not in known:
            place = f"[{table}] {key}: there is no such column" if table else f"{key}: there is no such key"
            raise UserError(f"{place}. Known are {', '.join(sorted(known))}.")


class MappedLog:
    """A log whose rows come under the names that a mapping gives them. What it does not name keeps its own name."""

    def __init__(self, log: Log, mapping: ColumnMapping, notes: list[str]) -> None:
        self._log = log
        self._mapping = mapping
        self._notes = notes
        self._bad: set[int] = set()
        self._met: dict[str, set[str]] = {"columns": set(), "message": set()}
        self._paths = {**mapping.columns, **mapping.metadata}
        self.rejects: list[Reject] = []

    @property
    def path(self) -> Path:
        return self._log.path

    @property
    def name(self) -> str:
        return self._log.name

    @property
    def container(self) -> str:
        return self._log.container

    @property
    def outline(self) -> frozenset[str]:
        """Only the columns: which fields the mapping finds inside them is known once they are read."""
        return frozenset(self.columns)

    @property
    def rows(self) -> int:
        return self._log.rows

    @property
    def unpacked(self) -> int:
        return self._log.unpacked

    @property
    def columns(self) -> list[str]:
        taken = set(self._paths.values())
        return [*self._paths, *self._mapping.constants, *(name for name in self._log.columns if name not in taken)]

    def check(self, look: Callable[[Any], None]) -> None:
        """As the log's own; RefusedFile where a needed column is in no row, a note for each other one."""
        self._log.check(lambda _: None)
        self.rejects = list(self._log.rejects)
        with shallower():
            for number, fields in self._log.read():
                try:
                    look(self._named(fields))
                except BadValue as e:
                    self._bad.add(number)
                    add_reject(self.rejects, e.reject(self.name, number))
        if self.rows > len(self.rejects):
            self._say_what_is_nowhere()

    def read(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Each good row with its number, under the names of the mapping."""
        return self._all_named(self._log.read())

    def deal(self, columns: Sequence[str], share: Callable[[dict[str, Any]], int], paths: Sequence[Path]) -> None:
        """As the log's own, by the columns that stand behind `columns`."""
        heads = {
            name
            for column in columns
            for name in self._log.columns
            if f"{self._paths.get(column, column)}.".startswith(f"{name}.")
        }

        def of_mapped(fields: dict[str, Any]) -> int:
            try:
                return share({column: _value(fields, self._paths.get(column, column)) for column in columns})
            except BadValue:
                return 0

        self._log.deal(sorted(heads), of_mapped, paths)

    def dealt(self, path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
        """The good rows that `deal` wrote to a path."""
        return self._all_named(self._log.dealt(path))

    def _all_named(self, rows: Iterator[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, dict[str, Any]]]:
        return ((number, self._named(fields)) for number, fields in rows if number not in self._bad)

    def _named(self, fields: dict[str, Any]) -> dict[str, Any]:
        found = _taken(fields, self._paths)
        self._met["columns"] |= found.keys()
        for name, value in {**self._mapping.constants, **found}.items():
            if name in fields:
                fields[f"logged.{name}"] = fields[name]
            fields[name] = value
        if isinstance(messages := fields.get("messages"), str) and self._mapping.layout == "chat":
            messages = fields["messages"] = normalise.parse_json(messages, "messages")
        if self._mapping.layout == "turns":
            self._name_role(fields)
        elif isinstance(messages, list):
            fields["messages"] = [self._message(item) for item in messages]
        return fields

    def _message(self, item: Any) -> Any:
        if isinstance(item, str):
            item = normalise.parse_json(item, "messages")
        if isinstance(item, dict):
            found = _taken(item, self._mapping.message)
            self._met["message"] |= found.keys()
            item.update(found)
            self._name_role(item)
        return item

    def _name_role(self, message: dict[str, Any]) -> None:
        role = message.get("role")
        if isinstance(role, _ONE_VALUE):
            message["role"] = self._mapping.roles.get(str(role), role)

    def _say_what_is_nowhere(self) -> None:
        for table, paths in (("columns", self._paths), ("message", self._mapping.message)):
            for column, path in paths.items():
                if column in self._met[table]:
                    continue
                problem = f"{self._mapping.file} takes {column} from {path!r}, which no {'row' if table == 'columns' else table} has"
                if column in _NEEDED:
                    found = ", ".join(shown(name) for name in sorted(self._log.outline)[:40])
                    raise RefusedFile(self.name, f"{problem}. Found: {found}. Correct [{table}] {column}.")
                self._notes.append(f"{self.name}: {problem}.")


# --- dotted paths ---------------------------------------------------------------------------------------------------


def _taken(fields: dict[str, Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """The values at the paths, by name; each is then gone from `fields`."""
    places = {name: place for name, path in paths.items() if (place := _place(fields, path, path)) is not None}
    found = {name: holder[key] for name, (holder, key) in places.items()}
    for holder, key in places.values():
        if isinstance(holder, dict):
            holder.pop(key, None)
    return {name: value for name, value in found.items() if value is not None}


def _value(fields: dict[str, Any], path: str) -> Any:
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
            found = _place(_opened(holder, path[:end], whole), path[end + 1 :], whole)
            if found is not None:
                return found
    return None


def _opened(holder: Any, key: Any, whole: str) -> Any:
    """What stands there; JSON text is replaced by what it says."""
    value = holder[key]
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        value = holder[key] = normalise.parse_json(value, whole)
    return value

"""A TOML file that names the columns of an in-house log, so that it reads as *chat* or *turns*.

    layout = "chat"                      # or "turns"
    rows = "export.chats"                # JSON only: the list that holds the rows, where they lie inside of something

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

    [skip_when]                          # what is left out: messages (chat) or rows (turns), by their own fields
    kind = ["== typing", "== trace"]

    [fails_when]                         # which values of a column mean that a conversation failed
    quality = "< 3"

A path may be a list: the first that holds something counts; of `messages` all, one after the other. In *turns* a column `reply` is
what was answered to the row's content. `html = true` leaves the words of HTML. With `fails_when` alone the file goes with any format.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.conversation.outcome import FailRule, parse_rules
from workbench.errors import RefusedFile, UserError
from workbench.logs.files.find import shown
from workbench.logs.files.source import Log, Source
from workbench.logs.formats.turns import REPLY
from workbench.logs.values import normalise
from workbench.logs.values.cards import html_text
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.left_out import LeftOut
from workbench.logs.values.paths import OR, all_items, items_at, taken, value_at, value_of
from workbench.logs.values.records import BadValue, Reject, add_reject, shallower
from workbench.text import formatting

LAYOUTS = ("chat", "turns")
_MESSAGE = normalise.MESSAGE_FIELDS
_CONVERSATION = normalise.CONVERSATION_FIELDS
_NEEDED = ("conversation_id", "messages", "role", "content")
_TABLES = ("columns", "message", "roles", "constants", "metadata", "skip_when", "fails_when")
_PATHS = ("columns", "message", "metadata")
_EMPTY, _NOT_EMPTY = "is empty", "is not empty"
_ONE_VALUE = (str, int, float)


@dataclass(frozen=True)
class ColumnMapping:
    """What a mapping file says. Without a `layout` it only says when a conversation failed."""

    file: str
    """The name of the file, for messages."""
    layout: str | None = None
    """`chat` or `turns`."""
    columns: dict[str, str] = field(default_factory=dict)
    """Our column → its path in a row, or several with ` | ` between them."""
    message: dict[str, str] = field(default_factory=dict)
    """*chat*: our field of a message → its path in one."""
    roles: dict[str, str] = field(default_factory=dict)
    """A role as logged, `true` and `1` too → as we say."""
    constants: JsonObject = field(default_factory=dict)
    """Our column → its value in every row."""
    metadata: dict[str, str] = field(default_factory=dict)
    """A name → the path of what else to keep under it."""
    skip_when: dict[str, str] = field(default_factory=dict)
    """A path → the condition under which a message or row is left out, or several with ` | ` between them."""
    fails_when: dict[str, str] = field(default_factory=dict)
    """A column → the condition under which a conversation failed."""
    rows: str = ""
    """The path of the list in JSON that holds the rows; "" where they are the file's own."""
    html: bool = False
    """Whether the content is HTML, of which the words count."""

    def names_any(self, columns: Sequence[str]) -> bool:
        """Whether it takes something out of one of these columns."""
        paths = [path for paths in (*self.columns.values(), *self.metadata.values()) for path in paths.split(OR)]
        return any(f"{path}.".startswith(f"{column}.") for path in paths for column in columns)

    def apply(self, source: Source) -> None:
        """Let a source give its rows as this mapping names them."""
        if self.layout is not None:
            source.log = MappedLog(source.log, self, source.notes)
            source.exchanges = REPLY in self.columns


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
        _join_lists(raw)
        _check(raw)
        parse_rules(raw.get("fails_when", {}))
        for name_there, conditions in raw.get("skip_when", {}).items():
            _conditions(name_there, conditions)
    except UserError as e:
        raise UserError(f"The mapping {name}: {e}") from e
    return ColumnMapping(name, **raw)


def _join_lists(raw: JsonObject) -> None:
    """Several paths, or conditions, of one name become one text."""
    for table in (*_PATHS, "skip_when"):
        values = raw.get(table)
        if not isinstance(values, dict):
            continue
        for name, value in values.items():
            if isinstance(value, list) and value and all(isinstance(item, str) and item for item in value):
                values[name] = OR.join(value)


def _conditions(path: str, text: str) -> list[FailRule | str]:
    """The conditions of `skip_when` for a path; UserError where one is none."""
    rules: list[FailRule | str] = []
    for condition in text.split(OR):
        if condition.strip() in (_EMPTY, _NOT_EMPTY):
            rules.append(condition.strip())
            continue
        try:
            rules.append(FailRule.parse(path, condition))
        except UserError as e:
            raise UserError(
                f"[skip_when] {path} = {condition!r} is no rule: write `== typing`, `!= message`, `{_EMPTY}`."
            ) from e
    return rules


def _check(raw: JsonFields) -> None:
    _refuse_others("", raw, ("layout", "rows", "html", *_TABLES))
    if not isinstance(raw.get("rows", ""), str):
        raise UserError(f'rows is {raw["rows"]!r}. Say the path of the list that holds the rows, like "export.chats".')
    if not isinstance(raw.get("html", False), bool):
        raise UserError(f"html is {raw['html']!r}. Say true or false.")
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
    ours = {*_CONVERSATION, *(("messages",) if layout == "chat" else ("turn_index", REPLY, *_MESSAGE))}
    _refuse_others("columns", raw.get("columns", {}), ours)
    _refuse_others("message", raw.get("message", {}), _MESSAGE)
    own = {"role"} if layout == "turns" else set()
    _refuse_others("constants", raw.get("constants", {}), (_CONVERSATION - {"conversation_id", "retrieved"}) | own)
    for table in ("constants", "metadata"):
        if twice := sorted(raw.get(table, {}).keys() & raw.get("columns", {}).keys()):
            raise UserError(f"{twice[0]} stands in [columns] and in [{table}]. Keep one of them.")
    if taken := sorted(raw.get("metadata", {}).keys() & ours):
        raise UserError(f"[metadata] {taken[0]} is a column of ours. Name it in [columns], or call it something else.")


def _refuse_others(table: str, keys: JsonFields, allowed: Any) -> None:
    for key in keys:
        if key not in allowed:
            place = f"[{table}] {key}: there is no such column" if table else f"{key}: there is no such key"
            raise UserError(f"{place}. Known are {', '.join(sorted(allowed))}.")


class MappedLog:
    """A log whose rows come under the names that a mapping gives them. What it does not name keeps its own name."""

    def __init__(self, log: Log, mapping: ColumnMapping, notes: list[str]) -> None:
        self._log = log
        self._mapping = mapping
        self._notes = notes
        self._bad: set[int] = set()
        self._met: dict[str, set[str]] = {"columns": set(), "message": set()}
        self._paths = {**mapping.columns, **mapping.metadata}
        self._skipped = 0
        self._skip = [(path, _conditions(path, text)) for path, text in mapping.skip_when.items()]
        self._roles = {role.casefold(): ours for role, ours in mapping.roles.items()}
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
        """Without those that `skip_when` leaves out."""
        return self._log.rows - self._skipped

    @property
    def unpacked(self) -> int:
        return self._log.unpacked

    @property
    def columns(self) -> list[str]:
        taken = {path for paths in self._paths.values() for path in paths.split(OR)}
        exchange = ["role"] if REPLY in self._paths and "role" not in self._paths else []
        return [
            *self._paths,
            *exchange,
            *self._mapping.constants,
            *(name for name in self._log.columns if name not in taken),
        ]

    def check(self, look: Callable[[Any], None]) -> None:
        """As the log's own; RefusedFile where a needed column is in no row, a note for each other one."""
        self._log.check(lambda _: None)
        self.rejects = list(self._log.rejects)
        self._skipped = 0
        left_out = LeftOut(self._mapping.layout or "", self._mapping.html)
        with shallower():
            for number, fields in self._log.read():
                try:
                    if self._skips_row(fields):
                        self._skipped += 1
                    else:
                        row = self._named(fields)
                        left_out.look(row, self._paths)
                        look(row)
                except BadValue as e:
                    self._bad.add(number)
                    add_reject(self.rejects, e.reject(self.name, number))
        if self.rows > len(self.rejects):
            self._say_what_is_nowhere()
        self._notes.extend(f"{self.name}: {note}" for note in left_out.notes(self._mapping.file))
        if self._skipped:
            self._notes.append(
                f"{self.name}: {formatting.count(self._skipped, 'row')} left out by skip_when, and not counted as read."
            )

    def read(self) -> Iterator[tuple[int, JsonObject]]:
        """Each good row with its number, under the names of the mapping."""
        return self._all_named(self._log.read())

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """As the log's own, by the columns that stand behind `columns`."""
        heads = {
            name
            for column in columns
            for name in self._log.columns
            if any(f"{path}.".startswith(f"{name}.") for path in self._paths.get(column, column).split(OR))
        }

        def of_mapped(fields: JsonObject) -> int:
            try:
                return share({column: value_of(fields, self._paths.get(column, column)) for column in columns})
            except BadValue:
                return 0

        self._log.deal(sorted(heads), of_mapped, paths)

    def dealt(self, path: Path) -> Iterator[tuple[int, JsonObject]]:
        """The good rows that `deal` wrote to a path."""
        return self._all_named(self._log.dealt(path))

    def _all_named(self, rows: Iterator[tuple[int, JsonObject]]) -> Iterator[tuple[int, JsonObject]]:
        return (
            (number, self._named(fields))
            for number, fields in rows
            if number not in self._bad and not self._skips_row(fields)
        )

    def _skips_row(self, fields: JsonObject) -> bool:
        return self._mapping.layout == "turns" and self._skips(fields)

    def _skips(self, fields: JsonObject) -> bool:
        """Whether a condition of `skip_when` holds for a row or message."""
        for path, conditions in self._skip:
            value = value_at(fields, path)
            empty = value in (None, "", [], {})
            for condition in conditions:
                if isinstance(condition, str):
                    if empty == (condition == _EMPTY):
                        return True
                elif condition.fails(value):
                    return True
        return False

    def _named(self, fields: JsonObject) -> JsonObject:
        named = taken(fields, self._paths)
        self._met["columns"] |= named.keys()
        path = self._mapping.columns.get("messages", "")
        if self._mapping.layout == "chat" and OR in path:
            named["messages"] = [*all_items(fields, path, named.get("messages"))]
        elif path and "messages" not in named and (inside := [*items_at(fields, path)]):
            named["messages"] = inside  # in the objects of a list
            self._met["columns"].add("messages")
        for name, value in {**self._mapping.constants, **named}.items():
            if name in fields:
                fields[f"logged.{name}"] = fields[name]
            fields[name] = value
        if isinstance(messages := fields.get("messages"), str) and self._mapping.layout == "chat":
            messages = fields["messages"] = normalise.parse_json(messages, "messages")
        if self._mapping.layout == "turns":
            self._name_role(fields)
            if REPLY in self._mapping.columns:
                fields.setdefault("role", "user")
            self._plain(fields, "content", REPLY)
        elif isinstance(messages, list):
            fields["messages"] = [
                self._message(item) for item in messages if not (isinstance(item, dict) and self._skips(item))
            ]
        return fields

    def _plain(self, fields: JsonObject, *names: str) -> None:
        """The words of HTML in these fields."""
        for name in names if self._mapping.html else ():
            if isinstance(value := fields.get(name), str):
                fields[name] = html_text(value)

    def _message(self, item: Any) -> Any:
        if isinstance(item, str):
            item = normalise.parse_json(item, "messages")
        if isinstance(item, dict):
            fields = taken(item, self._mapping.message)
            self._met["message"] |= fields.keys()
            if fields.get("content") in ("", [], {}) and item.get("content"):
                del fields["content"]  # where another field of that name says something
            item.update(fields)
            self._name_role(item)
            self._plain(item, "content")
        return item

    def _name_role(self, message: JsonObject) -> None:
        role = message.get("role")
        if isinstance(role, _ONE_VALUE):
            message["role"] = self._roles.get(str(role).casefold(), role)

    def _say_what_is_nowhere(self) -> None:
        for table, paths in (("columns", self._paths), ("message", self._mapping.message)):
            for column, path in paths.items():
                if column in self._met[table]:
                    continue
                problem = f"{self._mapping.file} takes {column} from {path!r}, which no {'row' if table == 'columns' else table} has"
                if column in _NEEDED:
                    present = ", ".join(shown(name) for name in sorted(self._log.outline)[:40])
                    raise RefusedFile(self.name, f"{problem}. Found: {present}. Correct [{table}] {column}.")
                self._notes.append(f"{self.name}: {problem}.")

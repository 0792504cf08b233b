"""JSON whose rows lie inside its objects: batches of spans, or one object around the list of all rows."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.logs.files.dealing import DealtAsLines, Row
from workbench.logs.files.find import shown
from workbench.logs.files.json_lines import SAMPLE_ROWS, JsonLog, outline
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.paths import items_at
from workbench.logs.values.records import BadValue, Reject, add_reject

USUAL = ("data", "conversations", "simulations", "items", "results", "rows", "records")


class WrappedLog(DealtAsLines):
    """A JSON file as a log of what lies inside its objects."""

    def __init__(
        self, log: JsonLog | WrappedLog, container: str, columns: Iterable[str], names: frozenset[str]
    ) -> None:
        self.log = log
        self.path: Path = log.path
        self.name: str = log.name
        self.container = container
        self.columns, self.outline = list(columns), names
        self.rows = 0

    @abstractmethod
    def inside(self, fields: JsonObject) -> Iterable[JsonObject]:
        """The rows inside an object of the file."""

    @property
    def unpacked(self) -> int:
        return self.log.unpacked

    @property
    def rejects(self) -> list[Reject]:
        return self.log.rejects

    def check(self, look: Callable[[Any], None]) -> None:
        """Parse every object once and count what lies inside; one that can't be parsed is a row."""
        self.rows = 0

        def count(fields: JsonFields) -> None:
            for row in self.inside(dict(fields)):
                self.rows += 1
                look(row)

        self.log.check(count)
        self.rows += sum(reject.rows for reject in self.log.rejects)

    def read(self) -> Iterator[Row]:
        """Each row with the number of the object around it."""
        for number, fields in self.log.read():
            for row in self.inside(fields):
                yield number, row


class ItemsLog(WrappedLog):
    """A JSON file whose rows are the items of a list in its one object, or in each of its pages; numbered from 1.

    `field` is the name of the list, or the path to it.
    """

    def __init__(self, log: JsonLog, field: str) -> None:
        self.field = field
        self.pages = log.sample
        items = [item for page in log.sample for item in items_at(page, field) if isinstance(item, dict)]
        self.first = items[:SAMPLE_ROWS]
        columns = dict.fromkeys(column for row in self.first for column in row)
        super().__init__(log, "json", columns, outline(self.first))
        self._bad: list[Reject] = []

    @property
    def note(self) -> str:
        """What of the file is not read, for a person."""
        beside = ", ".join(shown(name) for name in self.log.columns[:20] if name != self.field.partition(".")[0])
        return (
            beside
            and f"{self.name}: its rows are the items of {shown(self.field)}. Not read, since it stands beside them: {beside}."
        )

    @property
    def looks_like_rows(self) -> bool:
        """Whether a list of a usual name in the file's only object holds conversations, not messages, under whatever names."""
        alone = len(self.pages) == 1 and self.field in USUAL and "role" not in self.columns
        return alone and any(_holds_objects(value) for item in self.pages[0][self.field] for value in item.values())

    @property
    def rejects(self) -> list[Reject]:
        return [*self.log.rejects, *self._bad]

    def inside(self, fields: JsonObject) -> Iterable[Any]:
        """The items of the list, good or bad."""
        return items_at(fields, self.field)

    def check(self, look: Callable[[Any], None]) -> None:
        """Look at each item; one that is no object is a reject."""
        self._bad = []

        def take(item: Any) -> None:
            if isinstance(item, dict):
                look(item)
            else:
                bad = BadValue(None, f"is no JSON object, as the rows in {self.field!r} are", item)
                add_reject(self._bad, bad.reject(self.name, self.rows))

        super().check(take)

    def read(self) -> Iterator[Row]:
        """Each good item with its number; its nulls are left out."""
        for number, (_, item) in enumerate(super().read(), 1):
            if isinstance(item, dict):
                yield number, {name: value for name, value in item.items() if value is not None}


def list_of_rows(log: JsonLog) -> str | None:
    """The one field with a list of objects that each of the first rows has; of several the only one of a usual name.

    Rows with a role are messages themselves: what lies in them are parts of one.
    """
    if "role" in log.columns:
        return None
    fields = [name for name in log.columns if all(_holds_objects(row.get(name)) for row in log.sample)]
    usual = [name for name in fields if name in USUAL]
    return next(iter(fields), None) if len(fields) == 1 else usual[0] if len(usual) == 1 else None


def _holds_objects(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(item, dict) for item in value)

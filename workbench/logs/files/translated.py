"""A log whose rows are told otherwise: each as a reader translates it, in its place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from workbench.logs.files.dealing import DealtAsLines, Row
from workbench.logs.files.source import Log
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import Reject

Translate = Callable[[int, JsonObject], JsonObject]


class TranslatedLog(DealtAsLines):
    """The rows of `log` as `translate` gives them, by their number and fields; `columns` are those that it gives."""

    def __init__(self, log: Log, columns: Sequence[str], translate: Translate) -> None:
        self._log = log
        self._translate = translate
        self.path, self.name, self.container = log.path, log.name, log.container
        self.columns, self.outline = list(columns), frozenset(columns)

    @property
    def rows(self) -> int:
        return self._log.rows

    @property
    def unpacked(self) -> int:
        return self._log.unpacked

    @property
    def rejects(self) -> Sequence[Reject]:
        return self._log.rejects

    def check(self, look: Callable[[Any], None]) -> None:
        """As the log's own."""
        self._log.check(look)

    def read(self) -> Iterator[Row]:
        """Each good row with its number, translated."""
        return ((number, self._translate(number, fields)) for number, fields in self._log.read())

"""A log whose rows are told otherwise: each as a reader translates it, in its place."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO

from workbench.logs.files.source import Log
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import Reject

Row = tuple[int, JsonObject]
Translate = Callable[[int, JsonObject], JsonObject]


class TranslatedLog:
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

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Write each translated row to the path that `share` numbers."""
        with ExitStack() as open_files:
            files: dict[int, BinaryIO] = {}
            for number, fields in self.read():
                place = share(fields)
                if place not in files:
                    files[place] = open_files.enter_context(paths[place].open("wb"))
                files[place].write(json.dumps([number, fields], default=str).encode() + b"\n")

    def dealt(self, path: Path) -> Iterator[Row]:
        """The rows that `deal` wrote to a path."""
        with path.open("rb") as file:
            for line in file:
                number, fields = json.loads(line)
                yield number, fields

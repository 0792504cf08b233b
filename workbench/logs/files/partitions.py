"""Folders named `column=value`, as Hive and Spark lay out a table: what they say of every row of the files in them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from workbench.logs.files.dealing import Row
from workbench.logs.files.find import folders_of
from workbench.logs.files.source import Log
from workbench.logs.values.json_object import JsonObject
from workbench.logs.values.records import Reject

_NULL = "__HIVE_DEFAULT_PARTITION__"


def partition(path: Path, named: Sequence[str | Path]) -> dict[str, str | None]:
    """The columns that a file's folders give its rows, None where they say null; `named` are the paths of the import.

    Folders below the named path count, and those that lead straight to it: a table gives the same rows whether it is
    named as a whole, by a pattern, or a file at a time.
    """
    above, below = folders_of(path, named)
    own = [*reversed([*takewhile(lambda folder: "=" in folder, reversed(above))]), *below]
    pairs = [folder.partition("=") for folder in own if "=" in folder.lstrip("=")]
    texts = {unquote(name): unquote(value) for name, _, value in pairs}
    return {name: None if value in (_NULL, "") else value for name, value in texts.items()}


class PartitionedLog:
    """A log whose rows have what their folders say, too, where the file has no such column."""

    def __init__(self, log: Log, values: Mapping[str, str | None]) -> None:
        self._log = log
        added = {name: value for name, value in values.items() if name not in log.columns}
        self._values = {name: value for name, value in added.items() if value is not None}
        self.path, self.name, self.container = log.path, log.name, log.container
        self.columns = [*log.columns, *added]
        self.outline = log.outline | added.keys()

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
        """Each good row with its number and its folders' values."""
        return self._all(self._log.read())

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """As the log's own; `share` sees the folders' values, too."""
        self._log.deal(columns, lambda fields: share({**self._values, **fields}), paths)

    def dealt(self, path: Path) -> Iterator[Row]:
        """The good rows that `deal` wrote to a path."""
        return self._all(self._log.dealt(path))

    def _all(self, rows: Iterable[Row]) -> Iterator[Row]:
        return ((number, {**self._values, **fields}) for number, fields in rows)

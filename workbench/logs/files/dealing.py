"""Rows dealt out to files as JSON lines, for logs whose rows are made while they are read."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from workbench.logs.values.json_object import JsonObject

Row = tuple[int, JsonObject]
"""A row's number, from 1, and its fields."""


class DealtAsLines(ABC):
    """A log that deals its rows out as its `read` gives them."""

    @abstractmethod
    def read(self) -> Iterator[Row]:
        """Each good row with its number."""

    def deal(self, columns: Sequence[str], share: Callable[[JsonObject], int], paths: Sequence[Path]) -> None:
        """Write each good row to the path that `share` numbers."""
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

"""CSV from outside: whichever sign divides its cells and whichever encoding it has, both found from the file and told."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from workbench.errors import RefusedFile
from workbench.logs.files.dealing import DealtAsLines, Row
from workbench.logs.values.json_object import JsonFields, JsonObject
from workbench.logs.values.records import BadValue, Reject, add_reject

SUFFIXES = (".csv", ".tsv")
MAX_CELL = 64 << 20
MAX_BYTES = 8 << 30
MAX_COLUMNS = 1_000
_DIVIDERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_ENCODINGS = (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252"))
_SAMPLE = 200


class CsvLog(DealtAsLines):
    """One CSV file: its columns at once, its rows (numbered from 1 below the head; cells that are blank left out) after `check`."""

    container = "csv"

    def __init__(self, path: Path, name: str) -> None:
        """Read the head; RefusedFile for what is empty, too large, or no table."""
        self.path, self.name = path, name
        self.rows, self.unpacked = 0, path.stat().st_size
        self.rejects: list[Reject] = []
        if self.unpacked == 0:
            raise RefusedFile(name, "the file is empty (0 bytes). Export it again.")
        if self.unpacked > MAX_BYTES:
            raise RefusedFile(name, f"it has more than {MAX_BYTES >> 30} GB. Split it, or write it as Parquet.")
        csv.field_size_limit(MAX_CELL)
        self.encoding, self._encoding_name = self._encoded()
        self._above = 0
        self.divider = self._named_divider() or self._divided()
        head = next(self._cells(), [])
        self.columns = [cell.strip() for cell in head]
        if len(self.columns) < 2 or len(self.columns) > MAX_COLUMNS:
            raise RefusedFile(
                name, f"its first line has {len(self.columns)} columns: a head with their names is expected."
            )
        if len({*self.columns}) < len(self.columns):
            self.columns = [
                f"{each}.{place}" if each in self.columns[:place] or not each else each
                for place, each in enumerate(self.columns)
            ]
        self.outline = frozenset(self.columns)

    @property
    def note(self) -> str:
        """How the file was understood, for a person."""
        return f"{self.name}: read as CSV with {_DIVIDERS[self.divider]} between its cells, in {self._encoding_name}."

    def check(self, look: Callable[[JsonFields], None]) -> None:
        """Read every row once; fills `rows` and `rejects`."""
        self.rows, self.rejects = 0, []
        for number, row in self._all():
            self.rows += 1
            if isinstance(row, BadValue):
                add_reject(self.rejects, row.reject(self.name, number))
            else:
                look(row)

    def read(self) -> Iterator[Row]:
        """Each good row with its number."""
        for number, row in self._all():
            if not isinstance(row, BadValue):
                yield number, row

    def _all(self) -> Iterator[tuple[int, JsonObject | BadValue]]:
        lines = (cells for cells in islice(self._cells(), 1, None) if any(cell.strip() for cell in cells))
        for number, cells in enumerate(lines, 1):
            if len(cells) > len(self.columns):
                reason = f"has {len(cells)} cells where the head names {len(self.columns)}: is a cell with a divider not in quotes?"
                yield number, BadValue(None, reason, cells)
            else:
                yield number, {name: cell for name, cell in zip(self.columns, cells, strict=False) if cell.strip()}

    def _cells(self) -> Iterator[list[str]]:
        try:
            with self.path.open(encoding=self.encoding, newline="") as file:
                lines = (line.replace("\0", "\N{SYMBOL FOR NULL}") for line in islice(file, self._above, None))
                yield from csv.reader(lines, delimiter=self.divider)
        except csv.Error as e:
            raise RefusedFile(self.name, f"this is no CSV ({e}). Export it again.") from e
        except UnicodeError as e:
            raise RefusedFile(
                self.name, f"it is no {self._encoding_name} ({e}). Save it as UTF-8, and try again."
            ) from e

    def _encoded(self) -> tuple[str, str]:
        """The encoding: UTF-16 by its mark, UTF-8 where all of the file is, else what Windows writes."""
        with self.path.open("rb") as file:
            head = file.read(4096)
        if head.startswith((b"\xff\xfe", b"\xfe\xff")):
            return "utf-16", "UTF-16"
        if b"\0" in head:
            raise RefusedFile(self.name, "it holds zero bytes, as no CSV does. Export it as UTF-8.")
        for encoding, name in _ENCODINGS:
            try:
                with self.path.open(encoding=encoding) as text:
                    while text.read(1 << 20):
                        pass
            except UnicodeDecodeError:
                continue
            return encoding, name
        return "latin-1", "Latin-1"

    def _named_divider(self) -> str | None:
        """The sign that the first line names, as Excel writes it above the head: `sep=;`."""
        with self.path.open(encoding=self.encoding, newline="") as file:
            first = file.readline(16).strip()
        if len(first) == 5 and first.lower().startswith("sep=") and first[4] in _DIVIDERS:
            self._above = 1
            return first[4]
        return "\t" if first.lower() == "sep=" else None

    def _divided(self) -> str:
        """The sign that divides the first lines into the most columns, as many in each, else their head alone."""

        def columns(divider: str, alike: bool = True) -> int:
            self.divider = divider
            try:
                counts = [len(cells) for cells in islice(self._cells(), _SAMPLE) if cells]
            except RefusedFile:
                return 0
            if not alike:
                return counts[0] if counts else 0
            return counts[0] if counts and sum(count == counts[0] for count in counts) * 2 > len(counts) else 0

        divider = max(_DIVIDERS, key=columns)
        return divider if columns(divider) > 1 else max(_DIVIDERS, key=lambda each: columns(each, alike=False))

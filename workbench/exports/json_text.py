"""JSON: one array, or one object a line. UTF-8; what does not exist is null."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from workbench.text.values import json_value


def write_json(rows: Iterable[object], columns: Sequence[str], file: BinaryIO) -> None:
    """One array, an object a line, so that it can be read, compared and streamed."""
    separator = b"[\n"
    for line in _objects(rows, columns):
        file.write(separator + line)
        separator = b",\n"
    file.write(b"[]\n" if separator == b"[\n" else b"\n]\n")


def write_jsonl(rows: Iterable[object], columns: Sequence[str], file: BinaryIO) -> None:
    """One object a line."""
    for line in _objects(rows, columns):
        file.write(line + b"\n")


def _objects(rows: Iterable[object], columns: Sequence[str]) -> Iterator[bytes]:
    for row in rows:
        values = {column: json_value(getattr(row, column)) for column in columns}
        # Half a surrogate pair becomes \ud800, which is how JSON itself spells it.
        yield json.dumps(values, ensure_ascii=False, allow_nan=False).encode("utf-8", "backslashreplace")
